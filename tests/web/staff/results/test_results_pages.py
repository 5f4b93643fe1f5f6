"""Results as staff read them.

Carla is CTLT. Vera works for Vista Del Mar, Olga for Olive Crest: neither has any access to the other's
programs. Ada is an admin, Rita a reviewer, Tam a translator.
"""

import re
from contextlib import contextmanager

import pytest

from feedback.fieldwork.totals import report_work
from surveys.registry import WorkTotal, county_plan
from tests.support.forms.pages import Page
from tests.support.forms.shown_figures import WELL

PROMISE = (
    "Numbers are about groups of 11 or more answers, each moved by chance; from all that is published nobody "
    "can be certain of anything one answer said, and who could only toss a coin before is right in at most "
    "77 of 100 after."
)
SUMMER = "July to September 2026"
Q3 = f"{SUMMER}, FY 2026-27 Q1"
SHARE = r"(\d+ % \(\d+ to \d+ %\)|hardly any|nearly all|too few answers to say)"
NOT_YET = "Not enough answers yet (fewer than 11)"
STRATEGY = next(it.id for it in county_plan().strategies if it.number == "4.3")
EVERY = (
    "/",
    "/county",
    "/programs",
    "/programs/frp",
    "/programs/advocacy-vista",
    "/strategies",
    "/strategies/4.3",
    "/who-was-heard",
    "/measures",
    "/served",
    "/served/frp",
    "/served/advocacy-vista",
    "/links",
    "/releases",
    "/words",
)
VISTA = {"program": "advocacy-vista", "instrument": "youth-experience"}
OLIVE = {"program": "isfc-olive-crest", "instrument": "youth-experience"}


def vera(sandbox):
    return sandbox.user("vera@vista.example", "contractor", "vista-del-mar")


@contextmanager
def pages_for(sandbox, email):
    """Read a page of the staff door as this person; what is not a page is its status."""
    with sandbox.staff_door(email) as door:

        def read(path):
            answer = door.get(path)
            return Page(answer.text).text if answer.status_code == 200 else answer.status_code

        yield read


def test_before_a_release_a_full_inbox_looks_like_an_empty_one(sandbox):
    carla = sandbox.user()
    sandbox.answer(1, **VISTA)
    paths = ("/", "/programs/advocacy-vista", f"/strategies/{STRATEGY}", "/measures", "/releases")
    with pages_for(sandbox, carla) as read:
        texts = [read(path) for path in paths]
        sandbox.answer(40, **VISTA)
        assert [read(path) for path in paths] == texts
    for text in texts:
        assert "Nothing was released yet." in text
        assert f"The next one, {Q3}, is due on 2026-10-15. Until then no number changes." in text
        figures = (
            r"\d+ answers, 20|\d+ answers so far|Over the core questions|Release by release|\(\d+ to \d+ %\)"
        )
        assert not re.search(figures, text)
    assert "First steps Make a link for each audience of a program" in texts[0]
    assert "What changed" not in texts[0]


def test_after_a_release_carla_reads_the_batch_everywhere(sandbox):
    carla = sandbox.user()
    sandbox.answer(30, **VISTA)
    sandbox.on("2026-10-15").release()
    with pages_for(sandbox, carla) as read:
        overview, program = read("/"), read("/programs/advocacy-vista")
        strategy, measures, releases = read(f"/strategies/{STRATEGY}"), read("/measures"), read("/releases")
        assert read("/strategies/4.3") == strategy, "the plan's own number leads there too"
    assert f"Results of {Q3}, published on 2026-10-15." in overview
    assert "1 of 17 Programs heard from" in overview
    assert "30 answers so far, live" in overview
    stands = rf"{SHARE} 30 answers"
    assert re.search(rf"Vista Del Mar\W*( {stands}){{3}} -", overview)
    assert overview.count(NOT_YET) >= 16
    assert re.search(
        r"30 answers came in July to September 2026\. Over the core questions [89]\d % of answers were good",
        program,
    )
    assert re.search(r"B\d+ 2026Q3 July to September 2026 young people, live 30 [89]\d %", program)
    silent = "Not heard on their own in this release: parents and caregivers. Silence is not good news."
    assert silent in program
    assert "30 answers, July to September 2026." in strategy
    assert "Programs heard from county 1 of 17 (6 %)" in measures
    assert f"{Q3} 2026-10-15 1 0 Rosa" in releases


