"""The survey: one link, one document, one Send."""

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from feedback.deployment import Deployment
from feedback.web.survey.public_pages import thank
from feedback.web.survey.sending import Submission
from feedback.web.survey.survey_form import check_origin, nothing_filled, read_form
from feedback.web.survey.survey_view import survey
from feedback.web.survey.visit import open_visit


@get("/s/{slug:str}")
async def show_survey(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    kiosk: FromQuery[str | None] = None,
) -> Response[str]:
    """Open a link. Reads nothing of the reader but the language wished for, and keeps none of it."""
    visit = await open_visit(deployment, request, slug, lang, kiosk=kiosk == "1")
    return survey(visit, nothing_filled(visit.new_submission_key()))


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
    visit = await open_visit(deployment, request, slug, filled.answer_language, kiosk=kiosk == "1")
    return await Submission(visit, filled).answer()


@get("/e/{slug:str}")
async def show_framed_survey(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
) -> Response[str]:
    """The same survey inside the site of the program that made the link, and inside no other."""
    visit = await open_visit(deployment, request, slug, lang, framed=True)
    return survey(visit, nothing_filled(visit.new_submission_key()))


@post("/e/{slug:str}")
async def send_framed_answers(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
) -> Response[str] | Response[None]:
    """Takes an answer from a sandboxed frame too (`Origin: null`): there is no session to borrow."""
    filled = await read_form(request)
    visit = await open_visit(deployment, request, slug, filled.answer_language, framed=True)
    return await Submission(visit, filled).answer()


@get("/e/{slug:str}/thanks")
async def thank_in_frame(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    about: FromQuery[str | None] = None,
) -> Response[str]:
    """Thank where the survey stood: the page of its own may not be framed."""
    visit = await open_visit(deployment, request, slug, lang, framed=True)
    return await thank(deployment, lang, visit.page_context, about)


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
