"""The random adjustment is exactly the one in disclosure.md, “Ledger values”."""

import inspect
import itertools
import math
import random
import secrets
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import noise
from analysis.noise import noised
from analysis.policy import Policy

FAR = 1_000_000
"""People so many that nothing is clamped."""
DRAWS = 30_000


def by_the_formula(epsilon, bound, count, people):
    """Return P(x' = value): clamp(x + Z, 0, n), P(Z = z) proportional to exp(-eps |z|)."""
    weights = {z: math.exp(-epsilon * abs(z)) for z in range(-bound, bound + 1)}
    total = math.fsum(weights.values())
    chance = Counter()
    for z, weight in weights.items():
        chance[max(0, min(people, count + z))] += weight / total
    return chance


def chi_square(seen, chance):
    draws = sum(seen.values())
    return sum((seen[value] - draws * p) ** 2 / (draws * p) for value, p in chance.items())


def most_by_luck(freedom):
    """Return what chi-square exceeds about once in ten thousand times (Wilson and Hilferty)."""
    return freedom * (1 - 2 / (9 * freedom) + 3.72 * math.sqrt(2 / (9 * freedom))) ** 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("epsilon", "bound", "count", "people"),
    [
        (1.0, 5, FAR // 2, FAR),
        (0.5, 10, FAR // 2, FAR),
        (1.0, 5, 0, 11),
        (1.0, 5, 11, 11),
        (1.0, 5, 2, 11),
        (1.0, 5, 9, 11),
        (0.5, 10, 4, 11),
    ],
)
def test_every_value_comes_as_often_as_the_formula_says(epsilon, bound, count, people):
    source = random.Random(20261015)
    seen = Counter(noised(count, people, epsilon, bound, source) for _ in range(DRAWS))
    chance = by_the_formula(epsilon, bound, count, people)
    assert set(seen) == set(chance)
    assert chi_square(seen, chance) < most_by_luck(len(chance) - 1)


def test_the_bound_on_luck_would_notice_the_noise_of_another_epsilon():
    source = random.Random(20261015)
    seen = Counter(noised(FAR // 2, FAR, 1.0, 5, source) for _ in range(DRAWS))
    assert chi_square(seen, by_the_formula(0.95, 5, FAR // 2, FAR)) > most_by_luck(10)


def test_the_table_for_a_full_batch_is_the_one_computed_by_hand():
    # 1 + 2 (e^-1 + ... + e^-5) = 2.1562: Z = 0 has 0.4638, each end 0.0031 (the text's “0.003 each”).
    chance = by_the_formula(1.0, 5, 50, 100)
    assert round(chance[50], 4) == 0.4638
    assert round(chance[45], 4) == round(chance[55], 4) == 0.0031


@given(
    people=st.integers(11, 400),
    share=st.floats(0, 1),
    epsilon=st.floats(0.01, 1),
    bound=st.integers(5, 30),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=200, deadline=None)
def test_a_tally_stays_between_nobody_and_everybody_and_within_the_bound(people, share, epsilon, bound, seed):
    count = round(people * share)
    value = noised(count, people, epsilon, bound, random.Random(seed))
    assert isinstance(value, int)
    assert max(0, count - bound) <= value <= min(people, count + bound)


@pytest.mark.parametrize(("epsilon", "bound"), [(1.0, 5), (0.5, 10)])
def test_no_tally_of_the_smallest_batch_says_that_all_or_none_agreed(epsilon, bound):
    source = random.Random(11)
    told_by = {value: set() for value in range(12)}
    for count in range(12):
        for _ in range(4_000):
            told_by[noised(count, 11, epsilon, bound, source)].add(count)
    for value, counts in told_by.items():
        assert counts == {count for count in range(12) if abs(count - value) <= bound}
        assert len(counts) >= 6


@pytest.mark.parametrize(
    ("epsilon", "bound"),
    [(Policy().epsilon, Policy().noise_bound), (Policy().language_epsilon, Policy().language_noise_bound)],
)
def test_one_answer_moves_the_odds_of_a_tally_by_at_most_e_except_with_probability_0_003(epsilon, bound):
    for count, people in itertools.product(range(11), (11, 30)):
        without, with_one = (by_the_formula(epsilon, bound, x, people) for x in (count, count + 1))
        for one, another in ((without, with_one), (with_one, without)):
            beyond = (p - math.exp(epsilon) * another[value] for value, p in one.items())
            assert math.fsum(max(0.0, excess) for excess in beyond) <= 0.0032


def test_the_same_source_in_the_same_state_gives_the_same_tally():
    first, second = ([noised(6, 11, 1.0, 5, random.Random(seed)) for seed in range(50)] for _ in range(2))
    assert first == second
    assert len(set(first)) > 3


def test_the_adjustment_comes_from_the_operating_system_unless_a_test_says_otherwise():
    default = inspect.signature(noised).parameters["source"].default
    assert type(default) is secrets.SystemRandom
    assert default is noise._OS_RANDOM
    assert {noised(6, 11, 1.0, 5) for _ in range(200)} <= set(range(1, 12))
