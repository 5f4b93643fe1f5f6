"""Who is let in: before every route of the staff door somebody asks who is there and whether they may."""

from typing import Any

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from feedback.deployment import Deployment
from feedback.fieldwork.links import Link, find_link
from feedback.fieldwork.programs import program_by_id
from feedback.staff import sessions
from feedback.staff.access import ACTIONS, NOWHERE, OPEN, Action, NotYours, check
from feedback.staff.accounts import Account, account_of
from feedback.web.staff import cookies, own_forms
from feedback.web.staff.typed import TypedPage, typed_at
from surveys.registry import Program

DOES = "does"
"""How a route names its action."""
_READING = ("GET", "HEAD", "OPTIONS")


class NotSignedIn(Exception):
    """Nobody is signed in, or the session is over."""

    def __init__(self, typed: TypedPage) -> None:
        self.typed = typed


class Stale(Exception):
    """A form whose token is of another session, or of none; `typed` where the page is proven ours."""

    def __init__(self, typed: TypedPage | None) -> None:
        self.typed = typed


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in whoever may do what this route does. Raises NotSignedIn, NotYours, Stale and own_forms.NotOurs.

    Stands before every route of the staff door, so that a page cannot forget to ask.
    """
    request = _request(connection)
    is_ours = _writes(request) and own_forms.is_proven_ours(request)
    does = handler.opt.get(DOES)
    if does == OPEN:
        if not await _has_token(request, cookies.FORM):
            raise Stale(None)
        _refuse_nameless(request)
        return
    account = await _signed_in(request.app.state.deployment, cookies.read(request, cookies.SESSION))
    request.scope["user"] = account
    if does == NOWHERE:
        raise NotYours
    if account is None:
        raise NotSignedIn(await typed_at(request, is_ours=is_ours))
    if not await _has_token(request, cookies.SESSION):
        raise Stale(await typed_at(request, is_ours=True) if is_ours else None)
    if _writes(request):
        # Whatever goes wrong from here on, it can be sent once more.
        request.state.typed = await typed_at(request, is_ours=True)
    _refuse_nameless(request)
    if does not in ACTIONS:
        raise NotYours
    check(account, does)


def _refuse_nameless(request: Request[Any, Any, Any]) -> None:
    if "\0" in request.url.path:
        raise NotYours  # nothing is called so, and PostgreSQL cannot even look for it


def _writes(request: Request[Any, Any, Any]) -> bool:
    return request.method not in _READING


async def _has_token(request: Request[Any, Any, Any], cookie: str) -> bool:
    """Whether a form was made for whoever holds this cookie; a page that is only looked at needs no token."""
    keys, token = request.app.state.staff_keys, cookies.read(request, cookie)
    return not _writes(request) or await own_forms.has_token(request, keys, token)


def _request(connection: ASGIConnection[Any, Any, Any, Any]) -> Request[Any, Any, Any]:
    """What stands before a route of pages is a request."""
    if not isinstance(connection, Request):
        raise NotYours
    return connection


async def _signed_in(deployment: Deployment, token: str) -> Account | None:
    async with deployment.database.snapshot() as session:
        user = await sessions.user_of(session, token)
        is_due = user is not None and await sessions.needs_note(session, token)
    if user is None:
        return None
    if is_due:
        async with deployment.database.transaction() as session:
            await sessions.note_seen(session, token)
    return account_of(user)


def undeclared(app: Litestar) -> list[str]:
    """Routes that name no action of the table: nobody would get in, so the door does not open with one.

    Litestar's own answers to OPTIONS name none and stay shut.
    """
    declared = (OPEN, NOWHERE, *ACTIONS)
    return [
        f"{sorted(handler.http_methods)} {route.path}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)])
        if handler.opt.get(DOES) not in declared and handler.http_methods != {"OPTIONS"}
    ]


async def signed_in_account(request: Request[Any, Any, Any]) -> Account:
    """The account that was let in."""
    account: Account = request.user
    return account


async def own_program(
    program_id: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Program:
    """The program in the address. Raises NoSuchProgram, and NotYours, which look alike from outside."""
    async with deployment.database.snapshot() as session:
        program = await program_by_id(session, program_id)
    check(account, _action(request), program)
    return program


async def own_link(
    slug: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Link:
    """The link in the address, open or closed. Raises LinkUnknown, and NotYours."""
    async with deployment.database.snapshot() as session:
        link = await find_link(session, slug)
    check(account, _action(request), link.program)
    return link


def _action(request: Request[Any, Any, Any]) -> Action:
    action: Action = request.route_handler.opt[DOES]
    return action
