"""Published tables as files: the rows of the pages, and nothing a spreadsheet would run."""

import csv
import datetime as dt
import io
import re
import zipfile
from codecs import BOM_UTF8
from xml.etree import ElementTree as ET

import msgspec
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.figures import Figure
from analysis.publishing.rows import NOT_ENOUGH, NOT_YET, Row
from feedback.results import spreadsheets
from feedback.results.exports import COLUMNS, LOG_COLUMNS, MADE_UP, NOTHING, write_csv, write_log, write_xlsx
from feedback.results.spreadsheets import LONGEST_CELL, plain
from feedback.staff.audit import LogEntry
from tests.support.attack.payloads import UNREADABLE, VISIBLE

HEARD = Row(
    table="T1d",
    release="2026Q3",
    released_on="2026-10-15",
    filters={"program": "frp", "audience": "youth", "periods": ["2026Q1", "2026Q2", "2026Q3"]},
    origin="live",
    n=127,
    status="released",
    figures=(
        Figure(measure="overall", display="78 %", value=78, low=57, high=92),
        Figure(measure="item:core-safety", display="too few answers to say"),
        Figure(measure="theme:housing", display="about 16-25"),
    ),
    batch="B00012",
    n_details=103,
    detail_periods=("2026Q1", "2026Q2"),
)


def without_figures(table="T2", filters=None, cause=None, **fields):
    details = {"origin": "live", "n": None, "status": "not_released", "cause": cause, **fields}
    return Row(
        table=table, release="2026Q3", released_on="2026-10-15", filters=filters or {}, figures=(), **details
    )


NOT_HEARD = without_figures("T2", {"program": "syz"}, NOT_ENOUGH)
TOO_EARLY = without_figures("T1d", {"program": "syz"}, NOT_YET)
NO_FIGURES = without_figures("T6", {"audience": "partner"}, origin="entered", n=11, status="released")
WHERE = "program=frp; audience=youth; periods=2026Q1|2026Q2|2026Q3"
FRP = ("T1d", "2026Q3", "2026-10-15", "B00012", WHERE, "live", 127, "released")
SYZ = ("2026Q3", "2026-10-15", None, "program=syz", "live", None, "not_released")
PARTNERS = ("T6", "2026Q3", "2026-10-15", None, "audience=partner", "entered", 11, "released")
DETAILS = (103, "2026Q1|2026Q2")
LINES = [
    (*FRP, "overall", 78, 57, 92, "78 %", *DETAILS),
    (*FRP, "item:core-safety", None, None, None, "too few answers to say", *DETAILS),
    (*FRP, "theme:housing", None, None, None, "about 16-25", *DETAILS),
    ("T2", *SYZ, None, None, None, None, NOT_ENOUGH, None, None),
    ("T1d", *SYZ, None, None, None, None, NOT_YET, None, None),
    (*PARTNERS, None, None, None, None, NOTHING, None, None),
]
DISPLAY = COLUMNS.index("display")
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"]

HIDDEN_FORMULAS = [
    " =1",
    "  +1",
    '"=1',
    "\u00a0-1",
    "\u3000＝1",
    "\ufeff=1",
    "\u200b@SUM(A1)",
    "\u202e=1",
    "\0=1",
    '" "\x1b=1',
]


def as_csv(rows, *, made_up=False):
    file = io.BytesIO()
    write_csv(file, rows, made_up=made_up)
    assert not file.closed
    return file.getvalue()


def csv_cells(raw):
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))


def sheet(rows, *, made_up=False):
    file = io.BytesIO()
    write_xlsx(file, rows, made_up=made_up)
    file.seek(0)
    return openpyxl.load_workbook(file)["Published tables"]


def xlsx_cells(rows, **options):
    return [tuple(cell.value for cell in line) for line in sheet(rows, **options).iter_rows()]


def with_program(name):
    return without_figures("T2", {"program": name}, NOT_ENOUGH)


def with_display(text):
    return msgspec.structs.replace(HEARD, figures=(Figure(measure="overall", display=text),))


def test_csv_has_one_line_per_figure_and_one_per_table_that_has_none():
    header, *body = csv_cells(as_csv([HEARD, NOT_HEARD, TOO_EARLY, NO_FIGURES]))
    assert tuple(header) == COLUMNS
    assert body == [["" if cell is None else str(cell) for cell in line] for line in LINES]


def test_xlsx_holds_the_lines_of_the_csv_with_numbers_as_numbers():
    header, *body = xlsx_cells([HEARD, NOT_HEARD, TOO_EARLY, NO_FIGURES])
    assert header == COLUMNS
    assert body == LINES


@pytest.mark.parametrize("row", [NOT_HEARD, TOO_EARLY], ids=["too few", "too early"])
def test_a_row_without_figures_has_an_empty_value_and_says_why(row):
    _, line = csv_cells(as_csv([row]))
    cells = dict(zip(COLUMNS, line, strict=True))
    assert (cells["status"], cells["n"], cells["value"], cells["display"]) == (
        "not_released",
        "",
        "",
        row.cause,
    )


