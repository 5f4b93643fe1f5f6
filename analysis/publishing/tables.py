"""The published tables: a closed list, computed once per release and never changed.

Which tables exist and who may read them is docs/disclosure.md, “Tables”. Every active program and audience is
always listed, so that nobody can tell an empty inbox from a full one that was too small.
"""

from collections.abc import Iterator

from analysis.batch_ledger import COUNTY, EXPERT, MIXED, OWN, PARTNER, Kind
from analysis.publishing import viewers
from analysis.publishing.publication import (
    COUNTY_READERS,
    CUMULATIVE,
    EVERYBODY,
    EVERYONE,
    LAST_FOUR,
    RELEASE,
    SCOPES,
    BatchSelection,
    Publication,
    named_by,
    of_audience,
    without_surveys,
)
from analysis.publishing.rows import NOT_ENOUGH, NOT_YET, GuardedRow, Table
from analysis.publishing.units import Unit
from analysis.publishing.viewers import CTLT, Viewer
from analysis.publishing.yearly_tables import yearly_rows
from surveys.instruments import AUDIENCES
from surveys.registry import county_plan

MIXED_OR_POOLED = "mixed / pooled"
_PROGRAM_TABLES: tuple[tuple[Table, tuple[str, ...], tuple[Viewer, ...]], ...] = (
    ("T2", (RELEASE, LAST_FOUR), (CTLT,)),
    ("T3", (CUMULATIVE,), EVERYBODY),
)


def published_rows(publication: Publication) -> list[GuardedRow]:
    """Return every row of every table for this release."""
    rows = [
        *_batches(publication),
        *_details(publication),
        *_programs(publication),
        *_strategies(publication),
        *_pools(publication),
    ]
    rows += [*_audiences(publication), *_county(publication)]
    return rows + (yearly_rows(publication) if publication.is_yearly else [])


def _batches(publication: Publication) -> Iterator[GuardedRow]:
    batches = [b for b in publication.within(publication.kind("pulse"), RELEASE) if b.scope == "program"]
    for batch in batches:
        filters = {"program": batch.owner, "audience": batch.audience, **named_by(batch.sort)}
        row = publication.released("T1", filters, Unit([batch]), batch.sort, batch=batch.id)
        yield GuardedRow(row, publication.own(batch))
    heard = {(b.owner, b.audience) for b in batches if b.origin == "live" and not b.sort.is_survey}
    for program in filter(publication.is_active, publication.registry.programs):
        for audience in program.audiences:
            if (program.id, audience) not in heard:
                filters = {"program": program.id, "audience": audience}
                yield GuardedRow(
                    publication.missing("T1", filters, NOT_ENOUGH), publication.readers_of(program)
                )


def _details(publication: Publication) -> Iterator[GuardedRow]:
    batches = [b for b in publication.within(publication.kind("detail"), RELEASE) if b.scope == "program"]
    for batch in batches:
        filters = {"program": batch.owner, "audience": batch.audience, **named_by(batch.sort)}
        unit = Unit([batch], [batch], with_overall=False)
        row = publication.released("T1d", filters, unit, batch.sort, batch=batch.id)
        yield GuardedRow(row, publication.own(batch))
    cause = NOT_ENOUGH if publication.is_yearly else NOT_YET
    for program in filter(publication.is_active, publication.registry.programs):
        if program.id not in {b.owner for b in batches if b.origin == "live"}:
            row = publication.missing("T1d", {"program": program.id}, cause)
            yield GuardedRow(row, publication.readers_of(program))


def _programs(publication: Publication) -> Iterator[GuardedRow]:
    for program in publication.registry.programs:
        part = publication.part(program=[program.id])
        # A program that has ended may still be heard: by what arrived late or was typed in later.
        if not (publication.is_active(program) or publication.within(part.pulses, RELEASE)):
            continue
        filters = {"program": program.id}
        keepers = publication.registry.keepers_of([program.id])
        for table, scopes, readers in _PROGRAM_TABLES:
            yield from publication.sums(table, filters, part, scopes, (*readers, *keepers))
            for contractor in publication.registry.contractors.get(program.id, ()):
                own = BatchSelection(
                    *([b for b in it if b.contractor == contractor] for it in (part.pulses, part.joined))
                )
                own_filters = {**filters, "contractor": contractor}
                yield from publication.sums(
                    table, own_filters, own, scopes, (viewers.contractor(contractor),)
                )


def _strategies(publication: Publication) -> Iterator[GuardedRow]:
    for strategy in county_plan().strategies:
        programs = [p.id for p in publication.registry.programs if strategy.number in p.strategies]
        whole = publication.part(program=programs)
        tagged = publication.registry.tagged(programs, strategy.number)
        for audience in (EVERYONE, *AUDIENCES):
            part = BatchSelection(*(of_audience(it, audience) for it in (whole.pulses, whole.joined)))
            filters = {"strategy": strategy.number, "strategy_id": strategy.id, "audience": audience}
            for scope in SCOPES:
                readers = EVERYBODY if scope == CUMULATIVE else COUNTY_READERS
                yield from publication.sums("T4", filters, part, (scope,), readers, only=tagged)


def _pools(publication: Publication) -> Iterator[GuardedRow]:
    for pool in publication.registry.pools:
        programs = [p.id for p in publication.registry.programs if p.pool == pool]
        readers = (
            CTLT,
            *publication.registry.contractors_of(programs),
            *publication.registry.keepers_of(programs),
        )
        part = publication.part(program=programs, pool=[pool])
        yield from publication.sums("T5", {"pool": pool}, without_surveys(part), SCOPES, readers)


def _audiences(publication: Publication) -> Iterator[GuardedRow]:
    for audience in (*AUDIENCES, MIXED_OR_POOLED):
        batch_audience = MIXED if audience == MIXED_OR_POOLED else audience
        pulses = [b for b in publication.kind("pulse") if b.audience == batch_audience]
        kind: Kind = "detail" if audience in (EXPERT, PARTNER) else "fields"
        joined = [b for b in publication.kind(kind) if b.audience == batch_audience]
        part = without_surveys(BatchSelection(pulses, joined))
        yield from publication.sums(
            "T6", {"audience": audience}, part, (RELEASE,), COUNTY_READERS, with_scope=False
        )


def _county(publication: Publication) -> Iterator[GuardedRow]:
    part = BatchSelection(
        *([b for b in publication.kind(it) if b.class_ == OWN] for it in ("pulse", "fields"))
    )
    yield from publication.sums("T7", {"county": COUNTY}, part, SCOPES, EVERYBODY)
