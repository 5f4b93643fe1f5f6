"""What people said: what the pages of results say to anyone, and what they never say."""

import re
from pathlib import Path

import msgspec
import pytest

from analysis import figures
from analysis.figures import TOO_FEW, Figure
from analysis.publishing.changes import HIGHER, LOWER, NONE
from analysis.publishing.rows import Row
from feedback.fieldwork.programs import store_programs
from feedback.fieldwork.totals import report_work
from feedback.web.survey.public_results import of_changes
from surveys.registry import Programs, WorkTotal, shipped_programs
from tests.support.forms.pages import Page
from tests.support.public_rows import changes, say_changes

pytestmark = pytest.mark.slow  # each makes a release

DOCS = Path(__file__).parents[3] / "docs"


def test_before_a_release_nobody_is_counted(sandbox, door):
    empty = door.get("/heard").text, door.get("/heard/meeting-team").text
    sandbox.answer(30)
    assert (door.get("/heard").text, door.get("/heard/meeting-team").text) == empty
    assert "There are no results yet." in empty[0]
    for program in shipped_programs().programs:
        assert f"{program.public_name}: not enough answers yet" in empty[0]
    assert "Not enough answers yet (fewer than 11)." in empty[1]
    assert "Answers:" not in "".join(empty)


def test_after_a_release_everyone_reads_what_was_heard(sandbox):
    sandbox.answer(30)
    sandbox.answer(10, program="syz")
    sandbox.on("2026-10-15").release()
    with sandbox.survey_door() as door:
        county, program, small_program = (
            door.get(f"/heard{it}").text for it in ("", "/meeting-team", "/safe-place")
        )
    assert "/heard/meeting-team" in Page(county).addresses
    assert "/heard/safe-place" not in Page(county).addresses
    for text in (Page(county).text, Page(program).text):
        assert "Sent by people themselves" in text
        assert "Answers: 30 (July 2026 – September 2026)" in text
        assert re.search(r"All questions together [89]\d % \d\d to 97 %", text)
    assert "The team that meets people first" in Page(program).text
    assert (
        "In the survey it is called: The team that met you / The team that met you or" in Page(program).text
    )
    assert "/heard#numbers" in Page(program).addresses
    assert "Not enough answers yet (fewer than 11)." in Page(small_program).text
    assert "Answers: 10" not in county + small_program


def test_answers_a_program_typed_in_stand_apart(sandbox):
    sandbox.answer(12)
    sandbox.answer(13, origin="entered", entered="2026Q3")
    sandbox.on("2026-10-15").release()
    with sandbox.survey_door() as door:
        text = Page(door.get("/heard/meeting-team").text).text
    live, _, entered = text.partition("Collected on paper by the program")
    assert "Answers: 12 (" in live
    assert "Answers: 13 (" in entered
    assert "Answers: 25" not in text


def test_a_reader_is_told_when_the_questions_come(sandbox):
    sandbox.answer(30)
    sandbox.on("2026-10-15").release()
    with sandbox.survey_door() as door:
        for path in ("/heard", "/heard/meeting-team"):
            text = Page(door.get(path).text).text
            assert "Single questions come out once a year, where there are enough answers." in text
            assert "The next time is around January 15, 2027." in text


@pytest.mark.slow
def test_the_questions_of_the_year_stay_until_the_next_year_s_come(sandbox):
    sandbox.on("2026-12-01").answer(60)
    sandbox.answer(40, audience="caregiver", instrument="caregiver-experience")
    sandbox.on("2027-01-15").release("2026Q3")
    sandbox.release("2026Q4")
    in_january = _heard(sandbox)
    sandbox.on("2027-04-15").release()
    for text in (in_january, _heard(sandbox)):
        assert "Single questions come out" not in text
        questions = text.partition("Question by question")[2]
        _, everyone, rest = questions.partition("Young people, parents and caregivers together")
        assert everyone
        assert rest.lstrip().startswith("Answers: 100 (October 2026 – December 2026)")
        young, _, parents = rest.partition("Parents and caregivers")
        assert "Young people Answers: 60 (" in young
        assert re.search(r"Feeling safe [6-9]\d % \d\d to 9\d %", young)
        assert parents.lstrip().startswith("Answers: 40 (")


