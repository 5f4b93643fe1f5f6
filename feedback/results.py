"""Published results, for whoever may read them. Pages, exports and commands ask here and nowhere else."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.measures import Measure
from analysis.published import Published, Row, may_read
from feedback.tables import ContractRow, MeasureRow, PublishedRow, ReleaseRow


class Released(msgspec.Struct, frozen=True):
    """One release as anyone of the staff may know it."""

    period: str
    released_on: str
    operator: str
    rule: str
    batches: int
    ledger_sha256: str


async def read_tables(
    session: AsyncSession, viewer: str, *, release: str | None = None, tables: Sequence[str] = ()
) -> list[Row]:
    """Every published row that `public`, `ctlt` or `contractor:ID` may read, oldest release first."""
    if viewer not in ("public", "ctlt") and not viewer.startswith("contractor:"):
        return []
    query = select(PublishedRow).order_by(PublishedRow.release, PublishedRow.position)
    if release is not None:
        query = query.where(PublishedRow.release == release)
    if tables:
        query = query.where(PublishedRow.name.in_(tables))
    rows = (await session.execute(query)).scalars()
    published = [Published(msgspec.convert(row.row, Row), row.contractor) for row in rows]
    return [it.row for it in published if may_read(it, viewer)]


async def read_measures(session: AsyncSession, viewer: str, release: str) -> list[Measure]:
    """Measures of one release: CTLT all, a contractor those of programs it had a contract for then."""
    query = select(MeasureRow).where(MeasureRow.release == release).order_by(MeasureRow.position)
    if viewer != "ctlt":
        own = select(ContractRow.program).where(
            literal("contractor:").concat(ContractRow.contractor) == viewer,
            ContractRow.first <= release,
            or_(ContractRow.last.is_(None), ContractRow.last >= release),
        )
        query = query.where(MeasureRow.program.in_(own))
    return [msgspec.convert(row.row, Measure) for row in (await session.execute(query)).scalars()]


async def read_releases(session: AsyncSession) -> list[Released]:
    """Every release, latest first."""
    rows = (await session.execute(select(ReleaseRow).order_by(ReleaseRow.period.desc()))).scalars()
    return [
        Released(r.period, r.released_on.isoformat(), r.operator, r.rule, len(r.batches), r.ledger_sha256)
        for r in rows
    ]
