"""Figures: the formulas against independent solutions, what is shown, and how often intervals are right."""

import math
import random
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import figures
from analysis.batch_ledger import Sum
from analysis.figures import COMPARED, SHOWN, TOO_FEW, Share
from analysis.gaussian import discrete_gaussian
from analysis.parameters import GRAIN, Parameters

USUAL = Parameters()
SCALES = USUAL.scales_variance(8, with_options=False)


def scores(total, people, spread=0, batches=1):
    """Sums of a unit: `total` and `spread` in people."""
    return {
        "score": Sum(round(total * GRAIN), people, batches * USUAL.score_variance, batches),
        "spread": Sum(round(spread * GRAIN), people, batches * USUAL.spread_variance, batches),
    }


def scales(good, bad, people, names=("core-safety",), batches=1):
    return {
        f"{name}:{end}": Sum(count, people, batches * SCALES, batches)
        for name in names
        for end, count in (("favourable", good), ("other", bad))
    }


def bisected(excess, inside, outside):
    """Where a function changes its sign, found by halving."""
    for _ in range(200):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if excess(middle) <= 0 else (inside, middle)
    return inside


@pytest.mark.slow
@given(
    base=st.floats(11, 500),
    share=st.floats(0, 1),
    variance=st.floats(0, 40),
    weight=st.floats(0.3, 8),
    noisy=st.booleans(),
    z=st.sampled_from([SHOWN, COMPARED]),
)
@settings(max_examples=300)
def test_low_and_high_are_where_people_and_noise_would_just_explain_the_sums(
    base, share, variance, weight, noisy, z
):
    assume(base >= 6 * math.sqrt(variance))
    it = Share("overall", share * base, base, variance, weight, noisy_base=noisy)

    def excess(p):
        noise = variance * ((1 - p) ** 2 + p**2) if noisy else variance
        return (share * base - p * base) ** 2 - z * z * (weight * base * p * (1 - p) + noise)

    low, high = it.roots(z)
    assert low == pytest.approx(bisected(excess, share, 0) if excess(0) > 0 else 0, abs=1e-9)
    assert high == pytest.approx(bisected(excess, share, 1) if excess(1) > 0 else 1, abs=1e-9)
    assert low - 1e-9 <= it.middle <= high + 1e-9


def test_the_formulas_of_the_rule_written_out_for_an_eleven_by_hand():
    """(8 - 11 p)² = 1.96² (11 p (1 - p) + 1.2346): p = 0.379 and 0.958."""
    it = figures.overall(scores(8, 11), 1.0)
    low, high = it.roots(1.96)
    for p in (low, high):
        assert (8 - 11 * p) ** 2 == pytest.approx(1.96**2 * (11 * p * (1 - p) + 100 / 81))
    assert (round(low, 3), round(high, 3)) == (0.379, 0.958)
    assert it.figure() == figures.Figure(measure="overall", display="73 %", value=73, low=37, high=96)


def test_nothing_nearer_to_all_or_none_than_three_percent_is_shown():
    figure = figures.overall(scores(205, 200), 0.3).figure()
    assert (figure.value, figure.high, figure.display) == (97, 97, "97 %")
    figure = figures.overall(scores(-4, 200), 0.3).figure()
    assert (figure.value, figure.low, figure.display) == (3, 3, "3 %")


def test_an_interval_wider_than_sixty_points_says_nothing():
    assert figures.overall(scores(5.5, 11), 1.0).figure() == figures.Figure(
        measure="overall", display=TOO_FEW
    )
    assert figures.overall(scores(5.5, 11), 0.6).figure().value == 50


def test_sums_that_are_all_noise_are_explained_by_any_share():
    assert Share("x", 3, 3, 40, 1, noisy_base=True).roots(SHOWN) == (0, 1)


def test_a_sum_beyond_all_is_explained_as_far_as_it_can_be_and_else_taken_as_all():
    beyond = Share("overall", 12.5, 11, 100 / 81, 1.0)
    low, high = beyond.roots(SHOWN)
    assert (12.5 - 11 * low) ** 2 == pytest.approx(SHOWN**2 * (11 * low * (1 - low) + 100 / 81))
    assert (high, beyond.middle) == (1, 1)
    far = Share("overall", 16, 11, 100 / 81, 1.0)
    assert far.roots(SHOWN) == Share("overall", 11, 11, 100 / 81, 1.0).roots(SHOWN)
    assert Share("overall", -5, 11, 100 / 81, 1.0).roots(SHOWN)[0] == 0


def test_where_no_survey_has_scales_there_is_no_overall():
    assert figures.overall({}, 1.0) is None


# --- How much people differ


@pytest.mark.parametrize(
    ("total", "spread", "people", "expected"),
    [
        (100, 10, 199, 1.0),
        (100, 10, 200, 0.8),
        (100, 45, 200, 0.3),
        (100, -9, 200, 1.0),
        (200, 10, 200, 1.0),
        (201, 10, 200, 1.0),
    ],
)
def test_the_countys_spread_counts_from_two_hundred_answers(total, spread, people, expected):
    assert figures.county_spread(scores(total, people, spread)) == pytest.approx(expected, abs=1e-3)


def test_a_unit_of_a_hundred_uses_its_own_spread_where_that_is_larger():
    assert figures.spread(scores(50, 99, 5), 0.5) == 0.5
    assert figures.spread(scores(50, 100, 5), 0.5) == pytest.approx(0.8, abs=1e-3)
    assert figures.spread(scores(50, 100, 20), 0.5) == 0.5
    assert figures.county_spread({}) == 1.0
    language = {"score": Sum(50 * GRAIN, 100, USUAL.language_variance, 1)}
    assert figures.spread(language, 0.5) == 0.5


