"""Open the database; one transaction per request."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

PATIENCE_MS = 20_000
"""How long one waits for another's lock: whoever sends meanwhile waits behind."""
_SQLITE = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # the thank-you is sent only after the row is on disk
    "PRAGMA secure_delete=ON",  # a deleted sealed row is overwritten, not just unlinked
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={PATIENCE_MS}",
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
        modes: dict[str, Any] = {_READING: True} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            await session.connection(execution_options=modes)
            yield session

    async def overwrite_freed_pages(self) -> None:
        """Rewrite the database without what was deleted and empty the write-ahead log.

        Raises TimeoutError while somebody else reads or writes; trying again later does no harm.

        PostgreSQL rewrites each table file; its write-ahead segments age out by its own settings
        (docs/architecture.md says what that gives to whom).
        """
        async with self.engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
            try:
                busy = await (_compact_file(connection) if self.is_sqlite else _rewrite_tables(connection))
            except DBAPIError as error:
                if not _is_locked(error):
                    raise
                busy = True
        if busy:
            raise TimeoutError("Somebody is reading; what was deleted is not overwritten yet.")

    async def close(self) -> None:
        await self.engine.dispose()


async def insert_if_new(session: AsyncSession, table: Any, **row: Any) -> bool:
    """Insert a row unless one with its primary key is there. Returns whether it is new."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    insertion = dialect.insert(table).values(row).on_conflict_do_nothing()
    return bool((await session.execute(insertion)).rowcount)  # type: ignore[attr-defined]


_READING = "reading"
_LOCKED = "55P03"
"""What PostgreSQL calls a lock that was not to be had in time."""


async def _compact_file(connection: AsyncConnection) -> bool:
    """Returns whether a reader kept the log from being emptied."""
    await connection.execute(text("VACUUM"))
    return bool((await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar_one())


async def _rewrite_tables(connection: AsyncConnection) -> bool:
    await connection.execute(text(f"SET lock_timeout = {PATIENCE_MS}"))
    try:
        for table in ("inbox", "batched"):
            await connection.execute(text(f"VACUUM FULL {table}"))
    finally:
        await connection.execute(text("RESET lock_timeout"))
    return False


def _is_locked(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(error.orig, "sqlstate", None) == _LOCKED


def _prepare(connection: Any, _: Any) -> None:
    # The driver's own transactions would let a failing migration leave half of itself behind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN" if options.get(_READING) else "BEGIN IMMEDIATE")
