"""Paper as it comes out of a printer, and a stack of it typed in with the keyboard alone."""

import re

import pytest

from feedback.languages import LANGUAGES
from feedback.web.staff.cookies import SESSION
from surveys.instruments import shipped_instruments
from tests.support.browser.every_page import in_every_language
from tests.support.doors import open_doors
from tests.support.loops import apart

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAPERS = ("Letter", "A4")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """What a printer puts out does not depend on the database."""
    new_sandbox = in_every_language(tmp_path_factory.mktemp("paper"))
    new_sandbox.user("ada@county.example", "admin")
    return new_sandbox


@pytest.fixture(scope="module")
def doors(sandbox):
    with open_doors(sandbox.settings, sandbox.settings.home.parent) as running_doors:
        yield running_doors


@pytest.fixture
def page(chromium):
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def printed_pages(page, paper):
    """How many pages come out of the printer."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper)))


def sign_in(page, doors, sandbox):
    session = apart(sandbox.session, "ada@county.example")
    page.context.add_cookies([{"name": SESSION, "value": session, "url": doors.staff}])


def test_every_survey_prints_on_one_to_three_pages(page, doors, sandbox):
    for name, instrument in shipped_instruments().items():
        slug = sandbox.link("community", instrument.audiences[0], instrument=name)
        page.goto(f"{doors.survey}/s/{slug}/print")
        for paper in PAPERS:
            assert 1 <= printed_pages(page, paper) <= 3, (name, paper)


def test_no_printed_question_is_cut_and_no_screen_scrolls_sideways(page, doors, sandbox):
    slug = sandbox.link("ctu", "youth", instrument="youth-experience")
    for tag in LANGUAGES:
        page.set_viewport_size({"width": 320, "height": 800})
        page.goto(f"{doors.survey}/s/{slug}/print?lang={tag}")
        assert page.locator("html").evaluate("it => it.scrollWidth") == 320, tag
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 720, "height": 1000})
        assert page.locator("html").evaluate("it => it.scrollWidth") == 720, tag
        assert not page.locator(".leave").is_visible()
        wide = page.locator(".choices li, .apart").evaluate_all(
            "all => all.filter(it => it.scrollWidth > it.clientWidth + 1).length"
        )
        assert wide == 0, tag
        page.emulate_media(media="screen")


def test_the_points_of_a_scale_run_as_the_language_is_read(page, doors, sandbox):
    slug = sandbox.link("ctu", "youth", instrument="youth-experience")
    page.emulate_media(media="print")
    for tag, apart_is_last in (("en", True), ("ar", False)):
        page.goto(f"{doors.survey}/s/{slug}/print?lang={tag}")
        row = page.locator(".choices").first
        places = row.locator("li").evaluate_all("all => all.map(it => it.getBoundingClientRect().x)")
        assert places == sorted(places, reverse=not apart_is_last), tag
        assert (row.locator(".apart").bounding_box()["x"] > max(places)) is apart_is_last


@pytest.mark.parametrize("beside", ["", pytest.param("hy", marks=pytest.mark.thorough)])
def test_a_poster_is_one_page_in_any_language_and_in_any_two(page, doors, sandbox, beside):
    sign_in(page, doors, sandbox)
    # The longest name a program is called by.
    slug = sandbox.link("detention", "caregiver")
    for tag in LANGUAGES:
        page.goto(f"{doors.staff}/links/{slug}/poster?lang={tag}&beside={beside}")
        for paper in PAPERS:
            assert printed_pages(page, paper) == 1, (tag, paper)


def test_a_sheet_is_typed_in_with_the_keyboard_alone(page, doors, sandbox):
    sign_in(page, doors, sandbox)
    slug = sandbox.link("ctu", "youth", instrument="youth-experience")
    page.goto(f"{doors.staff}/links/{slug}/paper?sheets=1")
    page.locator("[name=_outside]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.locator("[name='1.core-access']:checked").get_attribute("value") == "4"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    assert page.locator("[name='1.core-language']:checked").get_attribute("value") == "-"
    page.locator("[name='1.going-well']").focus()
    page.keyboard.type("They listen.")
    page.get_by_role("button", name="Store this sheet").press("Enter")
    page.wait_for_url("**stored=1**")
    assert "1 sheet stored." in page.get_by_role("status").inner_text()
    page.go_back()
    assert "They listen." not in page.locator("[name='1.going-well']").input_value()
