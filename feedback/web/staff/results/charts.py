"""Intervals over releases, drawn by the server. The table beside a chart says the same in numbers."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from analysis.figures import Figure
from analysis.publishing.rows import Row
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES
from surveys.periods import Period

HEIGHT = 120
STEP = 27
LEFT = 44
RIGHT = 10
FEWEST = 12
"""Releases a chart has room for: three years, and the same scale for a program that has just begun."""
BOTTOM = 22
TOP = 14
_LABEL = 5
"""Between the end of an interval and the last value written out above it."""
_ALWAYS = ("overall", *(f"domain:{domain}" for domain in CORE_DOMAINS))


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


class Tick(msgspec.Struct, frozen=True):
    """A year at the axis: under the first release of it that there is room for."""

    year: int
    x: float


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One measure over releases. Two neighbours are not compared: eleven answers a quarter are too few."""

    measure: str
    title: str
    marks: tuple[Dot, ...]
    table: tuple[ChartRow, ...]
    """Every release that has the figure, those too that had too few answers to draw it."""
    ticks: tuple[Tick, ...]
    width: float
    beside: Figure | None = None
    """What the row says that the chart is held against, where it says anything."""
    why: str = ""
    """Why nothing is drawn, where nothing is."""

    @property
    def y_beside(self) -> float | None:
        return None if self.beside is None or self.beside.value is None else _y(self.beside.value)

    @property
    def y_label(self) -> float:
        """Where the last value stands, written out: above its interval."""
        return self.marks[-1].y_high - _LABEL

    @property
    def height(self) -> int:
        return TOP + HEIGHT + BOTTOM

    @property
    def grid(self) -> tuple[tuple[int, float], ...]:
        return tuple((percent, _y(percent)) for percent in (0, 50, 100))


def charts(
    rows: Sequence[Row], releases: Sequence[str] = (), *, beside: Row | None = None, missing: str = ""
) -> list[Chart]:
    """One chart per measure that any of the rows, oldest first, has a figure to draw for.

    `releases` are all there is room for: one without a row leaves a gap. With `missing` the overall and every
    field have a place, always in one order, and an empty one says that. `beside` is drawn as a thin line.
    """
    places = releases or [row.release for row in rows]
    plots = (_chart(name, rows, places, beside, missing) for name in MEASURE_NAMES)
    return [it for it in plots if it.marks or (rows and missing and it.measure in _ALWAYS)]


def _chart(
    measure: str, rows: Sequence[Row], releases: Sequence[str], beside: Row | None, missing: str
) -> Chart:
    table = [it for row in rows if (it := _chart_row(measure, row))]
    marks = [_mark(releases.index(it.release), it) for it in table if it.figure.value is not None]
    few = next((it.figure.display for it in table if it.figure.value is None), "")
    return Chart(
        measure=measure,
        title=MEASURE_NAMES[measure],
        marks=tuple(marks),
        table=tuple(table),
        ticks=tuple(_ticks(releases)),
        width=LEFT + STEP * max(len(releases), FEWEST) + RIGHT,
        beside=beside.figure(measure) if beside else None,
        why="" if marks else few or missing,
    )


def _ticks(releases: Sequence[str]) -> Iterator[Tick]:
    years = [Period.parse(it).year for it in releases]
    firsts = [(year, years.index(year)) for year in dict.fromkeys(years)]
    for (year, place), (_, following) in pairwise([*firsts, (0, len(years) + 1)]):
        if following - place > 1:  # two years side by side would be written over each other
            yield Tick(year, _x(place))


def _chart_row(measure: str, row: Row) -> ChartRow | None:
    """The overall is about everybody of a row; a field about those whose single questions are known."""
    figure = row.figure(measure)
    if figure is None:
        return None
    if measure == "overall":
        return ChartRow(row.release, figure, row.n or 0, tuple(row.filters["periods"]))
    return ChartRow(row.release, figure, row.n_details or 0, row.detail_periods)


def _mark(place: int, row: ChartRow) -> Dot:
    figure = row.figure
    return Dot(
        row.release, figure, _x(place), *(_y(it or 0) for it in (figure.value, figure.low, figure.high))
    )


def _x(place: int) -> float:
    return LEFT + STEP * (place + 0.5)


def _y(percent: int) -> float:
    return TOP + HEIGHT * (1 - percent / 100)
