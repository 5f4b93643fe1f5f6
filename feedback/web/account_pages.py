"""Signing in and out, setting a password, and what the staff door says when something is not there."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from feedback import accounts
from feedback.access import NotYours
from feedback.accounts import Account, AccountRefused
from feedback.audit import record
from feedback.deployment import Deployment
from feedback.links import LinkUnknown
from feedback.programs import NoSuchProgram
from feedback.web.rendering import see_other, staff_page
from feedback.web.staff import COOKIE, FormRefused, NotSignedIn, csrf_field, form_fields

_NOT_THERE = (NotYours, NoSuchProgram, LinkUnknown)


@get("/sign-in")
async def show_sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    return _sign_in_page(request)


@post("/sign-in")
async def sign_in(
    request: Request[Any, Any, Any], deployment: NamedDependency[Deployment]
) -> Response[str] | Redirect:
    """Start a session, or say that the two do not fit together and nothing more."""
    fields = await form_fields(request)
    async with deployment.database.transaction() as session:
        token = await accounts.sign_in(session, fields.get("email", ""), fields.get("password", ""))
        if token is not None:
            await record(session, fields["email"].strip().lower(), "sign-in", "staff door")
    if token is None:
        return _sign_in_page(request, "This address and this password do not fit together.", 403)
    answer = see_other("/")
    secure = deployment.settings.staff_url.startswith("https")
    answer.set_cookie(Cookie(COOKIE, value=token, httponly=True, secure=secure, samesite="strict", path="/"))
    return answer


@post("/sign-out")
async def sign_out(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Redirect:
    async with deployment.database.transaction() as session:
        await accounts.sign_out(session, request.cookies.get(COOKIE, ""))
        await record(session, account.email, "sign-out", "staff door")
    answer = see_other("/sign-in")
    answer.delete_cookie(COOKIE)
    return answer


@get("/welcome/{token:str}")
async def show_welcome(
    token: FromPath[str], request: Request[Any, Any, Any], deployment: NamedDependency[Deployment]
) -> Response[str]:
    """Open a one-time address."""
    async with deployment.database.snapshot() as session:
        email = await accounts.invited(session, token)
    if email is None:
        raise NotYours
    return _welcome_page(request, email)


@post("/welcome/{token:str}")
async def set_password(
    token: FromPath[str], request: Request[Any, Any, Any], deployment: NamedDependency[Deployment]
) -> Response[str] | Redirect:
    """Set the password that a one-time address asks for."""
    fields = await form_fields(request)
    async with deployment.database.transaction() as session:
        email = await accounts.invited(session, token)
        if email is None:
            raise NotYours
        try:
            await accounts.set_password(session, token, fields.get("password", ""))
        except AccountRefused as refused:
            return _welcome_page(request, email, str(refused))
        await record(session, email, "password.set", "own account")
    return see_other("/sign-in")


def _sign_in_page(request: Request[Any, Any, Any], wrong: str = "", status: int = 200) -> Response[str]:
    return _page(request, "staff/sign_in.html", status, wrong=wrong)


def _welcome_page(request: Request[Any, Any, Any], email: str, wrong: str = "") -> Response[str]:
    shortest = accounts.SHORTEST_PASSWORD
    return _page(
        request, "staff/welcome.html", 400 if wrong else 200, wrong=wrong, email=email, shortest=shortest
    )


def _page(request: Request[Any, Any, Any], template: str, status: int, **context: Any) -> Response[str]:
    settings = request.app.state.deployment.settings
    return staff_page(
        template, status=status, csrf=csrf_field(request), account=None, settings=settings, **context
    )


def staff_problem(request: Request[Any, Any, Any], error: Exception) -> Response[str] | Redirect:
    """Unknown and forbidden look alike; a session that is over leads to sign-in."""
    if isinstance(error, NotSignedIn):
        return see_other("/sign-in")
    status = error.status_code if isinstance(error, HTTPException) else 500
    if isinstance(error, _NOT_THERE):
        status = 404
    sentence = {
        404: "There is nothing at this address, or it is not yours to see.",
        413: "That was too much at once. Nothing was stored.",
        403: "This page was open for too long. Go back, reload it and try again.",
    }.get(status, "That could not be done. Nothing was stored.")
    if isinstance(error, FormRefused):
        status, sentence = 400, str(error)
    return _page(request, "staff/problem.html", status, sentence=sentence)


account_router = Router("", route_handlers=[show_sign_in, sign_in, sign_out, show_welcome, set_password])
