"""Quarters, shares and changes in words, as every page of results says them.

Prose says the numbers of the tables and rounds nothing outwards.
"""

import calendar
from collections.abc import Sequence

from analysis.figures import HIGHEST, LOWEST, Figure
from analysis.publishing.changes import AGAINST, HIGHER, LOWER
from surveys.periods import Period


def span(quarters: Sequence[str]) -> str:
    """The quarters from the first to the last, in months: “October 2025 to September 2026”."""
    first, last = Period.parse(quarters[0]), Period.parse(quarters[-1])
    if first == last:
        return first.months
    begins, ends = (calendar.month_name[it] for it in (3 * first.quarter - 2, 3 * last.quarter))
    year = "" if first.year == last.year else f" {first.year}"
    return f"{begins}{year} to {ends} {last.year}"


def share(figure: Figure) -> str:
    """A share with how sure it is: “66 % (60 to 72 %)”; nearer to none or all than 3 points in words."""
    if figure.value is None or figure.low is None or figure.high is None:
        return figure.display
    if figure.high <= LOWEST:
        return "hardly any"
    if figure.low >= HIGHEST:
        return "nearly all"
    return f"{figure.display} ({figure.low} to {figure.high} %)"


def in_words(figure: Figure) -> str:
    """Say a share in a sentence, with the numbers that stand in the table."""
    if figure.value is None:
        return "there are " + figure.display
    text = share(figure)
    if text in ("hardly any", "nearly all"):
        return f"{text} answers were good"
    return f"{figure.value} % of answers were good; it could be {figure.low} to {figure.high} %"


def change(figures: Sequence[Figure]) -> str:
    """One sentence for the changes of a row: each against what, and by how many points where it is clear."""
    clear = [it for it in figures if it.measure in AGAINST and it.display in (HIGHER, LOWER)]
    compared = [it for it in figures if it.measure in AGAINST]
    if clear:
        return "; ".join(f"{it.display} than in {AGAINST[it.measure]} ({_points(it)})" for it in clear)
    displays = list(dict.fromkeys(it.display for it in compared))
    return " or ".join(displays)


def _points(figure: Figure) -> str:
    value, low, high = (abs(it or 0) for it in (figure.value, figure.low, figure.high))
    return f"by {value} points; it could be {min(low, high)} to {max(low, high)}"
