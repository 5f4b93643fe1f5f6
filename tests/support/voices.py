"""The languages that pages are looked at in: all of them in `make thorough`, a sample in `make test`.

English and Arabic, one for each direction, and the two languages that nobody speaks (pseudo.py), whose words
are longer than any translator's: what does not depend on the words of a language goes wrong in these too.
"""

from collections.abc import Iterable

import pytest

from feedback.languages import LANGUAGES

PSEUDO = {"en-XA": "es", "ar-XB": "ar"}
"""Each takes the place of a language that we have: pages, dates and directions are that language's."""
SAMPLE = ("en", "ar", *PSEUDO)


def marked(voices: Iterable[str]) -> list:
    """Voices to parametrize a test by; those outside the sample are left to `make thorough`."""
    return [it if it in SAMPLE else pytest.param(it, marks=pytest.mark.thorough) for it in voices]


each_voice = pytest.mark.parametrize("voice", marked([*LANGUAGES, *PSEUDO]))
each_language = pytest.mark.parametrize("tag", marked(LANGUAGES))
