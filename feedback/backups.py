"""Backup and restore: one zip that holds everything but the private keys.

Sealed rows stay sealed in it. A backup older than a language close still holds what was destroyed since,
sealed: docs/operating.md says when to delete old backups.
"""

import base64
import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import keys
from feedback.audit import record
from feedback.database import Database
from feedback.deployment import Deployment, migrate
from feedback.settings import FILE, Settings
from feedback.tables import Base

_FORMAT = "heard-backup-1"


class BackupRefused(Exception):
    """A backup cannot be written or restored; nothing was changed."""


async def write_backup(deployment: Deployment, file: Path, operator: str) -> None:
    """Write a backup. Raises BackupRefused when the file is there already."""
    if file.exists():
        raise BackupRefused(f"{file} is there already; a backup never replaces another.")
    home = deployment.settings.home
    async with deployment.database.transaction() as session:
        await record(session, operator, "backup", file.name)
        tables = {table.name: await _dump(session, table) for table in Base.metadata.sorted_tables}
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("format", _FORMAT)
        for name, rows in tables.items():
            archive.writestr(f"tables/{name}.json", json.dumps(rows, default=_plain))
        for path in [home / FILE, *sorted(deployment.settings.keys.iterdir())]:
            if path.name not in keys.PRIVATE:
                archive.writestr(f"home/{path.relative_to(home)}", path.read_bytes())
    file.chmod(0o600)


async def _dump(session: AsyncSession, table: Any) -> list[dict[str, Any]]:
    """Rows by primary key, so that the order in the file is no order of arrival either."""
    rows = await session.execute(select(table).order_by(*table.primary_key))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - the documented way to a row's columns


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a backup")


async def read_backup(settings: Settings, file: Path) -> None:
    """Restore a backup into an empty home. Raises BackupRefused."""
    if settings.keys.exists():
        raise BackupRefused(
            f"There is a deployment in {settings.home} already; restore into an empty folder."
        )
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.read("format").decode() != _FORMAT:
                raise BackupRefused(f"{file} is a backup of another version.")
            tables = {
                table: json.loads(archive.read(f"tables/{table.name}.json"))
                for table in Base.metadata.sorted_tables
            }
            found = {name: archive.read(name) for name in archive.namelist() if name.startswith("home/")}
    except (zipfile.BadZipFile, KeyError) as error:
        raise BackupRefused(f"{file} is not a backup, or a damaged one.") from error
    await _fill(settings, tables)
    for name, content in found.items():
        path = settings.home / name.removeprefix("home/")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(content)


async def _fill(settings: Settings, tables: dict[Any, list[dict[str, Any]]]) -> None:
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.url)
    try:
        await migrate(database)
        async with database.transaction() as session:
            for table, rows in tables.items():
                if (await session.execute(select(table).limit(1))).first():
                    raise BackupRefused(
                        f"The database holds {table.name} already; restore into an empty one."
                    )
                if rows:
                    await session.execute(insert(table), [_typed(table, row) for row in rows])
    finally:
        await database.close()


def _typed(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Turn the file's text back into what each column holds."""
    return {name: _value(table.c[name].type.python_type, value) for name, value in row.items()}


def _value(kind: type, value: Any) -> Any:
    if value is None:
        return None
    if kind is bytes:
        return base64.b64decode(value)
    return kind.fromisoformat(value) if kind in (dt.date, dt.datetime) else value
