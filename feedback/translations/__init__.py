"""The words of every language: shipped, of a deployment, and waiting for a second person."""
