"""Published rows as the staff read them: whom a figure is about, what was asked, why a place is empty."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from analysis.figures import TOO_FEW, Figure
from analysis.publishing.publication import CUMULATIVE, EVERYONE, RELEASE, YEAR
from analysis.publishing.rows import NOT_ENOUGH, Row
from feedback.results.naming import AUDIENCE_NAMES
from feedback.web.staff.results import words as words_of
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES
from surveys.instruments import AUDIENCES, Instrument, Question
from surveys.periods import Period

ORIGINS: Mapping[str, str] = {"live": "live", "entered": "collected by the program"}
NOT_ASKED = f"{TOO_FEW}, or not asked"
_FIRST = AUDIENCES[0]
_ORDER = ("", EVERYONE, *AUDIENCES)

Key = tuple[str, str, str, str]
"""Origin, class, audience where the class has one for each, wave: what is never added up."""


class Cell(msgspec.Struct, frozen=True):
    """One figure of one row, or why there is none."""

    figure: Figure | None
    why: str = ""
    answers: int | None = None
    """Where each line of a column is about other answers: how many."""


class GridLine(msgspec.Struct, frozen=True):
    """One figure in every column: a field, a question or an option."""

    name: str
    cells: tuple[Cell, ...]


class Column(msgspec.Struct, frozen=True):
    """One row, and what its head says: how many answers, of which quarters."""

    title: str
    notes: tuple[str, ...]


class Grid(msgspec.Struct, frozen=True):
    """Rows about the same people side by side, with the same figures in the same places."""

    title: str
    columns: tuple[Column, ...]
    fields: tuple[GridLine, ...] = ()
    questions: tuple[GridLine, ...] = ()
    options: tuple[GridLine, ...] = ()


class AskedSurveys(msgspec.Struct, frozen=True):
    """What was asked, in an audience's words, and when the next single questions come."""

    instruments: Sequence[Instrument]
    next_on: str
    """The day of the next release of October to December."""
    yearly: Period | None
    """The latest one that has been, if any."""

    def question(self, name: str, audience: str | None) -> Question | None:
        """Return a question in the words for an audience; in young people's where several are asked it."""
        instruments = [it for it in self.instruments if any(q.id == name for q in it.questions)]
        instruments.sort(key=lambda it: (audience not in it.audiences, _FIRST not in it.audiences))
        return instruments[0].question(name) if instruments else None


def who(row: Row) -> str:
    """Name the people of a row where it does not go without saying: own experience without a wave."""
    audience = row.filters.get("audience", "" if row.survey else row.filters.get("class", ""))
    parts = [AUDIENCE_NAMES.get(audience, audience)] if audience else []
    if row.survey:
        parts.append(f"survey “{row.survey}”")
    if wave := row.filters.get("wave"):
        parts.append(f"{wave} a class")
    return ", ".join(parts)


def label(row: Row) -> str:
    return ", ".join(it for it in (who(row), ORIGINS[row.origin]) if it)


def key_of(row: Row) -> Key:
    """What a row shares with those about the same people in other scopes and releases."""
    filters = (row.filters.get(name, "") for name in ("class", "audience", "wave"))
    return (row.origin, *filters)


def scoped(rows: Iterable[Row], table: str, scope: str) -> list[Row]:
    return [row for row in rows if row.table == table and row.filters["scope"] == scope]


def side_by_side(
    columns: Mapping[str, Sequence[Row]],
    surveys: AskedSurveys,
    *,
    beside: Mapping[str, Sequence[Row]] | None = None,
    questions: bool = True,
) -> list[Grid]:
    """One grid for each sort that any column has answers of; live answers of own experience come first.

    `beside` are rows to hold the others against: they make no grid of their own.
    """
    keys = {key_of(row): row for rows in columns.values() for row in rows if row.n}
    grids = []
    for key, first in sorted(keys.items(), key=_place):
        rows_of_key = {title: _of(rows, key) for title, rows in columns.items()}
        rows_of_key |= {title: row for title, rows in (beside or {}).items() if (row := _of(rows, key))}
        grids.append(grid(label(first), rows_of_key, surveys, questions=questions))
    return grids


def _place(pair: tuple[Key, Row]) -> tuple[object, ...]:
    (origin, kind, audience, wave), row = pair
    return not row.is_own, _ORDER.index(audience), origin != "live", kind, wave


def _of(rows: Sequence[Row], key: Key) -> Row | None:
    return next((row for row in rows if key_of(row) == key), None)


