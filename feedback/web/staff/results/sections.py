"""What stands on the pages of results, made of published rows: lines, tables, charts, and their words."""

from collections.abc import Iterable, Sequence

import msgspec

from analysis.figures import SPREAD_FROM, TOO_FEW
from analysis.publishing.changes import WINDOW
from analysis.publishing.process_measures import Measure
from analysis.publishing.publication import CUMULATIVE, LAST_FOUR, RELEASE
from analysis.publishing.rows import NOT_ENOUGH, Row
from feedback.languages import LANGUAGES
from feedback.results.naming import AUDIENCE_NAMES
from feedback.results.schedule import Schedule
from feedback.web.staff.results import grids, words
from feedback.web.staff.results.charts import Chart, charts
from feedback.web.staff.results.grids import AskedSurveys, Grid
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES
from surveys.periods import Period
from surveys.registry import Program

PROGRAM_SCOPES = ("Good answers, all so far", "Last four releases", "This release")
_SCOPES = {"This release": RELEASE, "Last four releases": LAST_FOUR, "All so far": CUMULATIVE}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a program stands in one scope, in the words of its cell: a page has a thousand of them."""

    scope: str
    middle: str = ""
    interval: str = ""
    answers: int | None = None


class ProgramLine(msgspec.Struct, frozen=True):
    """One line of a program in the overview, live answers only: its people, and where it stands."""

    program: Program
    who: str
    so_far: Row | None
    last_four: Row | None
    latest: Row | None

    @property
    def cause(self) -> str:
        return (self.so_far and self.so_far.cause) or NOT_ENOUGH

    @property
    def standings(self) -> list[Standing]:
        """All so far, the last four releases, and this one."""
        return [
            _standing(scope, row)
            for scope, row in zip(PROGRAM_SCOPES, (self.so_far, self.last_four, self.latest), strict=True)
        ]


def _standing(scope: str, row: Row | None) -> Standing:
    if row is None or row.n is None:
        return Standing(scope=scope)
    overall = row.figure("overall")
    if overall is None:
        return Standing(scope=scope, middle="-", answers=row.n)
    return Standing(
        scope=scope, middle=words.middle(overall), interval=words.interval(overall), answers=row.n
    )


def names(programs: Sequence[Program]) -> dict[str, str]:
    """What a program, an audience or a core question is called in a measure's scope, which holds ids."""
    core = {f"core-{it}": MEASURE_NAMES[f"domain:{it}"] for it in CORE_DOMAINS}
    return {**AUDIENCE_NAMES, **core, **{program.id: program.short for program in programs}}


def language_names() -> dict[str, str]:
    return {**{tag: it.name for tag, it in LANGUAGES.items()}, "other": "other languages together"}


def lines_of(rows: Iterable[Row], programs: Sequence[Program]) -> list[ProgramLine]:
    """Program by program one line for own experience, and for experts and partners each: never added up."""
    by_program: dict[str, list[Row]] = {}
    for row in rows:
        if row.origin == "live" and "program" in row.filters:
            by_program.setdefault(row.filters["program"], []).append(row)
    return [line for it in programs for line in _lines_of_program(by_program.get(it.id, []), it)]


def _lines_of_program(own: Sequence[Row], program: Program) -> list[ProgramLine]:
    rows_by_key = {grids.key_of(row): row for row in own if row.table == "T3"}
    lines = [
        ProgramLine(
            program,
            grids.who(row),
            row,
            _of_scope(own, "T2", LAST_FOUR, key),
            _of_scope(own, "T2", RELEASE, key),
        )
        for key, row in sorted(rows_by_key.items(), key=lambda it: (not it[1].is_own, it[0]))
    ]
    return lines or [ProgramLine(program, "", None, None, None)]


def _of_scope(own: Sequence[Row], table: str, scope: str, key: grids.Key) -> Row | None:
    return next((row for row in grids.scoped(own, table, scope) if grids.key_of(row) == key), None)


def looks_empty(upcoming: Schedule, lines: Sequence[ProgramLine], county: Sequence[Row]) -> bool:
    """Whether a reader may wonder at so many empty places: a first year, few answers, wide intervals."""
    if upcoming.latest is None or upcoming.latest - upcoming.first < WINDOW - 1:
        return True
    answers = sum(row.n or 0 for row in county if row.filters["scope"] == CUMULATIVE)
    figures = (row.figure("overall") for it in lines for row in (it.so_far, it.last_four, it.latest) if row)
    few = any(figure.display == TOO_FEW for figure in figures if figure)
    return few or 0 < answers < SPREAD_FROM


