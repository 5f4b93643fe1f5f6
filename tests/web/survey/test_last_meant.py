"""What was last meant counts, thanks mean stored, and nothing that was sent is lost on the way."""

import time
from urllib.parse import quote, urlencode

import msgspec
import pytest

from feedback.app import LARGEST_SURVEY_BODY
from feedback.inbox.sealing import Inbox
from tests.support.pages import Page
from tests.support.protections import SITE
from tests.support.sandbox import flood, move_the_clock
from tests.support.survey_forms import FORM, send, submission_key

WORDS = {"core-voice": "2", "going-well": "The <b>food", "_consent": "changed"}
OLD = "This page is old."
LATER = "You sent this page again later, and that is what is stored."
GONE = "Your answers were thrown away"
HERE = "What you just sent was not stored, and your answers are still here."


def filled(door, path, **answers):
    return {**{name: it[0] for name, it in Page(door.get(path).text).filled.items()}, **answers}


@pytest.fixture
def path(sandbox):
    return f"/s/{sandbox.link()}"


def is_as_sent(answer):
    page = Page(answer.text)
    return {name: page.filled[name] for name in WORDS} == {name: [it] for name, it in WORDS.items()}


# The number of a page


@pytest.mark.parametrize(
    "number",
    [
        "",
        "made-up",
        "2026Q3.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbb",
        "x" * 5_000,
        "\r\nSet-Cookie: a=b",
    ],
)
def test_nobody_can_make_up_the_number_of_a_page(door, path, stored, number):
    answer = door.post(path, data={**WORDS, "_once": number})
    assert answer.status_code == 409
    assert OLD in Page(answer.text).text
    assert is_as_sent(answer)
    assert stored() == []
    assert door.post(path, data=Page(answer.text).filled).status_code == 303
    assert [it.answers["going-well"] for it in stored()] == ["The <b>food"]


def test_the_number_of_a_page_of_another_link_is_none(sandbox, door, path, stored):
    other = submission_key(door, f"/s/{sandbox.link()}")
    assert door.post(path, data={**WORDS, "_once": other}).status_code == 409
    assert stored() == []


@pytest.mark.parametrize(
    ("day", "is_taken"),
    [("2026-08-15", True), ("2027-03-31", True), ("2027-04-01", False), ("2026-06-30", False)],
)
def test_a_page_is_taken_for_as_long_as_its_first_send_would_be_known(sandbox, path, day, is_taken):
    """Later it might have been let out and forgotten, and would count a second time."""
    sandbox.on("2026-08-15")
    with sandbox.survey_door() as door:
        page = filled(door, path, **WORDS)
    sandbox.on(day)
    with sandbox.survey_door() as door:
        answer = door.post(path, data=page)
    assert answer.status_code == (303 if is_taken else 409)
    assert is_taken or (OLD in Page(answer.text).text and is_as_sent(answer))


# Which version is the last


def test_an_edited_page_takes_the_place_of_what_it_sent_first(door, path, stored):
    first = filled(door, path, **WORDS)
    assert door.post(path, data=first).status_code == 303
    edited = {**first, "_version": "1", "going-well": "Nothing.", "_consent": "private", "core-voice": "1"}
    assert door.post(path, data=edited).status_code == 303
    assert [(it.answers["going-well"], it.answers["core-voice"], it.consent) for it in stored()] == [
        ("Nothing.", "1", "private")
    ]


def test_a_first_send_that_was_held_up_does_not_overtake_the_second(door, path, stored):
    first = filled(door, path, **WORDS)
    assert door.post(path, data={**first, "_version": "1", "going-well": "Nothing."}).status_code == 303
    assert door.post(path, data=first).status_code == 412
    assert [it.answers["going-well"] for it in stored()] == ["Nothing."]