@pytest.mark.slow
def test_a_program_s_page_has_the_questions_of_the_year_with_their_quarters(sandbox):
    sandbox.answer(60, instrument="youth-experience")
    sandbox.on("2026-10-15").release()
    sandbox.on("2026-12-01").answer(12, instrument="youth-experience")
    sandbox.on("2027-01-15").release()
    sandbox.answer(11, instrument="youth-experience")
    sandbox.on("2027-04-15").release()
    text = _heard(sandbox, "/meeting-team")
    assert "Answers: 83 (July 2026 – March 2027)" in text
    assert "All lines but the first rest on 72 of these answers (July 2026 – December 2026)." in text
    assert re.search(r"Feeling safe [6-9]\d % \d\d to 9\d %", text)


def test_what_is_too_unsure_is_said_in_words(sandbox, monkeypatch):
    monkeypatch.setattr(figures, "WIDEST", 0)
    sandbox.answer(30)
    sandbox.on("2026-10-15").release()
    with sandbox.survey_door() as door:
        thanks = Page(door.get("/thanks").text).text
    for text in (_heard(sandbox), _heard(sandbox, "/meeting-team")):
        assert "All questions together too few answers to say" in text
    assert "Said it went well: too few answers to say." in thanks


@pytest.mark.slow
def test_a_reader_is_told_why_a_first_year_looks_empty(sandbox):
    assert "until 200 answers" not in _heard(sandbox), "there is nothing to explain yet"
    sandbox.answer(199)
    sandbox.on("2026-10-15").release()
    assert "until 200 answers have come from the whole county" in _heard(sandbox)
    sandbox.answer(11)
    sandbox.on("2027-01-15").release()
    assert "until 200 answers" not in _heard(sandbox)


def test_the_promise_and_its_limits_stand_beside_the_numbers(sandbox, door):
    text = Page(door.get("/heard").text).text
    promise = (DOCS / "disclosure.md").read_text("utf-8")
    for sentence in (
        "What we publish about answers is numbers about groups of eleven or more, each moved by chance.",
        "From all these numbers together nobody can be certain of anything you answered",
        "not even somebody who knows what everybody else in your groups answered.",
        "50 of 100",
        "at most 77 of 100",
        "up to 93 of 100",
        "more than 99",
    ):
        assert sentence in text
        assert sentence in promise
    _, heading, limits = text.partition("What this does not cover")
    assert heading
    for limit in (
        "That somebody answered, with which survey, whom it was made for, in which three months, in which",
        "Several answers of one person.",
        "Words that you let us pass on.",
        "How a whole group felt.",
        "People who answer alike",
        "People who type in paper.",
        "People who hold the key that opens answers, and people who read what was written.",
        "Made-up answers.",
    ):
        assert limit in limits


# Which release, and what its numbers are


def test_the_release_is_named_by_its_quarter_with_its_day_and_the_next(sandbox):
    first = "The first come around October 15, 2026."
    assert first in _heard(sandbox)
    sandbox.answer(30)
    sandbox.on("2026-10-20").release()
    for of in ("", "/meeting-team", "/support-inside"):
        text = _heard(sandbox, of)
        assert "results of July 2026 – September 2026. They came out on October 20, 2026." in text
        assert "There is a release four times a year. The next comes around January 15, 2027." in text
        assert "means one of the two best of five answers." in text
        assert "We count answers, not people." in text
        assert first not in text


def test_a_release_that_is_late_is_said_to_be(sandbox):
    sandbox.on("2026-10-15").release()
    assert "late" not in _heard(sandbox.on("2027-01-15"))
    text = _heard(sandbox.on("2027-01-16"))
    assert "The next release was due around January 15, 2027. It is late, and will come." in text