def test_a_figure_of_single_questions_says_whose_answers_it_is_about():
    _, line, *_ = csv_cells(as_csv([HEARD]))
    cells = dict(zip(COLUMNS, line, strict=True))
    assert (cells["n"], cells["n_details"], cells["detail_periods"]) == ("127", "103", "2026Q1|2026Q2")


def test_csv_lines_end_as_rfc_4180_says_and_quotes_are_doubled():
    raw = as_csv([with_display('says "yes", twice')])
    assert raw.endswith(b'"says ""yes"", twice",103,2026Q1|2026Q2\r\n')
    assert raw.count(b"\r\n") == 2
    assert raw.count(b"\n") == 2
    assert raw.startswith(BOM_UTF8 + b"table,release,")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_words_come_back_from_csv_as_they_went_in(words):
    _, line = csv_cells(as_csv([with_display(words)]))
    assert line[DISPLAY] == plain(words)
    assert plain(words).removeprefix("'") == words


@pytest.mark.parametrize("text", FORMULAS)
def test_no_csv_cell_begins_like_a_formula(text):
    _, line = csv_cells(as_csv([with_display(text)]))
    assert line[DISPLAY] == f"'{text}"


@pytest.mark.parametrize("text", HIDDEN_FORMULAS)
def test_no_csv_cell_hides_a_formula_behind_what_a_spreadsheet_may_drop(text):
    _, line = csv_cells(as_csv([with_display(text)]))
    assert line[DISPLAY] == f"'{text}"


def test_an_apostrophe_that_was_there_before_is_told_from_ours():
    assert plain("'=1") == "''=1"
    assert plain("it's") == "it's"


@pytest.mark.parametrize("text", ["fine", "1-2", "a=b", "", " ", '"', '"yes"', "Ben-Ami", "سلام"])
def test_words_that_are_no_formula_stay_as_they_are(text):
    assert plain(text) == text


def test_a_number_is_no_formula():
    assert (plain(-1), plain(None)) == (-1, None)


@pytest.mark.parametrize("text", [*FORMULAS, "{=1+1}", "https://example.org", "mailto:a@example.org"])
def test_no_xlsx_cell_is_a_formula_or_a_link(text):
    cell = sheet([with_display(text)]).cell(2, DISPLAY + 1)
    assert cell.data_type == "s"
    assert cell.value.replace("_x000D_", "\r") == text
    assert cell.hyperlink is None


@pytest.mark.parametrize("text", FORMULAS)
def test_a_name_that_looks_like_a_formula_stands_behind_its_filter(text):
    _, line = csv_cells(as_csv([with_program(text)]))
    assert line[4] == f"program={text}"


def test_made_up_answers_say_so_on_every_line_of_both_formats():
    for cells in (
        csv_cells(as_csv([HEARD, NOT_HEARD], made_up=True)),
        xlsx_cells([HEARD, NOT_HEARD], made_up=True),
    ):
        header, *body = cells
        assert header[-1] == "note"
        assert len(body) == 4
        assert {line[-1] for line in body} == {MADE_UP}


def test_real_answers_have_no_note():
    assert b"note" not in as_csv([HEARD])
    assert MADE_UP.encode() not in as_csv([HEARD])


def test_an_export_without_rows_is_its_first_line():
    assert csv_cells(as_csv([])) == [list(COLUMNS)]
    assert xlsx_cells([]) == [COLUMNS]


def test_the_first_line_of_a_sheet_stays_in_view():
    assert sheet([HEARD]).freeze_panes == "A2"


@pytest.mark.slow
def test_an_export_holds_the_figures_that_the_tables_hold_and_no_other(sandbox):
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()
    rows = sandbox.tables("ctlt")
    figures = [
        (row.table, row.batch or "", row.status, figure.measure, figure.display)
        for row in rows
        for figure in row.figures or [Figure(measure="", display=row.cause)]
    ]
    assert any(status == "released" for _, _, status, _, _ in figures)
    _, *body = csv_cells(as_csv(rows))
    cells = [dict(zip(COLUMNS, line, strict=True)) for line in body]
    assert [(it["table"], it["batch"], it["status"], it["measure"], it["display"]) for it in cells] == figures
    in_sheet = [tuple("" if cell is None else str(cell) for cell in line) for line in xlsx_cells(rows)[1:]]
    assert in_sheet == [tuple(line) for line in body]


NAMES = ("Peña Muñoz", "Нина", "니나", "سلام", "ນີນາ", "O’Neil – “Ana”", "😀")


def as_excel(raw):
    """How Excel reads a CSV: as UTF-8 after the mark of UTF-8, else as the machine's old code page."""
    has_mark = raw.startswith(BOM_UTF8)
    text = raw.removeprefix(BOM_UTF8).decode("utf-8" if has_mark else "cp1252", "replace")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_beyond_ascii_opens_right_in_excel_in_every_csv_of_ours(name):
    header, line = as_excel(as_csv([with_program(name)]))
    assert tuple(header) == COLUMNS, "the mark is no letter of the first heading"
    assert line[4] == f"program={name}"
    header, line = as_excel(log_file([name], "csv").getvalue())
    assert tuple(header) == LOG_COLUMNS
    assert (line[2], line[4]) == (name, name)


