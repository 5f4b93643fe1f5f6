"""Published tables and the audit log as CSV and XLSX: the rows of the pages, one line per figure or entry."""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from analysis.publishing.rows import Row
from feedback.results import spreadsheets
from feedback.results.spreadsheets import Cell, Format
from feedback.staff.audit import LogEntry

COLUMNS = (
    "table", "release", "released_on", "batch", "filters", "origin", "n", "status",
    "measure", "value", "low", "high", "display", "n_details", "detail_periods",
)  # fmt: skip
NOTHING = "Nothing here can be told from chance"
"""A row of answers without a figure: no theme came up often enough, or a survey without a scale."""
LOG_COLUMNS = ("entry", "at_utc", "who", "action", "object", "hash")
MADE_UP = "MADE-UP ANSWERS FOR DEMONSTRATION"


def lines(rows: Sequence[Row]) -> Iterator[tuple[Cell, ...]]:
    """One line per figure; a row without figures is one line that says why."""
    for row in rows:
        filters = "; ".join(f"{name}={_filter_text(value)}" for name, value in row.filters.items())
        about = (
            row.table, row.release, row.released_on, row.batch, filters, row.origin, row.n, row.status,
        )  # fmt: skip
        details = (row.n_details, "|".join(row.detail_periods) or None)
        if not row.figures:
            yield (*about, None, None, None, None, row.cause or NOTHING, *details)
        for it in row.figures:
            yield (*about, it.measure, it.value, it.low, it.high, it.display, *details)


def _filter_text(value: object) -> str:
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)


def write_csv(file: BinaryIO, rows: Sequence[Row], *, made_up: bool) -> None:
    """Write RFC 4180 CSV in UTF-8. Made-up answers say so in a column of their own."""
    spreadsheets.write_csv(file, _header(made_up=made_up), _noted_lines(rows, made_up=made_up))


def write_xlsx(file: BinaryIO, rows: Sequence[Row], *, made_up: bool) -> None:
    """Write one sheet with the lines of the CSV."""
    header = _header(made_up=made_up)
    spreadsheets.write_xlsx(file, "Published tables", header, _noted_lines(rows, made_up=made_up))


def write_log(file: BinaryIO, entries: Iterable[LogEntry], kind: Format) -> None:
    """Write the audit log, oldest entry first, with all that its chain is recomputed from."""
    log_lines = ((it.id, it.at.isoformat(), it.who, it.action, it.object, it.hash) for it in entries)
    if kind == "csv":
        spreadsheets.write_csv(file, LOG_COLUMNS, log_lines)
    else:
        spreadsheets.write_xlsx(file, "Audit log", LOG_COLUMNS, log_lines)


def _header(*, made_up: bool) -> tuple[str, ...]:
    return (*COLUMNS, "note") if made_up else COLUMNS


def _noted_lines(rows: Sequence[Row], *, made_up: bool) -> Iterator[tuple[Cell, ...]]:
    return ((*line, MADE_UP) if made_up else line for line in lines(rows))
