"""Characters that no line of words holds: they end it, cannot be stored, or make it read backwards."""

import unicodedata

_UNREADABLE = ("Cc", "Cs", "Zl", "Zp")
_TURNING = "\u202d\u202e"
"""Marks that make a line read against its letters; those that Arabic and Farsi need are other ones."""


def is_readable(character: str) -> bool:
    """Whether this one character may stand in a line of words."""
    return unicodedata.category(character) not in _UNREADABLE and character not in _TURNING


def can_be_read(line: str) -> bool:
    """Whether every character of a line may stand there."""
    return all(map(is_readable, line))
