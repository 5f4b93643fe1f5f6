"""What is on the page stays on the page, and a person always knows where they are."""

import pytest

from feedback.app import create_survey_app
from tests.support.browser.every_page import in_every_language
from tests.support.browser.survey_steps import on, thanks, walk_to_the_end
from tests.support.doors import served_here
from tests.support.stored import sealed_rows
from tests.support.voices import each_language

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHOICE, WORDS = "[name=core-access][value='2']", "[name=should-change]"
FOCUS = "document.activeElement == document.body ? '' : document.activeElement.localName"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    sandbox = in_every_language(tmp_path_factory.mktemp("keeping"))
    with served_here(create_survey_app(sandbox.settings)) as address:
        slug = sandbox.link("ctu", "youth", instrument="youth-experience")
        yield sandbox, f"{address}/s/{slug}"


@pytest.fixture
def survey(running):
    return running[1]


@pytest.fixture
def phone(phone_with_script):
    return phone_with_script


def walk_to(page, selector):
    while not page.locator(selector).first.is_visible():
        on(page)


def test_the_limit_shows_as_it_nears_and_what_is_over_it_is_kept_and_said(phone, running, survey):
    before = set(sealed_rows(running[0]))
    phone.goto(survey)
    walk_to(phone, WORDS)
    room = phone.locator("#should-change-room")
    for length, text in ((900, ""), (901, "Letters left: 99"), (1_000, "Letters left: 0")):
        phone.locator(WORDS).fill("x" * length)
        assert room.inner_text() == text
    phone.locator(WORDS).fill("é" * 1_234)
    assert room.inner_text() == "Letters too many: 234"
    on(phone)
    phone.locator(".send").click()
    assert phone.locator(WORDS).is_visible(), "it leads back to the box"
    assert phone.evaluate("document.activeElement.name") == "should-change"
    assert len(phone.locator(WORDS).input_value()) == 1_234
    phone.locator(WORDS).fill("é" * 1_000)
    on(phone)
    phone.locator(".send").click()
    thanks(phone).wait_for()
    (response,) = (it for key, it in sealed_rows(running[0]).items() if key not in before)
    assert response.answers["should-change"] == "é" * 1_000


def test_without_a_script_the_door_keeps_words_over_the_limit_too(phone_without_script, survey):
    page = phone_without_script
    page.goto(survey)
    page.locator(WORDS).fill("😀" * 10_000)
    page.locator("[name=going-well]").fill("😀" * 10_000)
    page.locator(".send").click()
    page.get_by_text("This is longer than we can keep. Please make it shorter.").first.wait_for()
    assert page.title() == "Not sent yet · Your feedback"
    assert page.locator(WORDS).input_value() == "😀" * 10_000
    page.get_by_role("link", name="Go to it").click()
    assert page.url.endswith("#ask-going-well")


def test_a_double_tap_on_continue_moves_one_step(phone, survey):
    phone.goto(survey)
    on(phone)
    phone.locator(".next").dblclick()
    assert "Question 2 of 13" in phone.locator(".ask h2:visible").inner_text()


def test_the_title_and_the_focus_say_where_one_is_at_every_step(phone, survey):
    phone.goto(survey)
    assert phone.title() == "Your feedback"
    titles = []
    while not phone.locator(".send").is_visible():
        on(phone)
        titles.append(phone.title())
        assert phone.evaluate(FOCUS) == "h2"
    assert titles[2] == "Question 3 of 13 · Your feedback"
    for _ in range(3):
        phone.locator(".back").click()
        assert phone.evaluate(FOCUS) == "h2"


def test_another_language_keeps_the_step_and_every_answer(phone, survey):
    phone.goto(survey)
    walk_to(phone, CHOICE)
    phone.locator(CHOICE).check()
    phone.locator(WORDS).evaluate("it => { it.value = 'Weniger warten.'; }")
    on(phone)
    for tag in ("ar", "km", "en"):
        phone.locator(".chooser summary").click()
        phone.locator(f".chooser [value={tag}]").click()
        phone.locator(f"html[lang={tag}]").wait_for()
        assert phone.locator(".ask:visible").get_attribute("id") == "ask-core-language"
        assert phone.locator(CHOICE).is_checked()
        assert phone.locator(WORDS).input_value() == "Weniger warten."


