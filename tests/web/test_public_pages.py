"""Thanks, help, leaving, what was heard, and what the survey door says when something is wrong."""

import datetime as dt
import re

from feedback.web import public_pages
from surveys.help import help_lines
from surveys.registry import shipped_programs
from tests.support.pages import Page

HOTLINE = "1-800-540-4000"


def test_thanks_says_what_happens_next_and_helps(rehearsal, door):
    page = Page(door.get("/thanks").text)
    assert "Thank you. Your answers are in." in page.text
    assert "locked until at least eleven people have answered" in page.text
    assert "The next results come around October 15, 2026." in page.text
    assert "If you want help now" in page.text
    assert "/leave" in page.addresses


def test_thanks_names_the_release_that_the_answer_just_sent_belongs_to(rehearsal):
    with rehearsal.on("2026-10-05").survey_door() as door:
        text = Page(door.get("/thanks").text).text
    assert "January 15, 2027" in text
    assert "October 15" not in text


def test_thanks_says_what_people_said_last_time(rehearsal, door):
    assert "last time" not in door.get("/thanks").text
    rehearsal.answer(30)
    rehearsal.answer(12, origin="entered", entered="2026Q3")
    rehearsal.on("2026-10-15").release()
    with rehearsal.survey_door() as later:
        text = Page(later.get("/thanks").text).text
    assert re.search(
        r"What people said last time 30 people answered. Good answers: (at least )?[89]\d %\.", text
    )
    assert "12 people" not in text


def test_thanks_makes_the_browser_forget_the_form(rehearsal, door):
    images = Page(door.get("/thanks").text).all("img")
    assert [(it["src"], it["alt"]) for it in images] == [("/thanks.gif", "")]
    image = door.get("/thanks.gif")
    assert image.headers["clear-site-data"] == '"cache"'
    assert image.headers["content-type"] == "image/gif"
    assert image.content.startswith(b"GIF89a")


def test_help_names_every_line_and_how_to_reach_it(rehearsal, door):
    page = Page(door.get("/help").text)
    for line in help_lines(whole=True):
        assert line.name in page.text
        assert line.what in page.text
        assert line.languages in page.text
        assert line.tells in page.text
        assert not line.call or f"tel:{line.call}" in page.addresses
        assert not line.text or f"sms:{line.text}" in page.addresses


def test_an_overdue_line_stays_and_says_when_it_was_last_checked(rehearsal):
    due = max(line.review_by for line in help_lines())
    with rehearsal.on(due.isoformat()).survey_door() as door:
        assert "Last checked" not in door.get("/help").text
    with rehearsal.on((due + dt.timedelta(days=1)).isoformat()).survey_door() as door:
        page = Page(door.get("/help").text)
    assert page.text.count("Last checked on November 23, 2026.") == len(help_lines(whole=True))
    assert "tel:988" in page.addresses


def test_a_reader_of_spanish_is_told_the_spanish_way_to_988(catalogs, rehearsal, door):
    assert "AYUDA" in door.get("/help?lang=es").text
    assert "AYUDA" not in door.get("/help").text


def test_the_hotline_stands_on_the_help_page_alone(rehearsal, door):
    assert HOTLINE in door.get("/help").text
    for path in (f"/s/{rehearsal.link()}", "/thanks", "/heard", "/heard/meeting-team", "/nothing"):
        page = Page(door.get(path).text)
        assert "If you want help now" in page.text, path
        assert "988" in page.text
        assert "/help" in page.addresses
        assert HOTLINE not in page.html


def test_leaving_takes_two_hops_of_which_the_first_is_really_shown(rehearsal, door):
    first = door.get("/leave")
    assert first.status_code == 200
    assert "clear-site-data" not in first.headers
    page = Page(first.text)
    assert page.text == ""
    assert {"http-equiv": "refresh", "content": "0;url=/leave/now"} in page.all("meta")
    second = door.get("/leave/now")
    assert second.status_code == 303
    assert second.headers["clear-site-data"] == '"cache"'
    assert second.headers["location"] == rehearsal.settings.leave_to
    assert second.headers["referrer-policy"] == "no-referrer"


def test_before_a_release_nobody_is_counted(rehearsal, door):
    empty = door.get("/heard").text, door.get("/heard/meeting-team").text
    rehearsal.answer(30)
    assert (door.get("/heard").text, door.get("/heard/meeting-team").text) == empty
    assert "There are no results yet." in empty[0]
    for program in shipped_programs().programs:
        assert (
            f"{program.said_as[program.audiences[0]]}: not enough answers yet".replace("'", "&#39;")
            in empty[0]
        )
    assert "Not enough answers yet (fewer than 11)." in empty[1]
    assert not re.search(r"\d+ people", "".join(empty))


def test_after_a_release_everyone_reads_what_was_heard(rehearsal):
    rehearsal.answer(30)
    rehearsal.answer(10, program="syz")
    rehearsal.on("2026-10-15").release()
    with rehearsal.survey_door() as door:
        county, program, waiting = (
            door.get(f"/heard{it}").text for it in ("", "/meeting-team", "/safe-place")
        )
    assert "/heard/meeting-team" in Page(county).addresses
    assert "/heard/safe-place" not in Page(county).addresses
    for text in (Page(county).text, Page(program).text):
        assert "Sent by people themselves" in text
        assert "30 people answered." in text
        assert re.search(r"All questions together (at least )?[89]\d % \d\d to 100 %", text)
        assert "includes a small random adjustment" in text
    assert "The team that met you" in Page(program).text
    assert "Not enough answers yet (fewer than 11)." in Page(waiting).text
    assert "10 people" not in county + waiting


def test_answers_a_program_typed_in_stand_apart(rehearsal):
    rehearsal.answer(12)
    rehearsal.answer(13, origin="entered", entered="2026Q3")
    rehearsal.on("2026-10-15").release()
    with rehearsal.survey_door() as door:
        text = Page(door.get("/heard/meeting-team").text).text
    live, _, entered = text.partition("Collected on paper by the program")
    assert "12 people answered." in live
    assert "13 people answered." in entered
    assert "25 people" not in text


def test_the_heartbeat_says_ok_and_nothing_more(rehearsal, door):
    answer = door.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_every_error_is_a_page_with_help_on_it(rehearsal, door, monkeypatch):
    assert door.get("/heard/frp").status_code == 404, "a program's id is no public name"

    def broken(*_):
        raise RuntimeError("Ana's secret")

    monkeypatch.setattr(public_pages, "schedule", broken)
    errors = {
        404: door.get("/nothing"),
        405: door.post("/thanks"),
        500: door.get("/thanks"),
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


def test_pages_keep_the_reader_s_language(catalogs, rehearsal, door):
    for path in ("/thanks", "/help", "/heard", "/heard/meeting-team", "/nothing"):
        answer = door.get(f"{path}?lang=es")
        page = Page(answer.text)
        assert answer.headers["content-language"] == "es"
        assert "Salir" in page.text
        own = [it for it in page.addresses if it.startswith(("/heard", "/help"))]
        assert all(it.endswith("?lang=es") for it in own), own
