"""Results as CTLT reads them, and as a contractor reads its own: overview, program, strategy, measures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.definitions import DEFINITIONS
from analysis.figures import SPREAD_FROM, TOO_FEW
from analysis.process_measures import Measure
from analysis.rows import NOT_ENOUGH, Row
from analysis.sheet import CUMULATIVE, EVERYONE, LAST_FOUR, RELEASE, WINDOW, YEARLY
from feedback.access import NotYours, may
from feedback.accounts import Account
from feedback.deployment import Deployment
from feedback.instruments import known_instruments
from feedback.languages import LANGUAGES
from feedback.programs import all_programs, asked_instruments, work_of
from feedback.results import flags, read_measures, read_releases, read_tables
from feedback.schedule import Schedule, schedule
from feedback.settings import Settings
from feedback.web import result_grids as grids
from feedback.web.charts import Chart, charts, in_words
from feedback.web.result_grids import Asked, Grid
from feedback.web.staff import account_page, note_view
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES
from surveys.instruments import AUDIENCES
from surveys.periods import Period
from surveys.registry import Program, county_plan

_SCOPES = {"This release": RELEASE, "Last four releases": LAST_FOUR, "All so far": CUMULATIVE}
_ONCE_A_YEAR = ("T6", "T8", "T9", "themes")


class Listed(msgspec.Struct, frozen=True):
    """One line of a program in the overview, live answers only: its people, and where it stands."""

    program: Program
    who: str
    so_far: Row | None
    last_four: Row | None
    latest: Row | None

    @property
    def cause(self) -> str:
        return (self.so_far and self.so_far.cause) or NOT_ENOUGH


class Yearly(msgspec.Struct, frozen=True):
    """When single questions, options, themes and languages come, and when they came last."""

    next_period: Period
    due_on: str
    latest: Period | None

    @property
    def months(self) -> str:
        return f"October to December {self.next_period.year}"


def yearly(upcoming: Schedule, settings: Settings) -> Yearly:
    """Work out the next and the latest release of October to December. The calendar alone decides it."""
    following = upcoming.next_period + (YEARLY - upcoming.next_period.quarter)
    before = following + -YEARLY
    has_been = upcoming.latest is not None and before >= upcoming.first
    return Yearly(following, settings.due_on(following).isoformat(), before if has_been else None)


@get("/", does="come in")
async def overview(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """The first page: which programs were heard, and what the county said."""
    if not may(account, "read results"):
        return _page(request, account, "staff/welcome_in.html")
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        years = yearly(upcoming, deployment.settings)
        programs = [it for it in await all_programs(session) if may(account, "read results", it)]
        rows = await _rows(session, account, upcoming.latest, ("T2", "T3", "T6", "T7"))
        history = await read_tables(session, account.viewer or "", tables=("T7",))
        once = await _rows(session, account, years.latest, _ONCE_A_YEAR)
        measures = await _measures(session, account, upcoming.latest)
        asked = await _asked(session, years, programs)
    await note_view(deployment, account, "overview")
    listed = [line for program in programs for line in _listed(rows, program)]
    county = [row for row in rows if row.table == "T7"]
    return _page(
        request, account, "staff/overview.html",
        upcoming=upcoming, yearly=years, listed=listed,
        looks_empty=_looks_empty(upcoming, listed, county),
        county=[it for it in county if it.origin == "live" and it.filters["scope"] == CUMULATIVE and it.n],
        charts=_charts(grids.scoped(history, "T7", RELEASE)),
        scopes=_by_scope(county, "T7", asked, questions=False),
        audiences=_audiences([row for row in rows if row.table == "T6"], asked),
        apart=_own_questions(once, asked),
        languages=[row for row in once if row.table == "T8"], language_names=_language_names(),
        questions=grids.by_question([row for row in once if row.table == "T9"], asked),
        themes=list(grids.said(row for row in once if row.table == "themes" and "county" in row.filters)),
        headline=[it for it in measures if it.measure in ("reach-programs", "protocol-coverage", "withheld")],
        flagged={it.scope["program"] for it in flags(measures)},
    )  # fmt: skip


@get("/programs/{program_id:str}", does="read results")
async def program_page(
    program: NamedDependency[Program],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """One program: where it stands, its batches and questions, measures, and the strategies it is part of."""
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        years = yearly(upcoming, deployment.settings)
        history = await read_tables(session, account.viewer or "", tables=("T1", "T1d", "T2"))
        latest = await _rows(session, account, upcoming.latest, ("T3", "T5"))
        once = await _rows(session, account, years.latest, ("themes",))
        measures = await _measures(session, account, upcoming.latest)
        totals = await work_of(session, program.id, account.contractor)
        asked = await _asked(session, years, [program])
    await note_view(deployment, account, f"program {program.id}")
    own = [row for row in (*history, *latest, *once) if row.filters.get("program") == program.id]
    now = [row for row in own if row.release == str(upcoming.latest)]
    measures = [it for it in measures if it.scope.get("program") == program.id]
    so_far = grids.scoped(now, "T3", CUMULATIVE)
    columns = {
        "This release": grids.scoped(now, "T2", RELEASE),
        "Last four releases": grids.scoped(now, "T2", LAST_FOUR),
        "All so far": so_far,
    }
    return _page(
        request, account, "staff/program.html",
        program=program, names=_names([program]), audience_names=grids.AUDIENCE_NAMES,
        strategies=[county_plan().strategy(number) for number in program.strategies],
        so_far=[row for row in so_far if row.n],
        standing=grids.side_by_side(columns, asked, beside=_beside(latest, program, so_far)),
        charts=_charts(grids.scoped(own, "T2", RELEASE)),
        details=_details(own, asked),
        no_details=next((it.cause for it in now if it.table == "T1d" and it.n is None), None),
        themes=list(grids.said(row for row in own if row.table == "themes")),
        batches=[row for row in reversed(own) if row.table == "T1" and row.n],
        silent=[grids.who(row) for row in now if row.table == "T1" and row.n is None],
        measures=measures, flags=flags(measures),
        totals=totals, upcoming=upcoming, yearly=years, may_report=may(account, "report work"),
        period=deployment.settings.period,
    )  # fmt: skip


@get("/strategies/{strategy_id:str}", does="read measures")
async def strategy_page(
    strategy_id: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """One strategy: its process outcome, what programs said, and the measures that speak to it."""
    strategy = next((it for it in county_plan().strategies if strategy_id in (it.id, it.number)), None)
    if strategy is None:
        raise NotYours
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        years = yearly(upcoming, deployment.settings)
        programs = [it for it in await all_programs(session) if strategy.number in it.strategies]
        rows = await read_tables(session, account.viewer or "", tables=("T4",))
        once = await _rows(session, account, years.latest, ("themes",))
        measures = await _measures(session, account, upcoming.latest)
        asked = await _asked(session, years, programs)
    await note_view(deployment, account, f"strategy {strategy.id}")
    own = [row for row in (*rows, *once) if row.filters.get("strategy_id") == strategy.id]
    now = [row for row in own if row.release == str(upcoming.latest)]
    everyone = [row for row in own if row.filters.get("audience") == EVERYONE]
    return _page(
        request, account, "staff/strategy.html",
        strategy=strategy, programs=programs, names=_names(programs),
        so_far=[r for r in grids.scoped(now, "T4", CUMULATIVE) if r.n and r in everyone],
        standing=_by_scope(now, "T4", asked),
        silent=_silent_audiences(now, programs),
        charts=_charts(grids.scoped(everyone, "T4", RELEASE)),
        themes=list(grids.said(row for row in own if row.table == "themes")),
        measures=_speaking(measures, strategy.number, {it.id for it in programs}),
        definitions=[it for it in DEFINITIONS if strategy.number in it.strategies],
        upcoming=upcoming, yearly=years,
    )  # fmt: skip


@get("/measures", does="read measures")
async def measures_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Every process metric with its definition, for the county and by program."""
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        measures = await _measures(session, account, upcoming.latest)
        programs = await all_programs(session)
    await note_view(deployment, account, "measures")
    by_id = {it.id: [m for m in measures if m.measure == it.id] for it in DEFINITIONS}
    return _page(
        request,
        account,
        "staff/measures.html",
        definitions=DEFINITIONS,
        by_id=by_id,
        names=_names(programs),
        upcoming=upcoming,
    )


