"""Cells that a spreadsheet shows and never runs, and lines of them as CSV."""

import unicodedata
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
Cell = str | int | None
Part = tuple[Cell, ...]
"""Neighbouring cells that stand in many lines alike."""
Format = Literal["csv", "xlsx"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK = "'"
_SKIPPED = ("Zs", "Zl", "Zp", "Cc", "Cf")
"""What a spreadsheet may drop from the front of a cell before it looks for a formula: blanks, controls."""
_QUOTED = frozenset(',"\r\n')
_REMEMBERED = 10_000
"""More would take the memory of a file, which is written in little."""
_AT_ONCE = 300
"""Pieces that are joined before they are written: more would only take memory, and be slower for it."""


class Block(NamedTuple):
    """Lines that begin alike: those of one published row."""

    head: Part
    tails: Sequence[Sequence[Part]] = ((),)


def plain(cell: Cell) -> Cell:
    """Put an apostrophe before text that a spreadsheet might run.

    Text that has one already gets another, so that whoever drops one from each cell that begins with it has
    what was stored.
    """
    if isinstance(cell, str) and (cell.startswith(_MARK) or _may_run(cell)):
        return f"{_MARK}{cell}"
    return cell


def _may_run(text: str) -> bool:
    """Whether it begins like a formula, or would without quotes and what cannot be seen."""
    for character in text:
        if character in _FORMULA:
            return True
        if character != '"' and unicodedata.category(character) not in _SKIPPED:
            return False
    return False


class Written(dict[T, bytes]):
    """Cells, or parts, as a file has them, each written once: half a million lines hold some thousands."""

    def __init__(self, write: Callable[[T], bytes]) -> None:
        self._write = write

    def __missing__(self, content: T) -> bytes:
        if len(self) >= _REMEMBERED:
            self.clear()
        piece = self[content] = self._write(content)
        return piece


class Output(Protocol):
    """What takes bytes."""

    def write(self, content: bytes, /) -> int: ...


class Pieces:
    """What is on its way into a file, many lines at a time."""

    def __init__(self, file: Output) -> None:
        self._file = file
        self._pieces: list[bytes] = []

    def add(self, *pieces: bytes) -> None:
        self._pieces += pieces
        if len(self._pieces) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._file.write(b"".join(self._pieces))
        self._pieces.clear()


class Csv:
    """RFC 4180 CSV in UTF-8, as it is written. What cannot be written in UTF-8 becomes a question mark.

    It begins with the mark of UTF-8 (BOM): Excel takes a file without one for the machine's old code page,
    and shows every name beyond ASCII in other letters.
    """

    def __init__(self, file: Output, header: Part) -> None:
        self._pieces = Pieces(file)
        self._cell = Written(_csv_cell).__getitem__
        self._part = Written(self._cells).__getitem__
        file.write(BOM_UTF8)
        self.write([Block(header)])

    def write(self, blocks: Iterable[Block]) -> None:
        part = self._part
        for head, tails in blocks:
            start = part(head)
            lines = [b",".join((start, *map(part, tail))) for tail in tails]
            self._pieces.add(b"\r\n".join(lines), b"\r\n")
        self._pieces.flush()

    def _cells(self, cells: Part) -> bytes:
        return b",".join(map(self._cell, cells))


def _csv_cell(cell: Cell) -> bytes:
    text = "" if cell is None else str(plain(cell))
    if not _QUOTED.isdisjoint(text):
        text = '"{}"'.format(text.replace('"', '""'))
    return text.encode("utf-8", "replace")


def write_csv(file: Output, header: Part, lines: Iterable[Part]) -> None:
    """Write one whole CSV of lines of which none begins like another."""
    Csv(file, header).write(map(Block, lines))
