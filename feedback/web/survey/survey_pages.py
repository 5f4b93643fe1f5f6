"""The survey: one link, one document, one Send."""

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from feedback.deployment import Deployment
from feedback.fieldwork.links import Link, LinkUnknown, open_link
from feedback.translations.words import Catalogs
from feedback.web.survey.page_context import PageContext
from feedback.web.survey.public_pages import thank
from feedback.web.survey.sending import Submission
from feedback.web.survey.survey_form import check_origin, nothing_filled, read_form
from feedback.web.survey.survey_view import survey, words_for


@get("/s/{slug:str}")
async def show_survey(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    kiosk: FromQuery[str | None] = None,
) -> Response[str]:
    """Open a link. Reads nothing of the reader but the language wished for, and keeps none of it."""
    link, words = await read_link(deployment, slug)
    return _fresh(deployment, link, words, PageContext(slug, kiosk=kiosk == "1"), request, lang)


@post("/s/{slug:str}")
async def send_answers(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    kiosk: FromQuery[str | None] = None,
) -> Response[str] | Response[None]:
    """Store what was last meant and thank when it is on disk, or show the page again as it was sent."""
    check_origin(request, deployment.settings.survey_url)
    filled = await read_form(request)
    link, words = await read_link(deployment, slug)
    wording = words_for(link, words, request, filled.answer_language)
    return await Submission(deployment, link, PageContext(slug, kiosk=kiosk == "1"), filled, wording).answer()


@get("/e/{slug:str}")
async def show_framed_survey(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
) -> Response[str]:
    """The same survey inside the site of the program that made the link, and inside no other."""
    link, words = await _framed_link(deployment, slug)
    return _fresh(deployment, link, words, PageContext(slug, frames=link.embed), request, lang)


@post("/e/{slug:str}")
async def send_framed_answers(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
) -> Response[str] | Response[None]:
    """Takes an answer from a sandboxed frame too (`Origin: null`): there is no session to borrow."""
    filled = await read_form(request)
    link, words = await _framed_link(deployment, slug)
    wording = words_for(link, words, request, filled.answer_language)
    return await Submission(deployment, link, PageContext(slug, frames=link.embed), filled, wording).answer()


@get("/e/{slug:str}/thanks")
async def thank_in_frame(
    slug: FromPath[str],
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    about: FromQuery[str | None] = None,
) -> Response[str]:
    """Thank where the survey stood: the page of its own may not be framed."""
    link, _ = await _framed_link(deployment, slug)
    return await thank(deployment, lang, PageContext(slug, frames=link.embed), about)


async def read_link(deployment: Deployment, slug: str) -> tuple[Link, Catalogs]:
    """Open a link for a respondent, with the words of this moment. Raises LinkUnknown or LinkClosed."""
    async with deployment.database.snapshot() as session:
        return await open_link(session, slug, deployment.settings.today), await deployment.words.now(session)


async def _framed_link(deployment: Deployment, slug: str) -> tuple[Link, Catalogs]:
    link, words = await read_link(deployment, slug)
    if not link.embed:
        raise LinkUnknown
    deployment.framing[slug] = link.embed
    return link, words


def _fresh(
    deployment: Deployment,
    link: Link,
    words: Catalogs,
    page_context: PageContext,
    request: Request,  # type: ignore[type-arg]
    lang: str | None,
) -> Response[str]:
    empty = nothing_filled(deployment.submission_keys.new(link.slug, deployment.settings.period))
    return survey(deployment, link, page_context, words_for(link, words, request, lang), empty)


survey_router = Router(
    "",
    route_handlers=[
        show_survey,
        send_answers,
        show_framed_survey,
        send_framed_answers,
        thank_in_frame,
    ],
)
