"""What every staff page shares: the fields of a form, what goes into the audit log, and the page around."""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.file_system import BaseLocalFileSystem
from litestar.middleware.csrf import CSRFMiddleware
from litestar.types import PathType
from litestar.types.file_types import FileInfo
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup

from feedback.access import may
from feedback.accounts import Account
from feedback.audit import record
from feedback.deployment import Deployment
from feedback.web.rendering import staff_page

CSRF = "_csrf_token"


class NotAForm(ClientException):
    """Something was sent that is not a form of ours."""

    status_code = 415


class FormRefused(Exception):
    """What was filled in cannot be taken; the message says why."""


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
