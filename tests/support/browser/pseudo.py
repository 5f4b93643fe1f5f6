"""Two languages that nobody speaks, made from the template of all messages.

Every message stands in brackets, its letters carry accents and it is about 40 % longer. On a page in such
words whatever stands outside the brackets stands outside the catalogs. The first, en-XA, takes the place of
Spanish; the second, ar-XB, runs from right to left and takes the place of Arabic: pages, dates and directions
are those of languages we have, and nothing of the product knows of the two.
"""

import functools
import io
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tests.support.catalogs import shipped
from tests.support.voices import PSEUDO

TEMPLATE = Path(__file__).parents[3] / "locales" / "messages.pot"
_PLACE = re.compile(r"(%\(\w+\)s|%%)")
_ACCENTED = str.maketrans("AEIOUaeioucnsyz", "ÅÉÎÕÜåéîõüçñšýž")
_LONGER = 0.4


def bracketed(words: str) -> str:
    """The words in brackets, with accents and longer, their places to fill kept."""
    parts = _PLACE.split(words)
    letters = "".join(part if number % 2 else part.translate(_ACCENTED) for number, part in enumerate(parts))
    numerals = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    longer = ""
    while len(longer) < _LONGER * len(words):
        longer += f" {numerals[len(longer.split()) % len(numerals)]}"
    return f"⟦{letters}{longer}⟧"


def outside_brackets(text: str) -> str:
    """What is left of a text when everything in brackets is taken out, brackets within brackets too."""
    before = ""
    while before != text:
        before, text = text, re.sub("⟦[^⟦⟧]*⟧", " ", text)
    return " ".join(text.split())


@functools.cache
def pseudo_catalog() -> bytes:
    catalog = Catalog(fuzzy=False)
    for message in read_po(io.BytesIO(TEMPLATE.read_bytes())):
        if message.id:
            catalog.add(message.id, bracketed(message.id))
    file = io.BytesIO()
    write_po(file, catalog)
    return file.getvalue()


def pseudo_locales():
    """Ship the two and no others, for as long as the block lasts."""
    return shipped(**dict.fromkeys(PSEUDO.values(), pseudo_catalog()))
