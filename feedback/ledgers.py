"""The ledger in the database: read whole, added to once per release, never changed."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.ledger import Batch
from feedback.tables import BatchRow, TallyRow

_FIELDS = tuple(name for name in Batch.__struct_fields__ if name != "items")


async def read_ledger(session: AsyncSession) -> list[Batch]:
    """Every batch ever let out, in the order they were closed."""
    counts: dict[str, dict[str, int]] = {}
    tallies = select(TallyRow.batch, TallyRow.item, TallyRow.count).order_by(TallyRow.item)
    for batch, item, count in await session.execute(tallies):
        counts.setdefault(batch, {})[item] = count
    rows = (await session.execute(select(BatchRow).order_by(BatchRow.id))).scalars()
    return [
        msgspec.convert(
            {**{name: getattr(row, name) for name in _FIELDS}, "items": counts.get(row.id, {})}, Batch
        )
        for row in rows
    ]


async def add_to_ledger(session: AsyncSession, batches: Sequence[Batch]) -> None:
    """Insert new batches. An id that exists already fails the whole transaction."""
    if not batches:
        return
    await session.execute(
        insert(BatchRow), [{name: getattr(batch, name) for name in _FIELDS} for batch in batches]
    )
    tallies = [
        {"batch": batch.id, "item": item, "count": count}
        for batch in batches
        for item, count in batch.items.items()
    ]
    await session.execute(insert(TallyRow), tallies)
