"""The numbers of the release rule: what follows from them, and that nobody can make them laxer."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import parameters
from analysis.parameters import GRAIN, Parameters, check_promise

USUAL = Parameters()
MUS = [name for name in Parameters.__struct_fields__ if name.startswith("mu_")]
SIZES = ("k", "detail_n", "audience_n", "fields_n", "mixed_n", "language_n", "pool_programs")


def deviation(variance):
    return round(math.sqrt(variance), 1)


def test_all_that_is_told_of_one_answer_stays_within_the_promise():
    squares = sum(USUAL.exactly(name) ** 2 for name in MUS)
    assert 1.476 < math.sqrt(squares) <= 1.4777


@pytest.mark.parametrize("name", SIZES)
def test_a_size_may_grow_and_never_shrink(name):
    default = getattr(USUAL, name)
    assert getattr(Parameters(**{name: default + 9}), name) == default + 9
    with pytest.raises(ValueError, match=rf"policy\.{name}: may not be under {default}; .* stricter"):
        Parameters(**{name: default - 1})


@pytest.mark.parametrize("name", MUS)
def test_less_may_be_told_of_an_answer_and_never_more(name):
    default = getattr(USUAL, name)
    assert getattr(Parameters(**{name: default / 2}), name) == default / 2
    for laxer in (default + 0.01, 0.0, -default, math.nan, math.inf):
        with pytest.raises(ValueError, match=rf"policy\.{name}: must be above 0 and at most {default}"):
            Parameters(**{name: laxer})


@pytest.mark.parametrize("name", ["waiting_quarters", "pool_quarters", "destroyed_quarters"])
def test_how_long_an_answer_may_wait_was_promised_and_stays(name):
    for step in (-1, 1):
        with pytest.raises(ValueError, match="people were told how long it is"):
            Parameters(**{name: getattr(USUAL, name) + step})


def test_defaults_that_told_too_much_would_not_even_start(monkeypatch):
    monkeypatch.setattr(parameters, "MOST_ROOT", Fraction("1.47"))
    with pytest.raises(ValueError, match="tell more of one answer than promised"):
        check_promise(USUAL)


def test_the_deviations_are_those_of_the_rule():
    assert USUAL.score_variance == Fraction(7_840_000, 9)
    assert USUAL.spread_variance == Fraction(7_840_000, 81)
    assert math.sqrt(USUAL.language_variance) / GRAIN == 2.5
    assert deviation(USUAL.fields_variance) == 13.3
    assert deviation(USUAL.scales_variance(8, with_options=False)) == 4.5
    assert deviation(USUAL.scales_variance(10, with_options=False)) == 5.0
    assert deviation(USUAL.scales_variance(12, with_options=True)) == 6.1
    assert deviation(USUAL.options_variance(6)) == 6.7
    assert deviation(USUAL.themes_variance(county=False)) == 4.4
    assert deviation(USUAL.themes_variance(county=True)) == 5.6


def test_a_survey_of_few_questions_gets_no_noise_too_small_for_whole_numbers():
    assert USUAL.scales_variance(1, with_options=False) == 9
    assert USUAL.scales_variance(2, with_options=True) == 9
    assert USUAL.options_variance(1) == 9


@given(st.floats(0.01, 0.9))
def test_stricter_parameters_mean_more_noise_by_exactly_what_was_written(mu):
    stricter = Parameters(mu_pulse=mu)
    assert stricter.score_variance == Fraction(GRAIN**2) / Fraction(str(mu)) ** 2 >= USUAL.score_variance
    assert stricter.spread_variance * 9 == stricter.score_variance


def test_no_answer_moves_a_pulse_by_more_than_one_whole_score():
    """The pair (sum of scores, three times the spread): from any answer to any other, 840 at most."""
    shares = {Fraction(good, n) for n in range(1, 41) for good in range(n + 1)}
    pairs = {(math.floor(GRAIN * s), 3 * math.floor(GRAIN * s * (1 - s))) for s in shares}
    moves = (math.dist(one, two) for one, two in itertools.combinations(pairs, 2))
    assert max(moves) == GRAIN