# --- Questions and options


def test_a_question_is_shown_from_six_deviations_of_its_noise():
    assert 6 * math.sqrt(SCALES) == pytest.approx(27.03, abs=0.01)
    assert figures.question("item:core-safety", scales(20, 8, 28), ["core-safety"]) is not None
    assert figures.question("item:core-safety", scales(20, 8, 27), ["core-safety"]) is None
    assert figures.question("item:core-safety", scales(20, 7, 28), ["core-safety"]) is None
    assert figures.question("item:core-safety", {}, ["core-safety"]) is None
    four = scales(40, 14, 54, batches=4)
    assert figures.question("item:core-safety", four, ["core-safety"]) is None


def test_questions_of_a_field_are_pooled_and_their_people_are_not_counted_twice():
    names = ("core-safety", "needs")
    both = figures.question("domain:safety", scales(30, 20, 55, names), names)
    one = figures.question("item:core-safety", scales(30, 20, 55), names[:1])
    assert (both.part, both.base, both.weight) == (60, 100, 2)
    low, high = both.roots(SHOWN)
    one_low, one_high = one.roots(SHOWN)
    alone = Share("x", 30, 50, float(SCALES) / 2, 1, noisy_base=True).roots(SHOWN)
    assert (low, high) == pytest.approx(alone)
    assert one_low < low < high < one_high


def test_an_option_is_a_share_of_all_people():
    sums = {"ride:option:bus": Sum(30, 60, Fraction(45), 1)}
    it = figures.option("ride", "bus", sums)
    assert (it.measure, it.part, it.base) == ("option:ride:bus", 30, 60)
    low, high = it.roots(SHOWN)
    for p in (low, high):
        assert (30 - 60 * p) ** 2 == pytest.approx(SHOWN**2 * (60 * p * (1 - p) + 45))
    assert figures.option("ride", "van", sums) is None
    assert figures.option("ride", "bus", {"ride:option:bus": Sum(30, 40, Fraction(45), 1)}) is None


# --- Themes


def theme(count, variance=None, batches=1):
    summed = (variance or USUAL.themes_variance(county=False)) * batches
    return [it.display for it in figures.themes({"theme:housing": Sum(count, 60, summed, batches)})]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (15, []),
        (16, ["about 16-25"]),
        (25, ["about 16-25"]),
        (26, ["about 26-35"]),
        (37, ["about 36-45"]),
    ],
)
def test_a_theme_stands_in_a_band_two_deviations_wide(count, expected):
    assert theme(count) == expected


def test_themes_of_many_draws_need_more_and_stand_in_wider_bands():
    assert theme(31, batches=4) == []
    assert theme(32, batches=4) == ["about 32-50"]
    assert theme(11, Fraction(9)) == ["about 11-17"]
    assert list(figures.themes(scores(8, 11))) == []


def test_themes_that_nobody_wrote_are_shown_once_in_two_thousand_times_at_most():
    for variance in (USUAL.themes_variance(county=False), USUAL.themes_variance(county=True)):
        for batches in (1, 4, 16):
            deviation = math.sqrt(variance * batches)
            start = math.ceil(max(11, 3.5 * deviation))
            assert math.erfc((start - 0.5) / deviation / math.sqrt(2)) / 2 < 1 / 2_000


# --- Comparing


def test_a_difference_is_told_when_chance_alone_would_hardly_make_it():
    low, high = figures.overall(scores(50, 100), 0.6), figures.overall(scores(72, 100), 0.6)
    assert figures.differ(low, high)
    assert figures.differ(high, low)
    assert not figures.differ(low, figures.overall(scores(60, 100), 0.6))
    one, other = figures.difference(high, low), figures.difference(low, high)
    assert one == pytest.approx((-other[1], -other[0]))


# --- How often the interval holds the truth


@pytest.mark.slow
@pytest.mark.parametrize(("people", "mean"), [(18, 0.7), (60, 0.85), (250, 0.55)])
def test_intervals_of_the_overall_hold_the_truth_about_nineteen_times_in_twenty(people, mean):
    source = random.Random(people)
    tries, hits = 1_500, 0
    for _ in range(tries):
        shares = [source.betavariate(4 * mean, 4 * (1 - mean)) for _ in range(people)]
        good = [sum(source.random() < share for _ in range(8)) for share in shares]
        total = sum(105 * it for it in good) + discrete_gaussian(USUAL.score_variance, source.randrange)
        within = sum(840 * it * (8 - it) // 64 for it in good)
        # d as the county would know it: E s (1 - s) = mean (1 - mean) (1 - d).
        d = 1 / 5 + 4 / 5 / 8
        sums = {
            "score": Sum(total, people, USUAL.score_variance, 1),
            "spread": Sum(within, people, USUAL.spread_variance, 1),
        }
        low, high = figures.overall(sums, d).roots(SHOWN)
        hits += low <= mean <= high
    assert 0.935 <= hits / tries <= 0.975


def test_intervals_of_a_question_hold_the_truth_about_nineteen_times_in_twenty():
    source = random.Random(5)
    tries, hits = 1_500, 0
    for _ in range(tries):
        n = sum(source.random() < 0.9 for _ in range(60))
        good = sum(source.random() < 0.7 for _ in range(n))
        noise = [discrete_gaussian(SCALES, source.randrange) for _ in range(2)]
        sums = scales(good + noise[0], n - good + noise[1], 60)
        it = figures.question("item:core-safety", sums, ["core-safety"])
        low, high = it.roots(SHOWN)
        hits += low <= 0.7 <= high
    assert 0.935 <= hits / tries <= 0.975
