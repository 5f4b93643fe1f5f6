"""Publishing: the tables and measures of one release, written once in the release's own transaction."""

import datetime as dt
from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batch_ledger import Batch
from analysis.publishing import viewers
from analysis.publishing.process_measures import Measuring
from analysis.publishing.publication import Publication
from analysis.publishing.registry import Registry
from analysis.publishing.rows import GuardedRow
from analysis.publishing.tables import published_rows
from feedback.fieldwork.asking import surveys_by_program
from feedback.fieldwork.programs import all_contracts, all_programs
from feedback.fieldwork.totals import work_totals
from feedback.languages import LANGUAGES
from feedback.release.ledgers import read_ledger
from feedback.settings import Settings
from feedback.storage.tables import MeasureRow, PublishedRow
from surveys.registry import Contract


async def publish(session: AsyncSession, settings: Settings, release: str) -> None:
    """Compute every row of this release from the ledger as it now stands, and store it."""
    ledger = await read_ledger(session)
    published = await compute(session, ledger, release, settings.today)
    rows = [
        {
            "release": release,
            "position": position,
            "name": it.row.table,
            "subject": it.row.subject,
            "readers": [str(reader) for reader in it.readers],
            "row": msgspec.to_builtins(it.row),
        }
        for position, it in enumerate(published)
    ]
    await session.execute(insert(PublishedRow), rows)
    county = Measuring(
        release=release,
        published=published,
        ledger=ledger,
        totals=await work_totals(session),
        parameters=settings.policy,
    )
    public = msgspec.structs.replace(county, viewer=viewers.PUBLIC)
    for measuring in (county, public, *_of_contractors(county, await all_contracts(session))):
        measures = [
            {
                "release": release,
                "viewer": str(measuring.viewer),
                "position": position,
                "row": msgspec.to_builtins(it),
            }
            for position, it in enumerate(measuring.measures())
        ]
        if measures:
            await session.execute(insert(MeasureRow), measures)


async def compute(
    session: AsyncSession, ledger: Sequence[Batch], release: str, day: dt.date
) -> Sequence[GuardedRow]:
    """What a release publishes of this ledger, with programs as they are today."""
    return published_rows(
        Publication(
            ledger=ledger, release=release, released_on=day.isoformat(), registry=await _registry(session)
        )
    )


async def _registry(session: AsyncSession) -> Registry:
    return Registry(
        await all_programs(session),
        await _contractors(session),
        await surveys_by_program(session),
        tuple(LANGUAGES),
    )


def _of_contractors(county: Measuring, contracts: Sequence[Contract]) -> Iterator[Measuring]:
    """Measure for each contractor from its own contracts' batches and work alone."""
    for contractor in sorted({contract.contractor for contract in contracts}):
        own = [contract for contract in contracts if contract.contractor == contractor]
        yield msgspec.structs.replace(
            county,
            ledger=[batch for batch in county.ledger if batch.contractor == contractor],
            totals=[total for total in county.totals if any(it.covers(total) for it in own)],
            viewer=viewers.contractor(contractor),
        )


async def _contractors(session: AsyncSession) -> dict[str, list[str]]:
    by_program: dict[str, list[str]] = {}
    for contract in await all_contracts(session):
        by_program.setdefault(contract.program, []).append(contract.contractor)
    return {program: sorted(set(names)) for program, names in by_program.items()}
