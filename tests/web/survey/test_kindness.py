"""What a frightened person meets on the page, in every language: few words, no pressure, honest promises."""

import re

import msgspec
import pytest

from feedback.languages import LANGUAGES
from tests.support.forms.pages import Page
from tests.support.forms.survey_forms import FORM, everywhere, submission_key

SPACELESS = {"zh-Hans": 2, "zh-Hant": 2, "ja": 3, "km": 6, "th": 5}
"""Characters that stand for about one English word in scripts that put no space between words."""
SYLLABLES = {"vi": 1.3}
"""Vietnamese writes every syllable apart: about 1.3 of them are a word."""
NOBODY_S = re.compile(r"progress|almost|reminder|required|mandatory|are you sure", re.IGNORECASE)


@pytest.fixture
def drafts(sandbox):
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    with sandbox.survey_door() as client:
        yield client


def first_screen(html: str) -> str:
    return re.sub("<[^>]+>", " ", html.partition('<div class="promise">')[2].partition("</div>")[0])


def length(words: str, tag: str) -> float:
    if tag in SPACELESS:
        return len("".join(words.split())) / SPACELESS[tag]
    return len(words.split()) / SYLLABLES.get(tag, 1)


@pytest.mark.slow
@pytest.mark.uncounted
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_first_screen_is_at_most_60_words_in_every_language(sandbox, drafts):
    longest = {}
    for program, audience, _ in everywhere():
        path = f"/s/{sandbox.link(program.id, audience)}"
        for tag in LANGUAGES:
            words = length(first_screen(drafts.get(f"{path}?lang={tag}").text), tag)
            longest[tag] = max(longest.get(tag, 0), words)
    assert len(longest) == 15
    assert {tag: words for tag, words in longest.items() if words > 60} == {}


def test_more_about_this_tells_the_whole_truth(sandbox, door):
    text = Page(door.get(f"/s/{sandbox.link()}").text).text
    for promise in (
        "It has 12 questions and takes about 3 minutes. It is for people aged 13 and older.",
        "We do not record your name, your number, your address on the internet, your phone, or the time.",
        "Your phone, the phone company or a school network may keep a record of the pages you visit.",
        "It cannot erase the list of pages that your phone keeps.",
        "We show only numbers about groups of 11 or more, each moved a little by chance.",
        "So nobody can be sure from them what you said.",
        "The more often you answer, the better somebody can guess.",
        "If you let us pass on your words, someone might know you by them.",
        "They are opened four times a year to be added up.",
        "destroyed unread after two years",
        "Nobody can write back to you.",
    ):
        assert promise in text, promise


def test_what_is_not_there_yet_is_said_where_languages_are_chosen(drafts, sandbox):
    path = f"/s/{sandbox.link()}"
    sentence = "There is no sign language video yet, and no recording in Indigenous languages."
    assert sentence in Page(drafts.get(path).text).text
    assert sentence not in Page(drafts.get(f"{path}?lang=es").text).text, "it is said in Spanish there"


def test_a_blank_is_no_fault_and_nobody_is_urged(sandbox, door):
    path = f"/s/{sandbox.link()}"
    assert door.post(path, content=f"_once={submission_key(door, path)}", headers=FORM).status_code == 303
    page = Page(door.get(path).text)
    assert not page.all("progress", "meter")
    assert not NOBODY_S.search(page.text)


@pytest.mark.parametrize("tag", ["ar", "fa"])
def test_the_order_of_answers_is_the_same_from_right_to_left(sandbox, drafts, tag):
    path = f"/s/{sandbox.link()}"
    plain, turned = (Page(drafts.get(f"{path}?lang={it}").text) for it in ("en", tag))
    assert turned.all("html")[0]["dir"] == "rtl"
    assert turned.choices("core-safety") == plain.choices("core-safety") == ["1", "2", "3", "4", "5", "-"]


@pytest.mark.slow
@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_thank_you_page_calms_says_what_happens_and_helps_in_every_language(drafts, tag):
    page = Page(drafts.get(f"/thanks?lang={tag}").text)
    assert page.all("html")[0]["lang"] == tag
    assert "988" in page.text
    assert {"/leave", "tel:988", "sms:988"} <= set(page.addresses)
    if tag != "en":
        assert "Take a slow breath" not in page.text
        assert "Your answers stay locked" not in page.text
