"""Thanks, help, leaving, what was heard, and what the survey door says when something is wrong."""

import datetime as dt
import re
from pathlib import Path

import pytest

from analysis import figures
from feedback.web.survey import public_pages
from surveys.help import help_lines
from surveys.registry import shipped_programs
from tests.support.forms.pages import Page

DOCS = Path(__file__).parents[3] / "docs"
HOTLINE = "1-800-540-4000"


def test_thanks_says_what_happens_next_and_helps(sandbox, door):
    page = Page(door.get("/thanks").text)
    assert "Thank you. Your answers are in." in page.text
    assert "locked until they can be added up with at least ten others" in page.text
    assert "The next results come around October 15, 2026." in page.text
    assert "If you want help now" in page.text
    assert "/leave" in page.addresses


def test_thanks_names_the_release_that_the_answer_just_sent_belongs_to(sandbox):
    with sandbox.on("2026-10-05").survey_door() as door:
        text = Page(door.get("/thanks").text).text
    assert "January 15, 2027" in text
    assert "October 15" not in text


def test_thanks_says_what_people_said_last_time(sandbox, door):
    assert "last time" not in door.get("/thanks").text
    sandbox.answer(30)
    sandbox.answer(12, origin="entered", entered="2026Q3")
    sandbox.on("2026-10-15").release()
    with sandbox.survey_door() as later:
        text = Page(later.get("/thanks").text).text
    assert re.search(
        r"said last time Answers: 30 \(July 2026 – September 2026\) Said it went well: [89]\d %\.",
        text,
    )
    assert "Answers: 12" not in text


def test_thanks_makes_the_browser_forget_the_form(sandbox, door):
    images = Page(door.get("/thanks").text).all("img")
    assert [(it["src"], it["alt"]) for it in images] == [("/thanks.gif", "")]
    image = door.get("/thanks.gif")
    assert image.headers["clear-site-data"] == '"cache"'
    assert image.headers["content-type"] == "image/gif"
    assert image.content.startswith(b"GIF89a")


def test_help_names_every_line_and_how_to_reach_it(sandbox, door):
    page = Page(door.get("/help").text)
    for line in help_lines(whole=True):
        assert line.name in page.text
        assert line.what in page.text
        assert line.languages in page.text
        assert line.tells in page.text
        assert not line.call or f"tel:{line.call}" in page.addresses
        assert not line.text or f"sms:{line.text}" in page.addresses


def test_an_overdue_line_stays_and_says_when_it_was_last_checked(sandbox):
    due = max(line.review_by for line in help_lines())
    with sandbox.on(due.isoformat()).survey_door() as door:
        assert "Last checked" not in door.get("/help").text
    with sandbox.on((due + dt.timedelta(days=1)).isoformat()).survey_door() as door:
        page = Page(door.get("/help").text)
    assert page.text.count("Last checked on November 23, 2026.") == len(help_lines(whole=True))
    assert "tel:988" in page.addresses


def test_a_reader_of_spanish_is_told_the_spanish_way_to_988(catalogs, sandbox, door):
    assert "AYUDA" in door.get("/help?lang=es").text
    assert "AYUDA" not in door.get("/help").text


@pytest.mark.slow
def test_the_hotline_stands_on_the_help_page_alone(sandbox, door):
    assert HOTLINE in door.get("/help").text
    for path in (f"/s/{sandbox.link()}", "/thanks", "/heard", "/heard/meeting-team", "/nothing"):
        page = Page(door.get(path).text)
        assert "If you want help now" in page.text, path
        assert "988" in page.text
        assert {"/help", "/help?tab=1"} & set(page.addresses)
        assert HOTLINE not in page.html


def test_leaving_takes_two_hops_of_which_the_first_is_really_shown(sandbox, door):
    first = door.get("/leave")
    assert first.status_code == 200
    assert "clear-site-data" not in first.headers
    page = Page(first.text)
    assert page.text == ""
    assert {"http-equiv": "refresh", "content": "0;url=/leave/now"} in page.all("meta")
    second = door.get("/leave/now")
    assert second.status_code == 303
    assert second.headers["clear-site-data"] == '"cache"'
    assert second.headers["location"] == sandbox.settings.leave_to
    assert second.headers["referrer-policy"] == "no-referrer"


def test_before_a_release_nobody_is_counted(sandbox, door):
    empty = door.get("/heard").text, door.get("/heard/meeting-team").text
    sandbox.answer(30)
    assert (door.get("/heard").text, door.get("/heard/meeting-team").text) == empty
    assert "There are no results yet." in empty[0]
    for program in shipped_programs().programs:
        assert (
            f"{program.respondent_names[program.audiences[0]]}: not enough answers yet".replace("'", "&#39;")
            in empty[0]
        )
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
    assert "The team that met you" in Page(program).text
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
        _, everyone, rest = text.partition("Young people, parents and caregivers together")
        assert everyone
        assert rest.lstrip().startswith("Answers: 100 (October 2026 – December 2026)")
        young, _, parents = rest.partition("Parents and caregivers")
        assert "Young people Answers: 60 (" in young
        assert re.search(r"Feeling safe [89]\d % \d\d to 97 %", young)
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
    assert re.search(r"Feeling safe [89]\d % \d\d to 97 %", text)


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


def _heard(sandbox, of: str = "") -> str:
    with sandbox.survey_door() as door:
        return Page(door.get(f"/heard{of}").text).text


def test_the_heartbeat_says_ok_and_nothing_more(sandbox, door):
    answer = door.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_every_error_is_a_page_with_help_on_it(sandbox, door, monkeypatch):
    assert door.get("/heard/frp").status_code == 404, "a program's id is no public name"

    def broken(*_):
        raise RuntimeError("Ana's secret")

    monkeypatch.setattr(public_pages, "schedule", broken)
    errors = {
        404: door.get("/nothing"),
        405: door.post("/thanks"),
        500: door.get("/heard"),
    }
    for status, answer in errors.items():
        page = Page(answer.text)
        assert answer.status_code == status
        assert page.all("h1")
        assert "If you want help now" in page.text
        assert "/leave" in page.addresses
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
    assert "Something went wrong on our side" in errors[500].text
    assert "There is nothing at this address" in errors[404].text


def test_a_thank_you_that_cannot_say_what_comes_next_is_one_all_the_same(sandbox, door, monkeypatch):
    """Whoever is led there was stored: “was not stored” would have them send again."""
    monkeypatch.setattr(public_pages, "schedule", lambda *_: 1 / 0)
    thanks = door.get("/thanks")
    assert thanks.status_code == 500
    assert "Thank you. Your answers are in." in Page(thanks.text).text
    assert "not stored" not in thanks.text


def test_pages_keep_the_reader_s_language(catalogs, sandbox, door):
    for path in ("/thanks", "/help", "/heard", "/heard/meeting-team", "/nothing"):
        answer = door.get(f"{path}?lang=es")
        page = Page(answer.text)
        assert answer.headers["content-language"] == "es"
        assert "Salir" in page.text
        own = [it for it in page.addresses if it.startswith(("/heard", "/help"))]
        assert all(it.removesuffix("#numbers").endswith("?lang=es") for it in own), own
