"""What every staff page shares: who is asking and whether they may, and the fields of a form."""

from typing import Any

from litestar import Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.file_system import BaseLocalFileSystem
from litestar.handlers import BaseRouteHandler
from litestar.middleware.csrf import CSRFMiddleware
from litestar.params import FromPath
from litestar.types import PathType
from litestar.types.file_types import FileInfo
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup

from feedback import sessions
from feedback.access import ACTIONS, OPEN, Action, NotYours, check, may
from feedback.accounts import Account, account_of
from feedback.audit import record
from feedback.deployment import Deployment
from feedback.links import Link, find_link
from feedback.programs import program_by_id
from feedback.web.rendering import staff_page
from surveys.registry import Program

COOKIE = "heard-staff"
CSRF = "_csrf_token"
DOES = "does"
"""How a route names its action."""
_READING = ("GET", "HEAD", "OPTIONS")


class NotSignedIn(Exception):
    """Nobody is signed in, or the session is over."""


class NotAForm(ClientException):
    """Something was sent that is not a form of ours."""

    status_code = 415


class FormRefused(Exception):
    """What was filled in cannot be taken; the message says why."""


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


async def note_view(deployment: Deployment, account: Account, subject: str) -> None:
    """Write into the audit log that somebody looked, in a transaction as short as that."""
    await note_act(deployment, account, "view", subject)


async def note_act(deployment: Deployment, account: Account, action: str, subject: str) -> None:
    """Write into the audit log what somebody did who changed nothing."""
    async with deployment.database.transaction() as session:
        await record(session, account.email, action, subject)


class StaffRequest(Request[Any, Any, Any]):
    """A request that is no upload: a multipart form would be parsed, on disk too, before any check."""

    async def form(self) -> FormMultiDict:
        if self.content_type[0] == RequestEncodingType.MULTI_PART:
            raise NotAForm
        return await super().form()


class OwnFiles(BaseLocalFileSystem):
    """The files beside the pages. What no file can be called is a file that is not there, and not a fault."""

    async def info(self, path: PathType, **told: Any) -> FileInfo:
        try:
            return await super().info(path, **told)
        except (OSError, ValueError) as error:
            raise FileNotFoundError from error


class OwnForms(CSRFMiddleware):
    """Takes the forms of our own pages and no other's."""

    def _csrf_tokens_match(self, request_csrf_token: str, cookie_csrf_token: str) -> bool:
        # None of ours has such letters, and comparing two texts in constant time fails on them.
        is_readable = request_csrf_token.isascii() and cookie_csrf_token.isascii()
        return is_readable and super()._csrf_tokens_match(request_csrf_token, cookie_csrf_token)


async def form_lists(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """Every value of each field of ours, as text that every database can hold."""
    form = await request.form()
    return {
        name: [str(value).replace("\0", "") for value in form.getall(name)] for name in form if name != CSRF
    }


async def form_fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The last value of each field."""
    return {name: values[-1] for name, values in (await form_lists(request)).items()}


def account_page(
    request: Request[Any, Any, Any], template: str, account: Account, *, status: int = 200, **context: Any
) -> Response[str]:
    """Render a page for somebody who is signed in, with what each of them needs."""
    return _page(request, template, status, account=account, may=may, **context)


def visitor_page(
    request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any
) -> Response[str]:
    """Render a page for somebody who is not signed in, or not for this."""
    return _page(request, template, status, account=None, **context)


def _page(request: Request[Any, Any, Any], template: str, status: int, **context: Any) -> Response[str]:
    settings = request.app.state.deployment.settings
    return staff_page(template, status=status, settings=settings, csrf=csrf_field(request), **context)


def csrf_field(request: Request[Any, Any, Any]) -> Markup:
    """The hidden field that a form of ours carries and nobody else's can."""
    token = ScopeState.from_scope(request.scope).csrf_token
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF, token or "")
