"""Pages of the survey door that belong to no survey: thanks, help, leaving, errors."""

import base64
import functools
from typing import Any

from litestar import MediaType, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.publication import RELEASE
from analysis.publishing.rows import Row
from analysis.publishing.viewers import PUBLIC
from feedback.deployment import Deployment
from feedback.fieldwork.links import program_of
from feedback.languages import SOURCE, page_language
from feedback.results.queries import read_tables
from feedback.results.schedule import schedule
from feedback.translations.words import Catalogs
from feedback.web.protections import FORGET
from feedback.web.rendering import in_months
from feedback.web.survey import public_results
from feedback.web.survey.page import inline, survey_page
from feedback.web.survey.page_context import ALONE, PageContext, on_phone, on_tablet
from surveys.help import help_lines
from surveys.periods import Period

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@get("/thanks")
async def thanks(
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    kiosk: FromQuery[str | None] = None,
    link: FromQuery[str | None] = None,
    about: FromQuery[str | None] = None,
) -> Response[str]:
    """Say what happens next, and when. `link` is the slug of the link that was answered."""
    page_context = on_tablet(kiosk) if kiosk else on_phone(link)
    return await thank(deployment, lang, page_context, about)


async def thank(
    deployment: Deployment,
    lang: str | None,
    page_context: PageContext,
    about: str | None = None,
    submission_key: str | None = None,
) -> Response[str]:
    """Thank, wherever the survey stood, or say what `about` names.

    That is: what was sent was added up already (`late`), was thrown away (`back`), or could not be yet
    (`wait`). `submission_key` is the number of a page that may still be taken back from here.
    """
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        rows = await public_rows(session, upcoming.latest, "T7")
        program = await program_of(session, page_context.slug)
        words = await deployment.words.now(session)
    # The answers just sent belong to this quarter, which may not be the next one to be released.
    due = max(upcoming.due_on, deployment.settings.due_on(deployment.settings.period))
    return public_page(
        "survey/thanks.html",
        deployment,
        words,
        lang,
        page_context=page_context,
        about=about,
        submission_key=submission_key,
        keeps=submission_key is not None,
        turned=lambda other: page_context.thanks(other, about),
        last=[it for it in public_results.of_county(rows, RELEASE) if it.is_live and not it.wave],
        program=program,
        due_on=due,
    )


@get("/thanks.gif", media_type="image/gif")
async def forget_the_form() -> Response[bytes]:
    # A sandboxed frame counts as a stranger to us, and its thank-you has to load this too.
    headers = {**FORGET, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(_PIXEL, media_type="image/gif", headers=headers)


@get("/aloud.js", media_type="text/javascript")
async def read_aloud() -> str:
    """What a phone with a voice of its own fetches when somebody wants to hear a question."""
    return inline("aloud.js")


@get("/help")
async def show_help(
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    tab: FromQuery[str | None] = None,
) -> Response[str]:
    """Who helps. `tab` says that it was opened beside a page that stays open."""
    async with deployment.database.snapshot() as session:
        words = await deployment.words.now(session)
    lines = help_lines(whole=True)
    return public_page("survey/help.html", deployment, words, lang, tab=tab is not None, help_lines=lines)


@get("/leave")
async def leave(
    deployment: NamedDependency[Deployment], kiosk: FromQuery[str | None] = None
) -> Response[str]:
    """First hop: a blank page that is really shown, or the next hop's cache clearing comes too late."""
    return survey_page(
        "survey/leave.html", deployment.words.last_read.spoken(SOURCE), page_context=on_tablet(kiosk)
    )


@get("/leave/now")
async def leave_now(deployment: NamedDependency[Deployment], kiosk: FromQuery[str | None] = None) -> Redirect:
    """Second hop: forget, and go to an ordinary page; a shared tablet begins again."""
    page_context = on_tablet(kiosk)
    to = page_context.send if page_context.kiosk else deployment.settings.leave_to
    return Redirect(to, status_code=303, headers=FORGET)


def public_page(
    template: str, deployment: Deployment, words: Catalogs, lang: str | None, **context: Any
) -> Response[str]:
    offered = words.offered()
    catalog = words.spoken(page_language(lang, None, offered))
    defaults = {
        "months": functools.partial(in_months, catalog.language),
        "help_lines": help_lines(),
        "settings": deployment.settings,
        "offered": offered,
        "scripts": ("tablet.js",) if context.get("page_context", ALONE).kiosk else ("tab.js",),
    }
    return survey_page(template, catalog, **{**defaults, **context})


async def public_rows(session: AsyncSession, release: Period | None, *tables: str) -> list[Row]:
    """What anyone may read of these tables of one release; nothing before the first."""
    if release is None:
        return []
    return await read_tables(session, PUBLIC, release=str(release), tables=tables)


@get("/healthz", media_type=MediaType.TEXT)
async def healthz() -> str:
    return "ok"


public_router = Router(
    "",
    route_handlers=[
        thanks,
        forget_the_form,
        read_aloud,
        show_help,
        leave,
        leave_now,
        healthz,
    ],
)