def test_whoever_edits_an_older_page_is_told_that_a_later_one_is_stored_and_can_have_this_one(
    door, path, stored
):
    """Without a script two steps back in the history, where no count tells that the edit came last."""
    first = filled(door, path, **WORDS)
    given_back = Page(door.post(path, data={**first, "core-voice": "9"}).text).filled
    assert door.post(path, data={**given_back, "core-voice": "1", "_version": "7"}).status_code == 303
    answer = door.post(path, data={**first, "core-voice": "3"})
    assert answer.status_code == 412
    assert LATER in Page(answer.text).text
    assert [it.answers["core-voice"] for it in stored()] == ["1"]
    assert door.post(path, data=Page(answer.text).filled).status_code == 303
    assert [it.answers["core-voice"] for it in stored()] == ["3"]


@pytest.mark.parametrize("how", [{"core-voice": "9"}, {"_enter": "1"}, {"_once": "made-up"}])
def test_a_page_that_the_door_gives_back_was_meant_later_than_the_one_that_came(door, path, how):
    page = Page(door.post(path, data={**filled(door, path, _version="4"), **how}).text)
    assert page.filled["_version"] == (["0"] if "_once" in how else ["5"])


@pytest.mark.parametrize("version", ["", "-1", "1e9", "٣", "9" * 4_000, "65536"])
def test_a_version_that_is_none_is_the_first_or_the_last(door, path, stored, version):
    assert door.post(path, data={**filled(door, path, **WORDS), "_version": version}).status_code == 303
    assert len(stored()) == 1


@pytest.mark.slow
def test_whoever_edits_what_was_added_up_already_is_told_the_truth(sandbox, path, stored):
    sandbox.answer(10)
    with sandbox.survey_door() as door:
        page = filled(door, path, **WORDS)
        assert door.post(path, data=page).headers["location"] == "/thanks"
    sandbox.on("2026-10-15").release()
    with sandbox.survey_door() as door:
        told = door.post(path, data={**page, "_version": "1", "going-well": "Nothing."})
        assert told.headers["location"] == "/thanks?about=late"
        page = Page(door.get("/thanks?about=late").text)
    assert "What you changed since then can no longer be taken in." in page.text
    assert "Thank you." not in page.text
    assert stored() == []


# Thank you means stored


def test_every_reply_to_a_page_proves_that_it_is_ours(sandbox, door, path):
    """A hotel's log-in page, a filter or a proxy answers too, and does not know the number of the page."""
    page = filled(door, path, **WORDS)
    for more in ({}, {"core-voice": "9"}, {"_enter": "1"}, {"_script": "1"}):
        assert door.post(path, data={**page, **more}).headers["feedback-page"] == page["_once"]
    assert "feedback-page" not in door.get(path).headers
    with sandbox.without("inbox"):
        assert door.post(path, data=page).headers["feedback-page"] == page["_once"]


def test_a_script_gets_the_thanks_themselves_and_follows_no_redirect(sandbox, door, stored):
    slug = sandbox.link(embed=(SITE,))
    for path in (f"/s/{slug}", f"/s/{slug}?kiosk=1", f"/e/{slug}"):
        answer = door.post(path, data={**filled(door, path, **WORDS), "_script": "1"})
        assert answer.status_code == 200
        assert "Thank you. Your answers are in." in Page(answer.text).text
    assert len(stored()) == 3


# Taken back


def test_what_ana_takes_back_at_once_is_gone_unread(door, path, stored):
    page = filled(door, path, **WORDS)
    thanks = Page(door.post(path, data={**page, "_script": "1"}).text)
    assert len(stored()) == 1
    answer = door.post(path, data={**thanks.filled, "_take_back": "1"})
    assert answer.status_code == 200, "at no address of its own, which a history would keep"
    assert GONE in Page(answer.text).text
    assert stored() == []


