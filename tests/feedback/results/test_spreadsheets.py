"""Cells of every file of ours: nothing a spreadsheet would run, nothing lost, every letter as it was."""

import csv
import datetime as dt
import io
import re
import zipfile
from codecs import BOM_UTF8
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.results import workbooks
from feedback.results.exports import LOG_COLUMNS, write_log
from feedback.results.spreadsheets import _REMEMBERED, Block, Csv, Written, plain, write_csv
from feedback.results.workbooks import LONGEST_CELL, write_xlsx
from feedback.staff.audit import LogEntry
from tests.support.attack.payloads import UNREADABLE, VISIBLE
from tests.support.files.reading import csv_cells

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
NAMES = ("Peña Muñoz", "Нина", "니나", "سلام", "ນີນາ", "O’Neil – “Ana”", "😀")


def as_csv(*lines):
    file = io.BytesIO()
    write_csv(file, ("one", "two"), lines)
    assert not file.closed
    return file.getvalue()


def as_xlsx(*lines, title="Lines"):
    file = io.BytesIO()
    write_xlsx(file, title, ("one", "two"), lines)
    assert not file.closed
    return file


def sheet(*lines):
    return openpyxl.load_workbook(as_xlsx(*lines)).active


def test_numbers_texts_and_empty_cells_come_back_from_both_files():
    lines = [("a", 1), (None, -3), ("", 0), ("7", None)]
    assert csv_cells(as_csv(*lines)) == [["one", "two"], ["a", "1"], ["", "-3"], ["", "0"], ["7", ""]]
    rows = list(sheet(*lines).iter_rows(values_only=True))
    assert rows == [("one", "two"), ("a", 1), (None, -3), ("", 0), ("7", None)]


def test_lines_that_begin_alike_are_whole_lines_in_both_files():
    blocks = [Block(("a", 1), [(("b",), (2, 3)), ((None,), (4, 5))]), Block(("c", None, None, None, 6))]
    raw, book = io.BytesIO(), io.BytesIO()
    header = ("1", "2", "3", "4", "5")
    Csv(raw, header).write(blocks)
    assert csv_cells(raw.getvalue())[1:] == [
        ["a", "1", "b", "2", "3"],
        ["a", "1", "", "4", "5"],
        ["c", "", "", "", "6"],
    ]
    columns = [workbooks.Column(name=it, title=it, text=it) for it in header]
    workbook = workbooks.Workbook(book)
    workbook.begin(workbooks.Sheet(name="x", title="x", text="x", columns=tuple(columns)))
    workbook.write(blocks)
    workbook.close()
    assert list(openpyxl.load_workbook(book).active.iter_rows(min_row=2, values_only=True)) == [
        ("a", 1, "b", 2, 3),
        ("a", 1, None, 4, 5),
        ("c", None, None, None, 6),
    ]


def test_a_file_forgets_parts_before_they_take_the_memory_of_a_file():
    parts = Written(lambda part: b"%d" % part)
    numbers = range(2 * _REMEMBERED + 1)
    assert [parts[(number,)] for number in numbers] == [b"%d" % number for number in numbers]
    assert len(parts) <= _REMEMBERED


def test_csv_lines_end_as_rfc_4180_says_and_quotes_are_doubled():
    raw = as_csv(('says "yes", twice', 7))
    assert raw.endswith(b'"says ""yes"", twice",7\r\n')
    assert raw.count(b"\r\n") == 2
    assert raw.count(b"\n") == 2
    assert raw.startswith(BOM_UTF8 + b"one,two\r\n")


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.integers()), max_size=5))
def test_any_words_come_back_from_csv_as_they_went_in_and_as_the_standard_library_writes_them(lines):
    raw = as_csv(*lines)
    assert csv_cells(raw)[1:] == [[plain(words), str(number)] for words, number in lines]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("one", "two"), *((plain(words), number) for words, number in lines)])
    assert raw.decode("utf-8-sig") == file.getvalue()


@pytest.mark.parametrize("text", [*FORMULAS, *HIDDEN_FORMULAS])
def test_no_csv_cell_begins_like_a_formula_or_hides_one_behind_what_a_spreadsheet_may_drop(text):
    assert csv_cells(as_csv((text, 1)))[1][0] == f"'{text}"


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
    cell = sheet((text, 1)).cell(2, 1)
    assert cell.data_type == "s"
    assert cell.value.replace("_x000D_", "\r") == text
    assert cell.hyperlink is None


def test_a_file_without_lines_is_its_first_line_which_stays_in_view():
    assert csv_cells(as_csv()) == [["one", "two"]]
    assert [tuple(row) for row in sheet().iter_rows(values_only=True)] == [("one", "two")]
    assert sheet().freeze_panes == "A2"
    assert sheet().cell(1, 1).font.bold


def test_nothing_in_an_xlsx_says_when_it_was_made():
    assert as_xlsx(("a", 1)).getvalue() == as_xlsx(("a", 1)).getvalue()
    with zipfile.ZipFile(as_xlsx(("a", 1))) as parts:
        assert {it.date_time for it in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def as_excel(raw):
    """How Excel reads a CSV: as UTF-8 after the mark of UTF-8, else as the machine's old code page."""
    has_mark = raw.startswith(BOM_UTF8)
    text = raw.removeprefix(BOM_UTF8).decode("utf-8" if has_mark else "cp1252", "replace")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_beyond_ascii_opens_right_in_excel_in_every_csv_of_ours(name):
    header, line = as_excel(as_csv((name, 1)))
    assert header == ["one", "two"], "the mark is no letter of the first heading"
    assert line == [name, "1"]
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
    monkeypatch.setattr(workbooks, "MOST_ROWS", 4)
    book = openpyxl.load_workbook(log_file([f"person {n}" for n in range(7)], "xlsx"))
    assert book.sheetnames == ["Audit log", "Audit log 2", "Audit log 3"]
    rows = [
        row for sheet in book for row in sheet.iter_rows(min_row=2, min_col=3, max_col=3, values_only=True)
    ]
    assert rows == [(f"person {n}",) for n in range(7)]
    assert {sheet["A1"].value for sheet in book} == {"entry"}


def test_lines_that_begin_alike_go_on_on_another_sheet_too(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    workbook = workbooks.Workbook(book := io.BytesIO())
    workbook.begin(workbooks.Sheet(name="x", title="x", text="x", columns=()))
    workbook.write([Block(("a",), [((n,),) for n in range(5)]), Block(("b",), [((5,),)])])
    workbook.close()
    pages = [list(it.iter_rows(min_row=2, values_only=True)) for it in openpyxl.load_workbook(book)]
    assert pages == [[("a", 0), ("a", 1)], [("a", 2), ("a", 3)], [("a", 4), ("b", 5)]]


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_words_come_back_from_both_files(words):
    _, *body = csv_cells(log_file(words, "csv").getvalue())
    assert [line[2].removeprefix("'") for line in body] == [storable(it) for it in words]
    assert openpyxl.load_workbook(log_file(words, "xlsx"))["Audit log"].max_row == len(words) + 1
