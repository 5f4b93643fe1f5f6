"""Why a database is not brought to today's tables."""


class UpgradeRefused(Exception):
    """What is in the database cannot be carried over; the message says why. Nothing was changed."""