@get("/releases", does="read releases")
async def releases_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """The log of releases, and when the next one is due."""
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        releases = await read_releases(session)
    await note_view(deployment, account, "releases")
    return _page(request, account, "staff/releases.html", upcoming=upcoming, releases=releases)


def _page(request: Request[Any, Any, Any], account: Account, template: str, **context: Any) -> Response[str]:
    context |= {"not_enough": NOT_ENOUGH, "in_words": in_words, "label": grids.label, "span": grids.span}
    return account_page(request, template, account, **context)


async def _rows(
    session: AsyncSession, account: Account, release: Period | None, tables: Sequence[str]
) -> list[Row]:
    if release is None:
        return []
    return await read_tables(session, account.viewer or "", release=str(release), tables=tables)


async def _measures(session: AsyncSession, account: Account, latest: object) -> list[Measure]:
    return await read_measures(session, account.viewer or "", str(latest)) if latest else []


async def _asked(session: AsyncSession, years: Yearly, programs: Sequence[Program]) -> Asked:
    """What these programs ask, the survey that most of them ask first: its words are the ones shown."""
    named = {program.id for program in programs}
    asked = (await asked_instruments(session)).items()
    often = Counter(name for (program, _), names in asked if program in named for name in names)
    known = (await known_instruments(session)).values()
    return Asked(sorted(known, key=lambda it: -often[it.id]), years.due_on, years.latest)


