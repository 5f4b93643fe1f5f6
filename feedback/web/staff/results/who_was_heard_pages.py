"""Who was heard: for whoever has to find out where nobody is asked, or nobody answers."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from feedback.deployment import Deployment
from feedback.fieldwork.links import all_links
from feedback.fieldwork.programs import all_programs
from feedback.staff.accounts import Account
from feedback.web.staff.page import note_view
from feedback.web.staff.results import sections, who_was_heard
from feedback.web.staff.results.frame import result_page
from feedback.web.staff.results.view import open_view


@get("/who-was-heard", does="read measures")
async def who_was_heard_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Audiences by program with the releases of silence, languages by year, places with their links."""
    settings = deployment.settings
    async with deployment.database.snapshot() as session:
        view = await open_view(session, settings, account, request)
        programs = await all_programs(session)
        links = [it for it in await all_links(session) if it.is_open(settings.today)]
        latest = await view.last_heard(session)
        of_languages = await view.history(session, "T8")
    await note_view(deployment, account, "who was heard")
    years, languages = who_was_heard.languages(of_languages, sections.language_names())
    return result_page(
        request,
        account,
        "staff/who_was_heard.html",
        view,
        programs=who_was_heard.hearings(
            programs, latest, links, first=view.upcoming.first, latest=view.period
        ),
        years=years,
        languages=languages,
        places=who_was_heard.places(links),
    )


who_was_heard_router = Router("", route_handlers=[who_was_heard_page])
