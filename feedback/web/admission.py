"""Who is let in: before every route of the staff door somebody asks who is there and whether they may."""

from typing import Any

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from feedback import sessions
from feedback.access import ACTIONS, OPEN, Action, NotYours, check
from feedback.accounts import Account, account_of
from feedback.deployment import Deployment
from feedback.links import Link, find_link
from feedback.programs import program_by_id
from surveys.registry import Program

COOKIE = "heard-staff"
DOES = "does"
"""How a route names its action."""
_READING = ("GET", "HEAD", "OPTIONS")


class NotSignedIn(Exception):
    """Nobody is signed in, or the session is over."""


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in whoever may do what this route does. Raises NotSignedIn and NotYours.

    Stands before every route of the staff door, so that a page cannot forget to ask.
    """
    if "\0" in connection.url.path:
        raise NotYours  # nothing is called so, and PostgreSQL cannot even look for it
    if (
        connection.scope.get("method") not in _READING
        and connection.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    ):
        raise PermissionDeniedException  # a browser says that the form is another site's
    does = handler.opt.get(DOES)
    if does == OPEN:
        return
    account = await _signed_in(connection.app.state.deployment, connection.cookies.get(COOKIE, ""))
    if does not in ACTIONS:
        raise NotYours
    check(account, does)
    connection.scope["user"] = account


async def _signed_in(deployment: Deployment, token: str) -> Account:
    async with deployment.database.snapshot() as session:
        user = await sessions.user_of(session, token)
        is_due = user is not None and await sessions.needs_note(session, token)
    if user is None:
        raise NotSignedIn
    if is_due:
        async with deployment.database.transaction() as session:
            await sessions.note_seen(session, token)
    return account_of(user)


def undeclared(app: Litestar) -> list[str]:
    """Routes that name no action of the table: nobody would get in, so the door does not open with one.

    Litestar's own answers to OPTIONS name none and stay shut.
    """
    declared = (OPEN, *ACTIONS)
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
