"""Words that hang on another answer: whom they are for is said, and nobody's are dropped unsaid."""

import msgspec
import pytest

from feedback.fieldwork.instruments import add_instrument
from surveys.instruments import ShowIf
from tests.support.forms.pages import Page
from tests.support.forms.survey_forms import send
from tests.support.instruments import EVERY_KIND

KINDER = next(it for it in EVERY_KIND.questions if it.kind == "short-text")
CONDITION = "Only if you chose before: No"


@pytest.fixture
def path(sandbox):
    """A short text that is asked only of whoever answered no."""
    box = msgspec.structs.replace(KINDER, show_if=ShowIf("court-or-meeting", ("no",)))
    questions = [box if it is KINDER else it for it in EVERY_KIND.questions]
    instrument = msgspec.structs.replace(EVERY_KIND, id="hanging", questions=tuple(questions))
    today = sandbox.settings.today
    sandbox.in_transaction(lambda session: add_instrument(session, instrument, today))
    return f"/s/{sandbox.link(instrument='hanging')}"


def test_the_condition_stands_wherever_the_box_cannot_be_hidden(sandbox, door, path):
    """On a phone the style takes the words away together with the box, where it can."""
    page = door.get(path)
    assert Page(page.text).text.count(CONDITION) == 1
    assert ".ask:not(.marked) .only{display:none}" in page.text
    assert Page(door.get(f"{path}/print").text).text.count(CONDITION) == 1
    with sandbox.staff_door(sandbox.user("ada@county.example", "admin")) as staff:
        assert "(only after: No)" in staff.get(f"/links/{path[3:]}/paper?sheets=1").text


def test_words_under_another_answer_come_back_and_are_not_dropped(door, path, responses):
    answers = {"court-or-meeting": "yes", "one-word": "Kinder words"}
    answer = send(door, path, **answers)
    page = Page(answer.text)
    assert answer.status_code == 400
    assert "You wrote this under another answer." in page.text
    assert page.filled["one-word"] == ["Kinder words"]
    assert 'class="ask marked"\nid="ask-one-word"' in answer.text, "shown, though it does not apply"
    assert responses() == []
    assert door.post(path, data={**page.filled, "court-or-meeting": "no"}).status_code == 303
    assert [it.answers["one-word"] for it in responses()] == ["Kinder words"]


def test_an_empty_box_under_another_answer_is_no_fault(door, path, responses):
    assert send(door, path, **{"court-or-meeting": "yes", "one-word": " "}).status_code == 303
    assert len(responses()) == 1


def test_whoever_types_paper_is_told_of_words_under_another_answer(sandbox, door, path):
    with sandbox.staff_door(sandbox.user("ada@county.example", "admin")) as staff:
        page = f"/links/{path[3:]}/paper?sheets=1"
        fields = Page(staff.get(page).text).filled
        typed = {**fields, "_outside": "yes", "1.court-or-meeting": "yes", "1.one-word": "Kinder words"}
        answer = staff.post(f"/links/{path[3:]}/paper", data=typed)
        assert answer.status_code == 400
        assert "You wrote this under another answer." in Page(answer.text).text
