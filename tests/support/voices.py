"""The languages that pages are looked at in: all of them in `make thorough`, a sample in `make test`.

English and Arabic, one for each direction; and of the two languages that nobody speaks (pseudo.py), whose
words are longer than any translator's, the one that runs from right to left: what does not depend on the
words of a language goes wrong in these too.
"""

import pytest

from feedback.languages import LANGUAGES
from tests.support.sampling import marked

PSEUDO = {"en-XA": "es", "ar-XB": "ar"}
"""Each takes the place of a language that we have: pages, dates and directions are that language's."""


each_voice = pytest.mark.parametrize("voice", marked([*LANGUAGES, *PSEUDO], "en", "ar-XB"))
each_language = pytest.mark.parametrize("tag", marked(LANGUAGES, "en", "ar"))