def _names(programs: Sequence[Program]) -> dict[str, str]:
    """What a program, an audience or a core question is called in a measure's scope, which holds ids."""
    core = {f"core-{it}": MEASURE_NAMES[f"domain:{it}"] for it in CORE_DOMAINS}
    return {**grids.AUDIENCE_NAMES, **core, **{program.id: program.short for program in programs}}


def _language_names() -> dict[str, str]:
    return {**{tag: it.name for tag, it in LANGUAGES.items()}, "other": "other languages together"}


def _listed(rows: Sequence[Row], program: Program) -> list[Listed]:
    """One line for own experience, and one for experts and partners each: they are never added up."""
    own = [row for row in rows if row.filters.get("program") == program.id and row.origin == "live"]
    heard = {grids.key_of(row): row for row in own if row.table == "T3"}
    lines = [
        Listed(
            program,
            grids.who(row),
            row,
            _of_program(own, "T2", LAST_FOUR, key),
            _of_program(own, "T2", RELEASE, key),
        )
        for key, row in sorted(heard.items(), key=lambda it: (not grids.is_own(it[1]), it[0]))
    ]
    return lines or [Listed(program, "", None, None, None)]


def _of_program(own: Sequence[Row], table: str, scope: str, key: grids.Key) -> Row | None:
    return next((row for row in grids.scoped(own, table, scope) if grids.key_of(row) == key), None)


def _looks_empty(upcoming: Schedule, listed: Sequence[Listed], county: Sequence[Row]) -> bool:
    """Whether a reader may wonder at so many empty places: a first year, few answers, wide intervals."""
    if upcoming.latest is None or upcoming.latest - upcoming.first < WINDOW - 1:
        return True
    answers = sum(row.n or 0 for row in county if row.filters["scope"] == CUMULATIVE)
    told = (row.figure("overall") for it in listed for row in (it.so_far, it.last_four, it.latest) if row)
    few = any(figure.display == TOO_FEW for figure in told if figure)
    return few or 0 < answers < SPREAD_FROM


