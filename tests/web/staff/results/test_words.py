"""Quarters, shares and changes as staff read them."""

import pytest

from analysis.figures import TOO_FEW, Figure
from analysis.publishing.changes import BEFORE, FIRST, HIGHER, LOWER, NONE
from feedback.web.staff.results import words


@pytest.mark.parametrize(
    ("quarters", "text"),
    [
        (["2026Q3"], "July to September 2026"),
        (["2026Q1", "2026Q2"], "January to June 2026"),
        (["2025Q4", "2026Q1", "2026Q2", "2026Q3"], "October 2025 to September 2026"),
    ],
)
def test_quarters_are_said_from_the_first_month_to_the_last(quarters, text):
    assert words.span(quarters) == text


def figure(value, low, high):
    return Figure(measure="overall", display=f"{value} %", value=value, low=low, high=high)


def test_a_share_is_said_with_the_numbers_of_the_table_and_rounded_nowhere():
    assert words.share(figure(69, 66, 72)) == "69 % (66 to 72 %)"
    assert words.in_words(figure(69, 66, 72)) == "69 % of answers were good; it could be 66 to 72 %"


def test_nearer_to_none_or_all_than_can_be_told_a_share_is_said_in_words():
    assert words.share(figure(3, 3, 3)) == "hardly any"
    assert words.share(figure(97, 97, 97)) == "nearly all"
    assert words.share(figure(3, 3, 16)) == "3 % (3 to 16 %)"
    assert words.in_words(figure(97, 97, 97)) == "nearly all answers were good"


def test_what_cannot_be_told_is_said_to_be_so():
    few = Figure(measure="overall", display=TOO_FEW)
    assert words.share(few) == TOO_FEW
    assert words.in_words(few) == f"there are {TOO_FEW}"


def test_a_clear_change_is_said_with_its_points_and_against_what():
    higher = Figure(measure=BEFORE, display=HIGHER, value=13, low=4, high=22)
    lower = Figure(measure=FIRST, display=LOWER, value=-21, low=-30, high=-12)
    none = Figure(measure=FIRST, display=NONE)
    assert words.change([figure(1, 2, 3), higher, lower]) == (
        "clearly higher, and so better, than in the four releases before (by 13 points; between 4 and 22); "
        "clearly lower, and so worse, than in the first four releases (by 21 points; between 12 and 30)"
    )
    assert words.change([higher, none]).startswith(
        "clearly higher, and so better, than in the four releases before"
    )
    assert "no clear change" not in words.change([higher, none])


def test_no_clear_change_and_too_few_answers_are_two_sentences():
    none, few = Figure(measure=BEFORE, display=NONE), Figure(measure=FIRST, display=TOO_FEW)
    assert words.change([none]) == NONE
    assert words.change([none, few]) == f"{NONE} or {TOO_FEW}"
    assert words.change([]) == ""
