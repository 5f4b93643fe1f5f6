"""Sealed rows between being made and being stored: in a nameless file, so that no release holds them all.

They are stored in the order of their keys, which are random: where a database keeps rows in the order in
which they came, that order says nothing, and a table that is sorted by key is filled from end to end.
"""

import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path

from feedback.inbox.sealing import SealedRow, in_chunks

_PARTS = 16
"""In so many parts the rows are put in order: the order of all at once would be as much memory again."""
_BEGIN = 8
"""Bytes of a key by which rows are ordered."""


class Spool:
    """Sealed rows, each of one size with the others. What is in the file no key on this disk opens."""

    def __init__(self, folder: Path) -> None:
        # Beside the database: the temporary folder may be memory, and small.
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the spool
        self._shape: tuple[int, int] | None = None
        self._begins = array("Q")

    @property
    def rows(self) -> int:
        return len(self._begins)

    def add(self, key: bytes, sealed: bytes) -> None:
        """Raises ValueError for a row of another size: it would stand out, and be read in two halves."""
        shape = len(key), len(sealed)
        if self._shape is None:
            self._shape = shape
        if shape != self._shape:
            raise ValueError(f"a row of {shape} bytes is among rows of {self._shape}.")
        self._file.write(key + sealed)
        self._begins.append(int.from_bytes(key[:_BEGIN]))

    def by_key(self) -> Iterator[list[SealedRow]]:
        """Every row once, in the order of the keys, some at a time."""
        begins, width = self._begins, (1 << 8 * _BEGIN) // _PARTS
        for part in range(_PARTS):
            order = [number for number, begin in enumerate(begins) if begin // width == part]
            order.sort(key=begins.__getitem__)
            for numbers in in_chunks(order):
                yield [self._row(number) for number in numbers]

    def _row(self, number: int) -> SealedRow:
        key, sealed = self._shape or (0, 0)
        self._file.seek(number * (key + sealed))
        row = self._file.read(key + sealed)
        return row[:key], row[key:]

    def close(self) -> None:
        self._file.close()
