"""Results as CTLT reads them, and as a contractor reads its own: overview, program, strategy, measures."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from analysis.publishing.metrics import DIRECTIONS, METRICS
from analysis.publishing.process_measures import Measure
from analysis.publishing.publication import CUMULATIVE, EVERYONE, LAST_FOUR, RELEASE
from feedback.deployment import Deployment
from feedback.fieldwork.links import all_links
from feedback.fieldwork.programs import all_programs
from feedback.fieldwork.totals import unreported, work_of
from feedback.results.naming import AUDIENCE_NAMES
from feedback.results.news import read_news
from feedback.results.queries import FLAGS, flags, read_releases
from feedback.staff.access import NotYours, may
from feedback.staff.accounts import Account
from feedback.web.staff.news import note_overview
from feedback.web.staff.page import account_page, note_view
from feedback.web.staff.results import grids, sections
from feedback.web.staff.results.frame import result_page, surveys_of
from feedback.web.staff.results.in_short import first, in_short
from feedback.web.staff.results.to_do import silent, to_do
from feedback.web.staff.results.view import open_view
from feedback.web.staff.results.what_changed import trends_of, what_changed
from feedback.web.staff.results.who_was_heard import hearings
from surveys.registry import Program, county_plan

_MOST_LINES = 300
"""Of one measure on a page: more than that nobody reads, and its file has them all."""
_HEADLINE = ("reach-programs", "protocol-coverage", "withheld")


@get("/", does="come in")
async def overview(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """The first page: which programs were heard, and what the county said."""
    if not may(account, "read results"):
        return account_page(request, "staff/welcome_in.html", account)
    settings = deployment.settings
    async with deployment.database.snapshot() as session:
        view = await open_view(session, settings, account, request)
        programs = [it for it in await all_programs(session) if may(account, "read results", it)]
        rows = await view.rows(session, "T1", "T2", "T3", "T7")
        rows += await view.rows(session, "T4", scope=CUMULATIVE, audience=EVERYONE)
        links = [it for it in await all_links(session) if it.is_open(settings.today)]
        yearly_rows = await view.rows_of_year(session, "themes")
        measures = await view.measures(session, *_HEADLINE, *FLAGS)
        changes = what_changed(rows, programs, county_plan().strategies, view.query)
        trends = await trends_of(session, view, changes)
        may_look = may(account, "read measures")
        latest = await view.last_heard(session) if may_look else {}
        news = await read_news(session, account.id)
        ended = settings.period + -1
        is_over = ended >= view.upcoming.first
        missing = await unreported(session, programs, account.contractor, ended) if is_over else []
    await note_overview(deployment, account, news, view.query)
    shown = programs if may_look else []
    heard = hearings(shown, latest, links, first=view.upcoming.first, latest=view.period)
    lines = sections.lines_of(rows, programs)
    county = [row for row in rows if row.table == "T7"]
    themes = [row for row in yearly_rows if row.table == "themes"]
    return result_page(
        request, account, "staff/overview.html", view, news=news,
        todo=to_do(
            view, flags=flags(measures), programs=programs, links=links, unreported=missing,
            hearings=heard,
        ),
        silent=silent(rows),
        changes=changes, trends=trends,
        listed=lines, looks_empty=sections.looks_empty(view.upcoming, lines, county),
        county=[it for it in county if it.origin == "live" and it.filters["scope"] == CUMULATIVE and it.n],
        themes=list(grids.with_labels(it for it in themes if "county" in it.filters)),
        headline=[it for it in measures if it.measure in _HEADLINE],
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
        view = await open_view(session, deployment.settings, account, request)
        history = await view.history(session, "T1", "T1d", "T2", program=program.id)
        latest = await view.rows(session, "T3", "T5")
        yearly_rows = await view.rows_of_year(session, "themes")
        measures = await view.measures(session, program=program.id)
        reports = may(account, "report work", program)
        totals = await work_of(session, program.id, account.contractor) if reports else None
        surveys = await surveys_of(session, view, [program])
    await note_view(deployment, account, f"program {program.id}")
    own = [row for row in (*history, *latest, *yearly_rows) if row.filters.get("program") == program.id]
    now = [row for row in own if row.release == str(view.period)]
    so_far = grids.scoped(now, "T3", CUMULATIVE)
    columns = {"All so far": so_far}
    if view.sees_whole:
        columns = {
            "This release": grids.scoped(now, "T2", RELEASE),
            "Last four releases": grids.scoped(now, "T2", LAST_FOUR),
            **columns,
        }
    pool, whole = sections.pool_beside(latest, program, so_far), first(so_far)
    return result_page(
        request, account, "staff/program.html", view,
        program=program, names=sections.names([program]), audience_names=AUDIENCE_NAMES,
        strategies=[county_plan().strategy(number) for number in program.strategies],
        in_short=in_short(first(columns.get("Last four releases", ())), whole),
        apart=[row for row in so_far if row.n and row is not whole],
        standing=grids.side_by_side(columns, surveys, beside={f"Its pool, {program.pool}, all so far": pool}),
        charts=sections.charts_of(
            grids.scoped(own, "T2", RELEASE),
            beside=first(pool), missing=f"single questions come on {view.yearly_due_on}",
        ),
        pool_in_words=f"its pool, {program.pool}, all so far" if first(pool) else "",
        by_audience=sections.by_audience(own, view.year, surveys),
        details=sections.details(own, surveys),
        no_details=next((it.cause for it in now if it.table == "T1d" and it.n is None), None),
        themes=list(grids.with_labels(row for row in own if row.table == "themes")),
        batches=[row for row in reversed(own) if row.table == "T1" and row.n],
        silent=[grids.who(row) for row in now if row.table == "T1" and row.n is None],
        measures=measures, flags=flags(measures),
        totals=totals,
    )  # fmt: skip


@get("/measures", does="read measures")
async def measures_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Every process metric for the county; with `measure` in the address one of them, program by program."""
    name = request.query_params.get("measure", "")
    chosen = [it for it in METRICS if it.id == name] if name else list(METRICS)
    if not chosen:
        raise NotYours
    async with deployment.database.snapshot() as session:
        view = await open_view(session, deployment.settings, account, request)
        measures = await view.measures(session, *(it.id for it in chosen), program=None if name else "")
        measures += [] if name else await view.measures(session, *FLAGS)
        programs = await all_programs(session)
    await note_view(deployment, account, f"measures {name}".strip())
    by_id: dict[str, list[Measure]] = {it.id: [] for it in chosen}
    for it in measures:
        by_id[it.measure].append(it)
    return result_page(
        request,
        account,
        "staff/measures.html",
        view,
        metrics=chosen,
        chosen=name,
        most=_MOST_LINES,
        directions=DIRECTIONS,
        by_id=by_id,
        names=sections.names(programs),
    )


@get("/releases", does="read releases")
async def releases_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """The log of releases, and when the next one is due."""
    async with deployment.database.snapshot() as session:
        view = await open_view(session, deployment.settings, account, request)
        releases = await read_releases(session)
    await note_view(deployment, account, "releases")
    return result_page(request, account, "staff/releases.html", view, releases=releases)


@get("/programs", does="read results")
async def programs_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """All programs that somebody may read of, in the plan's order: where each stands, what changed."""
    async with deployment.database.snapshot() as session:
        view = await open_view(session, deployment.settings, account, request)
        programs = [it for it in await all_programs(session) if may(account, "read results", it)]
        rows = await view.rows(session, "T2", "T3")
        measures = await view.measures(session, *FLAGS)
    await note_view(deployment, account, "programs")
    return result_page(
        request,
        account,
        "staff/programs.html",
        view,
        listed=sections.lines_of(rows, programs),
        flagged={it.scope["program"] for it in flags(measures)},
    )


leadership_router = Router(
    "",
    route_handlers=[overview, programs_page, program_page, measures_page, releases_page],
)
