"""What we ask and what counts as an answer. Plain Python: knows no web and no database."""
