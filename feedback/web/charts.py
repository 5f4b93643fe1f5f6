"""Intervals over releases, drawn by the server. The table beside a chart says the same in numbers."""

from collections.abc import Sequence

import msgspec

from analysis.figures import Figure
from analysis.rows import Row
from surveys.domains import MEASURE_NAMES

HEIGHT = 120
STEP = 27
LEFT = 34
RIGHT = 10
FEWEST = 12
"""Releases a chart has room for: three years, and the same scale for a program that has just begun."""
BOTTOM = 22
TOP = 8


class Mark(msgspec.Struct, frozen=True):
    """One release: the figure, its interval, and where they are drawn (pixels of the view box)."""

    release: str
    figure: Figure
    x: float
    y: float
    y_low: float
    y_high: float


class Chart(msgspec.Struct, frozen=True):
    """One measure over releases. Two neighbours are not compared: eleven people a quarter are too few."""

    measure: str
    title: str
    marks: tuple[Mark, ...]
    width: float

    @property
    def height(self) -> int:
        return TOP + HEIGHT + BOTTOM

    @property
    def grid(self) -> tuple[tuple[int, float], ...]:
        return tuple((percent, _y(percent)) for percent in (0, 50, 100))


def charts(rows: Sequence[Row]) -> list[Chart]:
    """One chart per measure that any of the rows, oldest first, has a figure for."""
    return [chart for name, title in MEASURE_NAMES.items() if (chart := _chart(name, title, rows)).marks]


def _chart(measure: str, title: str, rows: Sequence[Row]) -> Chart:
    marks = []
    for place, row in enumerate(rows):
        figure = row.figure(measure)
        if figure is None or figure.value is None:
            continue
        x = LEFT + STEP * (place + 0.5)
        marks.append(
            Mark(row.release, figure, x, _y(figure.value), _y(figure.low or 0), _y(figure.high or 0))
        )
    width = LEFT + STEP * max(len(rows), FEWEST) + RIGHT
    return Chart(measure, title, tuple(marks), width)


def _y(percent: int) -> float:
    return TOP + HEIGHT * (1 - percent / 100)


def in_words(figure: Figure) -> str:
    """Say a share as people say it: “about 8 in 10 answers were good; it could be 5 to 10 in 10”."""
    low, high = (figure.low or 0) // 10, -(-(figure.high or 0) // 10)
    about = ((figure.value or 0) + 5) // 10
    return f"about {about} in 10 answers were good; it could be {low} to {high} in 10"
