"""The published tables T1-T8: a closed list of rows, computed once per release and never changed.

Which tables exist and who may read them is disclosure.md, “Tables”. Live and entered answers are separate
rows everywhere. Every active program and audience is always listed, so that nobody can tell an empty inbox
from a full one that was too small.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from analysis.disclosure import Figure, figures
from analysis.ledger import COUNTY, MIXED, PARTNER, Batch, add_up
from surveys.answers import Origin
from surveys.instruments import AUDIENCES, Question
from surveys.periods import Period
from surveys.registry import Program, county_plan

ORIGINS: tuple[Origin, ...] = ("live", "entered")
MIXED_OR_POOLED = "mixed / pooled"
Status = Literal["released", "not_released"]


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of a published table, as JSON, CSV, XLSX and pages show it (interface.md)."""

    table: str
    release: str
    released_on: str
    filters: dict[str, Any]
    origin: Origin
    n: int | None
    status: Status
    figures: tuple[Figure, ...]
    batch: str | None = None

    def figure(self, measure: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.measure == measure), None)


class Published(msgspec.Struct, frozen=True):
    """A row and the one contractor, besides CTLT, whose own it is."""

    row: Row
    contractor: str | None = None


class Registry(msgspec.Struct, frozen=True):
    """What publishing has to know besides the ledger."""

    programs: Sequence[Program]
    contractors: Mapping[str, Sequence[str]]
    """Program id to every contractor that has had a contract for it."""
    questions: Mapping[str, Question]
    languages: Sequence[str]


