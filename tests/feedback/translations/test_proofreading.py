"""Every mistake that a program can see in a translation is named by message and language."""

import pytest

from feedback.languages import LANGUAGES
from feedback.translations.catalogs import Message
from feedback.translations.proofreading import ambiguous_options, problems
from surveys.instruments import Instrument, Option, Question

KO, ES, RU, VI, AR, FA = (LANGUAGES[tag] for tag in ("ko", "es", "ru", "vi", "ar", "fa"))
COUNTED = Message(source="Question %(number)s of %(count)s")
DAYS = Message(source="%(n)s day", plural="%(n)s days")


def problems_in(language, message, *forms):
    return problems(language, message, forms)


@pytest.mark.parametrize(
    ("message", "form"),
    [
        (COUNTED, "%(count)s개 중 %(number)s번째 질문"),
        (Message(source="Send"), "보내기"),
        (Message(source="%(value)s %%"), "%(value)s%%"),
        (Message(source="More & more"), "R & D; 더"),
    ],
)
def test_a_sound_translation_has_no_fault(message, form):
    assert problems_in(KO, message, form) == []


@pytest.mark.parametrize(
    ("form", "problem"),
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
        ('"%(number)s" %(count)s', 'holds ", which could end a part of the page. Quotes are ‘…’ here.'),
        ("%(number)s` %(count)s", "holds `, which could end a part of the page. Quotes are ‘…’ here."),
        (
            "%(number)s\u200b %(count)s",
            "holds U+200B (ZERO WIDTH SPACE), which nobody sees and Korean does not need.",
        ),
        (
            "%(number)s\U000e0041 %(count)s",
            "holds U+E0041 (TAG LATIN CAPITAL LETTER A), which nobody sees and Korean does not need.",
        ),
        ("%(number)s %(count)s" + " 아주" * 200, "is much longer than the English."),
    ],
)
def test_each_mistake_is_said_with_its_message_and_language(form, problem):
    assert f"ko, “{COUNTED.source}”: {problem}" in problems_in(KO, COUNTED, form)


def test_several_mistakes_are_all_said_once():
    sentences = problems_in(KO, COUNTED, "<i>%(other)s")
    assert len(sentences) == 4
    assert len(set(sentences)) == 4


def test_marks_that_arabic_and_farsi_need_are_no_mistakes():
    assert problems_in(FA, Message(source="Send"), "می\u200cفرستیم\u200f") == []
    assert problems_in(AR, Message(source="One\ntwo"), "واحد\nاثنان") == []


HIDING = "\u00ad\u2060\ufeff\u180e\ufe0f\ufe00\u034f\u3164\u115f\u17b4\u2800\ue000\ufffd"
TAGS = "\U000e0001\U000e007f\U000e0100"
EMBEDDING = "\u202a\u202b\u202c"


@pytest.mark.parametrize("character", HIDING + TAGS + EMBEDDING, ids=lambda it: f"U+{ord(it):04X}")
@pytest.mark.parametrize("tag", ["es", "fa", "hi", "km", "ja"])
def test_what_hides_something_in_a_word_is_a_fault_in_every_language(tag, character):
    (problem,) = problems(LANGUAGES[tag], Message(source="Send"), [f"ab{character}cd"])
    assert f"holds U+{ord(character):04X} (" in problem
    assert "which nobody sees and" in problem


@pytest.mark.parametrize(
    ("characters", "needed_by"),
    [
        ("\u200c\u200d", {"fa", "ar", "hi", "km"}),
        ("\u200b", {"km", "th"}),
        ("\u200e\u200f\u061c", {"fa", "ar"}),
    ],
)
def test_unseen_characters_stand_where_a_language_is_written_with_them_and_nowhere_else(
    characters, needed_by
):
    for character in characters:
        tags = {
            it.tag
            for it in LANGUAGES.values()
            if not problems_in(it, Message(source="Send"), f"ab{character}cd")
        }
        assert tags == needed_by, hex(ord(character))


