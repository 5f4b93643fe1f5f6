"""Backup and restore: one file that holds everything but the private keys (feedback/operations/archives.py).

Sealed rows stay sealed in it. One that is older than a release of October to December still holds, sealed,
what was destroyed since: docs/operating.md says when to delete old backups.
"""

import base64
import datetime as dt
import json
import os
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Table, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.parameters import RULE_VERSION
from feedback.deployment import Deployment, make_missing_secret, read_staff_keys, upgrade
from feedback.operations.archives import Archive, BackupRefused, read_archive, write_archive
from feedback.settings import FILE, Settings
from feedback.staff.audit import record
from feedback.storage import keys
from feedback.storage.database import Database
from feedback.storage.facts import Fact, note
from feedback.storage.staff_tables import EVERY_TABLE

_FILES = (
    FILE,
    *(f"keys/{name}" for name in (keys.RELEASE_PUBLIC, keys.REVIEW_PUBLIC, keys.INBOX_SECRET)),
)
"""Named one by one: a private key under whatever name is never among them."""
_RELEASE_KEY = f"keys/{keys.RELEASE_PUBLIC}"
_DAMAGED = (
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,  # an encrypted part, a way of packing that is not ours, lists in lists in lists
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
_OF_THE_MOMENT = ("sessions", "tries", "used_challenges")
"""Tables that no backup holds: whoever was signed in then is not signed in again by a restore."""
_YOUNGER = ("instruments", "translations", "proposals", "recovery_codes", "passkeys", "batch_values")
"""Tables that backups of earlier versions do not have."""
_YOUNGER_COLUMNS = (
    "users.second_factor",
    "users.last_step",
    "programs.reading",
    "inbox.version",
    "used_keys.thrown_away",
)
"""Rows of earlier versions hold nothing there."""


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """What to compare after a restore."""

    fingerprint: str
    """Of the list of the backup's parts."""
    release_key: str
    is_checked: bool
    """Whether the list is known to be the one that was written."""


async def write_backup(deployment: Deployment, file: Path, operator: str) -> str:
    """Write a backup and return its fingerprint. Raises BackupRefused when the file is there already."""
    secret = read_staff_keys(deployment.settings)
    if file.exists():
        raise BackupRefused(f"{file} is there already; a backup never replaces another.")
    async with deployment.database.transaction() as session:
        await record(session, operator, "backup", file.name)
    # One moment for all tables: a release in between would leave its people both in the inbox and let out.
    async with deployment.database.snapshot() as session:
        tables = {table.name: await _dump(session, table) for table in _backed_up_tables()}
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as output:
        try:
            return write_archive(output, _parts(deployment.settings.home, tables), secret)
        except BaseException:
            file.unlink()
            raise


def _backed_up_tables() -> list[Table]:
    return [table for table in EVERY_TABLE.sorted_tables if table.name not in _OF_THE_MOMENT]


def _parts(home: Path, tables: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, bytes]]:
    for name, rows in tables.items():
        yield f"tables/{name}.json", json.dumps(rows, default=_plain).encode()
    for name in _FILES:
        yield f"home/{name}", (home / name).read_bytes()


async def _dump(session: AsyncSession, table: Any) -> list[dict[str, Any]]:
    """Rows by primary key, so that the order in the file is no order of arrival either."""
    rows = await session.execute(select(table).order_by(*table.primary_key))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - the documented way to a row's columns


def _plain(value: bytes | dt.date) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


async def read_backup(
    settings: Settings, file: Path, operator: str, fingerprint: str | None = None
) -> RestoreReport:
    """Restore a backup into an empty home. Raises BackupRefused.

    It is checked with the old staff secret, where that lies in the home already, and with the fingerprint
    that `backup` printed, where that is given.
    """
    if (settings.keys / keys.RELEASE_PUBLIC).exists():
        raise BackupRefused(
            f"There is a deployment in {settings.home} already; restore into an empty folder."
        )
    try:
        archive = read_archive(file)
        is_checked = _check(settings, file, archive, fingerprint)
        _check_rule(file, archive)
        tables, files = _read(archive)
        restored_settings = tomllib.loads(files[FILE].decode())
        release_key = bytes(keys.read_public(files[_RELEASE_KEY].decode()))
    except _DAMAGED as error:
        raise BackupRefused(f"{file} is not a backup, or a damaged one.") from error
    if "database_url" in restored_settings and not settings.database_url:
        # The restored settings would open that database, and what is restored here would lie unread.
        raise BackupRefused(
            "The backup's settings name a database; name the one to restore into in FEEDBACK_DATABASE_URL."
        )
    _make_private(settings.home)
    label = file.name if is_checked else f"{file.name}, not checked"
    await _fill(settings, file, tables, (operator, label))
    _make_private(settings.keys)
    for name, content in files.items():
        (settings.home / name).write_bytes(content)
    make_missing_secret(settings)
    for path in (settings.home / FILE, *settings.home.glob("feedback.db*"), *settings.keys.iterdir()):
        path.chmod(0o600)
    return RestoreReport(
        fingerprint=archive.fingerprint, release_key=keys.fingerprint(release_key), is_checked=is_checked
    )


def _make_private(folder: Path) -> None:
    """Before anything is in it, and also where it is there already for others to look into."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def _check(settings: Settings, file: Path, archive: Archive, fingerprint: str | None) -> bool:
    """Returns whether there was anything to check the backup with."""
    if fingerprint is not None and "".join(fingerprint.split()).lower() != archive.fingerprint.replace(
        " ", ""
    ):
        raise BackupRefused(f"{file} does not have this fingerprint but {archive.fingerprint}.")
    has_secret = (settings.keys / keys.STAFF_SECRET).exists()
    if has_secret and not archive.is_sealed_with(keys.read_staff_keys(settings.keys)):
        raise BackupRefused(
            f"{file} was changed since it was written, or the staff secret here is another deployment's."
        )
    return has_secret or fingerprint is not None


def _check_rule(file: Path, archive: Archive) -> None:
    for release in json.loads(archive.parts["tables/releases.json"]):
        if (rule := release["rule"]) != RULE_VERSION:
            raise BackupRefused(
                f"{file} holds a release under another version of the release rule ({rule}, not"
                f" {RULE_VERSION}), and no ledger of that version can be brought to this one: it was drawn"
                " with other noise than is promised now. Nothing was restored."
            )


def _read(archive: Archive) -> tuple[dict[Table, list[dict[str, Any]]], dict[str, bytes]]:
    parts = archive.parts
    rows_of = {
        table: json.loads(parts[f"tables/{table.name}.json"])
        for table in _backed_up_tables()
        if table.name not in _YOUNGER or f"tables/{table.name}.json" in parts
    }
    tables = {table: [_typed_row(table, row) for row in rows] for table, rows in rows_of.items()}
    return tables, {name: parts[f"home/{name}"] for name in _FILES}


async def _fill(
    settings: Settings, file: Path, tables: dict[Table, list[dict[str, Any]]], entry: tuple[str, str]
) -> None:
    """Make the tables and fill them, all in one transaction. `entry` is who restored what, for the log."""
    database = Database(settings.url)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(upgrade)
            await connection.run_sync(_insert, tables)
            async with AsyncSession(connection) as session:
                who, what = entry
                await record(session, who, "restore", what)
                await note(session, Fact.RESTORED, settings.today.isoformat())
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


def _typed_row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Turn the file's text back into what each column holds. Raises for anything else."""
    younger = {it.name: None for it in table.columns if str(it) in _YOUNGER_COLUMNS}
    cells = {**younger, **row}
    return {it.name: _value(it.type.python_type, cells[it.name]) for it in table.columns}


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
