"""One release being published: what its rows add up, and how a row is made.

Every row of every table is made here (docs/disclosure.md, “Tables”): origins, classes and waves apart, and a
row that says so where there is nothing to show.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from analysis.batch_ledger import OWN, Batch, Sort, add_up
from analysis.figures import Figure, county_spread
from analysis.publishing import viewers
from analysis.publishing.changes import changes
from analysis.publishing.registry import Registry
from analysis.publishing.rows import NOT_ENOUGH, GuardedRow, Row, Table
from analysis.publishing.units import Unit
from analysis.publishing.viewers import CTLT, PUBLIC, READER, Viewer
from surveys.periods import Period
from surveys.registry import Program

EVERYONE = "everyone"
"""All of own experience: youth, caregivers, and mixed or pooled ones."""
RELEASE, LAST_FOUR, CUMULATIVE, YEAR = "release", "last four", "cumulative", "year"
SCOPES = (RELEASE, LAST_FOUR, CUMULATIVE)
WINDOW = 4
"""How many releases the last ones are."""
CHANGING = ("T3", "T4", "T7")
"""Tables that say of all so far whether the last year changed."""
COUNTY_READERS = (CTLT, READER)
EVERYBODY = (CTLT, READER, PUBLIC)


class BatchSelection(msgspec.Struct, frozen=True):
    """What the rows of one filter add up: pulses, and what joins them."""

    pulses: Sequence[Batch]
    joined: Sequence[Batch] = ()


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One release being published: the ledger after it, and what it is told about."""

    ledger: Sequence[Batch]
    release: str
    released_on: str
    registry: Registry

    @property
    def period(self) -> Period:
        return Period.parse(self.release)

    @property
    def first(self) -> str:
        """The first release ever."""
        return min((batch.release for batch in self.ledger), default=self.release)

    @property
    def is_yearly(self) -> bool:
        return self.period == self.period.year_end

    def kind(self, kind: str) -> list[Batch]:
        return [batch for batch in self.ledger if batch.kind == kind and batch.release <= self.release]

    def within(self, batches: Iterable[Batch], scope: str) -> list[Batch]:
        """Keep what a scope adds up: one release, the last four, the year's, or all so far."""
        since = {RELEASE: 0, LAST_FOUR: WINDOW - 1, YEAR: self.period.quarter - 1}
        return [
            b for b in batches if scope not in since or self.period - Period.parse(b.release) <= since[scope]
        ]

    def spread(self, sort: Sort) -> float:
        """How much scores vary between people of this sort in the whole county."""
        return county_spread(add_up(b for b in self.kind("pulse") if b.sort == sort))

    def sums(
        self,
        table: Table,
        filters: dict[str, Any],
        part: BatchSelection,
        scopes: Sequence[str],
        readers: Sequence[Viewer],
        *,
        only: Collection[str] | None = None,
        with_scope: bool = True,
    ) -> Iterator[GuardedRow]:
        """One row per scope and sort; where no live answers of own experience are, a row that says so."""
        for scope in scopes:
            own_filters = {**filters, "scope": scope} if with_scope else filters
            sorts = by_sort(self.within(part.pulses, scope))
            for sort, pulses in sorts:
                joined = [b for b in self.within(part.joined, scope) if b.sort == sort]
                unit = Unit(pulses, joined, with_overall=not (table == "T4" and sort.is_survey))
                figures = unit.figures(self.registry.questions, self.spread(sort), only)
                if scope == CUMULATIVE and table in CHANGING and unit.with_overall:
                    figures += tuple(changes(pulses, self.release, self.first, self.spread(sort)))
                row = self.row(table, {**own_filters, **named_by(sort)}, unit, sort, figures)
                yield GuardedRow(row, tuple(readers))
            if not any(sort.origin == "live" and not sort.is_survey for sort, _ in sorts):
                yield GuardedRow(self.missing(table, own_filters, NOT_ENOUGH), tuple(readers))

    def released(
        self,
        table: Table,
        filters: dict[str, Any],
        unit: Unit,
        sort: Sort,
        *,
        batch: str | None = None,
    ) -> Row:
        figures = unit.figures(self.registry.questions, self.spread(sort))
        return self.row(table, filters, unit, sort, figures, batch)

    def row(
        self,
        table: Table,
        filters: dict[str, Any],
        unit: Unit,
        sort: Sort,
        figures: tuple[Figure, ...],
        batch: str | None = None,
    ) -> Row:
        return Row(
            table=table,
            release=self.release,
            released_on=self.released_on,
            filters={**filters, "periods": unit.periods},
            origin=sort.origin,
            n=unit.n,
            status="released",
            figures=figures,
            batch=batch,
            n_details=unit.n_details,
            detail_periods=unit.detail_periods,
        )

    def missing(self, table: Table, filters: dict[str, Any], cause: str) -> Row:
        return Row(
            table=table,
            release=self.release,
            released_on=self.released_on,
            filters=filters,
            origin="live",
            n=None,
            status="not_released",
            figures=(),
            cause=cause,
        )

    def part(self, *, program: Collection[str], pool: Collection[str] = ()) -> BatchSelection:
        owners: dict[str, Collection[str]] = {"program": program, "pool": pool}
        return BatchSelection(
            *([b for b in self.kind(it) if b.owner in owners.get(b.scope, ())] for it in ("pulse", "detail"))
        )

    def own(self, batch: Batch) -> tuple[Viewer, ...]:
        return self._readers(batch.owner, batch.contractor)

    def readers_of(self, program: Program) -> tuple[Viewer, ...]:
        return self._readers(program.id, program.contractor_id)

    def _readers(self, program: str, contractor: str | None) -> tuple[Viewer, ...]:
        under_contract = (viewers.contractor(contractor),) if contractor else ()
        return (CTLT, *under_contract, *self.registry.keepers_of([program]))

    def is_active(self, program: Program) -> bool:
        return program.ends is None or program.ends >= self.release


def named_by(sort: Sort) -> dict[str, str]:
    """Say what tells a row's sort from own experience without a wave."""
    filters = {"class": "" if sort.class_ == OWN else sort.class_, "audience": sort.alone, "wave": sort.wave}
    return {name: value for name, value in filters.items() if value}


def by_sort(batches: Iterable[Batch]) -> list[tuple[Sort, list[Batch]]]:
    sorts: dict[Sort, list[Batch]] = {}
    for batch in batches:
        sorts.setdefault(batch.sort, []).append(batch)
    return sorted(sorts.items())


def of_audience(batches: Iterable[Batch], audience: str) -> list[Batch]:
    if audience == EVERYONE:
        return [batch for batch in batches if batch.class_ == OWN]
    return [batch for batch in batches if batch.audience == audience]


def without_surveys(part: BatchSelection) -> BatchSelection:
    return BatchSelection(*([b for b in it if not b.sort.is_survey] for it in (part.pulses, part.joined)))
