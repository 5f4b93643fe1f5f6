"""Overwriting what was deleted, once nobody reads: a deleted row lies in its file until then."""

from feedback.storage.database import Database
from feedback.storage.facts import Fact, forget, read_fact


async def finish_compaction(database: Database) -> None:
    """Overwrite what was deleted, also by one who was killed right after. Raises TimeoutError."""
    async with database.snapshot() as session:
        due = await read_fact(session, Fact.COMPACTION_DUE)
    if due is None:
        return
    await database.overwrite_freed_pages()
    async with database.transaction() as session:
        # Not one that was noted meanwhile: what that is about may not be overwritten.
        await forget(session, Fact.COMPACTION_DUE, due)
