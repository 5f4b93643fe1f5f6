"""Where a person can be found again, and how far that order follows arrival (Spearman's rank correlation)."""

import base64
import contextlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

Row = dict[str, Any]
HIDDEN = ("xmin", "cmin", "xmax", "ctid")
"""What PostgreSQL keeps with every row besides its columns."""
_NUMBERS = ", ".join(
    f"{it}::text AS {it}" if it == "ctid" else f"{it}::text::bigint AS {it}" for it in HIDDEN
)


def ranks(values: Sequence) -> list[float]:
    """The rank of each value; equal ones share the middle of their ranks, as do those that are missing."""
    ordered = sorted(values, key=lambda it: (it is not None, 0 if it is None else it))
    first = {value: at for at, value in reversed(list(enumerate(ordered)))}
    count = {value: ordered.count(value) for value in first}
    return [first[value] + (count[value] - 1) / 2 for value in values]


def follows(values: Sequence) -> float:
    """How far values, given in order of arrival, follow it: 1 for wholly, 0 where all are equal."""
    middle = (len(values) - 1) / 2
    apart = [(at - middle, rank - middle) for at, rank in enumerate(ranks(values))]
    spread = sum(rank**2 for _, rank in apart) * sum(at**2 for at, _ in apart)
    return sum(at * rank for at, rank in apart) / spread**0.5 if spread else 0.0


def order_of(persons: Iterable[int | None]) -> list[int]:
    """Where each person stands in what was found; rows of nobody in question count for nothing."""
    people = [person for person in persons if person is not None]
    where = {person: at for at, person in enumerate(people)}
    assert len(where) == len(people)
    return [where[person] for person in range(len(people))]


class Table(msgspec.Struct, frozen=True):
    """A table of which every row can be recognised by whoever holds all private keys."""

    name: str
    person: Callable[[Row], int | None]

    def by_arrival(self, rows: Sequence[Row]) -> list[Row]:
        """The rows of the people in question, in order of arrival."""
        by_person = {person: row for row in rows if (person := self.person(row)) is not None}
        return [by_person[person] for person in sorted(by_person)]

    def look(self, rows: Sequence[Row]) -> dict[str, float]:
        """As the rows come, and by every column."""
        looks = {"as it comes": follows(order_of(map(self.person, rows)))}
        ordered = self.by_arrival(rows)
        return looks | {f"by {column}": follows([row[column] for row in ordered]) for column in ordered[0]}


def lies(content: bytes, rows: Sequence[Row]) -> dict[str, float]:
    """Where in a file each long value begins and ends, every copy of it (a key is in two tables)."""
    looks = {}
    for column in (name for name, value in rows[0].items() if isinstance(value, bytes)):
        ends = {"begins": [row[column][:16] for row in rows]}
        if len(rows[0][column]) > 32:  # so long that a database may keep its end elsewhere
            ends["ends"] = [row[column][-16:] for row in rows]
        for end, pieces in ends.items():
            places = [_places(content, piece) for piece in pieces]
            once_or_twice = [{1}, {2}] if column == "key" else [{1}]
            assert {len(it) for it in places} in once_or_twice, f"an old copy of some {column} was left"
            for number, copies in enumerate(zip(*places, strict=True), start=1):
                looks[f"copy {number} of its {column} {end} in the file"] = follows(copies)
    return looks


def _places(content: bytes, piece: bytes) -> list[int]:
    places, at = [], content.find(piece)
    while at >= 0:
        places.append(at)
        at = content.find(piece, at + 1)
    return places


class OnSqlite:
    """What a thief of the home folder has. Without a row number of its own a table cannot be read by one."""

    def __init__(self, sandbox) -> None:
        self.file = sandbox.settings.home / "feedback.db"

    def rows(self, table: Table) -> list[Row]:
        with contextlib.closing(sqlite3.connect(self.file)) as connection:
            connection.row_factory = sqlite3.Row
            with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
                connection.execute(f"SELECT rowid FROM {table.name}")
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table.name}")]

    def on_disk(self, table: Table, rows: Sequence[Row]) -> dict[str, float]:
        """In the file of the database; the write-ahead log beside it, while a door is open, holds none."""
        ordered = table.by_arrival(rows)
        log_file = Path(f"{self.file}-wal")
        log = log_file.read_bytes() if log_file.exists() else b""
        assert not any(
            value[:16] in log for row in ordered for value in row.values() if isinstance(value, bytes)
        )
        return lies(self.file.read_bytes(), ordered)


class OnPostgresql:
    """What a thief has who also reads hidden columns, the pieces of long values and the tables' own files."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox

    def ask(self, query: str) -> list[Row]:
        async def fetch(session):
            return [dict(row._mapping) for row in await session.execute(text(query))]

        return self.sandbox.in_transaction(fetch)

    def rows(self, table: Table) -> list[Row]:
        return [_placed(row) for row in self.ask(f"SELECT *, {_NUMBERS} FROM {table.name}")]

    def on_disk(self, table: Table, rows: Sequence[Row]) -> dict[str, float]:
        ordered = table.by_arrival(rows)
        where = f"FROM pg_class WHERE oid = '{table.name}'::regclass"
        (place,) = self.ask(
            f"SELECT reltoastrelid::regclass::text AS pieces, current_setting('data_directory') AS folder, "
            f"pg_relation_filepath(oid) AS own, pg_relation_filepath(reltoastrelid) AS beside {where}"
        )
        self.sandbox.run(_write_out)
        files = [Path(place["folder"], it) for it in (place["own"], place["beside"]) if it]
        plain = [{name: it for name, it in row.items() if isinstance(it, bytes)} for row in ordered]
        return {
            **lies(b"".join(it.read_bytes() for it in files), plain),
            **self._pieces(place["pieces"], ordered),
        }

    def _pieces(self, table: str, ordered: Sequence[Row]) -> dict[str, float]:
        """PostgreSQL keeps a long value in pieces elsewhere, and numbers long values as they come."""
        if table == "-":
            return {}
        query = f"SELECT chunk_id::bigint AS number, chunk_data, {_NUMBERS} FROM {table} WHERE chunk_seq = 0"
        pieces = {row.pop("chunk_data")[:16]: _placed(row) for row in self.ask(query)}
        if not pieces:
            return {}
        rows = [pieces[row["sealed"][:16]] for row in ordered]
        return {f"its pieces by {column}": follows([row[column] for row in rows]) for column in rows[0]}


def _placed(row: Row) -> Row:
    return {**row, "ctid": tuple(map(int, row["ctid"].strip("()").split(",")))}


async def _write_out(deployment) -> None:
    async with deployment.database.engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("CHECKPOINT"))


def rows_of_backup(file: Path, table: str) -> list[Row]:
    """The rows of a table as they stand in a backup."""
    with zipfile.ZipFile(file) as archive:
        rows = json.loads(archive.read(f"tables/{table}.json"))
    byte_columns = ("key", "id", "sealed")
    return [{k: base64.b64decode(v) if k in byte_columns else v for k, v in row.items()} for row in rows]


def unzipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())
