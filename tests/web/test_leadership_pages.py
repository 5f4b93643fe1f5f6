"""Results as staff read them.

Carla is CTLT. Vera works for Vista Del Mar, Olga for Olive Crest: neither has any access to the other's
programs. Ada is an admin, Rita a reviewer, Tam a translator.
"""

import re
from contextlib import contextmanager

import pytest

from feedback.programs import report_work
from surveys.registry import WorkTotal, county_plan
from tests.support.pages import Page

NOT_YET = "Not enough answers yet (fewer than 11)"
STRATEGY = next(it.id for it in county_plan().strategies if it.number == "4.3")
EVERY = (
    "/",
    "/programs/frp",
    "/programs/advocacy-vista",
    "/strategies/4.3",
    "/measures",
    "/links",
    "/releases",
    "/words",
)
VISTA = {"program": "advocacy-vista", "instrument": "youth-experience"}
OLIVE = {"program": "isfc-olive-crest", "instrument": "youth-experience"}


def vera(rehearsal):
    return rehearsal.user("vera@vista.example", "contractor", "vista-del-mar")


@contextmanager
def pages_for(rehearsal, email):
    """Read a page of the staff door as this person; what is not a page is its status."""
    with rehearsal.staff_door(email) as door:

        def read(path):
            answer = door.get(path)
            return Page(answer.text).text if answer.status_code == 200 else answer.status_code

        yield read


def test_before_a_release_a_full_inbox_looks_like_an_empty_one(rehearsal):
    carla = rehearsal.user()
    rehearsal.answer(1, **VISTA)
    paths = ("/", "/programs/advocacy-vista", f"/strategies/{STRATEGY}", "/measures", "/releases")
    with pages_for(rehearsal, carla) as read:
        before = [read(path) for path in paths]
        rehearsal.answer(40, **VISTA)
        assert [read(path) for path in paths] == before
    for text in before[:3]:
        assert NOT_YET in text
    for text in before:
        assert "The next one, 2026Q3, is due on 2026-10-15. Until then no number changes." in text
        assert not re.search(r"\d+ people|Over the core questions|Release by release|it could be", text)


def test_after_a_release_carla_reads_the_batch_everywhere(rehearsal):
    carla = rehearsal.user()
    rehearsal.answer(30, **VISTA)
    rehearsal.on("2026-10-15").release()
    with pages_for(rehearsal, carla) as read:
        overview, program = read("/"), read("/programs/advocacy-vista")
        strategy, measures, releases = read(f"/strategies/{STRATEGY}"), read("/measures"), read("/releases")
        assert read("/strategies/4.3") == strategy, "the plan's own number leads there too"
    assert "These are the results of the release of 2026Q3." in overview
    assert "1 of 17 Programs heard from" in overview
    assert re.search(r"Advocacy: Vista Del Mar contracted service 30 (at least )?[89]\d %", overview)
    assert overview.count(NOT_YET) >= 16
    said = r"30 people, 2026Q3\. Over the core questions (at least|about) (8|9|10) in 10 answers were good"
    assert re.search(said, program)
    assert re.search(r"B\d+ 2026Q3 youth live 30", program)
    assert "Not heard on their own in the latest release: caregiver. Silence is not good news." in program
    assert "30 people, 2026Q3." in strategy
    assert "Programs heard from county 1 of 17 (6 %)" in measures
    assert "2026Q3 2026-10-15 1 Rosa" in releases


@pytest.mark.slow
def test_each_release_adds_a_mark_and_says_whether_it_changed(rehearsal):
    carla = rehearsal.user()
    rehearsal.answer(60, **VISTA)
    rehearsal.on("2026-10-15").release()
    rehearsal.answer(
        60, answers={f"core-{it}": "1" for it in ("safety", "respect", "voice", "trust")}, **VISTA
    )
    rehearsal.on("2027-01-15").release()
    with rehearsal.staff_door(carla) as door:
        page = Page(door.get("/programs/advocacy-vista").text)
    assert len(page.all("svg")) >= 2
    assert all("The table below holds the same numbers." in it["aria-label"] for it in page.all("svg"))
    assert "Clearly lower than in 2026Q3." in page.text
    assert "120 people, 2026Q3 to 2026Q4." in page.text


def served(rehearsal, program, people):
    total = WorkTotal(program, "2026Q3", people, people, 30)
    rehearsal.in_transaction(lambda session: report_work(session, total))