@pytest.mark.parametrize(
    ("form", "is_sound"),
    [
        ("\u2067ab\u2069 cd", True),
        ("\u2066ab \u2067cd\u2069\u2069 \u2068e\u2069", True),
        ("ab\u2067cd", False),
        ("ab\u2069cd\u2067", False),
        ("\u2067ab\u2069\u2069", False),
        ("\u2067ab\ncd\u2069", False),
    ],
)
def test_an_isolate_ends_on_its_own_line(form, is_sound):
    message = Message(source="One\ntwo") if "\n" in form else Message(source="Send")
    problem = "opens an isolate (U+2066 to U+2068) and does not close it (U+2069), or the other way round."
    sentence = f"ar, “{message.source}”: {problem}"
    assert problems_in(AR, message, form) == ([] if is_sound else [sentence])


def test_words_that_nobody_sees_are_no_words():
    assert "km, “Send”: is empty." in problems_in(LANGUAGES["km"], Message(source="Send"), "\u200b \u200c")


@pytest.mark.parametrize(
    ("language", "forms", "has"), [(RU, ("a", "b"), 3), (KO, ("a", "b"), 1), (AR, ("a",), 6), (ES, ("a",), 2)]
)
def test_a_wrong_number_of_plural_forms_is_said(language, forms, has):
    (problem,) = problems_in(language, DAYS, *forms)
    assert problem == f"{language.tag}, “%(n)s day”: has {len(forms)} plural forms; the language has {has}."
    (problem,) = problems_in(language, Message(source="Send"), "a", "b")
    assert "has 2 plural forms; the language has 1." in problem


def test_a_plural_form_may_leave_out_the_number_only_where_the_english_does():
    assert problems_in(RU, DAYS, "%(n)s день", "%(n)s дня", "%(n)s дней") == []
    assert problems_in(RU, DAYS, "день", "%(n)s дня", "%(n)s дней") == [
        "ru, “%(n)s day”: the place %(n)s is missing."
    ]
    one = Message(source="One day", plural="%(n)s days")
    assert problems_in(ES, one, "Un día", "%(n)s días") == []


def test_a_banned_word_is_found_where_there_is_a_list_and_nowhere_else():
    (problem,) = problems_in(ES, Message(source="Send"), "Ayuda a víctimas")
    assert problem == "es, “Send”: the word “victimas” may not appear on a page for respondents."
    assert problems_in(VI, Message(source="Try"), "Cố gắng") == [], (
        "without its accents it would be an English gang"
    )


def test_two_answers_that_read_the_same_are_found():
    options = (
        Option(code="1", text="Never"),
        Option(code="2", text="Rarely"),
        Option(code="3", text="Often"),
    )
    instrument = Instrument(
        id="x",
        version=1,
        title="X",
        audiences=("youth",),
        minutes=1,
        questions=(Question(id="q", kind="single", text="How often?", options=options),),
    )
    texts = {"Never": "Nunca", "Rarely": " nunca ", "Often": "A menudo"}
    assert list(ambiguous_options(ES, instrument, texts.__getitem__)) == [
        "es, “How often?”: two of its answers read “nunca”."
    ]
    assert list(ambiguous_options(ES, instrument, str)) == []


def test_two_answers_that_only_unseen_characters_or_spaces_make_differ_read_the_same():
    options = (Option(code="1", text="Never"), Option(code="2", text="Always"))
    instrument = Instrument(
        id="x",
        version=1,
        title="X",
        audiences=("youth",),
        minutes=1,
        questions=(Question(id="q", kind="single", text="How often?", options=options),),
    )
    for other in ("هرگز\u200c", "هرگز\u200f", "هر\u2068\u2069گز", " هرگز\u00a0"):
        texts = {"Never": "هرگز", "Always": other}
        assert list(ambiguous_options(FA, instrument, texts.__getitem__)) == [
            "fa, “How often?”: two of its answers read “هرگز”."
        ]