def grid(
    title: str,
    columns: Mapping[str, Row | None],
    surveys: AskedSurveys,
    *,
    fields: bool = True,
    questions: bool = True,
) -> Grid:
    """Put rows side by side. With `fields` all eight have a line, whether or not any is told.

    A strategy has its own questions and no others, and a survey without the core questions has no field.
    """
    rows = list(columns.values())
    measures = dict.fromkeys(figure.measure for row in rows if row for figure in row.figures)
    core = fields and not any(row and (row.table == "T4" or row.survey) for row in rows)
    field_measures = [it for it in MEASURE_NAMES if it in measures or (core and it in _ALWAYS)]
    question_measures = [it for it in measures if it.startswith(("item:", "option:"))] if questions else []
    audience = next((row.filters.get("audience") for row in rows if row), None)
    lines = [(it, _line(words(it, surveys, audience), it, rows, surveys)) for it in question_measures]
    return Grid(
        title,
        tuple(Column(name, _notes(row)) for name, row in columns.items()),
        tuple(_line(MEASURE_NAMES[it], it, rows, surveys) for it in field_measures),
        tuple(line for it, line in lines if it.startswith("item:")),
        tuple(line for it, line in lines if it.startswith("option:")),
    )


_ALWAYS = frozenset(("overall", *(f"domain:{domain}" for domain in CORE_DOMAINS)))


def words(measure: str, surveys: AskedSurveys, audience: str | None) -> str:
    """Say a question as it was asked, and of an option which."""
    _, name, *code = measure.split(":")
    question = surveys.question(name, audience)
    if question is None:
        return measure
    if code:
        option = next((it.text for it in question.options if [it.code] == code), "")
        return f"{question.text} {option}".strip()
    if question.favourable != "first":
        return question.text
    # “How often did they rush you? 80 %” would read as if 80 % were rushed.
    good = "” or “".join(it.text for it in question.options if it.code in question.favourable_codes)
    return f"{question.text} (good: “{good}”)"


def _notes(row: Row | None) -> tuple[str, ...]:
    if row is None or row.n is None:
        return (f"{NOT_ENOUGH}.",)
    answers = f"{row.n} answers, {words_of.span(row.filters['periods'])}."
    if row.n_details is None or row.table == "T1d":
        return (answers,)
    subject = "Fields" if row.table in ("T6", "T7") and row.is_own else "Fields and single questions"
    return answers, f"{subject} are about {row.n_details} answers of {words_of.span(row.detail_periods)}."


def _line(name: str, measure: str, rows: Sequence[Row | None], surveys: AskedSurveys) -> GridLine:
    cells = (Cell(row.figure(measure) if row else None, _why(measure, row, surveys)) for row in rows)
    return GridLine(name, tuple(cells))


def _why(measure: str, row: Row | None, surveys: AskedSurveys) -> str:
    if row is None or row.n is None:
        return "-"
    if measure == "overall":
        return "not asked"
    if row.n_details is None and row.table not in ("T6", "T7") and not _had_details(row, surveys):
        return f"comes on {surveys.next_on}"
    core = measure.removeprefix("domain:") in CORE_DOMAINS or measure.startswith("item:core-")
    return TOO_FEW if core else NOT_ASKED


def _had_details(row: Row, surveys: AskedSurveys) -> bool:
    """Whether a release of October to December is among those that a row adds up."""
    if row.filters.get("scope") == RELEASE:
        release = Period.parse(row.release)
        return release == release.year_end
    return surveys.yearly is not None


def by_question(rows: Sequence[Row], surveys: AskedSurveys) -> list[Grid]:
    """T9: for each audience its questions, the year's answers beside all so far."""
    keys = {key_of(row): row for row in rows}
    return [
        _questions(label(first), [row for row in rows if key_of(row) == key], surveys)
        for key, first in sorted(
            keys.items(), key=lambda it: (_ORDER.index(it[1].filters["audience"]), it[0][0] != "live", it[0])
        )
    ]


def _questions(title: str, rows: Sequence[Row], surveys: AskedSurveys) -> Grid:
    by_scope = {scope: [row for row in rows if row.filters["scope"] == scope] for scope in (YEAR, CUMULATIVE)}
    audience = rows[0].filters["audience"]
    year = str(Period.parse(rows[0].release).year)
    lines = []
    for measure in dict.fromkeys(figure.measure for row in rows for figure in row.figures):
        row_of_scope = (next((row for row in of if row.figure(measure)), None) for of in by_scope.values())
        cells = (Cell(it.figure(measure), "", it.n) if it else Cell(None, NOT_ASKED) for it in row_of_scope)
        lines.append((measure, GridLine(words(measure, surveys, audience), tuple(cells))))
    names = {YEAR: f"The year's release, {year}", CUMULATIVE: "All so far"}
    return Grid(
        title,
        tuple(Column(names[scope], _quarters(of)) for scope, of in by_scope.items()),
        questions=tuple(line for it, line in lines if it.startswith("item:")),
        options=tuple(line for it, line in lines if it.startswith("option:")),
    )


def _quarters(rows: Sequence[Row]) -> tuple[str, ...]:
    quarters = sorted({quarter for row in rows for quarter in row.filters["periods"]})
    return (f"Answers of {words_of.span(quarters)}.",) if quarters else ()


def with_labels(rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    """Themes of rows with their people, live ones and own experience first."""
    for row in sorted(rows, key=lambda it: (not it.is_own, it.origin != "live")):
        yield label(row), row
