"""What somebody chose of all they may read: tables, releases, and whom the lines are about.

Source: docs/interface.md, “Files of results”. It stands in an address, so that a page can lead to the file
of what it shows, and in the audit log.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec

from analysis.publishing.metrics import Metric
from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row, Table
from feedback.results.columns import MEASURES
from feedback.results.naming import strategies
from surveys.periods import Period

TABLES: tuple[Table, ...] = get_args(Table)
FILTERS = (
    "program", "pool", "strategy", "audience", "contractor", "class", "wave",
    "language", "year", "question", "scope",
)  # fmt: skip
"""What a row is chosen by: the names of its filters."""
OWN_FIELDS = ("table", "release", "origin", "measure", "informs")
_VALUE = re.compile(r"[\w .:/-]{1,120}")
_BETWEEN = ","


class SelectionRefused(ValueError):
    """What was chosen makes no sense; the message says what."""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """By name what was chosen; a name that is missing chooses everything."""

    chosen: Mapping[str, frozenset[str]] = {}

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of results; none where measures alone were chosen."""
        chosen = self.chosen.get("table")
        return tuple(it for it in TABLES if chosen is None or it in chosen)

    @property
    def has_measures(self) -> bool:
        return MEASURES in self.chosen.get("table", (MEASURES,))

    @property
    def text(self) -> str:
        """The same choice as it stands in an address."""
        return urlencode({name: _BETWEEN.join(sorted(it)) for name, it in sorted(self.chosen.items())})

    def has_release(self, release: str) -> bool:
        return self._fits("release", release)

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that were chosen, with the figures that were; one with none of these is left out."""
        if not self.chosen:
            return list(rows)
        fitting = [row for row in rows if self._fits("origin", row.origin) and self._holds(row.filters)]
        if "measure" not in self.chosen:
            return fitting
        return [it for row in fitting if (it := self._with_figures(row))]

    def measures(self, measures: Iterable[Measure]) -> list[Measure]:
        if not self.chosen:
            return list(measures)
        return [
            it
            for it in measures
            if self._fits("measure", it.measure)
            and self._fits("origin", it.origin)
            and self._holds(it.scope)
            and self._informs(it.metric)
        ]

    def _with_figures(self, row: Row) -> Row | None:
        figures = tuple(it for it in row.figures if self._has_figure(it.measure))
        return msgspec.structs.replace(row, figures=figures) if figures or not row.figures else None

    def _has_figure(self, measure: str) -> bool:
        """A figure is chosen by its measure, or by what kind it is: `overall`, `domain`, `item`, `option`."""
        return self._fits("measure", measure) or self._fits("measure", measure.partition(":")[0])

    def _informs(self, metric: Metric) -> bool:
        return "informs" not in self.chosen or not self.chosen["informs"].isdisjoint(metric.strategies)

    def _holds(self, filters: Mapping[str, Any]) -> bool:
        return all(str(filters.get(name, "")) in self.chosen[name] for name in FILTERS if name in self.chosen)

    def _fits(self, name: str, value: str) -> bool:
        return name not in self.chosen or value in self.chosen[name]


EVERYTHING = Selection()


def parse(parameters: Iterable[tuple[str, str]]) -> Selection:
    """Read a choice: names and values, several with commas between. Raises SelectionRefused."""
    chosen: dict[str, frozenset[str]] = {}
    for name, text in parameters:
        if name not in (*OWN_FIELDS, *FILTERS):
            raise SelectionRefused(f"Nothing can be chosen by “{name}”.")
        values = text.split(_BETWEEN)
        if not all(map(_VALUE.fullmatch, values)):
            raise SelectionRefused(f"What is chosen by “{name}” cannot be read.")
        chosen[name] = chosen.get(name, frozenset()) | {_checked(name, value) for value in values}
    return Selection(chosen=chosen)


def _checked(name: str, value: str) -> str:
    if name == "table" and value not in (*TABLES, MEASURES):
        raise SelectionRefused(f"There is no table “{value}”.")
    if name == "release":
        try:
            return str(Period.parse(value))
        except ValueError as error:
            raise SelectionRefused(str(error)) from error
    if name == "strategy":
        return next((number for number, it in strategies().items() if it.id == value), value)
    return value
