"""Gettext catalogs, one folder per language. README.md is for translators."""
