"""What the survey door says when something went wrong: kindly, with help, and with all that was sent."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import SQLAlchemyError

from feedback.deployment import Deployment
from feedback.fieldwork.links import LinkClosed, LinkUnknown
from feedback.inbox.submission_keys import is_shaped
from feedback.web.survey.page_context import PageContext, on_tablet
from feedback.web.survey.public_pages import public_page
from feedback.web.survey.survey_form import PROOF, FilledForm, sent_with

_STATUS = {LinkUnknown: 404, LinkClosed: 410}


def problem(request: Request, error: Exception) -> Response[str]:  # type: ignore[type-arg]
    """A kind page with help on it, in the reader's language, whatever went wrong; with all that was sent."""
    deployment: Deployment = request.app.state.deployment
    status, filled, path = _status(error), sent_with(request), request.url.path
    # As they were last read: what went wrong may be the database.
    words, lang = deployment.words.last_read, filled.language if filled else request.query_params.get("lang")
    page_context = _around(request, error)
    tablet = "kiosk=1&" if page_context.kiosk else ""
    context: dict[str, Any] = {"page_context": page_context, "status": status}
    context["turned"] = lambda other: f"?{tablet}lang={other.tag}"
    if filled is not None and filled.takes_back and status >= _OURS:
        page = not_yet(deployment, lang, page_context, filled)
    elif status >= _OURS and path.endswith("/thanks"):
        # Whoever comes here was stored: only what else the page says cannot be read.
        context |= {
            "about": request.query_params.get("about"),
            "submission_key": None,
            "due_on": None,
            "last": (),
            "program": None,
        }
        page = public_page("survey/thanks.html", deployment, words, lang, **context)
    else:
        context["filled"] = filled.again() if filled and status >= _OURS else None
        context["written"] = filled.words if filled else ()
        page = public_page("survey/problem.html", deployment, words, lang, code=status, **context)
    if status == BUSY:
        page.headers["Retry-After"] = "60"
    if filled is not None:
        prove(page, filled.submission_key, page_context)
    return page


def not_yet(
    deployment: Deployment, lang: str | None, page_context: PageContext, filled: FilledForm
) -> Response[str]:
    """Say that nothing was thrown away yet, with the button; without the database, which may be down."""
    context = {
        "about": "wait",
        "submission_key": filled.submission_key,
        "due_on": None,
        "last": (),
        "program": None,
        "keeps": True,
    }
    page = public_page(
        "survey/thanks.html",
        deployment,
        deployment.words.last_read,
        lang,
        page_context=page_context,
        status=BUSY,
        **context,
    )
    page.headers["Retry-After"] = "60"
    return page


def prove(page: Response[Any], submission_key: str, page_context: PageContext) -> None:
    """Say the number of the page that was sent: what a network answers in our place does not know it."""
    if is_shaped(submission_key):
        page.headers[PROOF] = submission_key
    if page_context.frames:
        # A frame in a sandbox has no origin of its own; what it sent is all that it can read here.
        page.headers["Access-Control-Allow-Origin"] = "null"
        page.headers["Access-Control-Expose-Headers"] = PROOF


def _around(request: Request, error: Exception) -> PageContext:  # type: ignore[type-arg]
    """Where the page stood that failed. Which sites may frame it, only a link knows, as last read."""
    deployment: Deployment = request.app.state.deployment
    _, door, slug, *_ = [*request.url.path.split("/"), "", ""]
    if door == "thanks":
        return on_tablet(request.query_params.get("kiosk"))
    if door == "e" and isinstance(error, LinkClosed):
        return PageContext(slug, frames=error.embed)
    if door == "e" and _status(error) >= _OURS and slug in deployment.framing:
        return PageContext(slug, frames=deployment.framing[slug])
    return PageContext(slug, kiosk=door == "s" and request.query_params.get("kiosk") == "1")


_OURS, BUSY = 500, 503


def _status(error: Exception) -> int:
    if isinstance(error, (SQLAlchemyError, OSError)):
        return BUSY
    return _STATUS.get(type(error)) or (error.status_code if isinstance(error, HTTPException) else 500)
