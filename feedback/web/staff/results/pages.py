"""Results as CTLT reads them, and as a contractor reads its own: overview, program, strategy, measures."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.metrics import DIRECTIONS, METRICS
from analysis.publishing.process_measures import Measure
from analysis.publishing.publication import CUMULATIVE, EVERYONE, LAST_FOUR, RELEASE
from analysis.publishing.rows import NOT_ENOUGH, Row
from feedback.deployment import Deployment
from feedback.fieldwork.instruments import known_instruments
from feedback.fieldwork.programs import all_programs, asked_instruments
from feedback.fieldwork.totals import work_of
from feedback.results.news import read_news
from feedback.results.queries import flags, read_measures, read_releases, read_tables
from feedback.results.schedule import schedule
from feedback.staff.access import NotYours, may
from feedback.staff.accounts import Account
from feedback.web.staff.news import note_overview
from feedback.web.staff.page import account_page, note_view
from feedback.web.staff.results import grids, sections
from feedback.web.staff.results.charts import in_words
from feedback.web.staff.results.grids import AskedSurveys
from surveys.periods import Period
from surveys.registry import Program, county_plan

_ONCE_A_YEAR = ("T6", "T8", "T9", "themes")


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
        years = sections.yearly(upcoming, deployment.settings)
        programs = [it for it in await all_programs(session) if may(account, "read results", it)]
        rows = await _rows(session, account, upcoming.latest, ("T2", "T3", "T6", "T7"))
        history = await read_tables(session, account.viewer, tables=("T7",))
        yearly_rows = await _rows(session, account, years.latest, _ONCE_A_YEAR)
        measures = await _measures(session, account, upcoming.latest)
        surveys = await _surveys(session, years, programs)
        news = await read_news(session, account.id)
    await note_overview(deployment, account, news)
    lines = [line for program in programs for line in sections.lines_of(rows, program)]
    county = [row for row in rows if row.table == "T7"]
    themes = [row for row in yearly_rows if row.table == "themes"]
    return _page(
        request, account, "staff/overview.html",
        news=news, upcoming=upcoming, yearly=years, listed=lines,
        looks_empty=sections.looks_empty(upcoming, lines, county),
        county=[it for it in county if it.origin == "live" and it.filters["scope"] == CUMULATIVE and it.n],
        charts=sections.charts_of(grids.scoped(history, "T7", RELEASE)),
        scopes=sections.by_scope(county, "T7", surveys, questions=False),
        audiences=sections.audiences([row for row in rows if row.table == "T6"], surveys),
        apart=sections.own_questions(yearly_rows, surveys),
        languages=[row for row in yearly_rows if row.table == "T8"], language_names=sections.language_names(),
        questions=grids.by_question([row for row in yearly_rows if row.table == "T9"], surveys),
        themes=list(grids.with_labels(it for it in themes if "county" in it.filters)),
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
        years = sections.yearly(upcoming, deployment.settings)
        history = await read_tables(
            session, account.viewer, tables=("T1", "T1d", "T2"), about={"program": program.id}
        )
        latest = await _rows(session, account, upcoming.latest, ("T3", "T5"))
        yearly_rows = await _rows(session, account, years.latest, ("themes",))
        measures = await _measures(session, account, upcoming.latest)
        reports = may(account, "report work", program)
        totals = await work_of(session, program.id, account.contractor) if reports else None
        surveys = await _surveys(session, years, [program])
    await note_view(deployment, account, f"program {program.id}")
    own = [row for row in (*history, *latest, *yearly_rows) if row.filters.get("program") == program.id]
    now = [row for row in own if row.release == str(upcoming.latest)]
    measures = [it for it in measures if it.scope.get("program") == program.id]
    so_far = grids.scoped(now, "T3", CUMULATIVE)
    columns = {"All so far": so_far}
    if sees_whole(account):
        columns = {
            "This release": grids.scoped(now, "T2", RELEASE),
            "Last four releases": grids.scoped(now, "T2", LAST_FOUR),
            **columns,
        }
    return _page(
        request, account, "staff/program.html",
        program=program, names=sections.names([program]), audience_names=grids.AUDIENCE_NAMES,
        strategies=[county_plan().strategy(number) for number in program.strategies],
        so_far=[row for row in so_far if row.n],
        standing=grids.side_by_side(columns, surveys, beside=sections.beside(latest, program, so_far)),
        charts=sections.charts_of(grids.scoped(own, "T2", RELEASE)),
        details=sections.details(own, surveys),
        no_details=next((it.cause for it in now if it.table == "T1d" and it.n is None), None),
        themes=list(grids.with_labels(row for row in own if row.table == "themes")),
        batches=[row for row in reversed(own) if row.table == "T1" and row.n],
        silent=[grids.who(row) for row in now if row.table == "T1" and row.n is None],
        measures=measures, flags=flags(measures),
        totals=totals, upcoming=upcoming, yearly=years,
    )  # fmt: skip


@get("/strategies/{strategy_id:str}", does="read strategies")
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
        years = sections.yearly(upcoming, deployment.settings)
        programs = [it for it in await all_programs(session) if strategy.number in it.strategies]
        rows = await read_tables(session, account.viewer, tables=("T4",), about={"strategy_id": strategy.id})
        yearly_rows = await _rows(session, account, years.latest, ("themes",))
        measures = await _measures(session, account, upcoming.latest)
        surveys = await _surveys(session, years, programs)
    await note_view(deployment, account, f"strategy {strategy.id}")
    own = [row for row in (*rows, *yearly_rows) if row.filters.get("strategy_id") == strategy.id]
    now = [row for row in own if row.release == str(upcoming.latest)]
    everyone = [row for row in own if row.filters.get("audience") == EVERYONE]
    return _page(
        request, account, "staff/strategy.html",
        strategy=strategy, programs=programs, names=sections.names(programs),
        so_far=[r for r in grids.scoped(now, "T4", CUMULATIVE) if r.n and r in everyone],
        standing=sections.by_scope(now, "T4", surveys),
        silent=sections.silent_audiences(now, programs),
        charts=sections.charts_of(grids.scoped(everyone, "T4", RELEASE)),
        themes=list(grids.with_labels(row for row in own if row.table == "themes")),
        measures=sections.speaking(measures, strategy.number, {it.id for it in programs}),
        metrics=[it for it in METRICS if strategy.number in it.strategies],
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
    by_id = {it.id: [m for m in measures if m.measure == it.id] for it in METRICS}
    return _page(
        request,
        account,
        "staff/measures.html",
        metrics=METRICS,
        directions=DIRECTIONS,
        by_id=by_id,
        names=sections.names(programs),
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
    context |= {
        "sees_whole": sees_whole(account),
        "not_enough": NOT_ENOUGH,
        "in_words": in_words,
        "label": grids.label,
        "span": grids.span,
    }
    return account_page(request, template, account, **context)


def sees_whole(account: Account) -> bool:
    """Whether an account reads of its programs more than the public does."""
    return account.viewer is not None and account.viewer.reads_whole_programs


async def _rows(
    session: AsyncSession, account: Account, release: Period | None, tables: Sequence[str]
) -> list[Row]:
    if release is None:
        return []
    return await read_tables(session, account.viewer, release=str(release), tables=tables)


async def _measures(session: AsyncSession, account: Account, latest: object) -> list[Measure]:
    return await read_measures(session, account.viewer, str(latest)) if latest else []


async def _surveys(
    session: AsyncSession, years: sections.Yearly, programs: Sequence[Program]
) -> AskedSurveys:
    """What these programs ask, the survey that most of them ask first: its words are the ones shown."""
    program_ids = {program.id for program in programs}
    instrument_names = (await asked_instruments(session)).items()
    often = Counter(
        name for (program, _), names in instrument_names if program in program_ids for name in names
    )
    instruments = (await known_instruments(session)).values()
    return AskedSurveys(sorted(instruments, key=lambda it: -often[it.id]), years.due_on, years.latest)


leadership_router = Router(
    "",
    route_handlers=[overview, program_page, strategy_page, measures_page, releases_page],
)
