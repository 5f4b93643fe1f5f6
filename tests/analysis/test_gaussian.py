"""The discrete Gaussian is drawn exactly (Canonne, Kamath, Steinke 2020)."""

import math
import random
from collections import Counter
from fractions import Fraction

import pytest

from analysis import gaussian
from analysis.gaussian import discrete_gaussian
from analysis.parameters import Parameters
from analysis.stream import Stream

DETAIL = Parameters().scales_variance(8, with_options=False)


def chances(variance, reach):
    """Return P(Z = z) for |z| up to `reach`, summed far enough to be exact in double precision."""
    weights = {z: math.exp(-z * z / (2 * variance)) for z in range(-reach, reach + 1)}
    whole = math.fsum(weights.values())
    return {z: weight / whole for z, weight in weights.items()}


def cells(variance, draws):
    """Group whole numbers from the middle outwards until each group is expected 25 times or more."""
    chance = chances(variance, math.ceil(12 * math.sqrt(variance)))
    groups, p = [], 0.0
    group = []
    for z in sorted(chance):
        group.append(z)
        p += chance[z]
        if p * draws >= 25:
            groups.append((group, p))
            group, p = [], 0.0
    last, p_last = groups.pop()
    groups.append(([*last, *group], p_last + p))
    return groups


def misfit(counts, variance):
    """Return chi-square and its degrees of freedom."""
    draws = sum(counts.values())
    groups = cells(variance, draws)
    squares = ((sum(counts[z] for z in group) - draws * p) ** 2 / (draws * p) for group, p in groups)
    return math.fsum(squares), len(groups) - 1


def most_by_luck(freedom):
    """Return what chi-square exceeds about once in ten thousand times (Wilson and Hilferty)."""
    return freedom * (1 - 2 / (9 * freedom) + 3.72 * math.sqrt(2 / (9 * freedom))) ** 3


def sample(variance, many, seed=2026):
    below = random.Random(seed).randrange
    return Counter(discrete_gaussian(variance, below) for _ in range(many))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variance", "many"), [(Fraction(9), 100_000), (DETAIL, 100_000), (Fraction(1, 3), 20_000)]
)
def test_every_value_comes_as_often_as_the_formula_says(variance, many):
    squares, freedom = misfit(sample(variance, many), variance)
    assert squares < most_by_luck(freedom)


def test_the_noise_of_a_whole_score_comes_as_often_as_the_formula_says():
    variance = Parameters().score_variance
    counts = Counter()
    for value, count in sample(variance, 20_000).items():
        counts[round(value / 100)] += count
    normal = [math.erf((100 * cell + 50) / math.sqrt(2 * variance)) for cell in range(-40, 41)]
    before = [math.erf((100 * cell - 50) / math.sqrt(2 * variance)) for cell in range(-40, 41)]
    expected = {c: (a - b) / 2 for c, a, b in zip(range(-40, 41), normal, before, strict=True)}
    large = {cell: p for cell, p in expected.items() if 20_000 * p >= 25}
    squares = math.fsum((counts[c] - 20_000 * p) ** 2 / (20_000 * p) for c, p in large.items())
    assert squares < most_by_luck(len(large))


@pytest.mark.slow
def test_the_bound_on_luck_would_notice_another_variance():
    squares, freedom = misfit(sample(DETAIL, 100_000), DETAIL * Fraction("0.96"))
    assert squares > most_by_luck(freedom)


@pytest.mark.slow
def test_the_bound_on_luck_would_notice_a_zero_that_comes_twice(monkeypatch):
    def careless(scale, below):
        size = below(scale)
        while not gaussian._with_chance_exp(size, scale, below):
            size = below(scale)
        while gaussian._with_chance_exp(1, 1, below):
            size += scale
        return -size if below(2) else size

    monkeypatch.setattr(gaussian, "_discrete_laplace", careless)
    squares, freedom = misfit(sample(Fraction(9), 100_000), Fraction(9))
    assert squares > most_by_luck(freedom)


def test_the_keyed_stream_draws_the_same_noise_as_any_good_source():
    stream = Stream(b"\x07" * 32, b"a value")
    counts = Counter(discrete_gaussian(DETAIL, stream.below) for _ in range(30_000))
    squares, freedom = misfit(counts, DETAIL)
    assert squares < most_by_luck(freedom)


@pytest.mark.parametrize("good", [0, 1, 3, 7, 8])
def test_a_coin_with_an_exponential_chance_is_one(good):
    below = random.Random(good).randrange
    heads = sum(gaussian._with_chance_exp(good, 4, below) for _ in range(20_000))
    chance = math.exp(-good / 4)
    assert abs(heads - 20_000 * chance) <= 4 * math.sqrt(20_000 * chance * (1 - chance))


@pytest.mark.thorough
@pytest.mark.uncounted
@pytest.mark.slow
def test_a_million_draws_are_distributed_like_the_exact_probabilities():
    squares, freedom = misfit(sample(DETAIL, 1_000_000), DETAIL)
    assert squares < most_by_luck(freedom)


@pytest.mark.thorough
@pytest.mark.uncounted
@pytest.mark.slow
def test_a_million_draws_are_distributed_like_those_of_opendp():
    """Another implementation of the same paper, in Rust; neither knows the other's mistakes."""
    opendp = pytest.importorskip("opendp.prelude")
    opendp.enable_features("contrib")
    numbers = opendp.vector_domain(opendp.atom_domain(T=int)), opendp.l2_distance(T=float)
    theirs = Counter(opendp.m.make_gaussian(*numbers, scale=4.5)([0] * 1_000_000))
    ours = sample(Fraction(81, 4), 1_000_000)
    groups = [group for group, _ in cells(Fraction(81, 4), 1_000_000)]
    pairs = [(sum(ours[z] for z in group), sum(theirs[z] for z in group)) for group in groups]
    assert math.fsum((a - b) ** 2 / (a + b) for a, b in pairs) < most_by_luck(len(pairs) - 1)
