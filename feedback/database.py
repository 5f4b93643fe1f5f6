"""Open the database; one transaction per request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

_SQLITE = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # the thank-you is sent only after the row is on disk
    "PRAGMA secure_delete=ON",  # a deleted sealed row is overwritten, not just unlinked
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=20000",
)


class Database:
    """One engine, SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine: AsyncEngine = create_async_engine(url)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare)
            event.listen(self.engine.sync_engine, "begin", _begin)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Everything inside is stored together or not at all.

        On SQLite it is the only writer from its first moment: one that began by reading would be refused
        as soon as anybody else had written in between.
        """
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """Everything read inside is as it was at one moment, and nobody who writes has to wait for it."""
        told: dict[str, Any] = {_READING: True} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            await session.connection(execution_options=told)
            yield session

    async def overwrite_freed_pages(self) -> None:
        """Rewrite the database without what was deleted and empty the write-ahead log.

        Raises TimeoutError while another reader keeps the log from being emptied.

        PostgreSQL rewrites each table file; its write-ahead segments age out by its own settings
        (docs/architecture.md says what that gives to whom).
        """
        async with self.engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
            for command in _COMPACT if self.is_sqlite else _REWRITE:
                await connection.execute(text(command))
            if self.is_sqlite:
                busy = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar_one()
                if busy:
                    raise TimeoutError("Somebody is reading; what was deleted is not overwritten yet.")

    async def close(self) -> None:
        await self.engine.dispose()


async def insert_if_new(session: AsyncSession, table: Any, **row: Any) -> bool:
    """Insert a row unless one with its primary key is there. Returns whether it is new."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    stored = await session.execute(dialect.insert(table).values(row).on_conflict_do_nothing())
    return bool(stored.rowcount)  # type: ignore[attr-defined]


_READING = "reading"
_COMPACT = ("VACUUM",)
_REWRITE = ("VACUUM FULL inbox", "VACUUM FULL batched")


def _prepare(connection: Any, _: Any) -> None:
    # The driver's own transactions would let a failing migration leave half of itself behind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Any) -> None:
    told = connection.get_execution_options()
    if told.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN" if told.get(_READING) else "BEGIN IMMEDIATE")
