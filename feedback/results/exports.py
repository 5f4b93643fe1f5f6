"""Files of results and of the audit log: the rows of the pages, as they are written, piece by piece.

Nobody waits for somebody else's file, and none takes the memory of all of it: what a release published never
changes, so that it is read in a moment of its own, and a thread puts it into lines.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, BinaryIO, Literal, Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.viewers import Viewer
from feedback.results.columns import DICTIONARY, PROCESS, RESULTS, Sheet
from feedback.results.dictionary import entries
from feedback.results.naming import read_names
from feedback.results.packages import Package
from feedback.results.queries import read_measures, read_releases, read_tables
from feedback.results.selections import EVERYTHING, Selection
from feedback.results.spreadsheets import Block, Csv, Format, write_csv
from feedback.results.tidy import Tidy
from feedback.results.workbooks import Workbook, write_xlsx
from feedback.staff.audit import LogEntry
from feedback.storage.database import Database

Kind = Literal["results.csv", "measures.csv", "results.xlsx", "results.zip"]
LOG_COLUMNS = ("entry", "at_utc", "who", "action", "object", "hash")


class _Writer(Protocol):
    """What writes one sheet after another."""

    def begin(self, sheet: Sheet) -> None: ...

    def write(self, blocks: Iterable[Block]) -> None: ...

    def end(self) -> None: ...

    def close(self) -> None: ...


class _OneCsv:
    """A CSV is one sheet, the first."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def begin(self, sheet: Sheet) -> None:
        self._csv = Csv(self._file, sheet.header)

    def write(self, blocks: Iterable[Block]) -> None:
        self._csv.write(blocks)

    def end(self) -> None: ...

    def close(self) -> None: ...


class _Drain(io.RawIOBase):
    """A file that is taken away as it is written."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._pieces.append(bytes(content))
        return len(content)

    def take(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody takes away: of all that a viewer may read, what was chosen."""

    database: Database
    viewer: Viewer
    made_up: bool
    selection: Selection = EVERYTHING

    async def pieces(self, kind: Kind) -> AsyncIterator[bytes]:
        """Write a file and give it away as it grows."""
        drain: Any = _Drain()
        writer = self._writer(kind, drain)
        tidy = await self._tidy()
        # One thread, so that a file is closed after what is being written even when nobody waits any more.
        thread = ThreadPoolExecutor(1)
        writing = partial(asyncio.get_running_loop().run_in_executor, thread)
        try:
            for sheet in self._sheets(kind):
                await writing(writer.begin, sheet.noted if self.made_up else sheet)
                async for blocks in self._blocks(sheet, tidy):
                    await writing(writer.write, blocks)
                    yield drain.take()
                await writing(writer.end)
            await writing(writer.close)
            yield drain.take()
        finally:
            thread.submit(writer.close)
            thread.shutdown(wait=False)

    def _writer(self, kind: Kind, file: BinaryIO) -> _Writer:
        if kind == "results.xlsx":
            return Workbook(file)
        return Package(file, made_up=self.made_up) if kind == "results.zip" else _OneCsv(file)

    def _sheets(self, kind: Kind) -> Sequence[Sheet]:
        if kind in ("results.csv", "measures.csv"):
            return (RESULTS,) if kind == "results.csv" else (PROCESS,)
        results = (RESULTS,) if self.selection.tables else ()
        return (*results, *((PROCESS,) if self.selection.has_measures else ()), DICTIONARY)

    async def _tidy(self) -> Tidy:
        async with self.database.snapshot() as session:
            names = await read_names(session, self.viewer)
            releases = reversed(await read_releases(session))
        released_on = {it.period: it.released_on for it in releases}
        return Tidy(names=names, made_up=self.made_up, released_on=released_on)

    async def _blocks(self, sheet: Sheet, tidy: Tidy) -> AsyncIterator[Iterable[Block]]:
        if sheet is DICTIONARY:
            yield tidy.noted(entries(tidy))
            return
        of_release = self._results if sheet is RESULTS else self._measures
        for release in filter(self.selection.has_release, tidy.released_on):
            async with self.database.snapshot() as session:
                blocks = await of_release(session, tidy, release)
            yield blocks

    async def _results(self, session: AsyncSession, tidy: Tidy, release: str) -> Iterable[Block]:
        tables = self.selection.tables
        rows = await read_tables(session, self.viewer, release=release, tables=tables) if tables else ()
        return tidy.results(self.selection.rows(rows))

    async def _measures(self, session: AsyncSession, tidy: Tidy, release: str) -> Iterable[Block]:
        chosen = self.selection.has_measures
        measures = await read_measures(session, self.viewer, release) if chosen else ()
        return tidy.measures(self.selection.measures(measures))


def write_log(file: BinaryIO, log: Iterable[LogEntry], kind: Format) -> None:
    """Write the audit log, oldest entry first, with all that its chain is recomputed from."""
    lines = ((it.id, it.at.isoformat(), it.who, it.action, it.object, it.hash) for it in log)
    if kind == "csv":
        write_csv(file, LOG_COLUMNS, lines)
    else:
        write_xlsx(file, "Audit log", LOG_COLUMNS, lines)
