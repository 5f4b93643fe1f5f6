"""What every staff page shares: the fields of a form, what goes into the audit log, and the page around."""

import secrets
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from litestar import MediaType, Request, Response
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.file_system import BaseLocalFileSystem
from litestar.types import PathType
from litestar.types.file_types import FileInfo

from feedback.deployment import Deployment
from feedback.staff.access import may
from feedback.staff.accounts import Account
from feedback.staff.audit import record
from feedback.translations.catalogs import english
from feedback.web.rendering import environment
from feedback.web.staff import cookies
from feedback.web.staff.menu import menu_of
from feedback.web.staff.own_forms import CSRF, token_field

STATIC = Path(str(resources.files("feedback.web.staff") / "static"))
DONE = {
    "closed": "The link is closed. Whoever opens it is told so.",
    "link": "The link is made. It stands first in the list.",
    "out": "You are signed out.",
    "passkey": "The passkey is added. You can sign in with it from now on.",
    "password": "Your password is changed. Sign in with the new one.",
    "phone": "From now on the codes of this phone are taken, and those of the old one are not.",
    "removed": "The passkey is removed. Nobody signs in with it any more.",
    "sessions": "You are signed out everywhere but here.",
}
"""What a page says was done, by the word in its address: an address cannot put other words on a page."""


class NotAForm(ClientException):
    """Something was sent that is not a form of ours."""

    status_code = 415


class FormRefused(Exception):
    """What was filled in cannot be taken; the message says why, and `field` where."""

    def __init__(self, *sentences: str, field: str = "") -> None:
        super().__init__(*sentences)
        self.field = field


Problems = Mapping[str, str]
"""What was wrong in a form that came back: a sentence for each field at which it is said."""
FINE: Problems = MappingProxyType({})
_NOT_FOUND = 404


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

    async def info(self, path: PathType, **options: Any) -> FileInfo:
        try:
            return await super().info(path, **options)
        except (OSError, ValueError) as error:
            raise FileNotFoundError from error


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
    request: Request[Any, Any, Any],
    template: str,
    account: Account,
    *,
    status: int = 200,
    token: str = "",
    **context: Any,
) -> Response[str]:
    """Render a page for somebody who is signed in. `token` is that of a session that begins with the page."""
    cookie = token or cookies.read(request, cookies.SESSION)
    # What is not there looks the same wherever it is not: no place of the menu is marked then.
    menu = menu_of(account, "" if status == _NOT_FOUND else request.url.path)
    return _page(request, template, status, cookie, account=account, may=may, menu=menu, **context)


def visitor_page(
    request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any
) -> Response[str]:
    """Render a page for somebody who is not signed in."""
    settings = request.app.state.deployment.settings
    sent_cookie = cookies.read(request, cookies.FORM)
    cookie = sent_cookie or secrets.token_urlsafe(32)
    page = _page(request, template, status, cookie, account=None, **context)
    return page if sent_cookie else cookies.put(page, settings, cookies.FORM, cookie)


def _page(
    request: Request[Any, Any, Any], template: str, status: int, cookie: str, **context: Any
) -> Response[str]:
    state = request.app.state
    context |= {"settings": state.deployment.settings, "csrf": token_field(state.staff_keys, cookie)}
    confirmation = DONE.get(request.query_params.get("done", ""), "") if request.method == "GET" else ""
    return staff_page(template, status=status, confirmed=confirmation, **context)


def staff_page(template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """Render a page of the staff door, which speaks English and takes its style from its own host."""
    page = environment(english()).get_template(template).render(**context)
    return Response(page, media_type=MediaType.HTML, status_code=status)
