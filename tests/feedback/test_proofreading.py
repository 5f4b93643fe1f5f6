"""Every mistake that a program can see in a translation is named by message and language."""

import pytest

from feedback.catalogs import Message
from feedback.languages import LANGUAGES
from feedback.proofreading import alike, faults
from surveys.instruments import Instrument, Option, Question

KO, ES, RU, VI, AR, FA = (LANGUAGES[tag] for tag in ("ko", "es", "ru", "vi", "ar", "fa"))
COUNTED = Message("Question %(number)s of %(count)s")
DAYS = Message("%(n)s day", "%(n)s days")


def told(language, message, *forms):
    return faults(language, message, forms)


@pytest.mark.parametrize(
    ("message", "form"),
    [
        (COUNTED, "%(count)s개 중 %(number)s번째 질문"),
        (Message("Send"), "보내기"),
        (Message("%(value)s %%"), "%(value)s%%"),
        (Message("More & more"), "R & D; 더"),
    ],
)
def test_a_sound_translation_has_no_fault(message, form):
    assert told(KO, message, form) == []


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ("", "is empty."),
        (" \n", "is empty."),
        ("질문 %(number)s", "the place %(count)s is missing."),
        (
            "%(number)s %(count)s %(extra)s",
            "%(extra)s is no place of the English, or stands there less often.",
        ),
        (
            "%(number)s %(number)s %(count)s",
            "%(number)s is no place of the English, or stands there less often.",
        ),
        ("%(number)s %(count)d", "the place %(count)s is missing."),
        ("%(number)s %(count) 개", "the place %(count)s is missing."),
        ("%(number)s %(count)s 100%", "“%” is no place of the English, or stands there less often."),
        ("<b>%(number)s</b> %(count)s", "holds markup; a message is words alone."),
        ("%(number)s&nbsp;%(count)s", "holds markup; a message is words alone."),
        ("%(number)s &#8238; %(count)s", "holds markup; a message is words alone."),
        ("%(number)s\n%(count)s", "holds a character that cannot be read."),
        ("%(number)s\x00%(count)s", "holds a character that cannot be read."),
        ("%(number)s \ud800 %(count)s", "holds a character that cannot be read."),
        ("%(number)s \u202e %(count)s", "holds a character that cannot be read."),
        ("%(number)s %(count)s" + " 아주" * 200, "is much longer than the English."),
    ],
)
def test_each_mistake_is_said_with_its_message_and_language(form, fault):
    assert f"ko, “{COUNTED.source}”: {fault}" in told(KO, COUNTED, form)


def test_several_mistakes_are_all_said_once():
    found = told(KO, COUNTED, "<i>%(other)s")
    assert len(found) == 4
    assert len(set(found)) == 4


def test_marks_that_arabic_and_farsi_need_are_no_mistakes():
    assert told(FA, Message("Send"), "می\u200cفرستیم\u200f") == []
    assert told(AR, Message("One\ntwo"), "واحد\nاثنان") == []


@pytest.mark.parametrize(
    ("language", "forms", "has"), [(RU, ("a", "b"), 3), (KO, ("a", "b"), 1), (AR, ("a",), 6), (ES, ("a",), 2)]
)
def test_a_wrong_number_of_plural_forms_is_said(language, forms, has):
    (fault,) = told(language, DAYS, *forms)
    assert fault == f"{language.tag}, “%(n)s day”: has {len(forms)} plural forms; the language has {has}."
    (fault,) = told(language, Message("Send"), "a", "b")
    assert "has 2 plural forms; the language has 1." in fault


def test_a_plural_form_may_leave_out_the_number_only_where_the_english_does():
    assert told(RU, DAYS, "%(n)s день", "%(n)s дня", "%(n)s дней") == []
    assert told(RU, DAYS, "день", "%(n)s дня", "%(n)s дней") == [
        "ru, “%(n)s day”: the place %(n)s is missing."
    ]
    one = Message("One day", "%(n)s days")
    assert told(ES, one, "Un día", "%(n)s días") == []


def test_a_banned_word_is_found_where_there_is_a_list_and_nowhere_else():
    (fault,) = told(ES, Message("Send"), "Ayuda a víctimas")
    assert fault == "es, “Send”: the word “victimas” may not appear on a page for respondents."
    assert told(VI, Message("Try"), "Cố gắng") == [], "without its accents it would be an English gang"


def test_two_answers_that_read_the_same_are_found():
    options = (Option("1", "Never"), Option("2", "Rarely"), Option("3", "Often"))
    made = Instrument("x", 1, "X", ("youth",), 1, (Question("q", "single", "How often?", options=options),))
    said = {"Never": "Nunca", "Rarely": " nunca ", "Often": "A menudo"}
    assert list(alike(ES, made, said.__getitem__)) == ["es, “How often?”: two of its answers read “nunca”."]
    assert list(alike(ES, made, str)) == []
