"""Spam without tracking: one link is damped and no other, and a box that only simple programs fill in."""

import msgspec
import pytest

from tests.support.forms.pages import Page
from tests.support.forms.survey_forms import FORM, send, submission_key
from tests.support.protections import SITE, policy
from tests.support.sandbox import flood, move_the_clock

BUSY = "Many people are sending at this moment."
HERE = "What you just sent was not stored, and your answers are still here."
ANSWERS = {"core-voice": "2", "going-well": "The <b>food", "_consent": "changed"}


# Damping


def damping_of(door):
    return door.app.state.deployment.rate_limit


def test_a_flooded_link_asks_ana_to_send_again_and_keeps_every_answer(sandbox, door, responses):
    slug = sandbox.link()
    assert flood(damping_of(door), slug) == 240
    answer = send(door, f"/s/{slug}", **ANSWERS)
    page = Page(answer.text)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert f"{BUSY} {HERE} Please press Send again in a minute." in page.text
    assert {name: page.filled[name] for name in ANSWERS} == {name: [text] for name, text in ANSWERS.items()}
    assert responses() == []


def test_a_damped_page_is_taken_when_it_is_sent_again(sandbox, door, responses):
    slug = sandbox.link()
    flood(damping_of(door), slug)
    again = Page(send(door, f"/s/{slug}", **ANSWERS).text).filled
    damping_of(door)._buckets.clear()
    assert door.post(f"/s/{slug}", data=again).status_code == 303
    assert [it.answers["going-well"] for it in responses()] == ["The <b>food"]


def test_that_a_link_is_flooded_is_said_in_the_language_of_the_page(sandbox):
    slug = sandbox.link()
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    with sandbox.survey_door() as door:
        flood(damping_of(door), slug)
        answer = send(door, f"/s/{slug}?lang=es", **ANSWERS)
    page = Page(answer.text)
    assert answer.status_code == 429
    assert '<html lang="es"' in answer.text
    assert "En este momento están enviando muchas personas." in page.text
    assert "tus respuestas siguen aquí" in page.text
    assert page.filled["going-well"] == ["The <b>food"]
    assert page.filled["_language"] == ["es"]


def test_a_flooded_link_damps_no_other_link(sandbox, door, responses):
    flooded, quiet = sandbox.link(), sandbox.link()
    flood(damping_of(door), flooded)
    assert send(door, f"/s/{flooded}").status_code == 429
    assert send(door, f"/s/{quiet}").status_code == 303
    assert len(responses()) == 1


def test_a_full_link_says_the_same_to_whoever_was_stored_and_to_whoever_was_not(sandbox, door, responses):
    """Else a stranger who empties the allowance could ask of any page whether it was sent."""
    path = f"/s/{sandbox.link()}"
    pages = [{**Page(door.get(path).text).filled, "core-voice": "2"} for _ in range(2)]
    assert door.post(path, data=pages[0]).status_code == 303
    flood(damping_of(door), path.split("/")[2])
    answers = [door.post(path, data=it) for it in pages]
    assert [it.status_code for it in answers] == [429, 429]
    assert len({it.text.replace(page["_once"][0], "") for it, page in zip(answers, pages, strict=True)}) == 1
    assert len(responses()) == 1


def test_only_an_answer_that_can_be_stored_takes_a_token(sandbox, door):
    slug = sandbox.link()
    move_the_clock(damping_of(door))
    form = {"_once": submission_key(door, f"/s/{slug}"), "core-voice": "2"}
    assert door.post(f"/s/{slug}", data=form).status_code == 303
    no_answers = [
        {**form, "_once": "a-number-that-somebody-made-up"},
        {**form, "core-voice": "9"},
        {**form, "_enter": "1"},
        {**form, "_website": "https://buy.example"},
        {**form, "shoe-size": "44"},
    ]
    for fields in no_answers:
        door.post(f"/s/{slug}", data=fields)
    door.post(f"/s/{slug}", content=b"{}", headers={"Content-Type": "application/json"})
    door.get(f"/s/{slug}")
    assert flood(damping_of(door), slug) == 239


def test_a_link_that_does_not_exist_is_not_remembered(door):
    for slug in ("22222222", "x" * 300):
        door.post(f"/s/{slug}", content=b"", headers=FORM)
    assert damping_of(door)._buckets == {}


def test_no_address_changes_how_a_link_is_damped(sandbox, door):
    slug = sandbox.link()
    flood(damping_of(door), slug)
    for address in ("203.0.113.7", "198.51.100.9"):
        headers = {**FORM, "X-Forwarded-For": address, "User-Agent": address}
        body = f"_once={submission_key(door, f'/s/{slug}')}&core-voice=2"
        assert door.post(f"/s/{slug}", content=body, headers=headers).status_code == 429


def test_a_flooded_link_says_the_same_in_a_frame_and_on_a_tablet(sandbox, door):
    slug = sandbox.link(embed=(SITE,))
    flood(damping_of(door), slug)
    framed = send(door, f"/e/{slug}", **ANSWERS)
    assert framed.status_code == 429
    assert policy(framed).endswith(f"frame-ancestors {SITE}")
    assert Page(framed.text).all("form")[0]["action"] == f"/e/{slug}"
    tablet = send(door, f"/s/{slug}?kiosk=1", **ANSWERS)
    assert tablet.status_code == 429
    assert Page(tablet.text).all("form")[0]["action"] == f"/s/{slug}?kiosk=1"
    for answer in (framed, tablet):
        assert HERE in Page(answer.text).text


def test_a_deployment_may_take_more_answers_at_once(sandbox):
    slug = sandbox.link()
    sandbox.settings = msgspec.structs.replace(sandbox.settings, answers_at_once=400)
    with sandbox.survey_door() as door:
        assert flood(damping_of(door), slug) == 400


# The box that people never see


@pytest.mark.parametrize("text", ["https://buy.example", " ", "0"])
def test_what_fills_in_the_unseen_box_stores_nothing_and_is_told_the_truth(sandbox, door, responses, text):
    path = f"/s/{sandbox.link()}"
    answer = send(door, path, **ANSWERS, _website=text)
    page = Page(answer.text)
    assert answer.status_code == 400
    assert f"Something was sent that does not belong here. {HERE} Please press Send again." in page.text
    assert "Thank you" not in page.text
    assert "buy.example" not in answer.text
    assert {name: page.filled[name] for name in ANSWERS} == {name: [text] for name, text in ANSWERS.items()}
    assert responses() == []
    assert door.post(path, data={**page.filled, "_website": ""}).status_code == 303
    assert len(responses()) == 1


def test_the_unseen_box_is_for_nobody_s_eyes_keyboard_or_memory(sandbox, door):
    html = door.get(f"/s/{sandbox.link()}").text
    box = (
        '<p class="unseen"><label>Leave this box empty <input type="text" name="_website" autocomplete="off">'
    )
    assert html.count(box) == 1
    assert html.count('name="_website"') == 1
    assert ".unseen{display:none}" in html


@pytest.mark.slow
def test_an_empty_unseen_box_is_what_every_browser_sends(sandbox, door, responses):
    assert send(door, f"/s/{sandbox.link()}", _website="", **ANSWERS).status_code == 303
    assert len(responses()) == 1
