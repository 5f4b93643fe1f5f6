"""The published tables: a closed list, computed once per release and never changed.

Which tables exist and who may read them is docs/disclosure.md, “Tables”. Every active program and audience is
always listed, so that nobody can tell an empty inbox from a full one that was too small.
"""

from collections.abc import Iterator

from analysis import viewers
from analysis.batch_ledger import COUNTY, EXPERT, MIXED, OWN, PARTNER
from analysis.rows import NOT_ENOUGH, NOT_YET, Published, Table
from analysis.sheet import (
    COUNTY_READERS,
    CUMULATIVE,
    EVERYBODY,
    EVERYONE,
    LAST_FOUR,
    RELEASE,
    SCOPES,
    Part,
    Sheet,
    named_by,
    of_audience,
    without_surveys,
)
from analysis.units import Unit
from analysis.viewers import CTLT, Viewer
from analysis.yearly_tables import yearly_rows
from surveys.instruments import AUDIENCES
from surveys.registry import county_plan

MIXED_OR_POOLED = "mixed / pooled"
_PROGRAM_TABLES: tuple[tuple[Table, tuple[str, ...], tuple[Viewer, ...]], ...] = (
    ("T2", (RELEASE, LAST_FOUR), (CTLT,)),
    ("T3", (CUMULATIVE,), EVERYBODY),
)


def published_rows(sheet: Sheet) -> list[Published]:
    """Return every row of every table for this release."""
    rows = [*_batches(sheet), *_details(sheet), *_programs(sheet), *_strategies(sheet), *_pools(sheet)]
    rows += [*_audiences(sheet), *_county(sheet)]
    return rows + (yearly_rows(sheet) if sheet.is_yearly else [])


def _batches(sheet: Sheet) -> Iterator[Published]:
    batches = [b for b in sheet.within(sheet.kind("pulse"), RELEASE) if b.scope == "program"]
    for batch in batches:
        filters = {"program": batch.owner, "audience": batch.audience, **named_by(batch.sort)}
        row = sheet.released("T1", filters, Unit([batch]), batch.sort, batch=batch.id)
        yield Published(row, sheet.own(batch))
    heard = {(b.owner, b.audience) for b in batches if b.origin == "live" and not b.sort.is_survey}
    for program in filter(sheet.is_active, sheet.registry.programs):
        for audience in program.audiences:
            if (program.id, audience) not in heard:
                filters = {"program": program.id, "audience": audience}
                yield Published(sheet.missing("T1", filters, NOT_ENOUGH), sheet.readers_of(program))


def _details(sheet: Sheet) -> Iterator[Published]:
    batches = [b for b in sheet.within(sheet.kind("detail"), RELEASE) if b.scope == "program"]
    for batch in batches:
        filters = {"program": batch.owner, "audience": batch.audience, **named_by(batch.sort)}
        unit = Unit([batch], [batch], with_overall=False)
        row = sheet.released("T1d", filters, unit, batch.sort, batch=batch.id)
        yield Published(row, sheet.own(batch))
    cause = NOT_ENOUGH if sheet.is_yearly else NOT_YET
    for program in filter(sheet.is_active, sheet.registry.programs):
        if program.id not in {b.owner for b in batches if b.origin == "live"}:
            row = sheet.missing("T1d", {"program": program.id}, cause)
            yield Published(row, sheet.readers_of(program))


def _programs(sheet: Sheet) -> Iterator[Published]:
    for program in sheet.registry.programs:
        part = sheet.part(program=[program.id])
        # A program that has ended may still be heard: by what arrived late or was typed in later.
        if not (sheet.is_active(program) or sheet.within(part.pulses, RELEASE)):
            continue
        filters = {"program": program.id}
        keepers = sheet.registry.keepers_of([program.id])
        for table, scopes, readers in _PROGRAM_TABLES:
            yield from sheet.sums(table, filters, part, scopes, (*readers, *keepers))
            for contractor in sheet.registry.contractors.get(program.id, ()):
                own = Part(
                    *([b for b in it if b.contractor == contractor] for it in (part.pulses, part.joined))
                )
                own_filters = {**filters, "contractor": contractor}
                yield from sheet.sums(table, own_filters, own, scopes, (viewers.contractor(contractor),))


def _strategies(sheet: Sheet) -> Iterator[Published]:
    for strategy in county_plan().strategies:
        programs = [p.id for p in sheet.registry.programs if strategy.number in p.strategies]
        whole = sheet.part(program=programs)
        tagged = sheet.registry.tagged(programs, strategy.number)
        for audience in (EVERYONE, *AUDIENCES):
            part = Part(*(of_audience(it, audience) for it in (whole.pulses, whole.joined)))
            filters = {"strategy": strategy.number, "strategy_id": strategy.id, "audience": audience}
            for scope in SCOPES:
                readers = EVERYBODY if scope == CUMULATIVE else COUNTY_READERS
                yield from sheet.sums("T4", filters, part, (scope,), readers, only=tagged)


def _pools(sheet: Sheet) -> Iterator[Published]:
    for pool in sheet.registry.pools:
        programs = [p.id for p in sheet.registry.programs if p.pool == pool]
        readers = (CTLT, *sheet.registry.contractors_of(programs), *sheet.registry.keepers_of(programs))
        part = sheet.part(program=programs, pool=[pool])
        yield from sheet.sums("T5", {"pool": pool}, without_surveys(part), SCOPES, readers)


def _audiences(sheet: Sheet) -> Iterator[Published]:
    for audience in (*AUDIENCES, MIXED_OR_POOLED):
        batch_audience = MIXED if audience == MIXED_OR_POOLED else audience
        pulses = [b for b in sheet.kind("pulse") if b.audience == batch_audience]
        kind = "detail" if audience in (EXPERT, PARTNER) else "fields"
        joined = [b for b in sheet.kind(kind) if b.audience == batch_audience]
        part = without_surveys(Part(pulses, joined))
        yield from sheet.sums(
            "T6", {"audience": audience}, part, (RELEASE,), COUNTY_READERS, with_scope=False
        )


def _county(sheet: Sheet) -> Iterator[Published]:
    part = Part(*([b for b in sheet.kind(it) if b.class_ == OWN] for it in ("pulse", "fields")))
    yield from sheet.sums("T7", {"county": COUNTY}, part, SCOPES, EVERYBODY)
