"""What released responses say. Plain Python: knows no web and no database."""
