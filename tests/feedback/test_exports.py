"""Published tables as files: the rows of the pages, and nothing a spreadsheet would run."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure import NOT_RELEASED, Figure
from analysis.published import Row
from feedback.exports import COLUMNS, MADE_UP, write_csv, write_xlsx
from feedback.spreadsheets import plain

HEARD = Row(
    "T1",
    "2026Q3",
    "2026-10-15",
    {"program": "frp", "audience": "youth", "periods": ["2026Q1", "2026Q2", "2026Q3"]},
    "live",
    27,
    "released",
    (
        Figure("overall", "78 %", 78, 57, 92),
        Figure("item:core-safety", "at least 88 %", 88, 70, 99, ">="),
        Figure("theme:housing", "a few"),
    ),
    "B00012",
)
NOT_HEARD = Row("T2", "2026Q3", "2026-10-15", {"program": "syz"}, "live", None, "not_released", ())
NO_FIGURES = Row("T6", "2026Q3", "2026-10-15", {"audience": "partner"}, "entered", 11, "released", ())
WHERE = "program=frp; audience=youth; periods=2026Q1|2026Q2|2026Q3"
FRP = ("T1", "2026Q3", "2026-10-15", "B00012", WHERE, "live", 27, "released")
SYZ = ("T2", "2026Q3", "2026-10-15", None, "program=syz", "live", None, "not_released")
PARTNERS = ("T6", "2026Q3", "2026-10-15", None, "audience=partner", "entered", 11, "released")
LINES = [
    (*FRP, "overall", 78, None, 57, 92, "78 %"),
    (*FRP, "item:core-safety", 88, ">=", 70, 99, "at least 88 %"),
    (*FRP, "theme:housing", None, None, None, None, "a few"),
    (*SYZ, None, None, None, None, None, "Not enough answers yet (fewer than 11)"),
    (*PARTNERS, None, None, None, None, None, None),
]
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
    return list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))


def sheet(rows, *, made_up=False):
    file = io.BytesIO()
    write_xlsx(file, rows, made_up=made_up)
    file.seek(0)
    return openpyxl.load_workbook(file)["Published tables"]


def xlsx_cells(rows, **told):
    return [tuple(cell.value for cell in line) for line in sheet(rows, **told).iter_rows()]


def with_program(name):
    return Row("T2", "2026Q3", "2026-10-15", {"program": name}, "live", None, "not_released", ())


def with_display(text):
    return Row("T2", "2026Q3", "2026-10-15", {}, "live", 11, "released", (Figure("overall", text),))


def test_csv_has_one_line_per_figure_and_one_per_table_that_has_none():
    header, *body = csv_cells(as_csv([HEARD, NOT_HEARD, NO_FIGURES]))
    assert tuple(header) == COLUMNS
    assert body == [["" if cell is None else str(cell) for cell in line] for line in LINES]


def test_xlsx_holds_the_same_lines_with_numbers_as_numbers():
    header, *body = xlsx_cells([HEARD, NOT_HEARD, NO_FIGURES])
    assert header == COLUMNS
    assert body == LINES


def test_a_table_that_is_not_available_has_an_empty_value_and_always_the_same_words():
    _, line = csv_cells(as_csv([NOT_HEARD]))
    told = dict(zip(COLUMNS, line, strict=True))
    assert (told["status"], told["n"], told["value"], told["display"]) == (
        "not_released",
        "",
        "",
        NOT_RELEASED,
    )


def test_csv_lines_end_as_rfc_4180_says_and_quotes_are_doubled():
    raw = as_csv([with_display('says "yes", twice')])
    assert raw.endswith(b'"says ""yes"", twice"\r\n')
    assert raw.count(b"\r\n") == 2
    assert raw.count(b"\n") == 2
    assert raw.startswith(b"table,release,")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_words_come_back_from_csv_as_they_went_in(words):
    _, line = csv_cells(as_csv([with_display(words)]))
    assert line[-1] == plain(words)
    assert plain(words).removeprefix("'") == words


@pytest.mark.parametrize("text", FORMULAS)
def test_no_csv_cell_begins_like_a_formula(text):
    _, line = csv_cells(as_csv([with_display(text)]))
    assert line[-1] == f"'{text}"


@pytest.mark.parametrize("text", HIDDEN_FORMULAS)
def test_no_csv_cell_hides_a_formula_behind_what_a_spreadsheet_may_drop(text):
    _, line = csv_cells(as_csv([with_display(text)]))
    assert line[-1] == f"'{text}"


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
    cell = sheet([with_display(text)])["N2"]
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


def test_an_export_holds_the_figures_that_the_tables_hold_and_no_other(rehearsal):
    rehearsal.answer(11)
    rehearsal.on("2026-10-15").release()
    rows = rehearsal.tables("ctlt")
    expected = [
        (row.table, row.batch or "", row.status, figure.measure, figure.display)
        for row in rows
        for figure in row.figures or [Figure("", NOT_RELEASED)]
    ]
    assert any(status == "released" for _, _, status, _, _ in expected)
    _, *body = csv_cells(as_csv(rows))
    named = [dict(zip(COLUMNS, line, strict=True)) for line in body]
    assert [
        (it["table"], it["batch"], it["status"], it["measure"], it["display"]) for it in named
    ] == expected
    in_sheet = [tuple("" if cell is None else str(cell) for cell in line) for line in xlsx_cells(rows)[1:]]
    assert in_sheet == [tuple(line) for line in body]
