"""Figures: from noised sums to what may be shown, with how sure it is.

Source: docs/disclosure.md, “Figures”. Every interval is the set of shares p for which the sums are no
further off than people and noise together would make them; its ends are the two roots of one equation.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from analysis import values
from analysis.batch_ledger import NOTHING, Sum
from analysis.parameters import GRAIN

SHOWN, COMPARED = 1.96, 2.576
"""Deviations of an interval that is shown (95 %), and of one that is compared (99 %)."""
LOWEST, HIGHEST = 3, 97
"""Percents: nearer to none or all, a figure would speak for each person."""
WIDEST = 60
"""Points: a wider interval says nothing."""
TOO_FEW = "too few answers to say"
DEVIATIONS = 6
"""A question is shown from so many deviations of its noise."""
THEME_FROM, THEME_DEVIATIONS = 11, 3.5
SPREAD_FROM, OWN_SPREAD_FROM = 200, 100
"""People: before, scores are taken to differ as much as they can; a unit's own spread counts from here."""
_LEAST_SPREAD = 0.3
_BAND = 2

Sums = Mapping[str, Sum]


class Figure(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One figure. `value`, `low` and `high` are whole percents.

    Here, and in rows and measures, nothing can be part of a circle (`gc=False`): looking for one among the
    hundreds of thousands of a county takes a seventh of the time of its largest file.
    """

    measure: str
    display: str
    value: int | None = None
    low: int | None = None
    high: int | None = None


class Share(msgspec.Struct, frozen=True):
    """A share of a sum: `part` of `base`, each moved by noise."""

    measure: str
    part: float
    base: float
    variance: float
    """Of the noise in `part`."""
    weight: float
    """How much people vary: the spread of scores, or how many answers of one person stand in the sum."""
    noisy_base: bool = False
    """Whether the base is moved by noise of its own: a question's F + U."""

    @property
    def middle(self) -> float:
        return self._clamped / self.base

    @property
    def _clamped(self) -> float:
        return min(max(self.part, 0.0), self.base)

    def roots(self, deviations: float) -> tuple[float, float]:
        """Return the two shares p with (part - p base)² = z² (people + noise), within 0 and 1.

        Noise may carry the part so far beyond all or none that no share explains it; then it is taken as all
        or none.
        """
        ends = self._roots(deviations, self.part) or self._roots(deviations, self._clamped)
        low, high = ends or (0.0, 1.0)  # where all is noise, any share explains it
        return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)

    def _roots(self, deviations: float, part: float) -> tuple[float, float] | None:
        square = deviations**2
        people = square * self.weight * self.base
        doubled = 2 * square * self.variance if self.noisy_base else 0.0
        first = self.base**2 + people - doubled
        second = 2 * part * self.base + people - doubled
        reach = second**2 - 4 * first * (part**2 - square * self.variance)
        if first <= 0 or reach < 0:
            return None
        return (second - math.sqrt(reach)) / (2 * first), (second + math.sqrt(reach)) / (2 * first)

    def figure(self) -> Figure:
        low, high = self.roots(SHOWN)
        if 100 * (high - low) > WIDEST:
            return Figure(measure=self.measure, display=TOO_FEW)
        value = _shown_percent(round(100 * self.middle))
        least, most = _shown_percent(math.floor(100 * low)), _shown_percent(math.ceil(100 * high))
        return Figure(measure=self.measure, display=f"{value} %", value=value, low=least, high=most)


def _shown_percent(percent: int) -> int:
    return min(max(percent, LOWEST), HIGHEST)


def spread(sums: Sums, county: float = 1.0) -> float:
    """Return d: how much scores vary between people, as a part of the most they could.

    `county` is the d of the unit's class and origin in the whole county; a unit of 100 people and more uses
    its own where that is larger.
    """
    score, within = sums.get(values.SCORE, NOTHING), sums.get(values.SPREAD, NOTHING)
    if within.people < OWN_SPREAD_FROM:  # of a language nothing but the score is drawn
        return county
    return max(county, _own_spread(score, within))


def county_spread(sums: Sums) -> float:
    """Return d of a class and origin over all its pulses so far: one until they are 200 answers."""
    score, within = sums.get(values.SCORE, NOTHING), sums.get(values.SPREAD, NOTHING)
    return 1.0 if score.people < SPREAD_FROM else _own_spread(score, within)


def _own_spread(score: Sum, within: Sum) -> float:
    mean = score.value / GRAIN / score.people
    most = mean * (1 - mean)
    if most <= 0:
        return 1.0
    return min(max(1 - within.value / GRAIN / score.people / most, _LEAST_SPREAD), 1.0)


def overall(sums: Sums, county: float) -> Share | None:
    """Return the mean score; None where no survey in the unit has one."""
    score = sums.get(values.SCORE)
    if score is None:
        return None
    variance = float(score.variance) / GRAIN**2
    return Share("overall", score.value / GRAIN, score.people, variance, spread(sums, county))


def question(measure: str, sums: Sums, names: Sequence[str]) -> Share | None:
    """Return the favourable share of one question or several; None where noise would drown it."""
    good = [sums.get(values.favourable(name), NOTHING) for name in names]
    bad = [sums.get(values.other(name), NOTHING) for name in names]
    part = sum(it.value for it in good)
    base = part + sum(it.value for it in bad)
    variance = float(sum(it.variance for it in good))
    deviation = math.sqrt(variance)
    people = max(it.people for it in good)
    if not people or people < DEVIATIONS * deviation / math.sqrt(len(names)) or base < DEVIATIONS * deviation:
        return None
    return Share(measure, part, base, variance, len(names), noisy_base=True)


def option(name: str, code: str, sums: Sums) -> Share | None:
    """Return the share of all people who chose an option; None where noise would drown it."""
    return share_of_people(f"option:{name}:{code}", sums.get(values.option(name, code), NOTHING))


def share_of_people(measure: str, choices: Sum) -> Share | None:
    variance = float(choices.variance)
    if not choices.people or choices.people < DEVIATIONS * math.sqrt(variance):
        return None
    return Share(measure, choices.value, choices.people, variance, 1.0)


def themes(sums: Sums) -> Iterator[Figure]:
    """Themes that clear the noise by far, in bands at least two deviations wide."""
    for name, it in sums.items():
        if name.startswith("theme:"):
            deviation = math.sqrt(it.variance)
            start = math.ceil(max(THEME_FROM, THEME_DEVIATIONS * deviation))
            if it.value >= start:
                width = math.ceil(_BAND * deviation)
                low = start + (it.value - start) // (width + 1) * (width + 1)
                yield Figure(measure=name, display=f"about {low}-{low + width}")


def difference(one: Share, two: Share) -> tuple[float, float]:
    """Return the 99 % interval of `one` minus `two`: square-and-add on the roots of each.

    Newcombe 1998, Statistics in Medicine 17, 873-890, method 10.
    """
    (low_one, high_one), (low_two, high_two) = one.roots(COMPARED), two.roots(COMPARED)
    apart = one.middle - two.middle
    below = math.hypot(one.middle - low_one, high_two - two.middle)
    above = math.hypot(high_one - one.middle, two.middle - low_two)
    return apart - below, apart + above


def differ(one: Share, two: Share) -> bool:
    """Whether the 99 % interval of the difference excludes zero."""
    low, high = difference(one, two)
    return low > 0 or high < 0
