"""How hard a text is to read, by the published formulas for English and Spanish.

Syllables are counted where pyphen would let a word be hyphenated. That finds a few less than the ear does
(“easy” and “otra” count one), so a text is never easier than it looks here: stay clear of the limit.
"""

import functools
import re

import pyphen

EASY_IN_SPANISH = 65.0
"""The least perspicuity that the INFLESZ scale calls “bastante fácil” (primary school)."""

_SENTENCE_END = re.compile(r"[.!?…]+(?:[\s”’\"')]+|$)|\n+")
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def reading_grade(text: str) -> float:
    """Return the United States school grade an English text asks for.

    Kincaid, Fishburne, Rogers and Chissom, “Derivation of New Readability Formulas for Navy Enlisted
    Personnel”, Research Branch Report 8-75 (1975):
    0.39 x words per sentence + 11.8 x syllables per word - 15.59.
    Raises ValueError for a text without words.
    """
    sentence, word = _lengths(text, "en_US")
    return 0.39 * sentence + 11.8 * word - 15.59


def perspicuity(text: str) -> float:
    """Return how easy a Spanish text is, about 0 (very hard) to 100 (very easy).

    Szigriszt Pazos, “Sistemas predictivos de legibilidad del mensaje escrito: fórmula de perspicuidad”,
    thesis, Universidad Complutense de Madrid (1993):
    206.835 - 62.3 x syllables per word - words per sentence.
    Read it on the INFLESZ scale of Barrio-Cantalejo and others, “Validación de la Escala INFLESZ”, Anales del
    Sistema Sanitario de Navarra 31(2), 2008. Raises ValueError for a text without words.
    """
    sentence, word = _lengths(text, "es")
    return 206.835 - 62.3 * word - sentence


def sentences(text: str) -> list[str]:
    """Split a text into its sentences; a line of its own is one, with or without a full stop."""
    return [part.strip() for part in _SENTENCE_END.split(text) if _WORD.search(part)]


def words(text: str) -> list[str]:
    """Split a text into its words."""
    return _WORD.findall(text)


def _lengths(text: str, language: str) -> tuple[float, float]:
    """Words per sentence and syllables per word."""
    all_words = words(text)
    if not all_words:
        raise ValueError("There are no words to measure.")
    syllables = sum(len(_hyphenation(language).positions(word.lower())) + 1 for word in all_words)
    return len(all_words) / len(sentences(text)), syllables / len(all_words)


@functools.cache
def _hyphenation(language: str) -> pyphen.Pyphen:
    # With pyphen's own margins; narrower ones find more of “a-go” but also “y-ou” and “s-peak-s”.
    return pyphen.Pyphen(lang=language)
