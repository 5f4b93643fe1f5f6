"""Files beside the tables of the pages of results, for each who may read.

Carla is CTLT, Vera works for Vista Del Mar, Olga for Olive Crest. Ada, Rita and Tam read no results.
"""

import re
from collections import Counter

import msgspec
import pytest
from sqlalchemy import select

from feedback.results.queries import FLAGS
from feedback.storage.staff_tables import AuditRow
from tests.support.files.reading import csv_lines, exported, xlsx_lines, zipped
from tests.support.forms.pages import Page
from tests.support.forms.shown_figures import HARDLY_ANY, NEARLY_ALL, as_shown, sections_of
from tests.support.released import FRP, OLIVE, VISTA, released_county

pytestmark = pytest.mark.slow
KINDS = ("results.csv", "measures.csv", "results.xlsx", "results.zip")
VIEWERS = {
    "carla@county.example": "ctlt",
    "vera@vista.example": "contractor:vista-del-mar",
    "olga@olive.example": "contractor:olive-crest",
}
OTHERS = {
    "ada@county.example": "admin",
    "rita@county.example": "reviewer",
    "tam@county.example": "translator",
}
PAGES = {
    "carla@county.example": (
        "/", "/county", *(f"/programs/{it}" for it in (VISTA, OLIVE, FRP)),
        "/strategies/4.3", "/strategies/7.8",
    ),
    "olga@olive.example": ("/", f"/programs/{VISTA}", f"/programs/{OLIVE}"),
}  # fmt: skip
EVERYBODY = pytest.mark.parametrize("email", VIEWERS)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    sandbox = released_county(tmp_path_factory.mktemp("county"))
    for email, role in OTHERS.items():
        sandbox.user(email, role)
    yield sandbox
    sandbox.shut()


def entries(sandbox):
    async def read(session):
        rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
        return [(row.who, row.action, row.object) for row in rows]

    return sandbox.in_transaction(read)


@EVERYBODY
@pytest.mark.parametrize("kind", KINDS)
def test_whoever_reads_results_takes_away_what_the_command_writes_for_them(county, email, kind):
    with county.staff_door(email) as door:
        answer = door.get(f"/download/{kind}")
    assert answer.status_code == 200
    assert answer.content == exported(county, VIEWERS[email], kind)
    assert answer.headers["content-disposition"] == f'attachment; filename="heard-{kind}"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    kinds = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats", "zip": "application/zip"}
    assert answer.headers["content-type"].startswith(kinds[kind.rpartition(".")[2]])


@pytest.mark.parametrize("email", OTHERS)
def test_whoever_reads_no_results_finds_nothing_there(county, email):
    with county.staff_door(email) as door:
        nothing = door.get("/nothing-is-here")
        for kind in KINDS:
            answer = door.get(f"/download/{kind}")
            assert (answer.status_code, answer.content) == (404, nothing.content)


def test_nobody_takes_anything_away_without_signing_in(county):
    with county.staff_door() as door:
        for kind in KINDS:
            answer = door.get(f"/download/{kind}", follow_redirects=False)
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


def test_every_file_leaves_one_entry_that_says_what_was_chosen(county):
    chosen = {
        "results.csv": "results.csv",
        "results.csv?table=T3,T2&program=frp": "results.csv program=frp&table=T2%2CT3",
        "measures.csv?measure=offered": "measures.csv measure=offered",
        "results.xlsx?strategy=advocates-mentors": "results.xlsx strategy=4.3",
        "results.zip?release=2026Q4": "results.zip release=2026Q4",
    }
    with county.staff_door("carla@county.example") as door:
        for path, subject in chosen.items():
            before = len(entries(county))
            assert door.get(f"/download/{path}").status_code == 200
            assert entries(county)[before:] == [("carla@county.example", "export", subject)]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("tabel=T2", "Nothing can be chosen by “tabel”."),
        ("table=T99", "There is no table “T99”."),
        ("release=soon", "“soon” is not a quarter; write it like 2026Q3."),
        ("program=%3Cscript%3E", "What is chosen by “program” cannot be read."),
        ("viewer=ctlt", "Nothing can be chosen by “viewer”."),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_in_a_sentence_and_nothing_is_taken_away(
    county, choice, sentence
):
    with county.staff_door("vera@vista.example") as door:
        before = entries(county)
        for kind in KINDS:
            answer = door.get(f"/download/{kind}?{choice}")
            assert answer.status_code == 400
            assert sentence in Page(answer.text).text
        assert entries(county) == before


def test_no_choice_shows_vera_what_is_not_hers(county):
    alone = csv_lines(exported(county, "contractor:vista-del-mar", "results.csv"))
    with county.staff_door("vera@vista.example") as door:
        for choice in (f"program={OLIVE}", "table=T7", "contractor=olive-crest", "table=T4,T6,T8,T9"):
            lines = csv_lines(door.get(f"/download/results.csv?{choice}").content)
            assert [it for it in lines if it not in alone] == []
        assert csv_lines(door.get(f"/download/results.csv?program={OLIVE}").content) == []
        assert csv_lines(door.get("/download/measures.csv?measure=reach-programs").content) == []