def _by_scope(rows: Iterable[Row], table: str, asked: Asked, *, questions: bool = True) -> list[Grid]:
    held = [row for row in rows if row.table == table]
    columns = {title: grids.scoped(held, table, scope) for title, scope in _SCOPES.items()}
    return grids.side_by_side(columns, asked, questions=questions)


def _audiences(rows: Sequence[Row], asked: Asked) -> list[Grid]:
    """T6: audiences side by side, live and collected ones apart, before and after a class too."""
    found = []
    for origin in grids.ORIGINS:
        for wave in (None, "before", "after"):
            held = {
                grids.AUDIENCE_NAMES[row.filters["audience"]]: row
                for row in rows
                if row.origin == origin and row.filters.get("wave") == wave
            }
            if any(row.n for row in held.values()):
                title = f"{grids.ORIGINS[origin]}{f', {wave} a class' if wave else ''}"
                found.append(grids.grid(title, held, asked, questions=False))
    return found


def _own_questions(once: Sequence[Row], asked: Asked) -> list[Grid]:
    """What experts and partners answered to questions of their own, in the year's release."""
    rows = [row for row in once if row.table == "T6" and not grids.is_own(row) and row.n_details]
    return [
        grids.grid(grids.label(row), {f"The release of {row.release}": row}, asked, fields=False)
        for row in rows
    ]


def _beside(latest: Sequence[Row], program: Program, so_far: Sequence[Row]) -> dict[str, list[Row]]:
    """What programs of the same kind said so far, to hold a program's own figures against.

    A pool that is this program alone would only say the same twice.
    """
    pool = [row for row in grids.scoped(latest, "T5", CUMULATIVE) if row.filters["pool"] == program.pool]
    own = {(grids.key_of(row), row.n) for row in so_far}
    return {f"Its pool, {program.pool}, all so far": [r for r in pool if (grids.key_of(r), r.n) not in own]}


def _charts(rows: Sequence[Row]) -> list[tuple[str, list[Chart]]]:
    """Live rows over releases, one set of charts for each kind of people."""
    live = [row for row in rows if row.origin == "live"]
    releases = sorted({row.release for row in live})
    keys = {grids.key_of(row): row for row in live if row.n}
    return [
        (grids.who(first), charts([row for row in live if grids.key_of(row) == key], releases))
        for key, first in sorted(keys.items(), key=lambda it: (not grids.is_own(it[1]), it[0]))
    ]


def _details(own: Sequence[Row], asked: Asked) -> list[tuple[str, Grid]]:
    """Batches of single questions with the release they came in, the latest first."""
    rows = [row for row in own if row.table == "T1d" and row.n]
    return [
        (row.release, grids.grid(grids.label(row), {f"Batch {row.batch}": row}, asked, fields=False))
        for row in reversed(rows)
    ]


def _silent_audiences(now: Sequence[Row], programs: Sequence[Program]) -> list[str]:
    """Audiences that programs of a strategy ask, and of whom too few have answered so far."""
    asked = {audience for program in programs for audience in program.audiences}
    heard = {row.filters["audience"] for row in now if row.table == "T4" and row.n}
    return [grids.AUDIENCE_NAMES[it] for it in AUDIENCES if it in asked - heard]


def _speaking(measures: Sequence[Measure], strategy: str, programs: set[str]) -> list[Measure]:
    """Measures that inform this strategy, for the county or for a program that is part of it."""
    return [
        it
        for it in measures
        if strategy in it.definition.strategies
        and (it.scope.get("program") in programs or "program" not in it.scope)
        and it.scope.get("strategy", strategy) == strategy
    ]


leadership_router = Router(
    "",
    route_handlers=[overview, program_page, strategy_page, measures_page, releases_page],
)
