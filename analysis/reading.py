"""The first pass over sealed rows: where each belongs. A row that makes no sense is left where it is."""

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from sys import intern

import msgspec

from analysis.batch_ledger import Batch, class_of
from analysis.closing import Endings, Pending, Place
from surveys.answers import Response
from surveys.instruments import AUDIENCES, Instrument
from surveys.periods import Period
from surveys.registry import Contract, Program


class ReadingRegistry(msgspec.Struct, frozen=True):
    """What the first pass knows: programs, contracts and surveys, and which quarters may be."""

    programs: Mapping[str, Program]
    contracts: Sequence[Contract]
    instruments: Mapping[str, Instrument]
    first: Period
    """The deployment's first quarter."""
    today: Period
    """The quarter of the release's own day."""
    closing: Period

    def endings(self) -> Endings:
        over = [c for c in self.contracts if c.last is not None and c.last <= self.closing]
        ends = {name: it.ends for name, it in self.programs.items() if it.ends}
        return Endings(
            {name: program.pool for name, program in self.programs.items()},
            frozenset(name for name, last in ends.items() if Period.parse(last) <= self.closing),
            frozenset((c.program, c.id) for c in over),
        )

    def contract_of(self, program: str, period: Period) -> str | None:
        """Return the id of the contract that a response of that quarter falls under."""
        under = (c.id for c in self.contracts if c.program == program and c.holds(period))
        return next(map(intern, under), None)


class Reading(msgspec.Struct, frozen=True):
    """One row as the first pass found it."""

    pending: Pending | None
    """None where it makes no sense."""
    restamped: bool = False
    """Whether its stamp was impossible, and it counts as of the closing quarter."""


def read(
    key: bytes,
    response: Response,
    registry: ReadingRegistry,
    place: Place = "program",
    since: str | None = None,
) -> Reading:
    """Say where a response belongs. Small and shared values only: a release holds one of these a row."""
    program, instrument = (
        registry.programs.get(response.program),
        registry.instruments.get(response.instrument),
    )
    quarter, stamp = _period(response.period), _period(response.entered or response.period)
    waits_since = _period(since) if since else None
    is_known = program and instrument and response.audience in AUDIENCES
    if not is_known or quarter is None or stamp is None or (since and waits_since is None):
        return Reading(None)
    off = not registry.first <= stamp <= registry.today
    counted = registry.closing if off else stamp
    collected = min(quarter, counted) if response.entered else counted
    pending = Pending(
        key=key,
        program=intern(response.program),
        contract=registry.contract_of(response.program, collected),
        audience=intern(response.audience),
        origin=response.origin,
        class_=intern(class_of(registry.instruments[response.instrument], response.audience)),
        wave=response.wave,
        collected=collected,
        counted=counted,
        language=intern(response.language),
        place=place,
        since=waits_since,
    )
    return Reading(pending, off)


def at_hand(rows: Iterable[tuple[str, str]], ledger: Iterable[Batch]) -> dict[str, Counter[str]]:
    """Count kept rows, given by pulse batch and language; one of no batch of the ledger is passed over."""
    counts: dict[str, Counter[str]] = {batch.id: Counter() for batch in ledger if batch.kind == "pulse"}
    for batch, language in rows:
        if batch in counts:
            counts[batch][language] += 1
    return counts


@functools.lru_cache(maxsize=4_096)
def _period(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except ValueError:
        return None