def test_a_send_that_is_still_on_its_way_cannot_bring_it_back(door, path, stored):
    page = filled(door, path, **WORDS)
    assert GONE in door.post(path, data={**page, "_take_back": "1"}).text
    late = door.post(path, data=page)
    assert late.status_code == 410
    assert "You threw this away." in Page(late.text).text
    assert stored() == []
    assert is_as_sent(late)
    assert door.post(path, data=Page(late.text).filled).status_code == 303, "a new page, if she wants to"
    assert len(stored()) == 1


def test_what_was_added_up_cannot_be_taken_back_and_ana_is_told(sandbox, door, path):
    page = filled(door, path, **WORDS)
    assert door.post(path, data=page).status_code == 303
    sandbox.answer(15)
    sandbox.on("2026-10-15").release()
    with sandbox.survey_door() as later:
        answer = later.post(path, data={**page, "_take_back": "1"})
    assert "Your answers were added up already" in Page(answer.text).text


def test_nobody_learns_by_it_whether_a_page_was_sent(door, path, stored):
    sent, unsent = filled(door, path, **WORDS), filled(door, path, **WORDS)
    assert door.post(path, data=sent).status_code == 303
    told = [door.post(path, data={**it, "_take_back": "1"}) for it in (sent, unsent, sent)]
    assert [it.status_code for it in told] == [200, 200, 200]
    assert len({it.text for it in told}) == 1
    assert GONE in told[0].text
    assert stored() == []


def test_only_a_page_of_its_own_on_ones_own_phone_offers_it(sandbox, door):
    slug = sandbox.link(embed=(SITE,))
    offers = {}
    for path in (f"/s/{slug}", f"/s/{slug}?kiosk=1", f"/e/{slug}"):
        for script in ({"_script": "1"}, {}):
            answer = door.post(path, data={**filled(door, path, **WORDS), **script})
            told = answer if script else door.get(answer.headers["location"])
            offers[path.replace(slug, "x"), bool(script)] = "_take_back" in told.text
    assert [it for it, offered in offers.items() if offered] == [("/s/x", True)]


@pytest.mark.parametrize("broken", ["inbox", "links", "releases"])
def test_where_it_fails_ana_is_told_so_and_has_the_button_again(sandbox, door, path, stored, broken):
    """And never a Send: what it would send is empty, and would take the place of what is stored."""
    page = {**filled(door, path, **WORDS), "_take_back": "1"}
    assert door.post(path, data={**page, "_take_back": ""}).status_code == 303
    flood(door.app.state.deployment.rate_limit, path.split("/")[2])
    waits = door.post(path, data=page)
    move_the_clock(door.app.state.deployment.rate_limit, 60)
    with sandbox.without(broken):
        down = door.post(path, data=page)
    for answer in (waits, *((down,) if broken != "releases" else ())):
        told = Page(answer.text)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "Your answers were not thrown away yet" in told.text
        assert "Send" not in told.text
        assert [it["name"] for it in told.all("button") if it.get("name") != "_to"] == ["_take_back"]
    again = door.post(path, data={**Page(waits.text).filled, "_take_back": "1"})
    assert GONE in again.text
    assert stored() == []


def test_the_thank_you_page_speaks_another_language_and_keeps_the_button(sandbox, path, stored):
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    with sandbox.survey_door() as door:
        page = filled(door, path, **WORDS)
        thanks = Page(door.post(path, data={**page, "_script": "1"}).text)
        turned = door.post(path, data={**thanks.filled, "_to": "es"})
        assert turned.headers["content-language"] == "es"
        assert "Gracias." in Page(turned.text).text
        gone = door.post(path, data={**Page(turned.text).filled, "_take_back": "1"})
    assert "Tus respuestas se tiraron" in Page(gone.text).text
    assert stored() == []


def test_a_database_that_fails_while_storing_gives_the_page_back(sandbox, door, path, stored):
    page = filled(door, path, **WORDS)
    with sandbox.without("inbox"):
        answer = door.post(path, data=page)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert HERE in Page(answer.text).text
    assert is_as_sent(answer)
    assert door.post(path, data=Page(answer.text).filled).status_code == 303
    assert len(stored()) == 1