def by_scope(rows: Iterable[Row], table: str, surveys: AskedSurveys, *, questions: bool = True) -> list[Grid]:
    table_rows = [row for row in rows if row.table == table]
    columns = {title: grids.scoped(table_rows, table, scope) for title, scope in _SCOPES.items()}
    return grids.side_by_side(columns, surveys, questions=questions)


def audiences(rows: Sequence[Row], surveys: AskedSurveys) -> list[Grid]:
    """T6: audiences side by side, live and collected ones apart, before and after a class too."""
    audience_grids = []
    for origin in grids.ORIGINS:
        for wave in (None, "before", "after"):
            columns = {
                AUDIENCE_NAMES[row.filters["audience"]]: row
                for row in rows
                if row.origin == origin and row.filters.get("wave") == wave
            }
            if any(row.n for row in columns.values()):
                title = f"{grids.ORIGINS[origin]}{f', {wave} a class' if wave else ''}"
                audience_grids.append(grids.grid(title, columns, surveys, questions=False))
    return audience_grids


def own_questions(yearly_rows: Sequence[Row], surveys: AskedSurveys) -> list[Grid]:
    """What experts and partners answered to questions of their own, in the year's release."""
    rows = [row for row in yearly_rows if row.table == "T6" and not row.is_own and row.n_details]
    return [
        grids.grid(grids.label(row), {f"The release of {row.release}": row}, surveys, fields=False)
        for row in rows
    ]


def pool_beside(latest: Sequence[Row], program: Program, so_far: Sequence[Row]) -> list[Row]:
    """What programs of the same kind said so far, to hold a program's own figures against.

    A pool that is this program alone would only say the same twice.
    """
    pool = [row for row in grids.scoped(latest, "T5", CUMULATIVE) if row.filters["pool"] == program.pool]
    own = {(grids.key_of(row), row.n) for row in so_far}
    return [row for row in pool if row.n and (grids.key_of(row), row.n) not in own]


def charts_of(
    rows: Sequence[Row], *, beside: Row | None = None, missing: str = ""
) -> list[tuple[str, list[Chart]]]:
    """Live rows over releases, one set of charts for each kind of people; own experience has every field."""
    live = [row for row in rows if row.origin == "live"]
    releases = sorted({row.release for row in live})
    keys = {grids.key_of(row): row for row in live if row.n}
    return [
        (
            grids.who(first),
            charts(
                [row for row in live if grids.key_of(row) == key],
                releases,
                beside=beside if first.is_own else None,
                missing=missing if first.is_own else "",
            ),
        )
        for key, first in sorted(keys.items(), key=lambda it: (not it[1].is_own, it[0]))
    ]


def by_audience(own: Sequence[Row], year: Period | None, surveys: AskedSurveys) -> Grid | None:
    """The year's single questions with audiences side by side, live: of each audience its largest batch."""
    batches = [row for row in own if row.table == "T1d" and row.n and row.release == str(year)]
    largest: dict[str, Row] = {}
    for row in sorted(batches, key=lambda it: it.n or 0):
        if row.origin == "live" and row.is_own:
            largest[row.filters["audience"]] = row
    columns = {name: largest[it] for it, name in AUDIENCE_NAMES.items() if it in largest}
    return grids.grid("by audience", columns, surveys, fields=False) if columns else None


def details(own: Sequence[Row], surveys: AskedSurveys) -> list[tuple[str, Grid]]:
    """Batches of single questions with the release they came in, the latest first."""
    rows = [row for row in own if row.table == "T1d" and row.n]
    return [
        (row.release, grids.grid(grids.label(row), {f"Batch {row.batch}": row}, surveys, fields=False))
        for row in reversed(rows)
    ]


def speaking(measures: Sequence[Measure], strategy: str, programs: set[str]) -> list[Measure]:
    """Measures that inform this strategy, for the county or for a program that is part of it."""
    return [
        it
        for it in measures
        if strategy in it.metric.strategies
        and (it.scope.get("program") in programs or "program" not in it.scope)
        and it.scope.get("strategy", strategy) == strategy
    ]
