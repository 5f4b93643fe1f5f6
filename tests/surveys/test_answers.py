"""What counts as an answer, told with four people.

Amara is 16 and answers on a shared phone. Bea looks after her nephew. Carmen is a lived experience expert.
Mallory sends what no page of ours would send.
"""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.answers import (
    DECLINED,
    LONGEST_TEXT,
    NOT_SHOWN,
    AnswersRefused,
    Problem,
    Response,
    is_shown,
    read_answers,
)
from surveys.instruments import YES_NO_OPTIONS, Instrument, Option, Question, ShowIf

# A busy machine is no reason to fail.
unhurried = settings(deadline=None)

DAY = tuple(Option(code=code, text=code.title()) for code in ("bus", "train", "walk"))
INSTRUMENT = Instrument(
    id="short",
    version=1,
    title="Your feedback",
    audiences=("youth",),
    minutes=1,
    questions=(
        Question(
            id="safe",
            kind="scale",
            text="How safe?",
            options=tuple(Option(code=c, text=c) for c in "12345"),
            favourable="last",
        ),
        Question(id="rides", kind="multiple", text="How do you get here?", options=DAY),
        Question(
            id="stop",
            kind="yes-no",
            text="Is a stop near?",
            options=YES_NO_OPTIONS,
            show_if=ShowIf("rides", ("bus", "train")),
        ),
        Question(
            id="close",
            kind="yes-no",
            text="Is it close?",
            options=YES_NO_OPTIONS,
            show_if=ShowIf("stop", ("no",)),
        ),
        Question(id="change", kind="long-text", text="What should change?"),
    ),
)


def problems(fields, **options):
    with pytest.raises(AnswersRefused) as refusal:
        read_answers(INSTRUMENT, fields, **options)
    return refusal.value.problems


def test_amara_answers_some_and_skips_the_rest():
    fields = {"safe": ["4"], "rides": ["walk"], "change": ["More evenings"]}
    assert read_answers(INSTRUMENT, fields) == {
        "safe": "4",
        "rides": ("walk",),
        "stop": NOT_SHOWN,
        "close": NOT_SHOWN,
        "change": "More evenings",
    }


def test_an_empty_page_can_be_sent():
    assert read_answers(INSTRUMENT, {}) == {"stop": NOT_SHOWN, "close": NOT_SHOWN}


def test_a_blank_a_refusal_and_a_question_not_shown_stay_three_things():
    answers = read_answers(INSTRUMENT, {"safe": ["-"], "rides": [" ", ""]})
    assert answers["safe"] == DECLINED
    assert "rides" not in answers
    assert answers["stop"] == NOT_SHOWN


def test_rather_not_say_outweighs_other_ticks():
    assert read_answers(INSTRUMENT, {"rides": ["bus", "-"]})["rides"] == DECLINED


def test_ticks_are_kept_in_the_order_of_the_page_so_that_their_order_says_nothing():
    assert read_answers(INSTRUMENT, {"rides": ["train", "bus", "train"]})["rides"] == ("bus", "train")


def test_bea_changes_her_mind_and_the_hidden_answer_is_not_kept():
    answers = read_answers(INSTRUMENT, {"rides": ["walk"], "stop": ["no"], "close": ["yes"]})
    assert answers["stop"] == NOT_SHOWN
    # The question behind the hidden one is hidden with it.
    assert answers["close"] == NOT_SHOWN


def test_a_question_is_shown_for_any_of_the_ticks_that_lead_to_it():
    stop = INSTRUMENT.question("stop")
    assert is_shown(stop, {"rides": ("walk", "train")})
    assert not is_shown(stop, {"rides": ("walk",)})
    assert not is_shown(stop, {"rides": DECLINED})
    assert not is_shown(stop, {})
    assert is_shown(INSTRUMENT.question("close"), {"stop": "no"})
    assert is_shown(INSTRUMENT.question("safe"), {})


