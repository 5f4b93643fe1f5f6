"""Files of results as tests read them back: by their heads, as texts."""

import csv
import io
import zipfile

import openpyxl

from analysis.publishing.viewers import parse
from feedback.results.exports import Export
from feedback.results.selections import parse as parse_selection


def csv_cells(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))


def by_heads(header, lines) -> list[dict[str, str]]:
    """Lines as texts by head; a number as it is written, an empty cell as nothing."""
    texts = ([("" if cell is None else str(cell)) for cell in line] for line in lines)
    return [dict(zip(header, line, strict=True)) for line in texts]


def csv_lines(raw: bytes) -> list[dict[str, str]]:
    header, *lines = csv_cells(raw)
    return by_heads(header, lines)


def xlsx_lines(raw: bytes) -> dict[str, list[dict[str, str]]]:
    """By sheet its lines."""
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    return {title: by_heads(header, lines) for title, (header, *lines) in sheets.items()}


def zipped(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def exported(sandbox, viewer, kind, choice=(), *, made_up=False) -> bytes:
    """A file as a viewer is given it."""

    async def read(deployment):
        export = Export(
            database=deployment.database,
            viewer=parse(viewer),
            made_up=made_up,
            selection=parse_selection(choice),
        )
        return b"".join([piece async for piece in export.pieces(kind)])

    return sandbox.run(read)