def test_this_release_stands_beside_the_last_four_and_all(sandbox):
    sandbox.answer(30)
    sandbox.on("2026-10-15").release()
    sandbox.answer(20)
    sandbox.on("2027-01-15").release()
    percent = r"[89]\d % \(\d\d to 97 %\)"
    assert re.search(
        f"This release 20 {percent} The last four releases 50 {percent} All releases 50 {percent}",
        _heard(sandbox),
    )
    sandbox.on("2027-04-15").release()
    assert "This release not enough answers yet The last four releases 50" in _heard(sandbox)


# What changed


@pytest.fixture
def after_a_release(sandbox):
    sandbox.answer(30)
    sandbox.answer(30, program="dream-unit", instrument="youth-experience")
    sandbox.on("2026-10-15").release()
    return sandbox


def say(sandbox, owner, *displays):
    sandbox.in_transaction(lambda session: say_changes(session, owner, *displays))


def test_change_is_said_in_words_and_which_way_is_good(after_a_release):
    say(after_a_release, {"county": "county"}, NONE, HIGHER)
    say(after_a_release, {"program": "dream-unit"}, LOWER, TOO_FEW)
    say(after_a_release, {"program": "frp"}, NONE, NONE)
    text = _heard(after_a_release)
    _, heading, rest = text.partition("What changed ")
    assert heading
    assert rest.startswith(
        "The whole county Compared with the year before: no clear change "
        "Compared with the first year: clearly higher, which is good "
        "Workers and their teams Compared with the year before: clearly lower, which is not good "
        "Compared with the first year: too few answers to say "
        "Programs with no clear change: 1. Programs with too few answers to say: 15. "
        "A year here is four releases. About one release in six shows one change by chance."
    )
    program = _heard(after_a_release, "/worker-team")
    assert "What changed Compared with the year before: clearly lower, which is not good" in program
    for page in (text, program):
        assert page.count("About one release in six shows one change by chance.") == 1


def test_nothing_is_said_of_change_where_nothing_was_published_of_it(after_a_release):
    assert "This can be said when results have come out eight times." in _heard(after_a_release)
    assert "What changed" not in _heard(after_a_release, "/meeting-team")
    assert "Compared with" not in _heard(after_a_release)


def test_by_chance_is_said_once_where_two_kinds_of_answers_changed(sandbox):
    sandbox.answer(12)
    sandbox.answer(13, origin="entered", entered="2026Q3")
    sandbox.on("2026-10-15").release()
    say(sandbox, {"program": "frp"}, HIGHER, NONE)
    text = _heard(sandbox, "/meeting-team")
    assert text.count("Compared with the year before: clearly higher") == 2
    assert text.count("by chance.") == 1


def row(program, *displays, **fields):
    filters = {"program": program, "scope": "cumulative", **fields.pop("filters", {})}
    plain = {
        "release": "2026Q3",
        "released_on": "2026-10-15",
        "origin": "live",
        "n": 30,
        "status": "released",
    }
    figures = tuple(changes(*displays)) if displays else (Figure(measure="overall", display=TOO_FEW),)
    return Row(**{**plain, "table": "T3", "filters": filters, "figures": figures, **fields})


def test_programs_are_counted_by_what_people_sent_themselves_of_their_own_experience():
    programs = shipped_programs().programs
    rows = [
        row("frp", NONE, HIGHER),
        row("frp", LOWER, LOWER, origin="entered"),
        row("syz", NONE, TOO_FEW),
        row("ctu", TOO_FEW, TOO_FEW),
        row("pep", HIGHER, HIGHER, filters={"class": "expert"}),
        row("detention", HIGHER, HIGHER, n=None),
        row("star-court"),
    ]
    counted = of_changes(rows, programs)
    assert [it.program.id for it in counted.changed] == ["frp"]
    assert [it.display for it in counted.changed[0].changes] == [NONE, HIGHER]
    assert (counted.unchanged, counted.too_few) == (1, len(programs) - 2)
    assert of_changes([row("star-court")], programs) is None