def test_the_phone_s_own_language_stands_where_nobody_looks_for_it(chromium, survey):
    context = chromium.new_context(locale="hy-AM")
    page = context.new_page()
    page.goto(survey)
    page.get_by_role("button", name="Հայերեն").first.click()
    page.locator("html[lang=hy]").wait_for()
    assert page.get_by_role("button", name="English").first.is_visible()
    context.close()


@each_language
def test_continue_is_in_reach_on_the_smallest_phone_at_every_step(phone, survey, tag):
    phone.set_viewport_size({"width": 360, "height": 560})
    phone.goto(f"{survey}?lang={tag}")
    while True:
        button = phone.locator(".steps .on:visible")
        box = button.bounding_box()
        assert box["y"] + box["height"] <= 560, phone.title()
        if phone.locator(".send").is_visible():
            return
        button.click()


UNTIED = """() => [...document.querySelectorAll('fieldset[aria-describedby], textarea')].flatMap(
it => it.getAttribute('aria-describedby').split(' ').filter(id => !document.getElementById(id)))"""


def test_every_field_is_tied_to_its_hint_notice_and_error(phone_without_script, survey):
    page = phone_without_script
    page.goto(survey)
    assert page.evaluate(UNTIED) == []
    assert page.locator(".ask h2").count() == page.locator(".ask[id]").count() + 2, "and consent, and the end"
    assert page.locator("[role=status].status").count() == 1, "there before it speaks"
    for name, value in (("dir", "auto"), ("spellcheck", "false"), ("writingsuggestions", "false")):
        assert page.locator(f"textarea[{name}={value}]").count() == 2
    page.locator(WORDS).fill("x" * 1_001)
    page.locator(".send").click()
    page.get_by_text("This is longer than we can keep.").wait_for()
    ids = page.locator(WORDS).get_attribute("aria-describedby").split()
    words = " ".join(page.locator(f"#{it}").inner_text() for it in ids)
    assert "Please leave out names." in words
    assert "This is longer than we can keep." in words


def test_leave_says_its_key_and_that_it_leaves(phone, survey):
    phone.goto(survey)
    hint_id = phone.locator(".leave").get_attribute("aria-describedby")
    assert phone.locator(f"#{hint_id}").text_content() == "Or press the Esc key three times."


def test_help_is_folded_where_one_chooses_and_open_where_one_writes(phone, survey):
    phone.goto(survey)
    lines = phone.locator(".help .who")
    assert lines.nth(1).is_visible()
    walk_to(phone, CHOICE)
    assert lines.first.is_visible(), "the first line stays"
    assert not lines.nth(1).is_visible()
    walk_to(phone, WORDS)
    assert lines.nth(1).is_visible()
    walk_to_the_end(phone)
    assert lines.nth(1).is_visible()
    phone.locator(".send").click()
    thanks(phone).wait_for()
    assert lines.nth(1).is_visible()


def test_a_tablet_s_numbers_are_there_to_be_read(phone, survey):
    phone.goto(f"{survey}?kiosk=1")
    assert phone.locator("a[href^='tel:'], a[href^='sms:']").count() == 0
    assert "988" in phone.locator(".help").inner_text()


def test_what_was_sent_can_be_thrown_away_while_the_thanks_stand_there(phone, running, survey):
    before = set(sealed_rows(running[0]))
    phone.goto(survey)
    walk_to_the_end(phone)
    phone.locator(".send").click()
    thanks(phone).wait_for()
    assert len(set(sealed_rows(running[0])) - before) == 1
    phone.get_by_role("button", name="I changed my mind: throw it away").click()
    phone.get_by_role("heading", name="Your answers were thrown away").wait_for()
    assert set(sealed_rows(running[0])) == before