@pytest.mark.slow
def test_a_reader_is_told_on_which_day_the_questions_come(sandbox):
    carla = sandbox.user()
    sandbox.answer(60, **VISTA)
    on_day = "come with the release of October to December {}, due on {}."
    paths = ("/", "/programs/advocacy-vista", f"/strategies/{STRATEGY}")
    for day, year, due in (
        ("2026-08-15", 2026, "2027-01-15"),
        ("2026-10-15", 2026, "2027-01-15"),
        ("2027-01-15", 2027, "2028-01-15"),
    ):
        sandbox.on(day)
        if day > "2026-10":
            sandbox.release()
        with pages_for(sandbox, carla) as read:
            for path in paths:
                assert on_day.format(year, due) in read(path), (day, path)
            program = read("/programs/advocacy-vista")
        assert ("Single questions, options, languages and themes come with" in program) == (
            day == "2026-10-15"
        )
        assert ("Feeling safe comes on 2027-01-15" in program) == (day == "2026-10-15")


def test_a_first_year_says_why_it_looks_empty(sandbox):
    carla = sandbox.user()
    why = (
        "most of all in a first year and until the County has 200 answers: from few answers a figure could be"
    )
    for day in ("2026-08-15", "2026-10-15"):
        if day > "2026-10":
            sandbox.answer(11, **VISTA)
            sandbox.on(day).release()
        with pages_for(sandbox, carla) as read:
            assert why in read("/")


@pytest.mark.slow
def test_after_a_year_with_many_answers_nothing_has_to_be_explained(sandbox):
    carla = sandbox.user()
    sandbox.answer(210, **VISTA)
    for day in ("2026-10-15", "2027-01-15", "2027-04-15", "2027-07-15"):
        sandbox.on(day).release()
    with pages_for(sandbox, carla) as read:
        assert "most of all in a first year" not in read("/")


@pytest.mark.slow
def test_each_release_adds_a_mark_and_neighbours_are_not_compared(sandbox):
    carla = sandbox.user()
    sandbox.answer(60, **VISTA)
    sandbox.on("2026-10-15").release()
    sandbox.answer(60, answers={f"core-{it}": "1" for it in ("safety", "respect", "voice", "trust")}, **VISTA)
    sandbox.on("2027-01-15").release()
    with sandbox.staff_door(carla) as door:
        page = Page(door.get("/programs/advocacy-vista").text)
    assert len(page.all("svg")) >= 2
    assert all("The table below holds the same numbers." in it["aria-label"] for it in page.all("svg"))
    assert "Neighbouring quarters are not compared: too few people answer in one" in page.text
    assert not re.search(r"[Cc]learly (higher|lower)|[Nn]o clear change", page.text)
    numbers = " ".join(
        rf"{release} {share} 60 answers of {months}"
        for release, months, share in (
            ("2026Q3", "July to September 2026", WELL),
            ("2026Q4", "October to December 2026", r"\d\d % \(\d+ to \d+ %\)"),
        )
    )
    assert re.search(numbers, page.text)
    assert "120 answers, July to December 2026." in page.text


@pytest.mark.slow
def test_the_county_has_its_fields_by_quarter_where_an_audience_is_large_enough(sandbox):
    carla = sandbox.user()
    sandbox.answer(200, **VISTA)
    sandbox.answer(20, audience="caregiver", program="advocacy-vista", instrument="caregiver-experience")
    sandbox.on("2026-10-15").release()
    with pages_for(sandbox, carla) as read:
        overview = read("/county")
    assert f"This release: 220 answers, {SUMMER}. Fields are about 200 answers of {SUMMER}." in overview
    assert re.search(rf"Feeling safe( {SHARE}){{3}} Respect", overview)
    assert re.search(
        rf"Feeling safe 0 50 100 % 2026 .* Numbers .* 2026Q3 {SHARE} 200 answers of July to September 2026",
        overview,
    )
    assert "Fields come in each release in which 80 of an audience answered" in overview


