"""Help that is shown to everyone on every page, never triggered by an answer."""

import datetime as dt
import functools
import tomllib
from collections.abc import Iterator
from importlib import resources

import msgspec

from surveys.instruments import AUDIENCES, Audience


class HelpNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What readers of some languages have to know besides, such as the key to press."""

    languages: tuple[str, ...]
    words: str


class HelpLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One place to turn to. Numbers are as people dial them."""

    id: str
    name: str
    what: str
    """Who answers and what they do."""
    languages: str
    tells: str
    """Whether they may have to tell someone when the caller is under 18."""
    verified_on: dt.date
    review_by: dt.date
    call: str = ""
    text: str = ""
    audiences: tuple[Audience, ...] = AUDIENCES
    notes: tuple[HelpNote, ...] = ()
    only_help_page: bool = False
    """Frightens people away where it stands on every page."""

    def is_overdue(self, today: dt.date) -> bool:
        return today > self.review_by

    def notes_in(self, language: str) -> Iterator[str]:
        return (note.words for note in self.notes if language in note.languages)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lines: tuple[HelpLine, ...]


@functools.cache
def help_lines(audience: Audience | None = None, *, whole: bool = False) -> tuple[HelpLine, ...]:
    """Return the lines for one audience, or where a page does not know whom it serves for all of them.

    With `whole` those of the help page too.
    """
    raw = (resources.files("surveys") / "help.toml").read_text(encoding="utf-8")
    file = msgspec.convert(tomllib.loads(raw), _File)
    return tuple(
        line
        for line in file.lines
        if (whole or not line.only_help_page) and (audience is None or audience in line.audiences)
    )
