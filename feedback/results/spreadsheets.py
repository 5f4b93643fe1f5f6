"""Rows as CSV and XLSX that a spreadsheet shows and never runs."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Literal

Cell = str | int | None
Format = Literal["csv", "xlsx"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK = "'"
_SKIPPED = ("Zs", "Zl", "Zp", "Cc", "Cf")
"""What a spreadsheet may drop from the front of a cell before it looks for a formula: blanks, controls."""
LONGEST_CELL = 32_767
"""Excel's own limit, in units of UTF-16; XlsxWriter leaves a longer text out without a word."""
MOST_ROWS = 1_048_576
_CUT = " … (cut: a cell holds no more; the CSV has all of it)"


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


def write_csv(file: BinaryIO, header: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    """Write RFC 4180 CSV in UTF-8. What cannot be written in UTF-8 becomes a question mark.

    It begins with the mark of UTF-8 (BOM): Excel takes a file without one for the machine's old code page,
    and shows every name beyond ASCII in other letters.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    for line in lines:
        writer.writerow(map(plain, line))
    text.detach()


def write_xlsx(file: BinaryIO, title: str, header: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    """Write the lines as texts and numbers, never as a formula or a link, on as many sheets as they need."""
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        sheet = _new_sheet(book, title, header, bold)
        row = 0
        for line in lines:
            row += 1
            if row == MOST_ROWS:
                sheet, row = _new_sheet(book, f"{title} {len(book.worksheets()) + 1}", header, bold), 1
            for column, cell in enumerate(line):
                _write(sheet, row, column, cell)


def _new_sheet(book: Any, title: str, header: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet(title)
    sheet.write_row(0, 0, header, bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header), 14)
    return sheet


def _write(sheet: Any, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, _fitting(cell))
    elif cell is not None:
        sheet.write_number(row, column, cell)


def _fitting(text: str) -> str:
    """The text as a cell can hold it; one that is cut says so."""
    if text.isascii() and len(text) <= LONGEST_CELL:
        return text
    units = text.encode("utf-16-le", "replace")
    if len(units) > 2 * LONGEST_CELL:
        units = units[: 2 * (LONGEST_CELL - len(_CUT))]
        return units.decode("utf-16-le", "ignore") + _CUT
    return units.decode("utf-16-le")
