"""Thanks, help, leaving, and what the survey door says when something is wrong."""

import datetime as dt
import re

import pytest

from feedback.web.survey import heard_pages, public_pages
from surveys.help import help_lines
from tests.support.forms.pages import Page
from tests.support.forms.survey_forms import send

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
        r"said last time Answers: 30 \(July 2026 – September 2026\) "
        r"Said it went well: [89]\d % \(\d\d to 97 %\)\.",
        text,
    )
    assert "Answers: 12" not in text


def test_last_time_is_the_last_release_alone_and_named_by_its_quarter(sandbox):
    sandbox.answer(30)
    sandbox.answer(6, program="syz")
    sandbox.on("2026-10-15").release()
    sandbox.answer(20)
    sandbox.answer(7, program="syz")
    sandbox.on("2027-01-15").release()
    with sandbox.survey_door() as door:
        text = Page(door.get("/thanks").text).text
    # Six of these had waited since the quarter before: they are of this release all the same.
    assert "said last time Answers: 33 (October 2026 – December 2026)" in text
    assert "July 2026" not in text


def test_thanks_says_under_which_name_the_results_will_be(sandbox, door):
    sentence = "In the results this is called “Planning team B”."
    slug = sandbox.link("dream-court")
    led = send(door, f"/s/{slug}")
    assert led.headers["location"] == f"/thanks?link={slug}"
    shown = [door.get(f"/thanks?{name}={slug}") for name in ("link", "kiosk")]
    shown.append(send(door, f"/s/{slug}", _script="1"))
    framed = sandbox.link("dream-court", embed=("https://a.example",))
    shown.append(door.get(f"/e/{framed}/thanks"))
    assert [sentence in Page(it.text).text for it in shown] == [True] * 4
    for nobody_s in ("", "?link=22222222", "?link=%00", "?link=A", "?link=../x"):
        page = door.get(f"/thanks{nobody_s}")
        assert page.status_code == 200
        assert "In the results" not in page.text


@pytest.mark.parametrize(
    ("about", "heading"),
    [
        ("", "Thank you. Your answers are in."),
        ("late", "Your answers were added up already"),
        ("back", "Your answers were thrown away"),
        ("wait", "Your answers were not thrown away yet"),
    ],
)
def test_results_lead_back_to_the_thanks_as_they_stood_and_name_no_link(
    catalogs, sandbox, door, about, heading
):
    slug = sandbox.link()
    thanks = Page(
        door.get("/thanks", params={"link": slug, "lang": "es", **({"about": about} if about else {})}).text
    )
    (results,) = (it for it in thanks.addresses if it.startswith("/heard"))
    assert slug not in results
    program = Page(door.get(results.replace("/heard?", "/heard/meeting-team?")).text)
    assert program.addresses.count(results) == 2
    heard = Page(door.get(results).text)
    (back,) = (it for it in heard.addresses if it.startswith("/thanks"))
    assert "lang=es" in back
    assert heading in Page(door.get(back).text).text


def test_nobody_is_led_back_to_an_address_of_somebody_else(sandbox, door):
    plain = door.get("/heard").text
    for back in ("//elsewhere.example", "javascript:x()", "sent ", "SENT", "<b>"):
        assert door.get("/heard", params={"back": back}).text == plain
    thanks = Page(door.get("/thanks", params={"about": "x&tab=1"}).text)
    assert "/heard?back=sent" in thanks.addresses


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


def test_the_heartbeat_says_ok_and_nothing_more(sandbox, door):
    answer = door.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_every_error_is_a_page_with_help_on_it(sandbox, door, monkeypatch):
    assert door.get("/heard/frp").status_code == 404, "a program's id is no public name"

    def broken(*_):
        raise RuntimeError("Ana's secret")

    monkeypatch.setattr(heard_pages, "schedule", broken)
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
        assert all("?lang=es" in it for it in own), own