class Publishing(msgspec.Struct, frozen=True):
    """One release being published: the ledger after it, and what it is told about."""

    ledger: Sequence[Batch]
    release: str
    released_on: str
    registry: Registry

    def rows(self) -> list[Published]:
        """Return every row of every table for this release."""
        county = [
            *self._strategies(),
            *self._pools(),
            *self._audiences(),
            *self._county(),
            *self._languages(),
        ]
        return [*self._batches(), *self._programs(), *(Published(row) for row in county)]

    def _batches(self) -> Iterator[Published]:
        closed = [b for b in self.ledger if b.kind == "program" and b.release == self.release]
        for batch in closed:
            yield Published(
                self._released("T1", [batch], {"program": batch.owner, "audience": batch.audience}, batch.id),
                batch.contractor,
            )
        heard = {(batch.owner, batch.audience) for batch in closed if batch.origin == "live"}
        for program in filter(self._is_active, self.registry.programs):
            for audience in program.audiences:
                if (program.id, audience) not in heard:
                    filters = {"program": program.id, "audience": audience}
                    yield Published(self._not_released("T1", filters), program.contractor_id)

    def _programs(self) -> Iterator[Published]:
        for program in self.registry.programs:
            own = [b for b in self._summable() if b.kind == "program" and b.owner == program.id]
            # A program that has ended may still be heard: by what arrived late or was typed in later.
            if not (self._is_active(program) or any(b.release == self.release for b in own)):
                continue
            filters = {"program": program.id}
            for table, only in (("T2", True), ("T3", False)):
                yield from map(Published, self._table(table, filters, own, only_release=only))
                for contractor in self.registry.contractors.get(program.id, ()):
                    theirs = [batch for batch in own if batch.contractor == contractor]
                    named = {**filters, "contractor": contractor}
                    for row in self._table(table, named, theirs, only_release=only):
                        yield Published(row, contractor)

    def _strategies(self) -> Iterator[Row]:
        for strategy in county_plan().strategies:
            named = {p.id for p in self.registry.programs if strategy.number in p.strategies}
            filters = {"strategy": strategy.number, "strategy_id": strategy.id}
            own = [b for b in self._summable() if b.kind == "program" and b.owner in named]
            yield from self._both_scopes("T4", filters, own)

    def _pools(self) -> Iterator[Row]:
        for pool in sorted({program.pool for program in self.registry.programs}):
            members = {program.id for program in self.registry.programs if program.pool == pool}
            kinds = {"pool": {pool}, "program": members}
            own = [b for b in self._summable() if b.owner in kinds.get(b.kind, ())]
            yield from self._both_scopes("T5", {"pool": pool}, own)

    def _audiences(self) -> Iterator[Row]:
        for audience in (*AUDIENCES, MIXED_OR_POOLED):
            wanted = MIXED if audience == MIXED_OR_POOLED else audience
            own = [b for b in self.ledger if b.audience == wanted and b.kind != "language"]
            yield from self._table(
                "T6", {"audience": audience}, own, only_release=True, core_only=wanted == MIXED, themes=False
            )

    def _county(self) -> Iterator[Row]:
        yield from self._both_scopes("T7", {"county": COUNTY}, self._summable())

    def _languages(self) -> Iterator[Row]:
        period = Period.parse(self.release)
        if period.quarter != 4:  # noqa: PLR2004 - the language close is yearly, in the fourth quarter
            return
        closed = [b for b in self.ledger if b.kind == "language" and b.release == self.release]
        for language in (*self.registry.languages, "other"):
            filters = {"language": language, "year": str(period.year)}
            own = [b for b in closed if b.owner == language]
            yield from self._table("T8", filters, own, only_release=True, themes=False, language=True)

    def _both_scopes(self, table: str, filters: dict[str, Any], own: Sequence[Batch]) -> Iterator[Row]:
        for scope, only in (("release", True), ("cumulative", False)):
            yield from self._table(table, {**filters, "scope": scope}, own, only_release=only)

    def _table(
        self,
        table: str,
        filters: dict[str, Any],
        own: Sequence[Batch],
        *,
        only_release: bool,
        core_only: bool = True,
        themes: bool = True,
        language: bool = False,
    ) -> Iterator[Row]:
        """One row per origin; an entered row only where something entered was let out."""
        for origin in ORIGINS:
            summed = [
                b for b in own if b.origin == origin and (not only_release or b.release == self.release)
            ]
            if summed:
                yield self._released(
                    table, summed, filters, core_only=core_only, themes=themes, language=language
                )
            elif origin == "live":
                yield self._not_released(table, filters)

    def _released(
        self,
        table: str,
        batches: Sequence[Batch],
        filters: dict[str, Any],
        batch: str | None = None,
        *,
        core_only: bool = False,
        themes: bool = True,
        language: bool = False,
    ) -> Row:
        sums = add_up(batches, core_only=core_only)
        found = figures(sums, self.registry.questions, themes=themes, language=language)
        return Row(
            table,
            self.release,
            self.released_on,
            {**filters, "periods": _quarters(batches)},
            batches[0].origin,
            sums.n,
            "released",
            tuple(found),
            batch,
        )

    def _not_released(self, table: str, filters: dict[str, Any]) -> Row:
        return Row(table, self.release, self.released_on, filters, "live", None, "not_released", ())

    def _summable(self) -> list[Batch]:
        """Return the program partition; professionals are never summed with youth, caregivers or experts."""
        return [
            b
            for b in self.ledger
            if b.kind != "language" and b.audience != PARTNER and b.release <= self.release
        ]

    def _is_active(self, program: Program) -> bool:
        return program.ends is None or program.ends >= self.release


def _quarters(batches: Sequence[Batch]) -> list[str]:
    first = min(Period.parse(batch.first) for batch in batches)
    last = max(Period.parse(batch.last) for batch in batches)
    return [str(first + step) for step in range(last - first + 1)]


def may_read(published: Published, viewer: str) -> bool:
    """Whether `public`, `ctlt` or `contractor:ID` may read a row (disclosure.md, “Tables”, last column)."""
    row, owner = published.row, published.contractor
    whole = "contractor" not in row.filters
    if viewer == "ctlt":
        return whole
    if viewer == "public":
        cumulative = row.filters.get("scope") == "cumulative"
        return whole and (row.table in ("T3", "T7") or (row.table == "T4" and cumulative))
    role, _, contractor = viewer.partition(":")
    if role != "contractor" or not contractor:
        return False
    if row.table in ("T2", "T3"):
        return row.filters.get("contractor") == contractor
    return row.table == "T5" or (row.table == "T1" and owner == contractor)