# Names and flags


def test_programs_can_be_told_apart_and_a_survey_s_words_lead_to_theirs(sandbox):
    names = [program.public_name for program in shipped_programs().programs]
    text = _heard(sandbox)
    assert len(set(names)) == 17
    assert [it for it in names if text.count(f"{it}: not enough answers yet") != 1] == []
    for slug, name in (("advocate-a", "Advocates, team A"), ("advocate-b", "Advocates, team B")):
        of_one = _heard(sandbox, f"/{slug}")
        assert name in of_one
        assert "In the survey it is called: Your advocate / Your child's advocate" in of_one


def test_a_program_without_a_name_for_results_has_the_one_that_people_know(sandbox):
    bare = [msgspec.structs.replace(it, public_name="") for it in shipped_programs().programs]
    period = sandbox.settings.period
    sandbox.in_transaction(lambda session: store_programs(session, Programs(tuple(bare)), period))
    assert "The court team: not enough answers yet" in _heard(sandbox)
    assert "The court team" in _heard(sandbox, "/court-team-b")


def test_more_answers_than_people_served_is_said_to_everyone_without_the_totals(sandbox):
    sentence = "There are more answers here than people the program says it worked with"
    sandbox.answer(30)
    sandbox.answer(30, program="syz", instrument="protocol-youth")
    for program, served in (("frp", 4_447), ("syz", 19)):
        work = WorkTotal(program=program, period="2026Q3", served=served, offered=7, minutes=60)
        sandbox.in_transaction(lambda session, work=work: report_work(session, work))
    sandbox.on("2026-10-15").release()
    county, flagged, other = (_heard(sandbox, of) for of in ("", "/safe-place", "/meeting-team"))
    assert f"Places to walk in for help {sentence}" in county
    assert county.count(sentence) == flagged.count(sentence) == 1
    assert sentence not in other
    assert not re.search(r"\b(19|4447|4,447)\b", flagged + other + county)


# Ways between the pages


def test_the_pages_lead_to_each_other_and_to_the_tab_that_is_still_open(after_a_release):
    with after_a_release.survey_door() as door:
        county = Page(door.get("/heard?tab=1").text)
        program = Page(door.get("/heard/meeting-team?tab=1").text)
    assert "/heard/meeting-team?tab=1" in county.addresses
    assert program.addresses.count("/heard?tab=1") == 2
    assert "/heard?tab=1#numbers" in program.addresses
    for page in (county, program):
        assert "is still open in another tab" in page.text
        assert "To go back to it, close this one." in page.text


def test_a_choice_of_language_keeps_the_way_back(catalogs, sandbox, door):
    for way in ("tab=1", "back=sent"):
        page = Page(door.get(f"/heard?{way}").text)
        assert f"?lang=es&{way}" in page.addresses
        turned = Page(door.get(f"/heard?lang=es&{way}").text)
        assert f"?lang=en&{way}" in turned.addresses


def test_the_calendar_and_the_feed_can_be_seen_and_be_discovered(catalogs, sandbox, door):
    page = Page(door.get("/heard?lang=es").text)
    alternates = {it["href"]: it["type"] for it in page.all("link") if it["rel"] == "alternate"}
    assert alternates == {
        "/heard/calendar.ics?lang=es": "text/calendar",
        "/heard/feed.xml?lang=es": "application/atom+xml",
    }
    assert set(alternates) <= {it["href"] for it in page.all("a")}
    assert "Your calendar or reader keeps this address." in Page(door.get("/heard").text).text


def _heard(sandbox, of: str = "") -> str:
    with sandbox.survey_door() as door:
        return Page(door.get(f"/heard{of}").text).text
