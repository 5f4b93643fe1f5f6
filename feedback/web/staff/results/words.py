"""Quarters, shares and changes in words, as every page of results says them.

Prose says the numbers of the tables and rounds nothing outwards.
"""

import calendar
from collections.abc import Sequence

from analysis.figures import HIGHEST, LOWEST, Figure
from analysis.publishing.changes import AGAINST, HIGHER, LOWER
from analysis.publishing.process_measures import Measure
from surveys.periods import Period

_VERDICTS = {HIGHER: f"{HIGHER}, and so better,", LOWER: f"{LOWER}, and so worse,"}
"""Which way is good stands in the sentence itself: whoever reads only this one has to know."""


def span(quarters: Sequence[str]) -> str:
    """The quarters from the first to the last, in months: “October 2025 to September 2026”."""
    first, last = Period.parse(quarters[0]), Period.parse(quarters[-1])
    if first == last:
        return first.months
    begins, ends = (calendar.month_name[it] for it in (3 * first.quarter - 2, 3 * last.quarter))
    year = "" if first.year == last.year else f" {first.year}"
    return f"{begins}{year} to {ends} {last.year}"


def middle(figure: Figure | Measure) -> str:
    """A share without its interval: nearer to none or all than 3 points it is in words."""
    if figure.high is not None and figure.high <= LOWEST:
        return "hardly any"
    if figure.low is not None and figure.low >= HIGHEST:
        return "nearly all"
    return figure.display


def interval(figure: Figure | Measure) -> str:
    """How far off a share could be: “60 to 72 %”. Empty where there is none, or the words say it."""
    if figure.low is None or figure.high is None or middle(figure) != figure.display:
        return ""
    return f"{figure.low} to {figure.high} %"


def share(figure: Figure) -> str:
    """A share with how sure it is: “66 % (60 to 72 %)”."""
    return f"{middle(figure)} ({interval(figure)})" if interval(figure) else middle(figure)


def in_words(figure: Figure) -> str:
    """Say a share in a sentence, with the numbers that stand in the table."""
    if figure.value is None:
        return "there are " + figure.display
    if not interval(figure):
        return f"{middle(figure)} answers were good"
    return f"{figure.value} % of answers were good; it could be {interval(figure)}"


def change(figures: Sequence[Figure]) -> str:
    """One sentence for the changes of a row: each against what, and by how many points where it is clear."""
    clear = [it for it in figures if it.measure in AGAINST and it.display in (HIGHER, LOWER)]
    compared = [it for it in figures if it.measure in AGAINST]
    if clear:
        return "; ".join(
            f"{_VERDICTS[it.display]} than in {AGAINST[it.measure]} ({_points(it)})" for it in clear
        )
    displays = list(dict.fromkeys(it.display for it in compared))
    return " or ".join(displays)


def _points(figure: Figure) -> str:
    value, low, high = (abs(it or 0) for it in (figure.value, figure.low, figure.high))
    return f"by {value} points; between {min(low, high)} and {max(low, high)}"
