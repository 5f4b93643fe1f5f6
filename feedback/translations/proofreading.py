"""What a program can find wrong with a translation, said by language and message in a sentence.

The one check behind the committed catalogs, a file that is imported, and the page where a translator types.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from feedback.languages import Language
from feedback.translations.catalogs import Message, form_count
from surveys.characters import can_be_read, is_readable
from surveys.checking import banned_words
from surveys.instruments import Instrument

_PLACE = re.compile(r"%\((\w+)\)([#0 +-]*\d*(?:\.\d+)?[a-zA-Z])|%(.?)", re.DOTALL)
_MARKUP = re.compile(r"[<>]|&#?\w+;")
_ENDING = '"`'
"""What ends an attribute in HTML, or did in old browsers. No language of ours is written with them."""
_UNLISTED = ("vi",)
"""Banned words (surveys/wording.toml) are looked for without accents: Vietnamese has an ordinary “gang”."""
_LONGEST = 4
_ROOM = 200

_JOINING = "\u200c\u200d"
_BREAKING = "\u200b"
_TURNING = "\u200e\u200f\u061c\u2066\u2067\u2068\u2069"
_NEEDED = {
    "fa": _JOINING + _TURNING,
    "ar": _JOINING + _TURNING,
    "hi": _JOINING,
    "km": _JOINING + _BREAKING,
    "th": _BREAKING,
}
"""Which unseen characters a language is written with: letters that do or do not join, lines that may break
where no space stands, and marks around what runs the other way. Elsewhere they only hide something: a soft
hyphen or a joiner hides a word from whoever looks for it, a mark of direction turns figures round.

Embeddings (U+202A to U+202C) are nobody's: isolates do the same and end where they say. Nor are variation
selectors, which choose how an emoji or a rare name is drawn: our words hold neither."""
_OPENING, _CLOSING = "\u2066\u2067\u2068", "\u2069"
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164"
    "\ufe00-\ufe0f\uffa0\ufffc\ufffd\U000e0100-\U000e01ef]"
)
"""Letters and marks by their category, which nobody sees or which stand for something lost."""


def problems(language: Language, message: Message, forms: Sequence[str]) -> list[str]:
    """Return a sentence for each mistake in a translation, naming language and message."""
    label = f"{language.tag}, “{message.source}”"
    count = form_count(language) if message.plural else 1
    if len(forms) != count:
        return [f"{label}: has {len(forms)} plural forms; the language has {count}."]
    sentences = dict.fromkeys(it for form in forms for it in _form_problems(language, message, form))
    return [f"{label}: {it}" for it in sentences]


def _form_problems(language: Language, message: Message, form: str) -> Iterator[str]:
    if not _as_read(form):
        yield "is empty."
        return
    yield from _place_problems(message, form)
    yield from _markup_problems(language, form)
    if not can_be_read(_lines_apart(message, form)):
        yield "holds a character that cannot be read."
    yield from _unseen_problems(language, form)
    if len(form) > _LONGEST * max(map(len, message.english)) + _ROOM:
        yield "is much longer than the English."
    if language.tag not in _UNLISTED:
        for word in banned_words(form):
            yield f"the word “{word}” may not appear on a page for respondents."


def _markup_problems(language: Language, form: str) -> Iterator[str]:
    if _MARKUP.search(form):
        yield "holds markup; a message is words alone."
    for character in _ENDING:
        if character in form:
            yield f"holds {character}, which could end a part of the page. Quotes are {language.quotes} here."


def _lines_apart(message: Message, form: str) -> str:
    return form.replace("\n", "") if "\n" in message.source else form


def _unseen_problems(language: Language, form: str) -> Iterator[str]:
    for character in sorted(set(form)):
        if _is_unseen(character) and character not in _NEEDED.get(language.tag, ""):
            name = f"U+{ord(character):04X} ({unicodedata.name(character, 'without a name')})"
            yield f"holds {name}, which nobody sees and {language.english} does not need."
    if not _is_paired(form):
        yield "opens an isolate (U+2066 to U+2068) and does not close it (U+2069), or the other way round."


def _is_unseen(character: str) -> bool:
    """Whether a reader would not know that it is there. What cannot be read at all is a fault of its own."""
    is_hidden = unicodedata.category(character) in ("Cf", "Co", "Cn") or _BLANK.match(character) is not None
    return is_hidden and is_readable(character)


def _is_paired(form: str) -> bool:
    """Whether each isolate ends on its line: one that does not turns what stands after the words."""
    depth = 0
    for character in form:
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth < 0 or (depth and character == "\n"):
            return False
    return depth == 0


def _place_problems(message: Message, form: str) -> Iterator[str]:
    places = places_to_fill(form)
    if any(places == places_to_fill(english) for english in message.english):
        return
    english_places = places_to_fill(message.english[-1])
    for place in english_places - places:
        yield f"the place {_place_text(place)} is missing."
    for place in places - english_places:
        yield f"{_place_text(place)} is no place of the English, or stands there less often."


def places_to_fill(text: str) -> Counter[tuple[str, str, str]]:
    """Each place as (name, kind, ""); a percent sign outside one as ("", "", what follows it)."""
    return Counter(_PLACE.findall(text))


def _place_text(place: tuple[str, str, str]) -> str:
    name, kind, after = place
    return f"%({name}){kind}" if name else f"“%{after}”"


def ambiguous_options(language: Language, instrument: Instrument, say: Callable[[str], str]) -> Iterator[str]:
    """Yield a sentence for each question of which two answers read the same: nobody could tell them apart."""
    for question in instrument.questions:
        texts = [_as_read(say(option.text)).casefold() for option in question.options]
        for text in sorted({it for it in texts if texts.count(it) > 1}):
            yield f"{language.tag}, “{question.text}”: two of its answers read “{text}”."


def _as_read(text: str) -> str:
    """What an eye tells apart: two answers that only unseen characters or spaces make differ are the same."""
    characters = (it for it in unicodedata.normalize("NFKC", text) if unicodedata.category(it) != "Cf")
    return " ".join("".join(characters).split())
