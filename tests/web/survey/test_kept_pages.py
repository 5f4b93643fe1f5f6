"""Where something changes under an open page, nothing that stands on it is lost or said wrongly."""

import pytest

from feedback.fieldwork.links import close_link
from feedback.fieldwork.reading_plans import end_plan
from tests.support.forms.pages import Page
from tests.support.forms.survey_forms import send
from tests.support.protections import SITE, policy

WORDS = "They listen."


@pytest.fixture
def path(sandbox):
    return f"/s/{sandbox.link()}"


def end(sandbox):
    sandbox.in_transaction(lambda session: end_plan(session, "frp"))


def test_words_whose_readers_are_gone_stay_on_the_page_and_are_said(sandbox, door, path, responses):
    page = Page(door.get(path).text).filled
    end(sandbox)
    answer = door.post(path, data={**page, "going-well": WORDS, "core-voice": "2"})
    reply = Page(answer.text)
    assert answer.status_code == 400
    assert "Nobody reads words here any more." in reply.text
    assert reply.filled["going-well"] == [WORDS]
    assert responses() == []
    assert door.post(path, data={**reply.filled, "going-well": ""}).status_code == 303
    assert [it.answers["core-voice"] for it in responses()] == ["2"]


def test_an_empty_box_whose_readers_are_gone_holds_nobody_up(sandbox, door, path, responses):
    page = Page(door.get(path).text).filled
    end(sandbox)
    assert door.post(path, data={**page, "core-voice": "2"}).status_code == 303
    assert len(responses()) == 1


def test_a_link_that_closes_under_an_open_page_gives_the_words_back_to_copy(sandbox, door, path, responses):
    page = Page(door.get(path).text).filled
    sandbox.in_transaction(lambda it: close_link(it, path[3:], sandbox.settings.today))
    answer = door.post(path, data={**page, "going-well": f"<b>{WORDS}", "core-voice": "2"})
    assert answer.status_code == 410
    assert "What you wrote, so that you can copy it:" in Page(answer.text).text
    assert f"&lt;b&gt;{WORDS}</textarea>" in answer.text
    assert answer.headers["feedback-page"] == page["_once"][0]
    assert responses() == []


def test_a_tablet_whose_door_fails_is_emptied_too(sandbox, door, path):
    page = send(door, f"{path}?kiosk=1", _enter="1")
    with sandbox.without("links"):
        down = door.post(f"{path}?kiosk=1", data={**Page(page.text).filled, "core-voice": "2"})
    assert down.status_code == 503
    assert f"900;url=/leave?kiosk={path[3:]}" in down.text
    assert 'class="rest"' in down.text
    assert ".rest" in down.text.partition("<script>")[2], "and with a script after a minute"


def test_a_frame_whose_door_fails_is_told_so_where_it_stands(sandbox, door):
    path = f"/e/{sandbox.link(embed=(SITE,))}"
    page = Page(door.get(path).text).filled
    with sandbox.without("links"):
        down = door.post(path, data={**page, "core-voice": "2"})
    assert down.status_code == 503
    assert policy(down).endswith(f"frame-ancestors {SITE}")
    assert down.headers["access-control-allow-origin"] == "null"
    assert Page(down.text).all("form")[0]["action"] == path
    assert Page(down.text).filled["core-voice"] == ["2"]
