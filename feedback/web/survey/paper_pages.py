"""The survey on paper: the same questions and codes, and nothing that tells one sheet from another."""

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from feedback.deployment import Deployment
from feedback.web.rendering import to_type
from feedback.web.survey.page import survey_page
from feedback.web.survey.visit import open_visit
from surveys.asking import asked_questions
from surveys.help import help_lines


@get("/s/{slug:str}/print")
async def show_paper(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
) -> Response[str]:
    """Show a link's survey to print. Raises LinkUnknown or LinkClosed."""
    settings = deployment.settings
    visit = await open_visit(deployment, request, slug, lang)
    link, wording = visit.link, visit.wording
    questions = asked_questions(link.instrument, comments=link.comments)
    return survey_page(
        "paper/print.html",
        wording.catalog,
        sheet="paper.css",
        link=link,
        asked=questions,
        count=sum(it.number is not None for it in questions),
        heard=to_type(f"{settings.survey_url}/heard"),
        offered=wording.offered,
        help_lines=help_lines(link.audience),
        settings=settings,
    )


paper_router = Router("", route_handlers=[show_paper])
