"""Sealed rows between being made and being stored: in a nameless file, so that no release holds them all.

They are stored in random order. Where a database keeps rows in order of arrival, that order says nothing.
"""

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from feedback.inbox import SealedRow, in_chunks


class Spool:
    """Sealed rows, each of one size with the others. What is in the file no key on this disk opens."""

    def __init__(self, folder: Path) -> None:
        # Beside the database: the temporary folder may be memory, and small.
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the spool
        self._shape: tuple[int, int] | None = None
        self.rows = 0

    def add(self, key: bytes, sealed: bytes) -> None:
        """Raises ValueError for a row of another size: it would stand out, and be read in two halves."""
        shape = len(key), len(sealed)
        if self._shape is None:
            self._shape = shape
        if shape != self._shape:
            raise ValueError(f"a row of {shape} bytes is among rows of {self._shape}.")
        self._file.write(key + sealed)
        self.rows += 1

    def shuffled(self) -> Iterator[list[SealedRow]]:
        """Every row once, in random order, some at a time."""
        order = list(range(self.rows))
        secrets.SystemRandom().shuffle(order)
        for some in in_chunks(order):
            yield [self._row(number) for number in some]

    def _row(self, number: int) -> SealedRow:
        key, sealed = self._shape or (0, 0)
        self._file.seek(number * (key + sealed))
        whole = self._file.read(key + sealed)
        return whole[:key], whole[key:]

    def close(self) -> None:
        self._file.close()
