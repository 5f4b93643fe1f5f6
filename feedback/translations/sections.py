"""The messages of a deployment in the order in which a person reads them, one survey after another."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from feedback.translations.catalogs import Message, message_of, shipped_by_source
from feedback.translations.extraction import IN_RESULTS, program_name_place
from surveys.instruments import Instrument, Question
from surveys.registry import Program

_HELP = re.compile(r".+, (name|what|languages|tells|words)")
_THEME = re.compile(r".+, label")
_PROGRAM_NAME = re.compile(r"How a program is called to: .+")
"""How `feedback.translations.extraction` tells where a message stands."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that stand together."""

    title: str
    messages: tuple[Message, ...]
    instrument: str | None = None


def sections(instruments: Iterable[Instrument], programs: Iterable[Program]) -> list[Section]:
    """Every message that exists where these instruments are asked for these programs, each of them once."""
    shipped = shipped_by_source()
    instrument_texts = [(it, texts_of(it)) for it in instruments]
    everywhere = _places(text for it, _ in instrument_texts for text in _words_of(it))
    program_names = _places(_names_of(programs))
    elsewhere = everywhere.keys() | program_names.keys()
    rest = [message for source, message in shipped.items() if source not in elsewhere]
    apart = {ending: [it for it in rest if _stands(it, ending)] for ending in (_HELP, _PROGRAM_NAME)}
    apart[_THEME] = [it for it in rest if any(map(_THEME.fullmatch, it.places))]
    pages = [it for it in rest if not any(it in messages for messages in apart.values())]
    parts = [Section(title="On every page, and the pages around the surveys", messages=tuple(pages))]
    sources: set[str] = set()
    for instrument, texts in instrument_texts:
        messages = [_message(source, everywhere) for source in texts if source not in sources]
        sources |= set(texts)
        parts.append(
            Section(
                title=f"Survey: {instrument.id.replace('-', ' ')}",
                messages=tuple(messages),
                instrument=instrument.id,
            )
        )
    parts.append(Section(title="Help", messages=tuple(apart[_HELP])))
    names = [_message(source, program_names) for source in program_names if source not in sources]
    parts.append(Section(title="What programs are called", messages=(*names, *apart[_PROGRAM_NAME])))
    parts.append(Section(title="Themes, which staff and the public read", messages=tuple(apart[_THEME])))
    return [section for section in parts if section.messages]


def messages_in(sections: Iterable[Section]) -> list[Message]:
    """The messages of all sections in order."""
    return [message for section in sections for message in section.messages]


def _stands(message: Message, place: re.Pattern[str]) -> bool:
    return bool(message.places) and all(map(place.fullmatch, message.places))


def _message(source: str, places: dict[str, dict[str, None]]) -> Message:
    return msgspec.structs.replace(message_of(source), places=tuple(places[source]))


def _places(texts: Iterable[tuple[str, str]]) -> dict[str, dict[str, None]]:
    """Each text with the places where it stands, each of them once and in order."""
    places: dict[str, dict[str, None]] = {}
    for source, place in texts:
        places.setdefault(source, {})[place] = None
    return places


def texts_of(instrument: Instrument) -> list[str]:
    """Every text that a respondent reads of an instrument."""
    return list(_places(_words_of(instrument)))


def _words_of(instrument: Instrument) -> Iterator[tuple[str, str]]:
    yield instrument.title, f"{instrument.id}, title"
    for question in instrument.questions:
        yield from ((text, place) for text, place in _question_words(question) if text)


def _question_words(question: Question) -> Iterator[tuple[str, str]]:
    yield question.notice, f"{question.id}, notice before it"
    yield question.text, f"{question.id}, text"
    yield question.hint, f"{question.id}, hint"
    for option in question.options:
        yield option.text, f"{question.id}, answer {option.code}"


def _names_of(programs: Iterable[Program]) -> Iterator[tuple[str, str]]:
    for program in programs:
        for audience, words in program.respondent_names.items():
            yield words, program_name_place(audience)
        if program.public_name:
            yield program.public_name, program_name_place(IN_RESULTS)
