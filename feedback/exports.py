"""Published tables as CSV and XLSX: the same rows as on the pages, one line per figure."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from analysis.disclosure import NOT_RELEASED
from analysis.published import Row

COLUMNS = (
    "table", "release", "released_on", "batch", "filters", "origin", "n", "status",
    "measure", "value", "bound", "low", "high", "display",
)  # fmt: skip
MADE_UP = "MADE-UP ANSWERS FOR DEMONSTRATION"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(rows: Sequence[Row]) -> Iterator[tuple[str | int | None, ...]]:
    """One line per figure; a row without figures is one line that says why."""
    for row in rows:
        filters = "; ".join(f"{name}={_written(value)}" for name, value in row.filters.items())
        about = (
            row.table, row.release, row.released_on, row.batch, filters, row.origin, row.n, row.status,
        )  # fmt: skip
        if not row.figures:
            yield (*about, None, None, None, None, None, NOT_RELEASED if row.n is None else None)
        for it in row.figures:
            yield (*about, it.measure, it.value, it.bound, it.low, it.high, it.display)


def _written(value: object) -> str:
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)


def plain(cell: str | int | None) -> str | int | None:
    """Keep a spreadsheet from running a cell: text that begins like a formula gets an apostrophe."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def write_csv(file: BinaryIO, rows: Sequence[Row], *, made_up: bool) -> None:
    """Write RFC 4180 CSV in UTF-8. Made-up answers say so in a column of their own."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    note = ("note",) if made_up else ()
    writer.writerow([*COLUMNS, *note])
    for line in lines(rows):
        writer.writerow([*map(plain, line), *([MADE_UP] if made_up else [])])
    text.detach()


def write_xlsx(file: BinaryIO, rows: Sequence[Row], *, made_up: bool) -> None:
    """Write one sheet with the lines of the CSV; every text is a text, never a formula or a link."""
    import xlsxwriter

    told = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(file, told) as book:
        sheet = book.add_worksheet("Published tables")
        bold = book.add_format({"bold": True})
        header = [*COLUMNS, *(["note"] if made_up else [])]
        sheet.write_row(0, 0, header, bold)
        for number, line in enumerate(lines(rows), start=1):
            sheet.write_row(number, 0, [*line, *([MADE_UP] if made_up else [])])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header), 14)
