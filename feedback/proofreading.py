"""What a program can find wrong with a translation, said by language and message in a sentence.

The one check behind the committed catalogs, a file that is imported, and the page where a translator types.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from feedback.catalogs import Message, form_count
from feedback.languages import Language
from surveys.characters import can_be_read
from surveys.checking import banned_words
from surveys.instruments import Instrument

_PLACE = re.compile(r"%\((\w+)\)([#0 +-]*\d*(?:\.\d+)?[a-zA-Z])|%(.?)", re.DOTALL)
_MARKUP = re.compile(r"[<>]|&#?\w+;")
_UNLISTED = ("vi",)
"""Banned words (surveys/wording.toml) are looked for without accents: Vietnamese has an ordinary “gang”."""
_LONGEST = 4
_ROOM = 200


def faults(language: Language, message: Message, forms: Sequence[str]) -> list[str]:
    """Return a sentence for each mistake in a translation, naming language and message."""
    named = f"{language.tag}, “{message.source}”"
    wanted = form_count(language) if message.plural else 1
    if len(forms) != wanted:
        return [f"{named}: has {len(forms)} plural forms; the language has {wanted}."]
    found = dict.fromkeys(fault for form in forms for fault in _form_faults(language, message, form))
    return [f"{named}: {fault}" for fault in found]


def _form_faults(language: Language, message: Message, form: str) -> Iterator[str]:
    if not form.strip():
        yield "is empty."
        return
    yield from _place_faults(message, form)
    if _MARKUP.search(form):
        yield "holds markup; a message is words alone."
    if not can_be_read(_lines_apart(message, form)):
        yield "holds a character that cannot be read."
    if len(form) > _LONGEST * max(map(len, message.english)) + _ROOM:
        yield "is much longer than the English."
    if language.tag not in _UNLISTED:
        for word in banned_words(form):
            yield f"the word “{word}” may not appear on a page for respondents."


def _lines_apart(message: Message, form: str) -> str:
    return form.replace("\n", "") if "\n" in message.source else form


def _place_faults(message: Message, form: str) -> Iterator[str]:
    found = places_to_fill(form)
    if any(found == places_to_fill(english) for english in message.english):
        return
    wanted = places_to_fill(message.english[-1])
    for place in wanted - found:
        yield f"the place {_written(place)} is missing."
    for place in found - wanted:
        yield f"{_written(place)} is no place of the English, or stands there less often."


def places_to_fill(text: str) -> Counter[tuple[str, str, str]]:
    """Each place as (name, kind, ""); a percent sign outside one as ("", "", what follows it)."""
    return Counter(_PLACE.findall(text))


def _written(place: tuple[str, str, str]) -> str:
    name, kind, after = place
    return f"%({name}){kind}" if name else f"“%{after}”"


def alike(language: Language, instrument: Instrument, say: Callable[[str], str]) -> Iterator[str]:
    """Yield a sentence for each question of which two answers read the same: nobody could tell them apart."""
    for question in instrument.questions:
        said = [say(option.text).strip().casefold() for option in question.options]
        for text in sorted({it for it in said if said.count(it) > 1}):
            yield f"{language.tag}, “{question.text}”: two of its answers read “{text}”."
