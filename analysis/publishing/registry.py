"""What publishing has to know besides the ledger: programs, who runs and keeps them, what they ask."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from analysis.publishing import viewers
from analysis.publishing.viewers import Viewer
from surveys.instruments import Instrument, Question
from surveys.registry import Program


class Registry(msgspec.Struct, frozen=True, dict=True):
    """Programs and what is said of them; nothing about answers."""

    programs: Sequence[Program]
    contractors: Mapping[str, Sequence[str]]
    """By program, every contractor that has had a contract for it."""
    asks: Mapping[str, Sequence[Instrument]]
    """By program, every instrument that it asks."""
    languages: Sequence[str]
    keepers: Mapping[str, Sequence[str]] = {}
    """By program, the County departments that keep it."""

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by id; one of several instruments has the same meaning in all of them."""
        return {q.id: q for instruments in self.asks.values() for it in instruments for q in it.questions}

    @cached_property
    def pools(self) -> list[str]:
        return sorted({program.pool for program in self.programs})

    def tagged(self, programs: Sequence[str], strategy: str) -> frozenset[str]:
        """Questions tagged with a strategy in the instruments that its programs ask."""
        instruments = [it for program in programs for it in self.asks.get(program, ())]
        return frozenset(q.id for it in instruments for q in it.questions if strategy in q.strategies)

    def contractors_of(self, programs: Sequence[str]) -> tuple[Viewer, ...]:
        """As viewers, whoever has a contract for one of the programs."""
        contractors = {name for program in programs for name in self.contractors.get(program, ())}
        return tuple(viewers.contractor(name) for name in sorted(contractors))

    def keepers_of(self, programs: Sequence[str]) -> tuple[Viewer, ...]:
        keepers = {name for program in programs for name in self.keepers.get(program, ())}
        return tuple(viewers.keeper(name) for name in sorted(keepers))
