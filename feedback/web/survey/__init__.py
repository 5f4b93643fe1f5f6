"""The survey door: no accounts, no cookies, no log."""
