"""A file comes from somebody's inbox: whatever is wrong with it is one sentence, said soon."""

import base64
import struct
import time
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.xlsform import XlsFormRefused
from surveys.xlsform.importer import Target, move_in
from surveys.xlsform.workbooks import KINDS, LARGEST_FILE, read_form
from tests.support.forms.xlsforms import TAGS, write_xlsx

MARKDOWN = """
| survey   |
|          | type          | name | label        | relevant     |
|          | note          | n    | About staff. |              |
|          | select_one yn | kind | Was it kind? |              |
|          | text          | more | What else?   | ${kind} = 1  |
| choices  |
|          | list_name     | name | label        |
|          | yn            | 1    | Yes          |
|          | yn            | 0    | No           |
"""
TABLE = {
    "survey": [
        ("type", "name", "label", "relevant"),
        ("note", "n", "About staff.", None),
        ("select_one yn", "kind", "Was it kind?", None),
        (None, None, None, None),
        ("text", "more", "What else?", "${kind} = 1"),
    ],
    "choices": [("list_name", "name", "label"), ("yn", 1, "Yes"), ("yn", 0, "No")],
}

OLD_EXCEL = zlib.decompress(base64.b85decode(
    "c-rk)Pe>GD6o23B>|b}+UDH4V8KkUC0_oDlCWG>nSQje-n_WL~ah;W&QQD%iY>z?Espukj>0);24|S+phrp;q5Cm$+"
    "PC-Ejb$Z{MnboZ&T}a88w|wt=?|tum-#7Dq-=CegbIJLsM@<Xx3mpL;tXN?Ptg$gHVOL22wp*4E-8zKD@@QL8IE0A|"
    "_~Ci%O;F@e<a+@mn3Z242Ux^%9!8-jr*mZs=@`vHV`2`SOh)WUa34z?8fjj2#M8ug5PwL%FNhx{%Pr!a=sVBO!JOLD"
    "cG$u38L5TZ;>a01p_q?k>3{}!EpUA8HnV;G(3Q_<*?+U4S&qUqVCK5H&huJ!9_lfL)9~F=0KU0v^`+w3x7N-8?LW%x"
    "!3y>}k_<2b)&(YjSVTY$$@Vfd#`5F5P=s2Tr9C(Z>7iUE&5b3PK{SXJ0D!(`VU%N~Ya`qbkkwK=i~De%XZg6Mo1!IW"
    "as-VY1?WoU#!SU9wZXxIF#rRd(q_L{*##Xvhco&Bdi80Bk}(ybsbT<rQFJqs%ku~}4r!*svj$gd0Cry%PFIvpr324}"
    "Y{oGA#XN8w6?7lKS#F@%lZ%LRgZ7z3**+7a)fYuRfR8EUB(1>&o+L{TzP>w|>Q(#6GC^mHeFE(fuM8}>E+Q~EPAz`o"
    "qNR-@4iLXVz3w8piFiGFV%^%?;0Pxs$>%1uw&FO4h~BGv*U0-&E`B-nw7K|M-H-B2_rj(6nGfm|wBU(2fbrrt3GJ+%"
    "-McI3nd;We*{ePgZ~SfF3P}lP?v``R*1|GGNK6v9HSu;>Nt2v+Wotgvd`@4C^zyzK^(8z0jQaAIG|^YUiIyrvOB5Y+"
    "{Ovr2N}7lcJJE85=a4Bn;`qxHT~pFTbhM<2=ZJ~hhg1iT#jv=OuhLfF$XDXq6-T~`IEt@>qdz037Wq}lMNXg$If-?V"
    "<3_J$W)(R}H``Dt+a7u3kw+eR<k4mjqdS0o<B^?vbb$VD*xz-Qv8;HXN&Z_p4LSUo__y>p=ve2WP!)c5f}gp4u?@z!"
    "-wOrx;pll7h7`?XxN7|3otUkCo(%^k{@xO*cKnrU=DEq^{{;11Fm("
))  # fmt: skip
"""The same table as a program of 2003 wrote it; no library here writes .xls any more."""


def refusal(path):
    """The one sentence of a refusal, which names the file."""
    start = time.monotonic()
    with pytest.raises(XlsFormRefused) as error:
        read_form(path)
    assert time.monotonic() - start < 30
    (sentence,) = str(error.value).splitlines()
    assert sentence.startswith(f"{path}: ")
    assert sentence.endswith(".")
    return sentence.removeprefix(f"{path}: ")


