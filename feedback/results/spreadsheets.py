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
_AT_ONCE = 100
"""Texts that are joined before they are written: more would only take memory, and be slower for it."""


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


class Written(dict[T, str]):
    """Cells, or parts, as a file has them, each written once: half a million lines hold some thousands."""

    def __init__(self, write: Callable[[T], str]) -> None:
        self._write = write

    def __missing__(self, content: T) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        text = self[content] = self._write(content)
        return text


class Output(Protocol):
    """What takes bytes."""

    def write(self, content: bytes, /) -> int: ...


class Pieces:
    """Text on its way into a file, many lines at a time."""

    def __init__(self, file: Output) -> None:
        self._file = file
        self._texts: list[str] = []

    def add(self, text: str) -> None:
        self._texts.append(text)
        if len(self._texts) == _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._file.write("".join(self._texts).encode("utf-8", "replace"))
        self._texts.clear()


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
        for block in blocks:
            self._pieces.add(self._lines(block))
        self._pieces.flush()

    def _lines(self, block: Block) -> str:
        part = self._part
        head = part(block.head)
        return "".join([f"{','.join((head, *map(part, tail)))}\r\n" for tail in block.tails])

    def _cells(self, cells: Part) -> str:
        return ",".join(map(self._cell, cells))


def _csv_cell(cell: Cell) -> str:
    text = "" if cell is None else str(plain(cell))
    if _QUOTED.isdisjoint(text):
        return text
    return '"{}"'.format(text.replace('"', '""'))


def write_csv(file: Output, header: Part, lines: Iterable[Part]) -> None:
    """Write one whole CSV of lines of which none begins like another."""
    Csv(file, header).write(map(Block, lines))
