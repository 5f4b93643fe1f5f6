"""Reading an XLSForm with pyxform, and nothing that only looks like one.

A file comes from somebody's inbox: it may be damaged, huge, or made to be either. It is measured before it is
opened, and whatever breaks in a reader is one sentence.
"""

import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from surveys.xlsform import XlsFormRefused

T = TypeVar("T")

KINDS = (".xlsx", ".xls", ".csv", ".md")
LARGEST_FILE = 5_000_000
LARGEST_UNPACKED = 10_000_000
"""Bytes of all sheets together; a form of a thousand questions in ten languages takes about three million."""
MOST_ROWS = 5_000
LONGEST_CELL = 32_767
"""What a spreadsheet's own cell can hold."""
NAMELESS = "data"
"""What pyxform calls a form that has no id."""
ROW = "sheet_row"
"""A column of ours, so that whatever is said of a question names its row."""
_SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")


class XlsForm(msgspec.Struct, frozen=True):
    """An XLSForm as pyxform understands it, the name of its file, and which sheets it has."""

    name: str
    tree: dict[str, Any]
    sheets: tuple[str, ...]


def read_form(file: Path) -> XlsForm:
    """Read an XLSForm. Raises XlsFormRefused."""
    kind = file.suffix.lower()
    if kind not in KINDS:
        raise XlsFormRefused(f"{file}: an XLSForm is a file ending in {', '.join(KINDS)}.")
    if file.stat().st_size > LARGEST_FILE:
        raise XlsFormRefused(f"{file}: has more than {LARGEST_FILE // 1_000_000} MB; no form is that large.")
    raw = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if not raw.strip():
        raise XlsFormRefused(f"{file}: is empty.")
    if kind == ".xlsx":
        _check_archive(file, raw)
    book = _read_or_refuse(file, lambda: get_xlsform(raw, file_type=kind))
    _check_size(file, book)
    _number_rows(book)
    tree = _read_or_refuse(file, lambda: workbook_to_json(book, form_name=NAMELESS, warnings=[]))
    return XlsForm(file.stem, tree, tuple(name for name in _SHEETS if getattr(book, name)))


def _check_archive(file: Path, raw: bytes) -> None:
    """Refuse a small file that unpacks to a huge one, before anything of it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise XlsFormRefused(f"{file}: is damaged, or not what its name says.") from error
    if unpacked > LARGEST_UNPACKED:
        raise XlsFormRefused(f"{file}: unpacks to {unpacked // 1_000_000} MB; no form is that large.")


def _read_or_refuse(file: Path, read: Callable[[], T]) -> T:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about fonts and filters of a spreadsheet, never about questions
            return read()
    except PyXFormError as error:
        message = " ".join(str(error).split())
        if "not recognized as a supported type" in message:
            raise XlsFormRefused(f"{file}: is damaged, or not what its name says.") from error
        raise XlsFormRefused(f"{file}: is not a valid XLSForm: {message[:300].rstrip('.')}.") from error
    except Exception as error:  # a damaged file breaks its readers in whatever way it likes
        raise XlsFormRefused(f"{file}: is damaged, or not what its name says.") from error


def _check_size(file: Path, book: DefinitionData) -> None:
    rows = [row for name in _SHEETS for row in getattr(book, name) or ()]
    if len(rows) > MOST_ROWS:
        raise XlsFormRefused(f"{file}: has {len(rows)} rows; {MOST_ROWS} is the most.")
    if any(len(str(cell)) > LONGEST_CELL for row in rows for cell in row.values()):
        raise XlsFormRefused(f"{file}: a cell holds more than {LONGEST_CELL} characters.")


def _number_rows(book: DefinitionData) -> None:
    for number, row in enumerate(book.survey or (), start=2):
        if row:  # an empty one must stay empty, or it would be a question without a type
            row[ROW] = str(number)
    for header in book.survey_header or ():
        header[ROW] = None
