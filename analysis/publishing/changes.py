"""Change: the last four releases against the four before, and against the first four.

Source: docs/disclosure.md, “Figures”. Nothing is ranked, and a single release is compared with nothing:
about one release in six shows one change by chance, and the page says so.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from analysis.batch_ledger import Batch, add_up
from analysis.figures import differ, overall
from surveys.periods import Period

WINDOW = 4
Against = Literal["the four releases before", "the first four releases"]
BY_CHANCE = "About one release in six shows one change by chance."


class Change(msgspec.Struct, frozen=True):
    """Whether the overall moved. `points` is what is told, and nothing where no change can be told."""

    against: Against
    points: int | None
    display: str


def changes(pulses: Iterable[Batch], release: str, first: str, county: float) -> list[Change]:
    """Compare the overall of one unit's pulses of one sort. Nothing before eight releases have been.

    `first` is the first release ever; `county` the spread of scores in the county.
    """
    now, start = Period.parse(release), Period.parse(first)
    if now - start < 2 * WINDOW - 1:
        return []
    batches = list(pulses)
    lately = _between(batches, now + (1 - WINDOW), now)
    windows: dict[Against, Period] = {
        "the four releases before": now + (1 - 2 * WINDOW),
        "the first four releases": start,
    }
    return [
        change
        for against, begins in windows.items()
        if (change := _change(against, lately, _between(batches, begins, begins + (WINDOW - 1)), county))
    ]


def _between(pulses: Iterable[Batch], begins: Period, ends: Period) -> list[Batch]:
    return [batch for batch in pulses if begins <= Period.parse(batch.release) <= ends]


def _change(
    against: Against, lately: Sequence[Batch], before: Sequence[Batch], county: float
) -> Change | None:
    one, two = overall(add_up(lately), county), overall(add_up(before), county)
    if one is None or two is None:
        return None
    if not differ(one, two):
        return Change(against, None, f"no change that can be told from chance, against {against}")
    points = round(100 * (one.middle - two.middle))
    word = "higher" if points > 0 else "lower"
    return Change(against, points, f"{word} than in {against}, by about {abs(points)} points")
