"""The survey on paper: the same questions and codes, and nothing that tells one sheet from another."""

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from feedback.deployment import Deployment
from feedback.languages import by_preference, page_language
from feedback.links import open_link
from feedback.web.rendering import survey_page, to_type
from feedback.web.survey_pages import texts_read
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
    async with deployment.database.snapshot() as session:
        link = await open_link(session, slug, settings.today)
        words = await deployment.words.now(session)
    offered = words.offered(texts_read(link))
    asked = asked_questions(link.instrument, comments=link.comments)
    return survey_page(
        "paper/print.html",
        words.spoken(page_language(lang, link.language, offered)),
        sheet="paper/style.css",
        link=link,
        asked=asked,
        count=sum(it.number is not None for it in asked),
        heard=to_type(f"{settings.survey_url}/heard"),
        offered=by_preference(offered, request.headers.get("accept-language", "")),
        help_lines=help_lines(link.audience),
        settings=settings,
    )


paper_router = Router("", route_handlers=[show_paper])
