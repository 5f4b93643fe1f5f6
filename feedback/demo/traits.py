"""What the demo makes up about each program, read from traits.toml."""

import functools
import tomllib
from importlib import resources

import msgspec

from surveys.instruments import Audience
from surveys.periods import Period
from surveys.registry import Program


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """One lasting change of how things go, after a decision took hold."""

    since: int
    by: float


class Traits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One program, as the demo imagines it. The file says what each field means."""

    size: int
    level: float
    shares: dict[Audience, float]
    on_site: bool = False
    paper: float = 0.0
    rate: float = 0.5
    quarters: tuple[int, ...] = (1, 2, 3, 4)
    drift: float = 0.0
    change: Turn | None = None

    def happens_in(self, period: Period) -> bool:
        return period.quarter in self.quarters

    def level_after(self, quarters: int) -> float:
        """How things go so many quarters after the demo's first."""
        effect = self.change.by if self.change and quarters >= self.change.since else 0.0
        return self.level + self.drift * quarters + effect


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    other: Traits
    program: dict[str, Traits]


def traits_of(program: Program) -> Traits:
    """Ordinary ones for a program the file does not know, so that a demo of other programs works too."""
    file = _file()
    return file.program.get(program.id, file.other)


@functools.cache
def _file() -> _File:
    raw = (resources.files("feedback.demo") / "traits.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(raw), _File)
