"""Items are yes-or-no facts, the same list whatever anyone answered (disclosure.md, “Definitions”)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.items import items_counted, items_true
from surveys.answers import DECLINED, NOT_SHOWN
from surveys.instruments import (
    YES_NO_OPTIONS,
    InstrumentBroken,
    Option,
    Question,
    ShowIf,
    parse_instrument,
    shipped_instruments,
)

POINTS = tuple(Option(code, f"point {code}") for code in "12345")
SAFETY = Question("core-safety", "scale", "Did you feel safe?", "safety", options=POINTS, favourable="last")
WAIT = Question("wait", "scale", "How long was the wait?", "access", options=POINTS, favourable="first")
RIDES = Question("rides", "yes-no", "Do you ride the bus?", options=YES_NO_OPTIONS)
BUS = Question(
    "bus",
    "scale",
    "Do you feel safe on it?",
    "safety",
    options=POINTS,
    favourable="last",
    show_if=ShowIf("rides", ("yes",)),
)
HELPER = Question("helper", "single", "Who helped?", options=(Option("kin", "Kin"), Option("coach", "Coach")))
NEEDS = Question(
    "needs", "multiple", "What?", options=(Option("food", "Food"), Option("bed", "Bed"), Option("bus", "Bus"))
)
WORDS = Question("words", "long-text", "Anything else?")
NAME = Question("title", "short-text", "One word?")
ASKED = (SAFETY, WAIT, RIDES, BUS, HELPER, NEEDS, WORDS, NAME)
THEMES = ("housing", "staff")


def test_a_batch_counts_three_items_for_a_scale_one_for_each_option_and_one_for_each_theme():
    assert items_counted(ASKED, THEMES) == (
        "core-safety:favourable",
        "core-safety:other",
        "core-safety:declined",
        "wait:favourable",
        "wait:other",
        "wait:declined",
        "rides:option:yes",
        "rides:option:no",
        "rides:option:not-sure",
        "bus:favourable",
        "bus:other",
        "bus:declined",
        "helper:option:kin",
        "helper:option:coach",
        "needs:option:food",
        "needs:option:bed",
        "needs:option:bus",
        "theme:housing",
        "theme:staff",
    )


def test_a_question_of_several_instruments_and_a_theme_named_twice_are_one_item_drawn_once():
    twice = items_counted((SAFETY, HELPER, SAFETY, HELPER), ("housing", "housing"))
    assert twice == items_counted((SAFETY, HELPER), ("housing",))
    assert len(set(twice)) == len(twice)


def test_nothing_asked_and_no_themes_is_nothing_counted():
    assert items_counted((), ()) == ()
    assert items_true((), {"core-safety": "5"}, ()) == frozenset()


@pytest.mark.parametrize(
    ("answer", "item"),
    [
        ("1", "other"),
        ("2", "other"),
        ("3", "other"),
        ("4", "favourable"),
        ("5", "favourable"),
        (DECLINED, "declined"),
    ],
)
def test_favourable_is_the_top_two_points_of_five(answer, item):
    assert items_true((SAFETY,), {"core-safety": answer}, ()) == {f"core-safety:{item}"}


@pytest.mark.parametrize(
    ("answer", "item"),
    [("1", "favourable"), ("2", "favourable"), ("3", "other"), ("4", "other"), ("5", "other")],
)
def test_a_scale_whose_good_end_is_first_is_read_the_other_way_round(answer, item):
    assert items_true((WAIT,), {"wait": answer}, ()) == {f"wait:{item}"}


@pytest.mark.parametrize(
    "answers", [{}, {"bus": NOT_SHOWN}, {"bus": "9"}, {"bus": ("4", "5")}, {"gone": "5"}]
)
def test_a_blank_a_question_never_shown_and_anything_unreadable_hold_nothing(answers):
    assert items_true((BUS,), answers, ()) == frozenset()


def test_marisol_who_answered_everything_is_counted_once_for_each_thing_she_said():
    marisol = {
        "core-safety": "5",
        "wait": "4",
        "rides": "yes",
        "bus": DECLINED,
        "helper": "coach",
        "needs": ("food", "bus"),
        "words": "The coach came back every week.",
        "title": "kind",
    }
    assert items_true(ASKED, marisol, ("staff",)) == {
        "core-safety:favourable",
        "wait:other",
        "rides:option:yes",
        "bus:declined",
        "helper:option:coach",
        "needs:option:food",
        "needs:option:bus",
        "theme:staff",
    }


@pytest.mark.parametrize("given_", [DECLINED, NOT_SHOWN, "", (), ("uncle",), "kin-and-coach"])
def test_a_choice_question_left_or_declined_holds_none_of_its_options(given_):
    assert items_true((HELPER, NEEDS), {"helper": given_, "needs": given_}, ()) == frozenset()


def test_what_a_person_wrote_is_no_item():
    assert items_true((WORDS, NAME), {"words": "favourable", "title": DECLINED}, ()) == frozenset()


ANYTHING = st.one_of(
    st.sampled_from(
        ["1", "2", "3", "4", "5", "yes", "no", "not-sure", "kin", "coach", DECLINED, NOT_SHOWN, ""]
    ),
    st.lists(st.sampled_from(["food", "bed", "bus", "1", "yes", DECLINED]), max_size=4).map(tuple),
    st.text(max_size=5),
)


@given(
    answers=st.dictionaries(st.sampled_from([*(question.id for question in ASKED), "unknown"]), ANYTHING),
    themes=st.sets(st.sampled_from(THEMES)),
)
def test_whatever_someone_answers_only_items_that_are_counted_anyway_can_hold(answers, themes):
    held = items_true(ASKED, answers, themes)
    assert held <= set(items_counted(ASKED, THEMES))
    for question in ASKED:
        of_it = {item for item in held if item.startswith(f"{question.id}:")}
        assert len(of_it) <= (len(question.codes) if question.kind == "multiple" else 1)


def test_no_two_items_of_a_scale_are_always_equal_or_always_opposite():
    """Two items that are always equal are one item: here each of the three can be no while the others are."""
    people = [items_true((SAFETY,), answers, ()) for answers in ({}, *({"core-safety": a} for a in "135-"))]
    columns = [tuple(item in person for person in people) for item in items_counted((SAFETY,), ())]
    opposite = [tuple(not held for held in column) for column in columns]
    assert len({*columns, *opposite}) == 6


def test_no_instrument_can_name_a_question_like_the_themes():
    shipped = next(iter(shipped_instruments().values()))
    assert "theme" not in {question.id for question in shipped.questions}
    with pytest.raises(InstrumentBroken, match="“theme” is the name under which themes are counted"):
        parse_instrument(
            'id = "x"\nversion = 1\ntitle = "T"\naudiences = ["youth"]\nminutes = 1\n'
            '[[questions]]\nid = "theme"\nkind = "yes-no"\ntext = "Did you like the theme?"',
            "x.toml",
        )
