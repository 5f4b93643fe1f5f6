"""The service: the only package that knows the web and the database."""
