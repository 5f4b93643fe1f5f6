"""The pages of both doors: read, ask, show. No SQL, and no page knows the tables."""
