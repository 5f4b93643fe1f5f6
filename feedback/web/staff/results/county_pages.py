"""The whole County: its fields, audiences, single questions and languages, live and collected apart."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from analysis.publishing.publication import RELEASE
from feedback.deployment import Deployment
from feedback.fieldwork.programs import all_programs
from feedback.staff.accounts import Account
from feedback.web.staff.page import note_view
from feedback.web.staff.results import grids, sections
from feedback.web.staff.results.frame import result_page, surveys_of
from feedback.web.staff.results.view import open_view


@get("/county", does="read strategies")
async def county_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """What everybody said together, as far as an account may read it."""
    async with deployment.database.snapshot() as session:
        view = await open_view(session, deployment.settings, account, request)
        rows = await view.rows(session, "T6", "T7")
        history = await view.history(session, "T7")
        yearly_rows = await view.rows_of_year(session, "T6", "T8", "T9")
        surveys = await surveys_of(session, view, await all_programs(session))
    await note_view(deployment, account, f"county{view.query}")
    return result_page(
        request,
        account,
        "staff/county.html",
        view,
        charts=sections.charts_of(grids.scoped(history, "T7", RELEASE), missing="too few answers to say"),
        scopes=sections.by_scope(rows, "T7", surveys, questions=False),
        audiences=sections.audiences([row for row in rows if row.table == "T6"], surveys),
        apart=sections.own_questions(yearly_rows, surveys),
        languages=[row for row in yearly_rows if row.table == "T8"],
        language_names=sections.language_names(),
        questions=grids.by_question([row for row in yearly_rows if row.table == "T9"], surveys),
    )


county_router = Router("", route_handlers=[county_page])
