"""Forms for tests, written as the tables that form builders write."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

from surveys.xlsform.importer import ImportedSurvey, Target, move_in
from surveys.xlsform.workbooks import XlsForm, read_form

TAGS = {"English (en)": "en", "English": "en", "Español (es)": "es", "Tagalog": "fil"}
YES_NO = [("yn", "yes", "Yes"), ("yn", "no", "No")]
CHOICES = ("list_name", "name", "label")


def write_xlsx(file: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file


def form(folder: Path, *rows: Mapping[str, str], choices=(), header=CHOICES, settings=None) -> XlsForm:
    """A form of these survey rows, as a spreadsheet."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    sheets = {"survey": [columns, *[[row.get(name) for name in columns] for row in rows]]}
    if choices:
        sheets["choices"] = [header, *choices]
    if settings:
        sheets["settings"] = [list(settings), list(settings.values())]
    return read_form(write_xlsx(folder / "mine.xlsx", sheets))


def moved(folder: Path, *rows, target=None, **options) -> ImportedSurvey:
    return move_in(form(folder, *rows, **options), target or Target("mine", ("youth",)), TAGS.get)


def q(kind: str, name: str, label: str = "How was it?", **columns: str) -> dict[str, str]:
    """One row of a survey sheet."""
    return {"type": kind, "name": name, "label": label, **columns}