@pytest.mark.parametrize("kiosk", ["", "?kiosk=1"])
def test_a_database_that_fails_before_the_questions_are_known_keeps_all_that_was_sent(
    sandbox, door, path, stored, kiosk
):
    page = filled(door, path, **WORDS, _language="en")
    with sandbox.without("links"):
        answer = door.post(f"{path}{kiosk}", data=page)
    held = Page(answer.text)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert HERE in held.text
    assert held.all("form")[0]["action"] == f"{path}{kiosk}"
    assert door.post(f"{path}{kiosk}", data=held.filled).status_code == 303
    assert [(it.answers["going-well"], it.consent) for it in stored()] == [("The <b>food", "changed")]


def test_a_fault_of_ours_keeps_all_that_was_sent_too(door, path, stored, monkeypatch):
    page = filled(door, path, **WORDS)
    with monkeypatch.context() as broken:
        broken.setattr(Inbox, "store", lambda *_: 1 / 0)
        answer = door.post(path, data=page)
    assert answer.status_code == 500
    assert door.post(path, data=Page(answer.text).filled).status_code == 303
    assert len(stored()) == 1


def test_what_is_held_is_said_in_the_language_of_the_page(sandbox):
    path = f"/s/{sandbox.link()}"
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    with sandbox.survey_door() as door:
        page = filled(door, f"{path}?lang=es", **WORDS)
        with sandbox.without("links"):
            answer = door.post(path, data=page)
    assert '<html lang="es"' in answer.text
    assert Page(answer.text).filled["_language"] == ["es"]


# Whose form it is, and how long it may be


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver.local"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "https://elsewhere.example:x"}, False),
    ],
)
def test_a_form_of_another_site_is_refused(door, path, stored, headers, is_taken):
    page = filled(door, path, **WORDS)
    answer = door.post(path, data=page, headers={"Host": "testserver.local", **headers})
    assert answer.status_code == (303 if is_taken else 403)
    assert len(stored()) == is_taken


@pytest.mark.slow
def test_no_length_that_a_stranger_chooses_stops_the_door(sandbox, path):
    """One language tag of 62 kB took two seconds: 30 kB a second made every page take nine."""
    long = ["a-" * 145_000, "a" * 290_000, "_" * 290_000, "-" * 290_000, "é-" * 40_000]
    with sandbox.survey_door() as door:
        key = submission_key(door, path)
        for tag in long:
            for body in (
                {"_language": tag},
                {"_version": tag},
                {"_consent": tag},
                {tag: "1"},
                {"core-voice": tag},
            ):
                sent = urlencode({"_once": key, **body})[:LARGEST_SURVEY_BODY]
                assert _processor_seconds(lambda: door.post(path, content=sent, headers=FORM)) < 0.1  # noqa: B023
            address = f"{path}?lang={quote(tag)[:30_000]}"
            assert _processor_seconds(lambda: door.get(address)) < 0.1  # noqa: B023
            accepted = {"Accept-Language": tag.encode()[:30_000]}
            assert _processor_seconds(lambda: door.get(path, headers=accepted)) < 0.1  # noqa: B023


def _processor_seconds(ask) -> float:
    """The least of seven: what else the machine does is not the door's."""
    taken = []
    for _ in range(7):
        before = time.process_time()
        ask()
        taken.append(time.process_time() - before)
    return min(taken)


def test_a_page_sent_on_the_last_day_of_a_quarter_and_again_on_the_next_is_one_answer(sandbox, path):
    sandbox.on("2026-09-30")
    with sandbox.survey_door() as door:
        page = filled(door, path, **WORDS)
        door.post(path, data=page)
    sandbox.on("2026-10-01")
    with sandbox.survey_door() as door:
        assert door.post(path, data=page).status_code == 303
        assert send(door, path).status_code == 303
