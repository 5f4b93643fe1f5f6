"""Typing a stack of paper in, as a browser would send it."""

import re

from tests.support.forms.pages import Page


def filled(door, path, **fields):
    """Everything the page of sheets would send, with the promise kept and what was typed."""
    return {**Page(door.get(path).text).filled, "_outside": "yes", **fields, **defaults(door, path, fields)}


def defaults(door, path, fields):
    options = re.findall(r'<option value="([^"]+)" selected>', door.get(path).text)
    return {
        name: value
        for name, value in zip(("_language", "_period"), options, strict=True)
        if name not in fields
    }


def store(door, path, **fields):
    """Open a page of sheets, type, and store it, as a browser would."""
    return door.post(path.partition("?")[0], data=filled(door, path, **fields))
