"""Posters, and what else a link can be handed out as. Vera hangs one up; Omar walks past."""

import html
import re

import msgspec
import pytest
import segno

from feedback.fieldwork.links import close_link
from feedback.languages import LANGUAGES
from surveys.checking import _matches
from surveys.registry import shipped_programs
from tests.support.forms.pages import Page

OWN = "advocacy-vista"


@pytest.fixture
def vera(sandbox):
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    with sandbox.staff_door(sandbox.user("vera@vista.example", "contractor", "vista-del-mar")) as door:
        yield door


def code_of(address):
    return segno.make(address, error="m").svg_inline(omitsize=True, svgclass="code", lineclass=None)


def test_a_poster_holds_the_code_the_address_and_a_few_calm_words(sandbox, vera):
    slug = sandbox.link(OWN)
    answer = vera.get(f"/links/{slug}/poster")
    address = f"{sandbox.settings.survey_url}/s/{slug}"
    assert code_of(address) in answer.text
    page = Page(answer.text)
    assert f"127.0.0.1:8001/s/{slug}" in page.text
    assert "Los Angeles County asks how this is going for you." in page.text
    assert "About: Your advocate" in page.text
    assert "We do not ask who you are." in page.text
    assert "It takes about 3 minutes. You can skip any question." in page.text


def test_a_poster_says_where_results_are_and_under_which_name(sandbox, vera):
    for slug in (sandbox.link(OWN), sandbox.link(OWN, "caregiver")):
        text = Page(vera.get(f"/links/{slug}/poster").text).text
        assert "See what people said: 127.0.0.1:8001/heard" in text
        assert "In the results this is called “Advocates, team A”." in text
    spanish = Page(vera.get(f"/links/{slug}/poster?lang=es&beside=ar").text).text
    assert "Personas de apoyo, equipo A" in spanish
    assert "المساندون، الفريق أ" in spanish


def test_a_poster_speaks_one_language_or_two_side_by_side(sandbox, vera):
    slug = sandbox.link(OWN)
    address = f"{sandbox.settings.survey_url}/s/{slug}"
    for query, tags, opens in (
        ("", ["en"], ""),
        ("?lang=es", ["es"], "?lang=es"),
        ("?lang=ar&beside=", ["ar"], "?lang=ar"),
        ("?lang=es&beside=ar", ["es", "ar"], ""),
        ("?lang=es&beside=es", ["es"], "?lang=es"),
        ("?lang=xx&beside=yy", ["en"], ""),
    ):
        answer = vera.get(f"/links/{slug}/poster{query}")
        panels = [(it["lang"], it["dir"]) for it in Page(answer.text).all("section")]
        assert panels == [(tag, LANGUAGES[tag].direction) for tag in tags], query
        assert code_of(f"{address}{opens}") in answer.text


def test_a_poster_of_a_link_with_a_language_of_its_own_says_it_and_opens_it(sandbox, vera):
    slug = sandbox.link(OWN, language="es")
    answer = vera.get(f"/links/{slug}/poster")
    assert code_of(f"{sandbox.settings.survey_url}/s/{slug}") in answer.text
    assert "El Condado de Los Ángeles" in answer.text


@pytest.mark.slow
def test_a_poster_tells_omar_nothing(sandbox):
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    programs = shipped_programs().programs
    names = {
        name for p in programs for name in (p.id, p.name, p.short, p.contractor, p.contractor_id) if name
    }
    with sandbox.staff_door(sandbox.user("ada@county.example", "admin")) as ada:
        for program in programs:
            for audience in program.audiences:
                slug = sandbox.link(program.id, audience)
                answer = ada.get(f"/links/{slug}/poster?lang=es&beside=en").text
                page = Page(answer)
                assert page.title == "Feedback"
                assert _matches("banned", answer.partition("<main")[2]) == []
                assert [name for name in names if f" {name} " in page.text] == []


@pytest.mark.slow
def test_a_poster_says_in_every_language_that_it_is_short_and_free(sandbox, vera):
    slug = sandbox.link(OWN)
    pages = {tag: Page(vera.get(f"/links/{slug}/poster?lang={tag}").text) for tag in LANGUAGES}
    assert all("3" in page.text and f"127.0.0.1:8001/s/{slug}" in page.text for page in pages.values())
    assert len({page.text.partition("letter or A4.")[2] for page in pages.values()}) == len(LANGUAGES)


def test_a_poster_needs_no_script_and_no_other_host(sandbox, vera):
    answer = vera.get(f"/links/{sandbox.link(OWN)}/poster")
    page = Page(answer.text)
    assert not page.all("script", "img", "iframe")
    assert "style=" not in answer.text
    assert set(page.addresses) == {
        "/static/heard.svg",
        "/static/poster.css",
        "/links",
        page.all("form")[0]["action"],
    }


@pytest.mark.slow
def test_a_closed_link_has_no_poster_and_another_program_s_neither(sandbox, vera):
    slug = sandbox.link(OWN)
    sandbox.in_transaction(lambda session: close_link(session, slug, sandbox.settings.today))
    answer = vera.get(f"/links/{slug}/poster")
    assert answer.status_code == 400
    assert "This link is closed: its poster would lead nowhere." in answer.text
    for other in (sandbox.link("frp"), "22222222", "%00"):
        assert vera.get(f"/links/{other}/poster").status_code == 404
    with sandbox.staff_door(sandbox.user("rita@county.example", "reviewer")) as rita:
        assert rita.get(f"/links/{slug}/poster").status_code == 404


def test_the_page_of_links_leads_to_everything_a_link_can_be(sandbox, vera):
    slug = sandbox.link(OWN, language="es")
    page = Page(vera.get("/links").text)
    for path in (f"/links/{slug}/code.svg", f"/links/{slug}/paper", f"/links/{slug}/poster"):
        assert path in page.addresses
        assert vera.get(path).status_code == 200
    assert f"{sandbox.settings.survey_url}/s/{slug}/print" in page.addresses
    assert [it["value"] for it in page.all("option") if "selected" in it] == ["es"]
    assert "iframe" not in page.text


def test_a_link_for_a_site_can_be_copied_into_it(sandbox, vera):
    slug = sandbox.link(OWN, embed=("https://vista.example",))
    page = vera.get("/links").text
    (snippet,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page)
    (frame,) = Page(html.unescape(snippet)).all("iframe")
    assert frame["src"] == f"{sandbox.settings.survey_url}/e/{slug}"
    permissions = "allow-forms allow-scripts allow-popups allow-top-navigation-by-user-activation"
    assert frame["sandbox"] == permissions
    assert (frame["title"], frame["referrerpolicy"]) == ("Feedback", "no-referrer")
    assert "https://vista.example" in page
