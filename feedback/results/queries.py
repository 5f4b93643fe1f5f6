"""Published results, for whoever may read them. Pages, exports and commands ask here and nowhere else."""

import functools
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.metrics import METRICS
from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row
from analysis.publishing.viewers import Viewer
from feedback.storage.tables import MeasureRow, PublishedRow, ReleaseRow
from surveys.periods import Period


class PublishedRelease(msgspec.Struct, frozen=True, kw_only=True):
    """One release as anyone of the staff may know it."""

    period: str
    released_on: str
    operator: str
    rule: str
    batches: int
    """Pulses: everybody let out is in exactly one."""
    joined: int
    """Batches that join them, counted apart as the release itself says."""
    ledger_sha256: str
    chain_sha256: str

    @property
    def quarter(self) -> Period:
        return Period.parse(self.period)


PULSE = "pulse"
_SUBJECTS = ("program", "strategy_id")
"""Filters that a row is found by (Row.subject): without it every row of every release is read."""


async def read_tables(
    session: AsyncSession,
    viewer: Viewer | None,
    *,
    release: str | None = None,
    tables: Sequence[str] = (),
    about: Mapping[str, str] | None = None,
) -> list[Row]:
    """Every published row that a viewer may read, oldest release first; nobody reads none.

    `about` are filters that a row has: to read all of a table for one strategy takes seconds.
    """
    if viewer is None:
        return []
    # As text, each row is decoded once: by way of dictionaries all of it takes ten times as long.
    query = select(cast(PublishedRow.readers, Text), cast(PublishedRow.row, Text))
    query = query.order_by(PublishedRow.release, PublishedRow.position)
    if release is not None:
        query = query.where(PublishedRow.release == release)
    if tables:
        query = query.where(PublishedRow.name.in_(tables))
    for name, value in (about or {}).items():
        if name in _SUBJECTS:
            query = query.where(PublishedRow.subject == value)
        query = query.where(PublishedRow.row["filters"][name].as_string() == value)
    rows = await session.execute(query)
    return [_decode_row(row) for readers, row in rows if str(viewer) in _decode_readers(readers)]


LastHeard = Mapping[tuple[str, str], Period]
"""By program and audience, the latest release in which a batch of theirs came."""


async def last_heard(session: AsyncSession, until: str) -> LastHeard:
    """Who came in which release up to this one, for whoever reads the batches of every program (T1)."""
    audience = PublishedRow.row["filters"]["audience"].as_string()
    query = select(PublishedRow.subject, audience, func.max(PublishedRow.release))
    query = query.where(PublishedRow.name == "T1", PublishedRow.release <= until)
    query = query.where(PublishedRow.row["status"].as_string() == "released")
    rows = await session.execute(query.group_by(PublishedRow.subject, audience))
    return {(program, name): Period.parse(release) for program, name, release in rows}


_decode_row = msgspec.json.Decoder(Row).decode
_decode_readers = functools.lru_cache(maxsize=4_096)(msgspec.json.Decoder(list[str]).decode)


async def read_measures(
    session: AsyncSession,
    viewer: Viewer | None,
    release: str | None = None,
    *,
    measures: Sequence[str] = (),
    program: str | None = None,
) -> list[Measure]:
    """Measures as they were computed for CTLT or a contractor, oldest release first; the public has flags.

    `measures` are the ids that are asked for, or all; with `program` those about it alone, and with an empty
    one those that are about no program.
    """
    query = select(cast(MeasureRow.row, Text)).where(MeasureRow.viewer == str(viewer))
    if release is not None:
        query = query.where(MeasureRow.release == release)
    if measures:
        query = query.where(MeasureRow.row["measure"].as_string().in_(measures))
    if program is not None:
        of_program = MeasureRow.row["scope"]["program"].as_string()
        query = query.where(of_program == program if program else of_program.is_(None))
    rows = (await session.execute(query.order_by(MeasureRow.release, MeasureRow.position))).scalars()
    return [_decode_measure(row) for row in rows]


_decode_measure = msgspec.json.Decoder(Measure).decode


FLAGS = tuple(it.id for it in METRICS if it.direction == "flag")


def flags(measures: Sequence[Measure]) -> list[Measure]:
    """The measures that are no figure but a question: someone should look."""
    return [it for it in measures if it.metric.direction == "flag"]


async def read_releases(session: AsyncSession) -> list[PublishedRelease]:
    """Every release, latest first."""
    rows = (await session.execute(select(ReleaseRow).order_by(ReleaseRow.period.desc()))).scalars()
    return [
        PublishedRelease(
            period=r.period,
            released_on=r.released_on.isoformat(),
            operator=r.operator,
            rule=r.rule,
            batches=sum(it["kind"] == PULSE for it in r.batches),
            joined=sum(it["kind"] != PULSE for it in r.batches),
            ledger_sha256=r.ledger_sha256,
            chain_sha256=r.chain_sha256,
        )
        for r in rows
    ]
