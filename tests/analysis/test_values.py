"""What one response adds to a batch (docs/disclosure.md, “Values”)."""

import itertools
import math
from collections import Counter
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import values
from analysis.values import Sensitivity
from surveys.answers import DECLINED, NOT_SHOWN
from surveys.domains import CORE_DOMAINS
from surveys.instruments import YES_NO_OPTIONS, Option, Question, shipped_instruments

POINTS = tuple(Option(code=code, text=f"point {code}") for code in "12345")
YOUTH = shipped_instruments()["protocol-youth"]
EVENT = shipped_instruments()["event"]
CORE = values.scored_questions(YOUTH)
WAIT = Question(
    id="wait",
    kind="scale",
    text="How long was the wait?",
    domain="access",
    options=POINTS,
    favourable="first",
)
RIDES = Question(id="rides", kind="yes-no", text="Do you ride the bus?", options=YES_NO_OPTIONS)
NEEDS = Question(
    id="needs",
    kind="multiple",
    text="What?",
    options=tuple(Option(code=it, text=it) for it in ("food", "bed", "job")),
)
WORDS = Question(id="words", kind="long-text", text="Anything else?")
ASKED = (*CORE, WAIT, RIDES, NEEDS, WORDS)
CLASS = msgspec.structs.replace(YOUTH, id="before-class", questions=(WAIT, RIDES, NEEDS, WORDS))
WORDS_ONLY = msgspec.structs.replace(YOUTH, id="words-only", questions=(RIDES, WORDS))


def core_answers(good, of):
    """Answer `of` core questions, `good` of them well."""
    return {
        question.id: question.favourable_codes[0] if number < good else "3"
        for number, question in enumerate(CORE[:of])
    }


@pytest.mark.parametrize(("good", "of"), [(g, of) for of in range(1, 9) for g in range(of + 1)])
def test_a_score_is_the_share_of_answered_questions_that_were_answered_well(good, of):
    share = Fraction(good, of)
    assert values.score(CORE, core_answers(good, of)) == (840 * share, math.floor(840 * share * (1 - share)))


@pytest.mark.parametrize("answers", [{}, {"core-safety": DECLINED}, {"core-safety": NOT_SHOWN}])
def test_who_answered_nothing_counts_as_one_half(answers):
    assert values.score(CORE, answers) == (420, 210)


def test_the_good_end_of_a_scale_may_come_first():
    assert values.score([WAIT], {"wait": "2"}) == (840, 0)
    assert values.score([WAIT], {"wait": "4"}) == (0, 0)


def test_a_score_is_over_the_core_questions_or_else_over_the_surveys_own_scales():
    assert {q.id for q in CORE} == {f"core-{domain}" for domain in CORE_DOMAINS}
    assert values.is_core(YOUTH)
    assert not values.is_core(CLASS)
    assert values.scored_questions(CLASS) == (WAIT,)
    assert values.scored_questions(WORDS_ONLY) == ()


def test_a_question_is_counted_by_what_is_asked():
    assert values.value_names(WAIT) == ("wait:favourable", "wait:other")
    assert values.value_names(RIDES) == ("rides:option:yes", "rides:option:no", "rides:option:not-sure")
    assert values.value_names(WORDS) == ()
    assert values.theme("housing") == "theme:housing"


def test_a_person_adds_one_to_the_value_of_each_answer():
    answers = {"wait": "1", "core-safety": "3", "rides": "no", "needs": ("food", "job"), "words": "no"}
    assert sorted(values.counted_values(ASKED, answers)) == [
        "core-safety:other",
        "needs:option:food",
        "needs:option:job",
        "rides:option:no",
        "wait:favourable",
    ]


@pytest.mark.parametrize("silence", [DECLINED, NOT_SHOWN, "9", ("1", "2")])
def test_a_silence_adds_nothing(silence):
    assert list(values.counted_values([WAIT], {"wait": silence})) == []


