"""What a release takes out of the inbox, and what it puts back: inside the caller's one transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.draw import ReleasePlan
from feedback.inbox.sealing import USED_KEY_QUARTERS, in_chunks
from feedback.release.resealing import NewRows
from feedback.release.spools import Spool
from feedback.storage.tables import BatchedRow, InboxRow, UsedKeyRow
from surveys.periods import Period


async def put_back(session: AsyncSession, closing: Period, plan: ReleasePlan, waiting_rows: Spool) -> None:
    """Take every row out that was read; put what still waits back, sealed anew."""
    released_keys = [key for planned in plan.pulses for key in planned.keys]
    versions = await _versions(session, [it.key for it in plan.waiting])
    await _delete_all(session, InboxRow, [*released_keys, *versions, *(it.key for it in plan.destroyed)])
    await insert_rows(session, InboxRow, "key", waiting_rows, versions)
    await session.execute(delete(UsedKeyRow).where(UsedKeyRow.until < str(closing)))
    await _note_used(session, released_keys, closing)


async def keep(session: AsyncSession, plan: ReleasePlan, new_rows: NewRows) -> None:
    if plan.yearly:
        # Damaged ones too: no later year needs them, and nobody's answers are kept longer than promised.
        await session.execute(delete(BatchedRow))
    else:
        await _delete_all(session, BatchedRow, new_rows.replaced_keys)
    await insert_rows(session, BatchedRow, "key", new_rows.kept_rows)


async def forget_all_until(session: AsyncSession, plan: ReleasePlan, last: Period) -> None:
    """Destroy whatever counts from these quarters: some of it was let out, and nobody can tell which."""
    members = [it for planned in plan.pulses for it in planned.members]
    keys = [it.key for it in (*members, *plan.waiting, *plan.destroyed) if it.counted <= last]
    await _delete_all(session, InboxRow, keys)
    await session.execute(delete(BatchedRow))
    await _note_used(session, keys, last)


async def insert_rows(
    session: AsyncSession, table: Any, key: str, spool: Spool, versions: dict[bytes, int | None] | None = None
) -> None:
    """Insert every row of a spool; those of the inbox with the version they had."""
    for rows in spool.by_key():
        values: list[dict[str, Any]] = [{key: name, "sealed": it} for name, it in rows]
        if versions is not None:
            values = [{**it, "version": versions[it[key]]} for it in values]
        # The plain table: what the mapper keeps of a row takes as long as the row does.
        await session.execute(insert(table.__table__), values)


async def _versions(session: AsyncSession, keys: Sequence[bytes]) -> dict[bytes, int | None]:
    versions: dict[bytes, int | None] = {}
    for chunk in in_chunks(keys):
        rows = await session.execute(select(InboxRow.key, InboxRow.version).where(InboxRow.key.in_(chunk)))
        versions.update((key, version) for key, version in rows)
    return versions


async def _delete_all(session: AsyncSession, table: Any, keys: Sequence[bytes]) -> None:
    for chunk in in_chunks(keys):
        await session.execute(delete(table).where(table.key.in_(chunk)))


async def _note_used(session: AsyncSession, keys: Sequence[bytes], closing: Period) -> None:
    """In the order of the keys, which is no order of arrival."""
    until = str(closing + USED_KEY_QUARTERS)
    for chunk in in_chunks(sorted(keys)):
        await session.execute(insert(UsedKeyRow), [{"key": key, "until": until} for key in chunk])
