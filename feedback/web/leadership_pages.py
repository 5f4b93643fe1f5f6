"""Results as CTLT reads them, and as a contractor reads its own: overview, program, strategy, measures."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.definitions import DEFINITIONS
from analysis.process_measures import Measure
from analysis.rows import NOT_ENOUGH, Row
from feedback.access import NotYours, may
from feedback.accounts import Account
from feedback.deployment import Deployment
from feedback.programs import all_programs, work_of
from feedback.results import flags, read_measures, read_releases, read_tables
from feedback.schedule import schedule
from feedback.web.charts import charts, in_words
from feedback.web.staff import account_page, note_view
from surveys.registry import Program, county_plan


class Listed(msgspec.Struct, frozen=True):
    """One program in the overview: where it stands so far, live answers only."""

    program: Program
    so_far: Row | None
    latest: Row | None


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
        programs = [it for it in await all_programs(session) if may(account, "read results", it)]
        rows = await _rows(session, account, upcoming.latest)
        measures = await _measures(session, account, upcoming.latest)
    await note_view(deployment, account, "overview")
    listed = [Listed(it, _of_program(rows, "T3", it.id), _of_program(rows, "T2", it.id)) for it in programs]
    county = [row for row in rows if row.table == "T7" and row.origin == "live"]
    audiences = [row for row in rows if row.table == "T6" and row.origin == "live"]
    return _page(
        request, account, "staff/overview.html",
        upcoming=upcoming, listed=listed, county=county, audiences=audiences,
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
    """One program: batches, domains over releases, measures, and the strategies it is part of."""
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        history = await read_tables(session, account.viewer or "", tables=("T1", "T2", "T3"))
        pools = await read_tables(session, account.viewer or "", release=str(upcoming.latest), tables=("T5",))
        measures = await _measures(session, account, upcoming.latest)
        totals = await work_of(session, program.id, account.contractor)
    await note_view(deployment, account, f"program {program.id}")
    own = [row for row in history if row.filters.get("program") == program.id]
    measures = [it for it in measures if it.scope.get("program") == program.id]
    return _page(
        request, account, "staff/program.html",
        program=program, names=_names([program]),
        strategies=[county_plan().strategy(number) for number in program.strategies],
        charts=charts([row for row in own if row.table == "T2" and row.origin == "live"]),
        so_far=[row for row in own if row.table == "T3" and row.release == str(upcoming.latest)],
        batches=[row for row in reversed(own) if row.table == "T1" and row.n],
        silent=_silent(own, upcoming.latest),
        pool=_pool(pools, program),
        measures=measures, flags=flags(measures),
        totals=totals, upcoming=upcoming, may_report=may(account, "report work"),
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
        programs = [it for it in await all_programs(session) if strategy.number in it.strategies]
        rows = await read_tables(session, account.viewer or "", tables=("T4",))
        measures = await _measures(session, account, upcoming.latest)
    await note_view(deployment, account, f"strategy {strategy.id}")
    own = [row for row in rows if row.filters["strategy_id"] == strategy.id]
    return _page(
        request, account, "staff/strategy.html",
        strategy=strategy, programs=programs, names=_names(programs),
        charts=charts([r for r in own if r.filters["scope"] == "release" and r.origin == "live"]),
        so_far=[r for r in own if r.filters["scope"] == "cumulative" and r.release == str(upcoming.latest)],
        measures=_speaking(measures, strategy.number, {it.id for it in programs}),
        definitions=[it for it in DEFINITIONS if strategy.number in it.strategies],
        upcoming=upcoming,
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
    return account_page(request, template, account, in_words=in_words, not_enough=NOT_ENOUGH, **context)


async def _rows(session: AsyncSession, account: Account, latest: object) -> list[Row]:
    return await read_tables(session, account.viewer or "", release=str(latest)) if latest else []


async def _measures(session: AsyncSession, account: Account, latest: object) -> list[Measure]:
    return await read_measures(session, account.viewer or "", str(latest)) if latest else []


def _names(programs: Sequence[Program]) -> dict[str, str]:
    """What a program is called in a measure's scope, which holds ids."""
    return {program.id: program.short for program in programs}


def _of_program(rows: Sequence[Row], table: str, program: str) -> Row | None:
    found = [
        r for r in rows if r.table == table and r.filters.get("program") == program and r.origin == "live"
    ]
    return found[0] if found else None


def _pool(rows: Sequence[Row], program: Program) -> Row | None:
    """What programs of the same kind said so far, to hold a program's own figure against."""
    of_pool = [r for r in rows if r.filters["pool"] == program.pool and r.origin == "live"]
    return next((r for r in of_pool if r.filters["scope"] == "cumulative"), None)


def _silent(rows: Sequence[Row], latest: object) -> list[str]:
    """Audiences this program has not heard from in the latest release: a blank is not good news."""
    return [
        row.filters["audience"]
        for row in rows
        if row.table == "T1" and row.release == str(latest) and row.n is None
    ]


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
