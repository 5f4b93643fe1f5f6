"""The strategies of the plan: a list of all of them, and for each the questions that speak to it."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from analysis.publishing.metrics import METRICS
from analysis.publishing.publication import CUMULATIVE, EVERYONE
from feedback.deployment import Deployment
from feedback.fieldwork.asking import surveys_by_program
from feedback.fieldwork.programs import all_programs
from feedback.staff.access import NotYours
from feedback.staff.accounts import Account
from feedback.web.staff.page import note_view
from feedback.web.staff.results import grids, sections, strategies
from feedback.web.staff.results.frame import result_page, surveys_of
from feedback.web.staff.results.view import open_view
from surveys.registry import county_plan

_MOST_LINES = 100
"""Of measures on the page of a strategy: each measure has a page with its programs."""


@get("/strategies", does="read strategies")
async def strategies_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """All strategies by area, with their outcomes, and whether anybody speaks to each."""
    async with deployment.database.snapshot() as session:
        view = await open_view(session, deployment.settings, account, request)
        programs, asks = await all_programs(session), await surveys_by_program(session)
        rows = await view.rows(session, "T4", scope=CUMULATIVE)
    await note_view(deployment, account, "strategies")
    return result_page(
        request,
        account,
        "staff/strategies.html",
        view,
        areas=strategies.voices(county_plan(), programs, asks, rows),
    )


@get("/strategies/{strategy_id:str}", does="read strategies")
async def strategy_page(
    strategy_id: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """One strategy: its process outcome, the questions that speak to it, its measures; last its programs."""
    plan = county_plan()
    strategy = next((it for it in plan.strategies if strategy_id in (it.id, it.number)), None)
    if strategy is None:
        raise NotYours
    metrics = [it for it in METRICS if strategy.number in it.strategies]
    async with deployment.database.snapshot() as session:
        view = await open_view(session, deployment.settings, account, request)
        every_program, asks = await all_programs(session), await surveys_by_program(session)
        rows = await view.rows(session, "T4", strategy_id=strategy.id)
        themes = await view.rows_of_year(session, "themes", strategy_id=strategy.id)
        measures = await view.measures(session, *(it.id for it in metrics)) if metrics else []
        programs = [it for it in every_program if strategy.number in it.strategies]
        surveys = await surveys_of(session, view, programs)
    await note_view(deployment, account, f"strategy {strategy.id}")
    everyone = [row for row in rows if row.filters["audience"] == EVERYONE]
    so_far = [row for row in grids.scoped(everyone, "T4", CUMULATIVE) if row.n]
    return result_page(
        request,
        account,
        "staff/strategy.html",
        view,
        strategy=strategy,
        area=next(area for area in plan.areas if strategy in area.strategies),
        programs=programs,
        names=sections.names(every_program),
        asked=strategies.tagged(programs, asks, strategy),
        lines=strategies.lines_of(rows, surveys),
        alike=strategies.alike(plan, every_program, asks).get(strategy.id, []),
        so_far=so_far,
        themes=list(grids.with_labels(themes)),
        measures=sections.speaking(measures, strategy.number, {it.id for it in programs}),
        metrics=metrics,
        most=_MOST_LINES,
    )


strategy_router = Router("", route_handlers=[strategies_page, strategy_page])
