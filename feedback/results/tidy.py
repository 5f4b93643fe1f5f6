"""Published rows and measures as tidy lines: one for each figure, everything that it is about in columns.

A line is put together from parts that are made once: whom a row is about, what a figure is a share of, and
what it says. Writers know a part again, so that half a million lines take seconds.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from operator import attrgetter
from typing import Any

import msgspec

from analysis.publishing.metrics import DIRECTIONS, METRICS
from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row
from feedback.results.columns import BETWEEN, MEASURES
from feedback.results.meanings import TABLES
from feedback.results.naming import AUDIENCE_NAMES, LANGUAGE_NAMES, Names, Subject, strategies
from feedback.results.spreadsheets import Block, Cell, Part
from surveys.periods import Period

NOTHING = "Nothing here can be told from chance"
"""A row of answers without a figure: no theme came up often enough, or a survey without a scale."""
MADE_UP = "MADE-UP ANSWERS FOR DEMONSTRATION"
_ABOUT = ("pool", "strategy", "language", "question", "county", "audience")
"""What a row is about that names no program: the first of these that it names."""
_NO_SUBJECT: Part = (None,) * len(Subject.__struct_fields__)
_subject_cells = attrgetter(*Subject.__struct_fields__)

Filters = Mapping[str, Any]


class _Subjects(dict[str, Part]):
    """By measure, the cells that say it in the words of one survey: put together once."""

    def __init__(self, names: Names, asked: frozenset[str], audience: str | None) -> None:
        self._subject = partial(names.subject, asked=asked, audience=audience)

    def __missing__(self, measure: str) -> Part:
        part: Part = _subject_cells(self._subject(measure))
        self[measure] = part
        return part


class Tidy(msgspec.Struct, frozen=True, kw_only=True):
    """What makes lines, and remembers of what: the dictionary explains that and no more."""

    names: Names
    made_up: bool
    released_on: Mapping[str, str]
    """By release, its day."""
    _subjects: dict[tuple[frozenset[str], str | None], _Subjects] = {}
    _scopes: dict[tuple[tuple[str, str], ...], Part] = {}

    @property
    def questions(self) -> set[str]:
        """Those that figures were told of."""
        measures = {measure for it in self._subjects.values() for measure in it}
        return {it.split(":")[1] for it in measures if it.startswith(("item:", "option:"))}

    @property
    def _note(self) -> Part:
        return (MADE_UP,) if self.made_up else ()

    def results(self, rows: Iterable[Row]) -> Iterator[Block]:
        """One line per figure; a row without figures is one line that says why."""
        note = self._note
        for row in rows:
            subjects = self._subjects_of(row.filters)
            tails = [
                (subjects[it.measure], (it.value, it.low, it.high, it.display, *note)) for it in row.figures
            ]
            cause: Part = (None, None, None, row.cause or NOTHING, *note)
            yield Block(self._row(row), tails or [(_NO_SUBJECT, cause)])

    def measures(self, measures: Iterable[Measure]) -> Iterator[Block]:
        """One line for each."""
        note = self._note
        for it in measures:
            when = _when(it.release, self.released_on.get(it.release))
            figure = (it.numerator, it.denominator, it.value, it.low, it.high, it.display, *note)
            yield Block(_metric(it.measure, it.version), ((when, self._scope(it), _answers(it), figure),))

    def noted(self, lines: Iterable[Part]) -> Iterator[Block]:
        """Lines as they come, with the note that answers are made up where they are."""
        note = self._note
        return (Block((*line, *note)) for line in lines)

    def _subjects_of(self, filters: Filters) -> _Subjects:
        """The words in which this program asked this audience."""
        asked, audience = self.names.asked_by(filters.get("program")), filters.get("audience")
        subjects = self._subjects.get((asked, audience))
        if subjects is None:
            subjects = _Subjects(self.names, asked, audience)
            self._subjects[asked, audience] = subjects
        return subjects

    def _row(self, row: Row) -> Part:
        filters = row.filters
        contractor, language = filters.get("contractor"), filters.get("language")
        return (
            row.table,
            TABLES[row.table].name,
            *_when(row.release, row.released_on),
            *self._about(filters),
            contractor,
            self.names.contractors.get(contractor or "", contractor),
            *_audience(filters),
            filters.get("class"),
            filters.get("wave"),
            language,
            LANGUAGE_NAMES.get(language or "", language),
            filters.get("year"),
            filters.get("scope"),
            row.origin,
            row.batch,
            row.status,
            row.n,
            _joined(filters.get("periods", ())),
            row.n_details,
            _joined(row.detail_periods),
        )

    def _scope(self, measure: Measure) -> Part:
        """Whom a measure is about: a county has a hundred measures of each."""
        scope = measure.scope
        key = tuple(scope.items())
        part = self._scopes.get(key)
        if part is None:
            question, text = scope.get("question"), None
            if question is not None:
                *_, text, _, _ = self._subjects_of(scope)[f"item:{question}"]
            part = self._scopes[key] = (*self._about(scope), *_audience(scope), question, text)
        return part

    def _about(self, filters: Filters) -> Part:
        program = filters.get("program")
        if program is not None:
            return "program", program, self.names.programs.get(program, program), None, None, None, None
        number = filters.get("strategy")
        strategy = strategies().get(number or "")
        return (
            next((it for it in _ABOUT if it in filters), None),
            None,
            None,
            filters.get("pool"),
            number,
            strategy.id if strategy else None,
            strategy.title if strategy else None,
        )


@cache
def _when(release: str, released_on: str | None) -> Part:
    period = Period.parse(release)
    return release, released_on, period.fiscal_year, f"Q{period.fiscal_quarter}"


@cache
def _metric(measure: str, version: int) -> Part:
    metric = next(it for it in METRICS if it.id == measure)
    direction = DIRECTIONS[metric.direction]
    words = (metric.id, metric.name, metric.formula, metric.direction, direction)
    return (MEASURES, TABLES[MEASURES].name, *words, version, _joined(metric.strategies))


def _answers(measure: Measure) -> Part:
    return (
        measure.origin,
        measure.n,
        _joined(measure.periods),
        measure.n_details,
        _joined(measure.detail_periods),
    )


def _audience(filters: Filters) -> Part:
    audience: Cell = filters.get("audience")
    return audience, AUDIENCE_NAMES.get(filters.get("audience", ""), audience)


def _joined(texts: Iterable[str]) -> str | None:
    return BETWEEN.join(texts) or None