@pytest.fixture
def file(tmp_path):
    """Write a file of these bytes."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def as_csv():
    rows = []
    for name, lines in TABLE.items():
        rows.append(f'"{name}"')
        rows += ["," + ",".join("" if cell is None else str(cell) for cell in line) for line in lines]
    return "\r\n".join(rows).encode()


@pytest.mark.parametrize("kind", ["xlsx", "xls", "md", "csv", "csv with a mark"])
def test_every_way_to_write_a_form_reads_alike(tmp_path, file, kind):
    if kind == "xlsx":
        path = write_xlsx(tmp_path / "form.xlsx", TABLE)
    elif kind == "xls":
        path = file("form.xls", OLD_EXCEL)
    elif kind == "md":
        path = file("form.md", MARKDOWN.encode())
    else:
        path = file("form.CSV", (b"\xef\xbb\xbf" if "mark" in kind else b"") + as_csv())
    instrument = move_in(read_form(path), Target("mine", ("youth",)), TAGS.get).instrument
    kind, more = instrument.question("kind"), instrument.question("more")
    assert (kind.kind, kind.notice) == ("yes-no", "About staff.")
    assert more.show_if.any_of == ("yes",)


def test_an_empty_row_does_not_shift_the_numbers_of_later_rows(tmp_path):
    sheet = [
        TABLE["survey"][0],
        (),
        ("date", "day", "Which day?", None),
        ("text", "more", "What else?", None),
    ]
    path = write_xlsx(tmp_path / "form.xlsx", {"survey": sheet})
    losses = move_in(read_form(path), Target("mine", ("youth",)), TAGS.get).losses
    assert any(loss.startswith("Row 3, day: ") for loss in losses)


def test_only_the_four_kinds_of_file_are_forms(file):
    assert refusal(file("form.pdf", b"%PDF-1.7")) == "an XLSForm is a file ending in .xlsx, .xls, .csv, .md."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", b" \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(file, kind, content):
    assert refusal(file(f"form{kind}", content)) == "is empty."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, b"\xff\xfe\x00"]
)
def test_a_damaged_file_is_refused_in_a_sentence(file, kind, content):
    assert refusal(file(f"form{kind}", content)) == "is damaged, or not what its name says."


def test_a_spreadsheet_cut_short_is_refused(tmp_path, file):
    whole = write_xlsx(tmp_path / "whole.xlsx", TABLE).read_bytes()
    assert "damaged" in refusal(file("half.xlsx", whole[: len(whole) // 2]))


def test_an_archive_of_something_else_is_no_form(tmp_path):
    path = tmp_path / "letter.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "damaged" in refusal(path)


def test_a_spreadsheet_of_something_else_is_no_form(tmp_path):
    budget = write_xlsx(tmp_path / "budget.xlsx", {"2026": [("item", "cost"), ("van", 3)]})
    assert refusal(budget).startswith("is not a valid XLSForm: ")
    nothing = write_xlsx(tmp_path / "nothing.xlsx", {"survey": []})
    assert refusal(nothing)


def test_a_choice_without_its_list_is_refused_by_its_row(tmp_path):
    path = write_xlsx(tmp_path / "form.xlsx", {"survey": TABLE["survey"]})
    assert "is not a valid XLSForm: " in refusal(path)


def test_a_file_larger_than_any_form_is_not_even_read(file):
    assert "more than 5 MB" in refusal(file("form.xlsx", b"x" * (LARGEST_FILE + 1)))


@pytest.mark.slow
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 100_000_000)
    assert path.stat().st_size < 200_000
    assert refusal(path) == "unpacks to 100 MB; no form is that large."


@pytest.mark.slow
def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path):
    path = write_xlsx(tmp_path / "form.xlsx", TABLE)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/theme/more.xml", b" " * 50_000_000)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(struct.pack("<I", 50_000_000), struct.pack("<I", 10)))
    read_form(path)  # what it lies about is never unpacked further than it says
    whole = write_xlsx(tmp_path / "lies.xlsx", TABLE)
    with zipfile.ZipFile(whole) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    whole.write_bytes(whole.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 10)))
    assert "damaged" in refusal(whole)


def test_entities_that_multiply_are_refused(tmp_path):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>'
    good, path = write_xlsx(tmp_path / "good.xlsx", TABLE), tmp_path / "laughs.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, bomb if "sheet1" in name else source.read(name))
    assert "damaged" in refusal(path)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1_000_000, 150_000])
def test_a_million_rows_are_refused_soon(tmp_path, rows):
    path = write_xlsx(tmp_path / "form.xlsx", TABLE)
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    first = "<row>" + "".join(f'<c t="str"><v>{name}</v></c>' for name in TABLE["survey"][0]) + "</row>"
    many = '<row><c t="str"><v>text</v></c></row>' * rows
    with_many = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(with_many, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            whole = f"{head}{first}{many}</sheetData></worksheet>".encode()
            archive.writestr(name, whole if "sheet1" in name else source.read(name))
    sentence = refusal(with_many)
    assert "no form is that large" in sentence or "rows; 5000 is the most" in sentence


@pytest.mark.slow
def test_more_rows_than_any_form_has_are_refused(tmp_path):
    rows = [TABLE["survey"][0], *(("text", f"q{number}", "What else?", None) for number in range(5_001))]
    assert refusal(write_xlsx(tmp_path / "form.xlsx", {"survey": rows})) == "has 5001 rows; 5000 is the most."


def test_a_cell_no_spreadsheet_could_hold_is_refused(file):
    long = MARKDOWN.replace("About staff.", "w" * 40_000)
    assert refusal(file("form.md", long.encode())) == "a cell holds more than 32767 characters."


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(OLD_EXCEL) - 1), st.integers(0, 255))
def test_a_flipped_byte_never_ends_in_a_traceback(file, place, value):
    path = file("form.xls", OLD_EXCEL[:place] + bytes([value]) + OLD_EXCEL[place + 1 :])
    with suppress(XlsFormRefused):
        assert read_form(path).sheets


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(KINDS),
    st.binary(max_size=300) | st.text(st.sampled_from("|,\n \"'ab#-"), max_size=80).map(str.encode),
)
def test_whatever_a_file_holds_it_is_read_or_refused(file, kind, content):
    path = file(f"form{kind}", content)
    with suppress(XlsFormRefused):
        assert read_form(path).sheets