@pytest.mark.slow
def test_more_answers_than_people_served_are_flagged_where_staff_read_them(rehearsal):
    flag = "More answers than people served"
    people = {"carla": rehearsal.user(), "vera": vera(rehearsal)}
    served(rehearsal, "advocacy-vista", 29)
    served(rehearsal, "isfc-olive-crest", 44)
    rehearsal.answer(30, **VISTA)
    rehearsal.answer(44, **OLIVE)
    for email in people.values():
        with pages_for(rehearsal, email) as read:
            assert flag not in read("/") + read("/programs/advocacy-vista"), "not before the release"
    rehearsal.on("2026-10-15").release()
    for email in people.values():
        with pages_for(rehearsal, email) as read:
            assert f"Advocacy: Vista Del Mar {flag}" in read("/")
            assert read("/").count(flag) == 1
            assert f"{flag}, live. A quarter's report may be missing or too low" in read(
                "/programs/advocacy-vista"
            )
    with pages_for(rehearsal, people["carla"]) as read:
        assert f"{flag} Advocacy: Vista Del Mar more answers than people served" in read("/measures")
        assert flag not in read("/programs/isfc-olive-crest")


def test_answers_a_program_collected_are_flagged_apart_from_live_ones(rehearsal):
    carla = rehearsal.user()
    served(rehearsal, "advocacy-vista", 29)
    rehearsal.answer(20, **VISTA)
    rehearsal.answer(30, origin="entered", entered="2026Q3", **VISTA)
    rehearsal.on("2026-10-15").release()
    with pages_for(rehearsal, carla) as read:
        program = read("/programs/advocacy-vista")
    assert "More answers than people served, collected by the program. A quarter" in program
    assert "More answers than people served, live" not in program, "50 are never added up"


@pytest.mark.slow
def test_vera_sees_her_own_programs_and_nobody_else_s(rehearsal):
    email = vera(rehearsal)
    rehearsal.answer(30, **VISTA)
    rehearsal.answer(44, **OLIVE)
    rehearsal.on("2026-10-15").release()
    with rehearsal.staff_door(email) as door:
        overview, own = (Page(door.get(path).text).text for path in ("/", "/programs/advocacy-vista"))
        answers = [
            door.get(f"/programs/{it}") for it in ("isfc-olive-crest", "frp", "nothing", "%ff", "x" * 500)
        ]
    assert "What people said about your programs" in overview
    assert "Advocacy: Vista Del Mar" in overview
    assert "Olive Crest" not in overview + own
    assert "44" not in overview + own
    assert "30 people, 2026Q3." in own
    assert [it.status_code for it in answers] == [404] * 5
    assert len({it.text for it in answers}) == 1, "what is not hers looks like what does not exist"


def test_vera_s_page_of_strategies_names_them_without_a_way_in(rehearsal):
    with rehearsal.staff_door(vera(rehearsal)) as door:
        page = Page(door.get("/programs/advocacy-vista").text)
        assert door.get(f"/strategies/{STRATEGY}").status_code == 404
    assert "4.3 " in page.text
    assert not [it for it in page.addresses if it.startswith(("/strategies", "/measures"))]


@pytest.mark.slow
def test_each_role_opens_its_own_pages_and_no_others(rehearsal):
    people = {
        rehearsal.user(): " ".join(it for it in EVERY if it != "/words"),
        vera(rehearsal): "/ /programs/advocacy-vista /links /releases",
        rehearsal.user("ada@county.example", "admin"): "/ /links /releases /words",
        rehearsal.user("rita@county.example", "reviewer"): "/",
        rehearsal.user("tam@county.example", "translator"): "/ /words",
    }
    for email, own in people.items():
        with rehearsal.staff_door(email) as door:
            opened = [path for path in EVERY if door.get(path).status_code == 200]
            assert opened == own.split(), email
            top = [it["href"] for it in Page(door.get("/").text).all("a") if it["href"] in EVERY]
            assert set(top) <= set(opened), f"{email} is led to a closed door"


def test_an_unknown_strategy_is_not_there(rehearsal):
    carla = rehearsal.user()
    with rehearsal.staff_door(carla) as door:
        assert [door.get(f"/strategies/{it}").status_code for it in ("99.9", "nothing", "%00")] == [404] * 3


def test_a_late_release_is_said_to_be_due_to_everyone_who_waits(rehearsal):
    carla = rehearsal.user()
    for day, said in (
        ("2026-10-02", "The release of 2026Q3 may run now and is due on 2026-10-15."),
        ("2026-10-15", "The release of 2026Q3 is due since 2026-10-15."),
    ):
        with pages_for(rehearsal.on(day), carla) as read:
            assert said in read("/")