@pytest.mark.slow
def test_the_year_s_release_brings_questions_languages_and_themes_with_whose_answers_they_are(sandbox):
    carla, email = sandbox.user(), vera(sandbox)
    answers = {"should-change": "I need housing and a place to live", "core-safety": "1"}
    sandbox.answer(60, answers=answers, **VISTA)
    sandbox.answer(45, answers=answers, language="es", **VISTA)
    sandbox.on("2026-10-15").release()
    sandbox.answer(15, **VISTA)
    sandbox.on("2027-01-15").release()
    sandbox.on("2027-02-15").answer(12, **VISTA)
    sandbox.on("2027-04-15").release()
    with pages_for(sandbox, carla) as read:
        overview, program, strategy = read("/"), read("/programs/advocacy-vista"), read("/strategies/4.3")
        county = read("/county")
    with pages_for(sandbox, email) as read:
        hers = read("/programs/advocacy-vista")
    for text in (program, hers):
        assert "This release: 12 answers, January to March 2027." in text
        about = (
            "132 answers, July 2026 to March 2027."
            f" Fields and single questions are about 105 answers of {SUMMER}."
        )
        assert f"All so far: {about}" in text
        assert "Release of 2026Q3: young people, live, 105 answers, July to September 2026." in text
        assert re.search(
            r"How safe did you feel with the people here\? comes on 2028-01-15 (hardly any|[12]?\d % )", text
        )
        assert re.search(r"What people wrote about, 2026 .* housing: about \d+-\d+", text)
        assert text.count("132 answers came in July 2026 to March 2027. Over the core questions") == 1
    helpful = r"How helpful were the people here\? young people, parents and caregivers together"
    assert re.search(rf"{helpful} {WELL}", strategy)
    assert re.search(r"housing: about \d+-\d+", strategy)
    assert re.search(rf"English , live 75, July to December 2026 {SHARE}", county)
    assert re.search(rf"Español , live 45, July to December 2026 {SHARE}", county)
    assert "Question by question, 2026 The release of October to December 2026" in county
    question = r"How safe did you feel with the people here\? (hardly any|\d+ % \(3 to \d+ %\)) 105 answers"
    assert re.search(question, county)
    assert re.search(r"What people wrote about, 2026 .* housing: about \d+-\d+", overview)


@pytest.mark.slow
def test_experts_and_partners_stand_apart_with_questions_of_their_own(sandbox):
    carla = sandbox.user()
    sandbox.answer(40, "frp", "expert", "expert-review", answers={"advice-used": "5"})
    sandbox.answer(12, "frp")
    sandbox.answer(45, "training-cast", "partner", "event")
    sandbox.on("2026-10-15").release()
    sandbox.answer(11, "frp", "expert", "expert-review")
    sandbox.on("2027-01-15").release()
    with pages_for(sandbox, carla) as read:
        overview, frp, training = read("/"), read("/programs/frp"), read("/programs/training-cast")
        county = read("/county")
    assert re.search(rf"First Responder Protocol {SHARE} 12 answers", overview), "not the experts' figure"
    assert re.search(rf"First Responder Protocol , lived experience experts {SHARE} 51 answers", overview)
    assert re.search(rf" , partners {SHARE} 45 answers", overview)
    assert "Questions of experts and partners, 2026 Lived experience experts, live" in county
    assert "In short 12 answers came in" in frp
    assert "Apart from these, lived experience experts, live: 51 answers" in frp
    assert "63 answers" not in overview + frp
    assert "Apart from these, partners, live: 45 answers" in training


def test_nothing_stronger_than_the_promise_is_said(sandbox):
    with pages_for(sandbox, sandbox.user()) as read:
        for path in ("/", "/programs/frp", "/strategies/4.3", "/measures"):
            text = read(path)
            assert PROMISE in text
            assert not re.search(r"eleven people|11 people|anonymous|impossible", text)


def report_people_served(sandbox, program, people):
    total = WorkTotal(program=program, period="2026Q3", served=people, offered=people, minutes=30)
    sandbox.in_transaction(lambda session: report_work(session, total))


@pytest.mark.slow
def test_more_answers_than_people_served_are_flagged_where_staff_read_them(sandbox):
    flag = "More answers than people served"
    people = {"carla": sandbox.user(), "vera": vera(sandbox)}
    report_people_served(sandbox, "advocacy-vista", 29)
    report_people_served(sandbox, "isfc-olive-crest", 44)
    sandbox.answer(30, **VISTA)
    sandbox.answer(44, **OLIVE)
    for email in people.values():
        with pages_for(sandbox, email) as read:
            assert flag not in read("/") + read("/programs/advocacy-vista"), "not before the release"
    sandbox.on("2026-10-15").release()
    for email in people.values():
        with pages_for(sandbox, email) as read:
            assert re.search(rf"Vista Del Mar\W* {flag}", read("/"))
            assert read("/").count(flag) == 1
            assert f"{flag}, live. A quarter's report may be missing or too low" in read(
                "/programs/advocacy-vista"
            )
    with pages_for(sandbox, people["carla"]) as read:
        assert f"{flag} Advocacy: Vista Del Mar more answers than people served" in read("/measures")
        assert flag not in read("/programs/isfc-olive-crest")


