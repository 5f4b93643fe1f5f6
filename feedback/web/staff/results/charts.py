"""Intervals over releases, drawn by the server. The table beside a chart says the same in numbers."""

from collections.abc import Sequence

import msgspec

from analysis.figures import Figure
from analysis.publishing.rows import Row
from surveys.domains import MEASURE_NAMES

HEIGHT = 120
STEP = 27
LEFT = 34
RIGHT = 10
FEWEST = 12
"""Releases a chart has room for: three years, and the same scale for a program that has just begun."""
BOTTOM = 22
TOP = 8


class ChartRow(msgspec.Struct, frozen=True):
    """One release in the table beside a chart: the figure, and whose answers it is about."""

    release: str
    figure: Figure
    answers: int
    quarters: tuple[str, ...]


class Dot(msgspec.Struct, frozen=True):
    """One release: the figure, its interval, and where they are drawn (pixels of the view box)."""

    release: str
    figure: Figure
    x: float
    y: float
    y_low: float
    y_high: float


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One measure over releases. Two neighbours are not compared: eleven answers a quarter are too few."""

    measure: str
    title: str
    marks: tuple[Dot, ...]
    table: tuple[ChartRow, ...]
    """Every release that has the figure, those too that had too few answers to draw it."""
    width: float

    @property
    def height(self) -> int:
        return TOP + HEIGHT + BOTTOM

    @property
    def grid(self) -> tuple[tuple[int, float], ...]:
        return tuple((percent, _y(percent)) for percent in (0, 50, 100))


def charts(rows: Sequence[Row], releases: Sequence[str] = ()) -> list[Chart]:
    """One chart per measure that any of the rows, oldest first, has a figure to draw for.

    `releases` are all there is room for: one without a row leaves a gap.
    """
    places = releases or [row.release for row in rows]
    return [
        chart for name, title in MEASURE_NAMES.items() if (chart := _chart(name, title, rows, places)).marks
    ]


def _chart(measure: str, title: str, rows: Sequence[Row], releases: Sequence[str]) -> Chart:
    table = [it for row in rows if (it := _chart_row(measure, row))]
    marks = [_mark(releases.index(it.release), it) for it in table if it.figure.value is not None]
    width = LEFT + STEP * max(len(releases), FEWEST) + RIGHT
    return Chart(measure=measure, title=title, marks=tuple(marks), table=tuple(table), width=width)


def _chart_row(measure: str, row: Row) -> ChartRow | None:
    """The overall is about everybody of a row; a field about those whose single questions are known."""
    figure = row.figure(measure)
    if figure is None:
        return None
    if measure == "overall":
        return ChartRow(row.release, figure, row.n or 0, tuple(row.filters["periods"]))
    return ChartRow(row.release, figure, row.n_details or 0, row.detail_periods)


def _mark(place: int, row: ChartRow) -> Dot:
    figure, x = row.figure, LEFT + STEP * (place + 0.5)
    return Dot(row.release, figure, x, *(_y(it or 0) for it in (figure.value, figure.low, figure.high)))


def _y(percent: int) -> float:
    return TOP + HEIGHT * (1 - percent / 100)


def in_words(figure: Figure) -> str:
    """Say a share as people say it: “about 8 in 10 answers were good; it could be 5 to 10 in 10”."""
    if figure.value is None:
        return "there are " + figure.display
    low, high = (figure.low or 0) // 10, -(-(figure.high or 0) // 10)
    about = (figure.value + 5) // 10
    return f"about {about} in 10 answers were good; it could be {low} to {high} in 10"
