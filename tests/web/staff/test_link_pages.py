"""Handing out links and reporting work. Vera works for Vista Del Mar; Carla is CTLT, Omar just tries."""

import io
import re

import pytest
import segno

from feedback.fieldwork.links import NewLink, all_links, make_link
from feedback.fieldwork.totals import work_totals
from tests.support.forms.pages import Page
from tests.support.forms.staff_forms import form_at

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


def test_vera_reports_a_quarter_and_corrects_it(sandbox, vera):
    for served in ("60", " 61 "):
        answer = sandbox.submit(vera, "/links", f"/programs/{OWN}/work", **{**WORK, "served": served})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/programs/{OWN}?done=work")
    (total,) = sandbox.in_transaction(work_totals)
    assert (total.program, total.period, total.served, total.offered, total.minutes) == (
        OWN,
        "2026Q3",
        61,
        40,
        90,
    )
    assert "2026Q3 61 40 90" in Page(vera.get(f"/programs/{OWN}").text).text


@pytest.mark.slow
def test_whoever_takes_a_program_over_neither_reads_nor_replaces_the_work_of_the_one_before(sandbox, vera):
    sandbox.submit(vera, "/links", f"/programs/{OWN}/work", **WORK)
    sandbox.on("2026-11-15")
    sandbox.hand_over(OWN, "olive-crest")
    olga = sandbox.user("olga@olive.example", "contractor", "olive-crest")
    with sandbox.staff_door(olga) as door:
        answer = sandbox.submit(door, "/links", f"/programs/{OWN}/work", **{**WORK, "served": "1"})
        assert answer.status_code == 400
        assert "2026Q3 is no quarter of your contract for this program." in Page(answer.text).text
        assert "2026Q3 60 40 90" not in Page(door.get(f"/programs/{OWN}").text).text
        own = {**WORK, "period": "2026Q4", "served": "7"}
        assert sandbox.submit(door, "/links", f"/programs/{OWN}/work", **own).status_code == 303
        assert "2026Q4 7 40 90" in Page(door.get(f"/programs/{OWN}").text).text
    totals = sandbox.in_transaction(work_totals)
    assert [(it.period, it.served) for it in totals] == [("2026Q3", 60), ("2026Q4", 7)]
    with sandbox.staff_door(sandbox.user()) as door:
        text = Page(door.get(f"/programs/{OWN}").text).text
    assert all(line in text for line in ("2026Q3 60 40 90", "2026Q4 7 40 90"))


def test_what_is_no_report_is_said_at_its_field(sandbox, vera):
    whole = "Write a whole number, without a sign or a point."
    mistakes = [
        (whole, {"served": "-1"}),
        (whole, {"offered": "3.5"}),
        (whole, {"minutes": ""}),
        (whole, {"served": "٣"}),
        (whole, {"served": "1" * 7}),
        ("“soon” is not a quarter; write it like 2026Q3.", {"period": "soon"}),
        ("2026Q4 has not come yet.", {"period": "2026Q4"}),
    ]
    for sentence, wrong in mistakes:
        answer = sandbox.submit(vera, "/links", f"/programs/{OWN}/work", **{**WORK, **wrong})
        assert answer.status_code == 400, wrong
        form = form_at(answer.text, f"/programs/{OWN}/work")
        assert form.problems == {next(iter(wrong)): sentence}
        assert {**form.fields, **wrong} == {**form.fields, **WORK, **wrong}, "what was typed stays"
    assert sandbox.submit(vera, "/links", "/programs/frp/work", **WORK).status_code == 404
    assert sandbox.in_transaction(work_totals) == []


def test_carla_reads_reports_and_writes_none(sandbox):
    with sandbox.staff_door(sandbox.user()) as door:
        assert "Report a quarter" not in door.get(f"/programs/{OWN}").text
        assert sandbox.submit(door, "/links", f"/programs/{OWN}/work", **WORK).status_code == 404
    assert sandbox.in_transaction(work_totals) == []


def test_no_form_works_from_somebody_else_s_page(sandbox, vera):
    slug = sandbox.link(OWN)
    for path in ("/links", f"/links/{slug}/close", f"/programs/{OWN}/work", "/sign-out"):
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
