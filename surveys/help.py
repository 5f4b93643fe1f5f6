"""Help that is shown to everyone on every page, never triggered by an answer."""

import functools
import tomllib
from importlib import resources

import msgspec


class HelpLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place to turn to. Numbers are as people dial them."""

    id: str
    name: str
    what: str
    """Who answers and what may follow, in one or two plain sentences."""
    call: str = ""
    text: str = ""
    only_help_page: bool = False
    """Frightens people away where it stands on every page."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lines: tuple[HelpLine, ...]


@functools.cache
def help_lines(*, whole: bool = False) -> tuple[HelpLine, ...]:
    """Return the lines of every page, or with `whole` those of the help page too."""
    raw = (resources.files("surveys") / "help.toml").read_text(encoding="utf-8")
    file = msgspec.convert(tomllib.loads(raw), _File)
    return tuple(line for line in file.lines if whole or not line.only_help_page)
