"""Every day the inbox is rewritten in random order: bytes on a disk otherwise follow arrival.

The survey door looks when it opens and every hour whether anything waits or not, so that what it does says
nothing about who answered. On SQLite rewriting lays the rows out by their random keys. PostgreSQL also counts
up in every row (xmin, cmin, ctid, the chunks of a long value): there every row is taken out and put back.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.settings import Settings
from feedback.storage.compaction import finish_compaction
from feedback.storage.database import PATIENCE_MS, Database
from feedback.storage.facts import Fact, note, read_fact

HOUR = 3_600
_SHUFFLE = (
    f"SET LOCAL lock_timeout = {PATIENCE_MS}",
    # Whoever sends or releases waits: a release would pass over a row that is out at that moment.
    "LOCK TABLE inbox IN EXCLUSIVE MODE",
    # The sort holds back the first row that goes in until the last one is out.
    """
    WITH taken AS (DELETE FROM inbox RETURNING key, sealed, version)
    INSERT INTO inbox (key, sealed, version) SELECT * FROM taken ORDER BY gen_random_uuid()
    """,
)


@asynccontextmanager
async def daily_rewriting(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Rewrite once a day until the block ends; what has begun by then is finished first."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_look_every_hour(database, settings, stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def _look_every_hour(database: Database, settings: Settings, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        # Whatever it was, the door stays open and tries again; `doctor` says so when it goes on for days.
        with suppress(Exception):
            await rewrite(database, settings.today)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), HOUR)


async def rewrite(database: Database, today: dt.date) -> None:
    """Rewrite unless it was done today. Of several doors the first to note the day does it.

    Raises TimeoutError while somebody reads; then the next look overwrites what is left.
    """
    async with database.transaction() as session:
        if await note(session, Fact.INBOX_REWRITTEN, today.isoformat()):
            for command in () if database.is_sqlite else _SHUFFLE:
                await session.execute(text(command))
            await note(session, Fact.COMPACTION_DUE, today.isoformat())
    await finish_compaction(database)


async def last_rewritten(session: AsyncSession) -> dt.date | None:
    day = await read_fact(session, Fact.INBOX_REWRITTEN)
    return dt.date.fromisoformat(day) if day else None