def test_the_mark_of_utf_8_stands_once_at_the_very_beginning_and_hides_no_formula():
    raw = log_file(["\ufeff=1+1", "=1+1"], "csv").getvalue()
    assert raw.startswith(BOM_UTF8 + b"entry,")
    assert [line[2] for line in as_excel(raw)[1:]] == ["'\ufeff=1+1", "'=1+1"]


# The audit log, and whatever a cell may hold.


HOSTILE = (
    *VISIBLE, *UNREADABLE, *FORMULAS, *HIDDEN_FORMULAS,
    "", "'", "'=1", ",;\t|", '"', '""', "a\r\n=1+1\r\nb", "\ufffe\uffff", "_x0041_", "😀" * 200,
    "سلام = \u200f1", "x" * 40_000, "😀" * 20_000, "x" * LONGEST_CELL,
)  # fmt: skip


def log_of(words):
    at = dt.datetime(2026, 8, 15, 21, 3, 5)  # noqa: DTZ001 - as the column holds it
    return [
        LogEntry(id=number, at=at, who=it, action="backup", object=it, hash="f" * 64)
        for number, it in enumerate(words, start=1)
    ]


def log_file(words, kind):
    file = io.BytesIO()
    write_log(file, log_of(words), kind)
    assert not file.closed
    return file


def storable(text):
    """What can be stored at all: half a character cannot."""
    return text.encode("utf-8", "replace").decode()


def test_whatever_is_stored_comes_back_from_csv_but_for_one_apostrophe():
    raw = log_file(HOSTILE, "csv").getvalue()
    header, *body = csv_cells(raw)
    assert tuple(header) == LOG_COLUMNS
    for text, line in zip(HOSTILE, body, strict=True):
        assert [cell.removeprefix("'") for cell in line] == [
            line[0], "2026-08-15T21:03:05", storable(text), "backup", storable(text), "f" * 64,
        ]  # fmt: skip
        assert (
            not line[2]
            .lstrip(' "\t\r\n\0\x1b\u200b\u202e\ufeff\u00a0\u3000')
            .startswith(tuple("=+-@＝＋－＠"))
        )


def test_every_line_of_the_csv_ends_as_rfc_4180_says_and_every_break_inside_a_cell_is_quoted():
    raw = log_file(HOSTILE, "csv").getvalue().decode("utf-8-sig")
    outside = re.sub(r'"(?:[^"]|"")*"', "", raw)
    assert outside.count("\r\n") == outside.count("\r") == outside.count("\n") == len(HOSTILE) + 1


def control(text):
    """Excel's way to write what XML cannot hold."""
    return re.sub(
        "_x([0-9A-F]{4})_",
        lambda it: chr(int(it[1], 16)) if it[1] < "0020" or it[1] > "FFF0" else it[0],
        text,
    )


def test_whatever_is_stored_comes_back_from_xlsx_as_text_and_what_is_cut_says_so():
    sheet = openpyxl.load_workbook(log_file(HOSTILE, "xlsx"))["Audit log"]
    for text, (_, _, who, _, subject, _) in zip(HOSTILE, sheet.iter_rows(min_row=2), strict=True):
        for cell in (who, subject):
            assert cell.data_type == "s"
            assert cell.hyperlink is None
            whole = text.encode("utf-16-le", "replace").decode("utf-16-le")
            if len(whole.encode("utf-16-le")) // 2 <= LONGEST_CELL:
                assert control(cell.value) == whole
            else:
                beginning, _, note = cell.value.partition(" … ")
                assert note == "(cut: a cell holds no more; the CSV has all of it)"
                assert whole.startswith(beginning)
                assert LONGEST_CELL - 2 <= len(cell.value.encode("utf-16-le")) // 2 <= LONGEST_CELL


def test_no_part_of_an_xlsx_is_a_formula_a_link_or_broken_xml():
    with zipfile.ZipFile(log_file(HOSTILE, "xlsx")) as parts:
        for name in parts.namelist():
            content = parts.read(name)
            assert b"<f>" not in content, name
            assert not re.search(rb"<hyperlinks?[ >]", content), name
            ET.fromstring(content)


def test_an_xlsx_goes_on_on_another_sheet_when_one_is_full(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 4)
    book = openpyxl.load_workbook(log_file([f"person {n}" for n in range(7)], "xlsx"))
    assert book.sheetnames == ["Audit log", "Audit log 2", "Audit log 3"]
    rows = [
        row for sheet in book for row in sheet.iter_rows(min_row=2, min_col=3, max_col=3, values_only=True)
    ]
    assert rows == [(f"person {n}",) for n in range(7)]
    assert {sheet["A1"].value for sheet in book} == {"entry"}


@pytest.mark.slow
@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_words_come_back_from_both_files(words):
    _, *body = csv_cells(log_file(words, "csv").getvalue())
    assert [line[2].removeprefix("'") for line in body] == [storable(it) for it in words]
    assert openpyxl.load_workbook(log_file(words, "xlsx"))["Audit log"].max_row == len(words) + 1
