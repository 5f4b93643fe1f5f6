"""A Data Package: CSVs beside a file that says what each column of them holds.

Source: the Data Package standard, version 2 (https://datapackage.org/standard/data-package/).
"""

import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import msgspec

from feedback.results.columns import BETWEEN, Column, Sheet
from feedback.results.meanings import MADE_UP_NOTE, NOTES
from feedback.results.spreadsheets import Block, Csv

DESCRIPTOR = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TITLE = "Feedback on programs of Los Angeles County's plan against child trafficking"
_NO_LICENCE = {
    "name": "notspecified",
    "title": "No licence is granted: ask the County of Los Angeles before you pass these files on",
}
_PLAN = {
    "title": "Los Angeles County Five-Year Strategic Plan to Prevent and Address Child Trafficking 2025-2030"
}


class _Counted:
    """A file that is written through, and known by its size and digest afterwards."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.size += len(content)
        self.digest.update(content)
        self._file.write(content)
        return len(content)

    def close(self) -> None:
        self._file.close()


class Package:
    """An archive of CSVs, one for each sheet, and the file that describes them."""

    def __init__(self, file: BinaryIO, *, made_up: bool) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._made_up = made_up
        self._resources: list[dict[str, Any]] = []
        self._file: _Counted | None = None

    def begin(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._file = _Counted(self._zip.open(_path(sheet), "w", force_zip64=True))
        self._csv = Csv(self._file, sheet.header)

    def write(self, blocks: Iterable[Block]) -> None:
        self._csv.write(blocks)

    def end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._resources.append(_resource(self._sheet, self._file))
            self._file = None

    def close(self) -> None:
        """Describe what was written. A second time it does nothing."""
        self.end()
        if self._zip.fp is None:
            return
        descriptor = describe(self._resources, made_up=self._made_up)
        with self._zip.open(DESCRIPTOR, "w") as part:
            part.write(msgspec.json.format(msgspec.json.encode(descriptor)))
        self._zip.close()


def describe(resources: Sequence[dict[str, Any]], *, made_up: bool) -> dict[str, Any]:
    """Say of the whole package what it is, whose, and what is promised."""
    notes = [*((MADE_UP_NOTE,) if made_up else ()), *NOTES.values()]
    return {
        "$schema": _PROFILE,
        "name": "heard-results",
        "title": f"{_TITLE}{' (made up)' if made_up else ''}",
        "description": "\n\n".join(f"{it.name}: {it.text}" for it in notes),
        "made_up": made_up,
        "licenses": [_NO_LICENCE],
        "sources": [_PLAN, {"title": "Answers that people gave, and what programs report of their work"}],
        "resources": list(resources),
    }


def _resource(sheet: Sheet, file: _Counted) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "type": "table",
        "path": _path(sheet),
        "title": sheet.title,
        "description": sheet.text,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.digest.hexdigest()}",
        "schema": {"fields": [_field(it) for it in sheet.columns], "missingValues": [""]},
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": column.kind,
        "title": column.title,
        "description": column.text,
    }
    if column.kind == "list":
        field["delimiter"] = BETWEEN
    constraints: dict[str, Any] = {"required": True} if column.is_required else {}
    if column.codes:
        constraints["enum"] = list(column.codes)
    if column.pattern:
        constraints["pattern"] = column.pattern
    return {**field, "constraints": constraints} if constraints else field


def _path(sheet: Sheet) -> str:
    return f"{sheet.name}.csv"