def test_a_line_end_counts_as_one_character_as_the_person_counts():
    text = "\r\n".join(["a"] * (LONGEST_TEXT // 2)) + "b"
    assert read_answers(INSTRUMENT, {"change": [text]})["change"] == text.replace("\r\n", "\n")


@pytest.mark.parametrize("text", ["x" * 1_001, "あ" * 1_001, "😀" * 751])
def test_a_text_too_long_in_letters_or_bytes_is_refused(text):
    assert problems({"change": [text]}) == (Problem(question="change", reason="too-long"),)


@pytest.mark.parametrize("text", ["x" * 1_000, "あ" * 1_000, "😀" * 750])
def test_the_longest_text_is_taken_whole(text):
    assert read_answers(INSTRUMENT, {"change": [text]})["change"] == text


def test_half_a_letter_is_refused():
    assert problems({"change": ["\ud800"]}) == (Problem(question="change", reason="unreadable"),)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ["Amara"]}, Problem(question="name", reason="unknown-question")),
        ({"safe": ["6"]}, Problem(question="safe", reason="unknown-option")),
        ({"rides": ["bus", "plane"]}, Problem(question="rides", reason="unknown-option")),
        ({"safe": ["~"]}, Problem(question="safe", reason="unknown-option")),
        ({"safe": ["1", "2"]}, Problem(question="safe", reason="one-only")),
        ({"change": ["a", "b"]}, Problem(question="change", reason="one-only")),
        ({"safe": ["z" * 100]}, Problem(question="safe", reason="unknown-option")),
    ],
)
def test_mallory_is_refused_with_the_reason(fields, problem):
    assert problem in problems(fields)


def test_every_problem_is_reported_at_once_and_in_words():
    with pytest.raises(
        AnswersRefused, match="name: unknown-question; safe: unknown-option; change: too-long"
    ):
        read_answers(INSTRUMENT, {"safe": ["9"], "name": ["x"], "change": ["x" * 2_000]})


def test_a_link_without_text_boxes_takes_no_text():
    assert problems({"change": ["hello"]}, wants_comments=False) == (
        Problem(question="change", reason="not-read"),
    )
    assert "change" not in read_answers(INSTRUMENT, {"safe": ["1"]}, wants_comments=False)


def test_a_response_travels_as_it_is_and_carries_no_time_but_the_quarter():
    answers = read_answers(INSTRUMENT, {"safe": ["4"], "rides": ["bus"]})
    carmen = Response(
        program="frp",
        audience="expert",
        instrument="short",
        language="es",
        period="2026Q3",
        origin="live",
        answers=answers,
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(carmen), type=Response) == carmen
    assert carmen.consent == "private"
    assert set(Response.__struct_fields__) == {
        *(
            "program",
            "audience",
            "instrument",
            "language",
            "period",
            "origin",
            "answers",
            "consent",
            "entered",
            "wave",
        )
    }


FIELDS = st.dictionaries(
    st.sampled_from([question.id for question in INSTRUMENT.questions]) | st.text(max_size=5),
    st.lists(st.sampled_from([*"12345", "bus", "walk", "yes", "no", "-", "~", " "]) | st.text(), max_size=3),
)


def answers_or_none(fields):
    """What was taken of what was sent; None when it was refused."""
    try:
        return read_answers(INSTRUMENT, fields)
    except AnswersRefused:
        return None


@unhurried
@given(FIELDS)
def test_whatever_is_sent_is_an_answer_of_the_instrument_or_refused(fields):
    for name, answer in (answers_or_none(fields) or {}).items():
        question = INSTRUMENT.question(name)
        codes = (answer,) if isinstance(answer, str) else answer
        assert question.is_text or set(codes) <= {*question.codes, DECLINED, NOT_SHOWN}


@unhurried
@given(FIELDS)
def test_a_question_is_not_shown_only_when_its_condition_says_so(fields):
    answers = answers_or_none(fields) or {}
    for question in INSTRUMENT.questions:
        if not question.is_text and answers:
            assert is_shown(question, answers) == (answers.get(question.id) != NOT_SHOWN)


@pytest.mark.slow
@unhurried
@given(FIELDS)
def test_a_field_that_was_not_taken_never_goes_unreported(fields):
    names = {name for name, values in fields.items() if any(value.strip() for value in values)}
    answers = answers_or_none(fields)
    assert answers is None or names <= set(answers)
