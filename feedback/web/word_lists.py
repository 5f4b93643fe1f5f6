"""Messages as a translator looks for them: with their words, their state, and what was typed in between."""

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from feedback.catalogs import Catalog, Message, Translation
from feedback.sections import Section

STATES = ("draft", "reviewed", "changed", "missing")


class Shown(msgspec.Struct, frozen=True):
    """One message as a translator reads it."""

    message: Message
    state: str
    said: Translation | None


class Part(msgspec.Struct, frozen=True):
    """The messages that stand together, as far as they were looked for."""

    section: Section
    shown: Sequence[Shown]


class Asked(msgspec.Struct, frozen=True):
    """What a translator looks for."""

    only: str = ""
    search: str = ""

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in msgspec.structs.asdict(self).items() if value})


def mark_of(said: Translation | None) -> str:
    """Stands for the words a translator began with."""
    return Message("\0".join((*said.forms, said.state)) if said else "").key


def show(catalog: Catalog, message: Message) -> Shown:
    return Shown(message, catalog.state(message.source), catalog.said.get(message.source))


def parts_of(catalog: Catalog, found: Sequence[Section], asked: Asked) -> list[Part]:
    parts = [Part(it, [show(catalog, message) for message in it.messages]) for it in found]
    wanted = [Part(part.section, [it for it in part.shown if _is_wanted(it, asked)]) for part in parts]
    return [part for part in wanted if part.shown]


def _is_wanted(shown: Shown, asked: Asked) -> bool:
    texts = (*shown.message.english, *shown.message.places, *(shown.said.forms if shown.said else ()))
    found = asked.search.casefold() in "\n".join(texts).casefold()
    return found and asked.only in ("", shown.state)
