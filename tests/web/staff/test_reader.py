"""Stella is on the Steering Committee: a reader, who sees the County and its strategies, no program whole."""

import re

import pytest

from tests.support.forms.pages import Page
from tests.support.forms.staff_forms import forms_of

STELLA = "stella@county.example"
VISTA = {"program": "advocacy-vista", "instrument": "youth-experience"}
COUNTY_TABLES = {"T3", "T4", "T6", "T7", "T8", "T9", "themes"}
PAGES = (
    "/",
    "/county",
    "/programs/advocacy-vista",
    "/programs/frp",
    "/strategies/4.3",
    "/strategies/7.8",
    "/releases",
)


@pytest.fixture
def two_years(sandbox):
    """Two releases, of which the second is the year's, so that every table has rows."""
    sandbox.user(STELLA, "reader")
    answers = {"should-change": "I need housing and a place to live", "core-safety": "1"}
    sandbox.answer(60, answers=answers, **VISTA)
    sandbox.answer(45, answers=answers, language="es", **VISTA)
    sandbox.on("2026-10-15").release()
    sandbox.answer(15, **VISTA)
    sandbox.on("2027-01-15").release()
    return sandbox


@pytest.mark.slow
def test_a_reader_reads_the_tables_of_the_rule_and_no_other(two_years):
    rows = two_years.tables("reader")
    assert {row.table for row in rows} == COUNTY_TABLES
    assert not [
        row for row in rows if row.table == "themes" and not {"county", "strategy"} & set(row.filters)
    ]
    assert not [row for row in rows if row.batch or "contractor" in row.filters]
    public = two_years.tables("public")
    assert [it for it in rows if "program" in it.filters] == [it for it in public if "program" in it.filters]
    assert {row.table for row in two_years.tables("ctlt")} - COUNTY_TABLES == {"T1", "T1d", "T2", "T5"}


@pytest.mark.slow
def test_a_reader_s_pages_show_what_there_is_and_say_what_the_role_does_not_see(two_years):
    with two_years.staff_door(STELLA) as door:
        texts = {path: Page(door.get(path).text).text for path in PAGES}
    overview, program, strategy = texts["/"], texts["/programs/advocacy-vista"], texts["/strategies/4.3"]
    assert "What people told the County" in overview
    assert "120 answers so far, live" in overview
    assert "Languages, 2026" in texts["/county"]
    assert "Question by question, 2026" in texts["/county"]
    assert "Its single releases, and all measures, are not shown to your role." in overview
    assert re.search(r"120 answers, [\w ]*2026", program)
    assert "measures and work are not shown to your role" in program
    for absent in ("This release", "Last four releases", "None yet", "Batches", "Work reported", "Measures"):
        assert absent not in program, absent
    assert "nothing new" not in overview, "no release of a program is shown, new or not"
    assert re.search(r"How helpful were the people here\? .*\d\d %", strategy)
    assert "Measures are not shown to your role." in strategy
    assert "No measure speaks" not in strategy
    for path, words in texts.items():
        assert words.count("not shown to your role") == (path not in ("/releases", "/county")), path


def test_before_a_release_a_reader_s_pages_are_whole(sandbox):
    with sandbox.staff_door(sandbox.user(STELLA, "reader")) as door:
        for path in PAGES:
            assert door.get(path).status_code == 200, path


@pytest.mark.slow
def test_leadership_and_contractors_are_told_of_nothing_that_they_do_not_see(two_years):
    people = (two_years.user(), two_years.user("vera@vista.example", "contractor", "vista-del-mar"))
    for email in people:
        with two_years.staff_door(email) as door:
            assert "to your role" not in door.get("/").text + door.get("/programs/advocacy-vista").text


def test_a_reader_is_led_to_nothing_closed_and_sends_nothing_but_its_own_account(sandbox):
    with sandbox.staff_door(sandbox.user(STELLA, "reader")) as door:
        actions = set()
        for path in PAGES:
            page = door.get(path).text
            own = {it for it in Page(page).addresses if it.startswith("/") and "static" not in it}
            assert {it for it in own if door.get(it).status_code == 404} <= {"/sign-out"}, path
            actions |= {form.action for form in forms_of(page)}
        assert actions == {"/sign-out"}
        for path in ("/audit", "/measures", "/links", "/people", "/words", "/served"):
            assert door.get(path).status_code == 404, path


def test_an_admin_makes_a_reader_on_the_page_of_people(sandbox):
    with sandbox.staff_door(sandbox.user("ada@county.example", "admin")) as door:
        assert "for the Steering Committee and the Youth Commission" in Page(door.get("/people").text).text
        answer = sandbox.submit(door, "/people", "/people", email=STELLA, role="reader", contractor="")
        assert answer.status_code == 200
        refused = sandbox.submit(
            door, "/people", "/people", email="sam@county.example", role="reader", contractor="olive-crest"
        )
    assert "An account of the role reader has no contractor." in Page(refused.text).text