def test_made_up_answers_say_so_in_every_file(county):
    settings, made_up = county.settings, msgspec.structs.replace(county.settings, made_up=True)
    county.settings = made_up
    try:
        with county.staff_door("carla@county.example") as door:
            files = {kind: door.get(f"/download/{kind}?release=2026Q4").content for kind in KINDS}
    finally:
        county.settings = settings
    sheets = xlsx_lines(files["results.xlsx"]).values()
    parts = zipped(files["results.zip"])
    assert b'"made_up": true' in parts.pop("datapackage.json")
    tables = [*sheets, *map(csv_lines, (*parts.values(), files["results.csv"], files["measures.csv"]))]
    assert len(tables) == 8
    for lines in tables:
        assert {line["note"] for line in lines} == {"MADE-UP ANSWERS FOR DEMONSTRATION"}


def lines_beside(door, section):
    """The lines of the CSV files beside a table; the spreadsheet of each holds the same."""
    lines = []
    for address in (it for it in section.files if it.partition("?")[0].endswith(".csv")):
        kind, _, choice = address.removeprefix("/download/").partition(".csv?")
        own = csv_lines(door.get(address).content)
        assert f"/download/results.xlsx?{choice}" in section.files
        sheets = xlsx_lines(door.get(f"/download/results.xlsx?{choice}").content)
        assert sheets[kind.capitalize()] == own, address
        lines += own
    return lines


@pytest.mark.parametrize(("email", "path"), [(email, path) for email, it in PAGES.items() for path in it])
def test_every_figure_of_every_table_is_in_the_file_beside_it(county, email, path):
    with county.staff_door(email) as door:
        sections = [it for it in sections_of(door.get(path).text) if it.figures]
        assert sections
        for section in sections:
            assert section.files, f"{path}: no file beside “{section.title}”"
            shown = {it for line in lines_beside(door, section) for it in as_shown(line)}
            assert section.figures - shown == set(), (path, section.title)


def test_the_page_of_measures_is_about_no_program_and_the_page_of_one_holds_each_line(
    county,
):
    with county.staff_door("carla@county.example") as door:
        whole = [it for it in sections_of(door.get("/measures").text) if it.rows]
        assert len(whole) > 10
        for section in whole:
            lines = [it for it in lines_beside(door, section) if not it["program"] or it["measure"] in FLAGS]
            assert {it["measure_name"] for it in lines} == {section.title}
            assert cells_of(section) == Counter(map(measure_cells, lines))
        for measure in ("offered", "unanswered", "domain-safety"):
            (section,) = (it for it in sections_of(door.get(f"/measures?measure={measure}").text) if it.rows)
            lines = lines_beside(door, section)
            assert {it["measure"] for it in lines} == {measure}
            assert cells_of(section) == Counter(map(measure_cells, lines))
        assert door.get("/measures?measure=nothing").status_code == 404


def cells_of(section):
    return Counter(tuple(row[2:4]) for row in section.rows if row)


def measure_cells(line):
    """Value with its interval and n as the table of measures has them."""
    share = f" ({line['value']} %)" if line["numerator"] and line["value"] else ""
    by_details = line["n_details"] and line["measure"] != "overall"
    shown = f"{line['display']}{share}" if line["numerator"] else in_words(line)
    return shown, line["n_details"] if by_details else line["n"]


@pytest.mark.parametrize(("email", "path"), [("carla@county.example", VISTA), ("olga@olive.example", OLIVE)])
def test_the_batches_of_a_program_are_the_lines_of_their_file(county, email, path):
    with county.staff_door(email) as door:
        (section,) = (it for it in sections_of(door.get(f"/programs/{path}").text) if it.title == "Batches")
        lines = [it for it in lines_beside(door, section) if it["n"]]
        rows = [(row[0], row[1], row[4], row[5]) for row in section.rows if row]
        assert rows
        assert sorted(rows) == sorted((it["batch"], it["release"], it["n"], in_words(it)) for it in lines)


def in_words(line):
    if not line["low"]:
        return line["display"]
    if int(line["high"]) <= HARDLY_ANY:
        return "hardly any"
    if int(line["low"]) >= NEARLY_ALL:
        return "nearly all"
    return f"{line['display']} ({line['low']} to {line['high']} %)"


def test_a_page_with_another_figure_than_its_file_is_found(county):
    with county.staff_door("carla@county.example") as door:
        html = door.get(f"/programs/{VISTA}").text
        (section,) = (it for it in sections_of(html) if it.title == "Batches")
        (changed,) = (it for it in sections_of(change_a_figure(html)) if it.title == "Batches")
        shown = {it for line in lines_beside(door, section) for it in as_shown(line)}
        assert section.figures <= shown
        assert not changed.figures <= shown


def change_a_figure(html):
    """The last share of the batches of a page, one point higher."""
    *_, match = re.finditer(r"<strong>(\d+) %</strong> \(", html[: html.index("<h2>Measures</h2>")])
    return f"{html[: match.start(1)]}{int(match[1]) + 1}{html[match.end(1) :]}"


def test_the_links_of_a_table_are_told_apart_by_whoever_hears_them(county):
    with county.staff_door("carla@county.example") as door:
        for path in (*PAGES["carla@county.example"], "/measures"):
            links = [it for it in Page(door.get(path).text).all("a") if it["href"].startswith("/download/")]
            names = [it["aria-label"] for it in links if "?" in it["href"]]
            assert names
            assert len(set(names)) == len(names), path


def test_whoever_was_signed_out_is_led_through_sign_in_to_the_file(county):
    with county.staff_door("carla@county.example") as door:
        links = [it for it in Page(door.get("/measures").text).all("a") if "/download/" in it["href"]]
        assert links
        assert not [it for it in links if "download" in it], "the page for signing in would be the file"
    with county.staff_door() as door:
        answer = door.get("/download/results.csv?table=T3", follow_redirects=False)
        assert "table%3DT3" in answer.headers["location"]