def test_one_response_can_move_what_the_survey_that_asks_most_lets_it_move():
    assert values.sensitivity(ASKED, [YOUTH, CLASS]) == Sensitivity(8, 5)
    assert values.sensitivity([WAIT], [CLASS]) == Sensitivity(1, 0)
    assert values.sensitivity(EVENT.questions, [EVENT]) == Sensitivity(10, 2)
    assert values.sensitivity([], []) == Sensitivity(0, 0)


ANYTHING = st.one_of(
    st.sampled_from([*"123459", DECLINED, NOT_SHOWN, "yes", "no", "food", "words"]),
    st.lists(st.sampled_from(["food", "bed", "job", "yes", "no", "1", "5"])).map(tuple),
)
CLOSED = tuple(question for question in ASKED if question is not WORDS)
ALL = msgspec.structs.replace(YOUTH, id="all", questions=ASKED)
ANSWERS = st.dictionaries(st.sampled_from([q.id for q in ASKED] + ["left-the-product"]), ANYTHING)


@pytest.mark.slow
@given(ANSWERS, ANSWERS)
def test_no_two_responses_differ_by_more_than_the_noise_was_made_for(one, another):
    """Whatever a row holds, also one that no form of ours ever sent."""
    most = values.sensitivity(ASKED, [ALL])
    moved = Counter(values.counted_values(CLOSED, values.closed_answers(ALL, one)))
    moved.subtract(values.counted_values(CLOSED, values.closed_answers(ALL, another)))
    squares = Counter()
    for name, by in moved.items():
        squares["option" in name] += by * by
    assert squares[False] <= 2 * most.scales
    assert squares[True] <= most.options


def test_all_the_noise_is_for_someone_who_changes_every_answer():
    worst = {**core_answers(8, 8), "wait": "1", "rides": "yes", "needs": ("food", "bed", "job")}
    other = {**core_answers(0, 8), "wait": "5", "rides": "no"}
    moved = Counter(values.counted_values(CLOSED, worst))
    moved.subtract(values.counted_values(CLOSED, other))
    assert sum(by * by for by in moved.values()) == 2 * 9 + 5


@given(ANSWERS)
def test_what_is_kept_of_a_response_holds_codes_of_its_own_questions_and_no_words(answers):
    closed = values.closed_answers(ALL, answers)
    codes = {question.id: question.codes for question in CLOSED}
    for name, it in closed.items():
        assert set([it] if isinstance(it, str) else it) <= set(codes[name])
    assert values.closed_answers(ALL, closed) == closed


def test_what_a_person_did_not_say_is_not_kept():
    assert values.closed_answers(ALL, {"wait": DECLINED, "words": "Ana", "rides": "no", "needs": ()}) == {
        "rides": "no",
        "needs": (),
    }


@pytest.mark.parametrize(
    ("change", "well", "themes"),
    [
        ([], [], ()),
        (["a"], [], ("a",)),
        (["a", "b", "c"], [], ("a", "b")),
        ([], ["a", "b", "c"], ("a", "b")),
        (["b"], ["a"], ("b", "a")),
        (["a", "b"], ["c"], ("a", "c")),
        (["a"], ["a"], ("a",)),
        (["a", "b"], ["a"], ("a", "b")),
        (["a", "b"], ["a", "c"], ("a", "c")),
        (["a"], ["a", "c"], ("a", "c")),
        (["a", "b"], ["b", "c"], ("a", "b")),
    ],
)
def test_a_person_has_two_themes_at_most_the_first_of_each_box_and_then_the_next(change, well, themes):
    assert values.counted_themes({"should-change": change, "going-well": well}) == themes


def test_nobody_has_three_themes_or_one_twice():
    lists = [list(it) for n in range(4) for it in itertools.permutations("abc", n)]
    for change, well in itertools.product(lists, lists):
        themes = values.counted_themes({"should-change": change, "going-well": well})
        assert len(themes) == len(set(themes)) == min(2, len({*change, *well}))
