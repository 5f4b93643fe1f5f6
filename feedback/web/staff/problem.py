"""What the staff door says when something is not there, not allowed, or went wrong; what was typed stays."""

from typing import Any

from litestar import Request, Response, route
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from feedback.fieldwork.links import LinkClosed, LinkUnknown
from feedback.fieldwork.programs import NoSuchProgram
from feedback.staff.access import NOWHERE, NotYours
from feedback.staff.accounts import Account
from feedback.web.rendering import see_other
from feedback.web.staff import cookies
from feedback.web.staff.admission import NotSignedIn, Stale
from feedback.web.staff.page import FormRefused, account_page, visitor_page
from feedback.web.staff.sign_in_pages import sign_in_page
from feedback.web.staff.typed import TypedPage

_OURS = 500
_NOT_THERE = (NotYours, NoSuchProgram, LinkUnknown, LinkClosed)
_SENTENCES = {
    404: "There is nothing at this address, or it is not yours to see.",
    403: "This form is not of a page of ours. Nothing was stored.",
    413: "That was too much at once. Nothing was stored. Go back, and make what you typed shorter.",
}
_OLD = "This page was open for too long. Please try again."
_NO_COOKIES = (
    "Your browser sent no cookie of ours back, and nobody can sign in without. Allow cookies for this"
    " address, and try again."
)
_OVER = (
    "You were signed out: nothing was done for an hour, or you signed in twelve hours ago. What you typed is"
    " still in this page and was not stored yet. Sign in, and it goes on."
)


@route("/{path:path}", http_method=[HttpMethod.GET, HttpMethod.POST], does=NOWHERE)
async def elsewhere() -> None:
    """Any other address, which nobody is let in to: without a route nobody would ask who is there."""


def staff_problem(request: Request[Any, Any, Any], error: Exception) -> Response[str] | Redirect:
    """Unknown and forbidden look alike, to the last byte; a session that is over leads through sign-in."""
    if isinstance(error, NotSignedIn):
        return _sign_in(request, error)
    if isinstance(error, Stale):
        return _once_more(request, error)
    status = error.status_code if isinstance(error, HTTPException) else _OURS
    if isinstance(error, _NOT_THERE):
        status = 404
    sentence = _SENTENCES.get(status, "That could not be done. Nothing was stored.")
    if isinstance(error, FormRefused):
        status, sentence = 400, str(error)
    if status >= _OURS:
        return _go_on(request, request.state.get("typed"), "failed", sentence, status)
    return _problem(request, sentence, status)


def _problem(request: Request[Any, Any, Any], sentence: str, status: int) -> Response[str]:
    account, template = _account(request), "staff/problem.html"
    if account is None:
        return visitor_page(request, template, status=status, sentence=sentence)
    return account_page(request, template, account, status=status, sentence=sentence)


def _sign_in(request: Request[Any, Any, Any], error: NotSignedIn) -> Response[str] | Redirect:
    if error.typed.fields is None:
        return see_other(f"/sign-in{error.typed.query}")
    return sign_in_page(request, _OVER, 403, typed=error.typed)


def _once_more(request: Request[Any, Any, Any], error: Stale) -> Response[str]:
    """What somebody signed in had typed is one press away; for signing in they begin again."""
    if _account(request) is None:
        return sign_in_page(request, _OLD if cookies.read(request, cookies.FORM) else _NO_COOKIES, 403)
    return _go_on(request, error.typed, "stale", _OLD, 403)


def _go_on(
    request: Request[Any, Any, Any], typed: object, why: str, sentence: str, status: int
) -> Response[str]:
    """All that was typed, with a button to send it; the sentence alone where nothing was."""
    account = _account(request)
    if account is None or not isinstance(typed, TypedPage) or typed.fields is None:
        return _problem(request, sentence, status)
    return account_page(request, "staff/go_on.html", account, status=status, typed=typed, why=why)


def _account(request: Request[Any, Any, Any]) -> Account | None:
    """Who was let in, if anybody: an address that nobody knows was asked for by nobody."""
    account = request.scope.get("user")
    return account if isinstance(account, Account) else None
