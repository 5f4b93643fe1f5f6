"""Handing out links. Vera works for Vista Del Mar; Omar just tries."""

import io
import re

import pytest
import segno

from feedback.fieldwork.links import NewLink, all_links, make_link
from feedback.fieldwork.totals import work_totals
from tests.support.forms.pages import Page

OWN = "advocacy-vista"
WORK = {"period": "2026Q3", "served": "60", "offered": "40", "minutes": "90"}


@pytest.fixture
def vera(sandbox):
    """Vera's browser, signed in."""
    with sandbox.staff_door(sandbox.user("vera@vista.example", "contractor", "vista-del-mar")) as door:
        yield door


def links_of(sandbox):
    return sandbox.in_transaction(all_links)


def test_vera_makes_a_link_and_hands_it_out(sandbox, vera):
    fields = {"for": f"{OWN}/youth", "language": "es", "place": "Desk <b>1</b>, 50 %", "no_comments": "on"}
    answer = sandbox.submit(vera, "/links", "/links", **fields)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/links?done=link&made=")
    (link,) = links_of(sandbox)
    assert (link.program.id, link.audience, link.language, link.comments) == (OWN, "youth", "es", False)
    page = Page(vera.get("/links").text)
    address = f"{sandbox.settings.survey_url}/s/{link.slug}"
    assert address in page.addresses
    assert "Desk <b>1</b>, 50 %" in page.text
    with sandbox.survey_door() as door:
        assert door.get(f"/s/{link.slug}").status_code == 200


def test_vera_names_the_sites_of_hers_that_may_frame_a_survey(sandbox, vera):
    sites = "https://vista.example/ https://www.vista.example https://vista.example"
    sandbox.submit(vera, "/links", "/links", **{"for": f"{OWN}/youth", "embed": sites})
    (link,) = links_of(sandbox)
    assert link.embed == ("https://vista.example", "https://www.vista.example")
    assert f"/e/{link.slug}" in vera.get("/links").text
    with sandbox.survey_door() as door:
        policy = door.get(f"/e/{link.slug}").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors https://vista.example https://www.vista.example")
    for wrong, why in (
        ("http://vista.example", "is not an origin"),
        ("https://*.example", "is not an origin"),
        ("https://a.example; script-src *", "is not an origin"),
        (" ".join(f"https://s{number}.example" for number in range(6)), "At most 5 sites"),
    ):
        answer = sandbox.submit(vera, "/links", "/links", **{"for": f"{OWN}/youth", "embed": wrong})
        assert answer.status_code == 400
        assert why in Page(answer.text).text
    assert len(links_of(sandbox)) == 1


def test_vera_is_offered_her_own_programs_only(sandbox, vera):
    sandbox.link("frp")
    page = Page(vera.get("/links").text)
    assert {it["value"] for it in page.all("option") if "/" in it["value"]} == {
        f"{OWN}/youth",
        f"{OWN}/caregiver",
    }
    assert "None yet." in page.text


def test_what_makes_no_link_is_said_in_a_sentence(sandbox, vera):
    mistakes = {
        "Choose the program and the audience that the link is for.": {"for": f"{OWN}/children"},
        "asks youth, caregiver, not expert": {"for": f"{OWN}/expert"},
        "There is no instrument “nothing”": {"for": f"{OWN}/youth", "instrument": "nothing"},
        "is written for caregiver, not youth": {"for": f"{OWN}/youth", "instrument": "caregiver-experience"},
        "“tlh” is not one of the languages": {"for": f"{OWN}/youth", "language": "tlh"},
    }
    for sentence, fields in mistakes.items():
        answer = sandbox.submit(vera, "/links", "/links", **fields)
        assert answer.status_code == 400, fields
        assert sentence in Page(answer.text).text
    for choice in ("frp/youth", "nothing/youth", "\0/youth"):
        assert sandbox.submit(vera, "/links", "/links", **{"for": choice}).status_code == 404
    assert links_of(sandbox) == []


def test_a_closed_link_takes_no_more_answers(sandbox, vera):
    slug = sandbox.link(OWN)
    assert sandbox.submit(vera, "/links", f"/links/{slug}/close").status_code == 303
    page = Page(vera.get("/links").text)
    assert f"/links/{slug}/code.svg" not in page.addresses
    assert "closed" in page.text
    with sandbox.survey_door() as door:
        assert door.get(f"/s/{slug}").status_code == 410


def test_vera_can_neither_close_nor_print_what_is_not_hers(sandbox, vera):
    other = sandbox.link("frp")
    answers = {vera.get(f"/links/{slug}/code.svg").text for slug in (other, "22222222", "%00")}
    for slug in (other, "22222222"):
        answer = sandbox.submit(vera, "/links", f"/links/{slug}/close")
        assert answer.status_code == 404
        answers.add(answer.text)
    assert len(answers) == 1
    assert links_of(sandbox)[0].closed_on is None


def test_the_code_to_print_holds_the_address_and_nothing_else(sandbox, vera):
    slug = sandbox.link(OWN)
    answer = vera.get(f"/links/{slug}/code.svg")
    picture = io.BytesIO()
    segno.make(f"{sandbox.settings.survey_url}/s/{slug}", error="m").save(picture, kind="svg", scale=8)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.content == picture.getvalue()
    assert not re.search(r"<(script|title|desc|a|image)\b", answer.text)


def test_no_form_works_from_somebody_else_s_page(sandbox, vera):
    slug = sandbox.link(OWN)
    for path in ("/links", f"/links/{slug}/close", f"/served/{OWN}", "/sign-out"):
        for token in ({}, {"_csrf_token": "made-up"}):
            answer = vera.post(path, data={"for": f"{OWN}/youth", **WORK, **token})
            assert answer.status_code == 403, path
    assert [link.closed_on for link in links_of(sandbox)] == [None]
    assert sandbox.in_transaction(work_totals) == []
    assert vera.get("/").status_code == 200


def test_a_link_that_ran_out_is_shown_as_closed(sandbox, vera):
    past = NewLink(program=OWN, audience="youth", expires_on=sandbox.settings.today.replace(day=1))
    slug = sandbox.in_transaction(lambda session: make_link(session, past, sandbox.settings.today)).slug
    page = Page(vera.get("/links").text)
    assert slug in page.text
    assert f"/links/{slug}/code.svg" not in page.addresses