@pytest.mark.slow
def test_answers_a_program_collected_are_flagged_apart_from_live_ones(sandbox):
    carla = sandbox.user()
    report_people_served(sandbox, "advocacy-vista", 29)
    sandbox.answer(20, **VISTA)
    sandbox.answer(30, origin="entered", entered="2026Q3", **VISTA)
    sandbox.on("2026-10-15").release()
    with pages_for(sandbox, carla) as read:
        program = read("/programs/advocacy-vista")
    assert "More answers than people served, collected by the program. A quarter" in program
    assert "More answers than people served, live" not in program, "50 are never added up"


@pytest.mark.slow
def test_vera_sees_her_own_programs_and_nobody_else_s(sandbox):
    email = vera(sandbox)
    sandbox.answer(30, **VISTA)
    sandbox.answer(44, **OLIVE)
    sandbox.on("2026-10-15").release()
    with sandbox.staff_door(email) as door:
        overview, own = (Page(door.get(path).text).text for path in ("/", "/programs/advocacy-vista"))
        answers = [
            door.get(f"/programs/{it}") for it in ("isfc-olive-crest", "frp", "nothing", "%ff", "x" * 500)
        ]
    assert "What people said about your programs" in overview
    assert "Vista Del Mar" in overview
    assert "Olive Crest" not in overview + own
    assert "44" not in overview + own
    assert own.count("30 answers came in July to September 2026. Over the core questions") == 1
    assert [it.status_code for it in answers] == [404] * 5
    assert len({it.text for it in answers}) == 1, "what is not hers looks like what does not exist"


def test_vera_s_page_of_strategies_names_them_without_a_way_in(sandbox):
    with sandbox.staff_door(vera(sandbox)) as door:
        page = Page(door.get("/programs/advocacy-vista").text)
        assert door.get(f"/strategies/{STRATEGY}").status_code == 404
    assert "4.3 " in page.text
    assert not [it for it in page.addresses if it.startswith(("/strategies", "/measures"))]


@pytest.mark.slow
def test_each_role_opens_its_own_pages_and_no_others(sandbox):
    people = {
        sandbox.user(): " ".join(it for it in EVERY if it != "/words"),
        sandbox.user("stella@county.example", "reader"): (
            "/ /county /programs /programs/frp /programs/advocacy-vista /strategies /strategies/4.3 /releases"
        ),
        vera(sandbox): "/ /programs /programs/advocacy-vista /served /served/advocacy-vista /links /releases",
        sandbox.user("ada@county.example", "admin"): (
            "/ /served /served/frp /served/advocacy-vista /links /releases /words"
        ),
        sandbox.user("rita@county.example", "reviewer"): "/",
        sandbox.user("tam@county.example", "translator"): "/ /words",
    }
    for email, own in people.items():
        with sandbox.staff_door(email) as door:
            paths = [path for path in EVERY if door.get(path).status_code == 200]
            assert paths == own.split(), email
            top = [it["href"] for it in Page(door.get("/").text).all("a") if it["href"] in EVERY]
            assert set(top) <= set(paths), f"{email} is led to a closed door"


def test_an_unknown_strategy_is_not_there(sandbox):
    carla = sandbox.user()
    with sandbox.staff_door(carla) as door:
        assert [door.get(f"/strategies/{it}").status_code for it in ("99.9", "nothing", "%00")] == [404] * 3


def test_a_late_release_is_said_to_be_due_to_everyone_who_waits(sandbox):
    carla = sandbox.user()
    for day, sentence in (
        ("2026-10-02", f"The next one, {Q3}, may run now and is due on 2026-10-15."),
        ("2026-10-15", f"The next release, {Q3}, is due since 2026-10-15"),
    ):
        with pages_for(sandbox.on(day), carla) as read:
            assert sentence in read("/")
