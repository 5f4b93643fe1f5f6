"""The staff door: one file for each family of pages, and what every page of it shares."""
