"""Backup and restore: one zip that holds everything but the private keys.

Sealed rows stay sealed in it. A backup older than a language close still holds what was destroyed since,
sealed: docs/operating.md says when to delete old backups.
"""

import base64
import datetime as dt
import json
import os
import tomllib
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Column, Connection, Table, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import keys
from feedback.audit import record
from feedback.database import Database
from feedback.deployment import Deployment, make_missing_secret, upgrade
from feedback.settings import FILE, Settings
from feedback.tables import Base

_FORMAT = "heard-backup-1"
_FILES = (
    FILE,
    *(f"keys/{name}" for name in (keys.RELEASE_PUBLIC, keys.REVIEW_PUBLIC, keys.INBOX_SECRET)),
)
"""Named one by one: a private key under whatever name is never among them."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, TypeError, ValueError, AttributeError)
_OF_THE_MOMENT = ("sessions", "tries", "used_challenges")
"""Tables that no backup holds: whoever was signed in then is not signed in again by a restore."""
_YOUNGER = ("instruments", "translations", "recovery_codes", "passkeys")
"""Tables that backups of earlier versions do not have."""
_YOUNGER_COLUMNS = ("users.second_factor", "users.last_step")


class BackupRefused(Exception):
    """A backup cannot be written or restored; nothing was changed."""


async def write_backup(deployment: Deployment, file: Path, operator: str) -> None:
    """Write a backup. Raises BackupRefused when the file is there already."""
    if file.exists():
        raise BackupRefused(f"{file} is there already; a backup never replaces another.")
    async with deployment.database.transaction() as session:
        await record(session, operator, "backup", file.name)
    # One moment for all tables: a release in between would leave its people both in the inbox and let out.
    async with deployment.database.snapshot() as session:
        tables = {table.name: await _dump(session, table) for table in _kept()}
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        try:
            _write(deployment.settings.home, opened, tables)
        except BaseException:
            file.unlink()
            raise


def _kept() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in _OF_THE_MOMENT]


def _write(home: Path, opened: IO[bytes], tables: dict[str, list[dict[str, Any]]]) -> None:
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("format", _FORMAT)
        for name, rows in tables.items():
            archive.writestr(f"tables/{name}.json", json.dumps(rows, default=_plain))
        for name in _FILES:
            archive.writestr(f"home/{name}", (home / name).read_bytes())


async def _dump(session: AsyncSession, table: Any) -> list[dict[str, Any]]:
    """Rows by primary key, so that the order in the file is no order of arrival either."""
    rows = await session.execute(select(table).order_by(*table.primary_key))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - the documented way to a row's columns


def _plain(value: bytes | dt.date) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


async def read_backup(settings: Settings, file: Path, operator: str) -> None:
    """Restore a backup into an empty home. Raises BackupRefused."""
    if (settings.keys / keys.RELEASE_PUBLIC).exists():
        raise BackupRefused(
            f"There is a deployment in {settings.home} already; restore into an empty folder."
        )
    try:
        tables, files = _read(file)
        told = tomllib.loads(files[FILE].decode())
    except _DAMAGED as error:
        raise BackupRefused(f"{file} is not a backup, or a damaged one.") from error
    if "database_url" in told and not settings.database_url:
        # The restored settings would open that database, and what is restored here would lie unread.
        raise BackupRefused(
            "The backup's settings name a database; name the one to restore into in FEEDBACK_DATABASE_URL."
        )
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    await _fill(settings, file, tables, operator)
    for name, content in files.items():
        path = settings.home / name
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(content)
    make_missing_secret(settings)


def _read(file: Path) -> tuple[dict[Table, list[dict[str, Any]]], dict[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        if archive.read("format").decode() != _FORMAT:
            raise BackupRefused(f"{file} is a backup of another version.")
        found = {
            table: json.loads(archive.read(f"tables/{table.name}.json"))
            for table in _kept()
            if table.name not in _YOUNGER or f"tables/{table.name}.json" in archive.namelist()
        }
        typed = {table: [_typed(table, row) for row in rows] for table, rows in found.items()}
        return typed, {name: archive.read(f"home/{name}") for name in _FILES}


async def _fill(
    settings: Settings, file: Path, tables: dict[Table, list[dict[str, Any]]], operator: str
) -> None:
    """Make the tables and fill them, all in one transaction."""
    database = Database(settings.url)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(upgrade)
            await connection.run_sync(_insert, tables)
            async with AsyncSession(connection) as session:
                await record(session, operator, "restore", file.name)
    except IntegrityError as error:
        raise BackupRefused(f"{file} is a damaged backup; nothing was restored.") from error
    finally:
        await database.close()


def _insert(connection: Connection, tables: dict[Table, list[dict[str, Any]]]) -> None:
    for table, rows in tables.items():
        if connection.execute(select(table).limit(1)).first():
            raise BackupRefused(f"The database holds {table.name} already; restore into an empty one.")
        if rows:
            connection.execute(insert(table), rows)
        if table.autoincrement_column is not None and connection.dialect.name == "postgresql":
            _count_on(connection, table, table.autoincrement_column)


def _count_on(connection: Connection, table: Table, number: Column[Any]) -> None:
    """PostgreSQL numbers new rows from a counter of its own, which knows nothing of the rows restored."""
    counter = func.pg_get_serial_sequence(table.name, number.name)
    following = select(func.coalesce(func.max(number), 0) + 1).scalar_subquery()
    connection.execute(select(func.setval(counter, following, False)))


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Turn the file's text back into what each column holds. Raises for anything else."""
    unsaid = {it.name: None for it in table.columns if str(it) in _YOUNGER_COLUMNS}
    told = {**unsaid, **row}
    return {it.name: _value(it.type.python_type, told[it.name]) for it in table.columns}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if kind is bytes:
        return base64.b64decode(value, validate=True)
    if kind in (dt.date, dt.datetime):
        return kind.fromisoformat(value)
    if not isinstance(value, kind):
        raise TypeError(f"a column of {kind.__name__} holds something else")
    return value
