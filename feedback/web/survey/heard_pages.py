"""What people said: the pages of results that anyone may read, for the county and program by program."""

import datetime as dt

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.changes import WINDOW
from analysis.publishing.publication import CUMULATIVE
from analysis.publishing.viewers import PUBLIC
from feedback.deployment import Deployment
from feedback.fieldwork.instruments import known_instruments
from feedback.fieldwork.links import LinkUnknown
from feedback.fieldwork.programs import all_programs
from feedback.results.queries import flags, read_measures
from feedback.results.schedule import Schedule, days_of_releases, schedule
from feedback.settings import Settings
from feedback.translations.words import Catalogs
from feedback.web.survey import public_results
from feedback.web.survey.page import inline
from feedback.web.survey.public_pages import public_page, public_rows
from feedback.web.survey.way_back import WayBack, way_back
from surveys.periods import Period


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Which release a page shows, on which day it came, and when more comes."""

    release: Period | None
    came_on: dt.date | None
    next_on: dt.date
    is_late: bool
    questions_on: dt.date
    can_compare: bool
    """Whether there were releases enough, a year's and those of the year before."""


@get("/heard")
async def heard(
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    tab: FromQuery[str | None] = None,
    back: FromQuery[str | None] = None,
) -> Response[str]:
    """What people said, for the whole county and program by program."""
    settings = deployment.settings
    async with deployment.database.snapshot() as session:
        programs = await all_programs(session)
        upcoming = await schedule(session, settings)
        rows = await public_rows(session, upcoming.latest, "T3", "T7")
        year = upcoming.latest_yearly
        yearly = await public_rows(session, year, "T9", "themes")
        standing = await _standing(session, settings, upcoming)
        over_answered = await _over_answered(session, upcoming)
        words = await deployment.words.now(session)
    whole = public_results.county_rows(rows, CUMULATIVE)
    return _results_page(
        "public/heard.html",
        deployment,
        words,
        lang,
        way_back(tab, back),
        standing=standing,
        scopes=public_results.of_scopes(rows),
        county=public_results.of_all(whole, {}),
        is_thin=upcoming.latest is not None and public_results.is_thin(whole),
        changes=public_results.of_changes(rows, programs),
        questions=public_results.of_core(yearly),
        themes=public_results.of_themes(yearly),
        year=year.year if year else None,
        programs=programs,
        heard={row.filters["program"] for row in rows if row.table == "T3" and row.n},
        over_answered=over_answered,
    )


@get("/heard/{slug:str}")
async def heard_of_program(
    slug: FromPath[str],
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    tab: FromQuery[str | None] = None,
    back: FromQuery[str | None] = None,
) -> Response[str]:
    """What people said about one program, under the name that tells it from the others."""
    async with deployment.database.snapshot() as session:
        programs = await all_programs(session)
        upcoming = await schedule(session, deployment.settings)
        rows = await public_rows(session, upcoming.latest, "T3")
        standing = await _standing(session, deployment.settings, upcoming)
        over_answered = await _over_answered(session, upcoming)
        instruments = await known_instruments(session)
        words = await deployment.words.now(session)
    program = next((it for it in programs if it.public_slug == slug), None)
    if program is None:
        raise LinkUnknown
    own = [row for row in rows if row.filters["program"] == program.id]
    return _results_page(
        "public/program.html",
        deployment,
        words,
        lang,
        way_back(tab, back),
        standing=standing,
        program=program,
        results=public_results.of_all(own, instruments),
        over_answered=over_answered,
    )


def _results_page(
    template: str, deployment: Deployment, words: Catalogs, lang: str | None, way: WayBack, **context: object
) -> Response[str]:
    return public_page(
        template,
        deployment,
        words,
        lang,
        style=inline("results.css"),
        tab=way.tab,
        way=way,
        turned=way.turned,
        **context,
    )


async def _standing(session: AsyncSession, settings: Settings, upcoming: Schedule) -> Standing:
    days = await days_of_releases(session)
    return Standing(
        release=upcoming.latest,
        came_on=days[upcoming.latest] if upcoming.latest else None,
        next_on=upcoming.due_on,
        is_late=upcoming.today > upcoming.due_on,
        questions_on=settings.due_on(upcoming.next_yearly),
        can_compare=len(days) >= 2 * WINDOW,
    )


async def _over_answered(session: AsyncSession, upcoming: Schedule) -> set[str]:
    """The programs with more answers than people they served: staff see that, and so does everyone."""
    if upcoming.latest is None:
        return set()
    measures = flags(await read_measures(session, PUBLIC, str(upcoming.latest)))
    return {it.scope["program"] for it in measures}


heard_router = Router("", route_handlers=[heard, heard_of_program])
