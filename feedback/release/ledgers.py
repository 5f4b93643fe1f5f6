"""The ledger in the database: read whole, added to once per release, never changed."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batch_ledger import Batch
from feedback.storage.tables import BatchRow, ValueRow

_FIELDS = tuple(name for name in Batch.__struct_fields__ if name != "values")


async def read_ledger(session: AsyncSession) -> list[Batch]:
    """Every batch ever let out, in the order they were closed."""
    values: dict[str, dict[str, int]] = {}
    query = select(ValueRow.batch, ValueRow.item, ValueRow.value).order_by(ValueRow.item)
    for batch, item, value in await session.execute(query):
        values.setdefault(batch, {})[item] = value
    rows = (await session.execute(select(BatchRow).order_by(BatchRow.id))).scalars()
    return [_batch(row, values.get(row.id, {})) for row in rows]


def _batch(row: BatchRow, values: dict[str, int]) -> Batch:
    columns = {name: getattr(row, name) for name in _FIELDS}
    return Batch(**{**columns, "of": tuple(row.of), "values": values})


async def add_to_ledger(session: AsyncSession, batches: Sequence[Batch]) -> None:
    """Insert new batches. An id that exists already fails the whole transaction."""
    if not batches:
        return
    rows = [{**{name: getattr(it, name) for name in _FIELDS}, "of": list(it.of)} for it in batches]
    await session.execute(insert(BatchRow), rows)
    values = [
        {"batch": batch.id, "item": item, "value": value}
        for batch in batches
        for item, value in batch.values.items()
    ]
    if values:
        await session.execute(insert(ValueRow), values)
