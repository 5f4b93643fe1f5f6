"""What every staff page shares: who is asking, and the fields of a form."""

from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import accounts
from feedback.access import Action, check, may
from feedback.accounts import Account
from feedback.audit import record
from feedback.deployment import Deployment
from feedback.links import Link, find_link
from feedback.web.rendering import staff_page

COOKIE = "heard-staff"
CSRF = "_csrf_token"


class NotSignedIn(Exception):
    """Nobody is signed in, or the session is over."""


class FormRefused(Exception):
    """What was filled in cannot be taken; the message says why."""


async def signed_in_account(
    request: Request[Any, Any, Any], deployment: NamedDependency[Deployment]
) -> Account:
    """The account asking. Raises NotSignedIn."""
    async with deployment.database.transaction() as session:
        account = await accounts.signed_in(session, request.cookies.get(COOKIE, ""))
    if account is None:
        raise NotSignedIn
    return account


async def note_view(deployment: Deployment, account: Account, subject: str) -> None:
    """Write into the audit log that somebody looked, in a transaction as short as that."""
    await note_act(deployment, account, "view", subject)


async def note_act(deployment: Deployment, account: Account, action: str, subject: str) -> None:
    """Write into the audit log what somebody did who changed nothing."""
    async with deployment.database.transaction() as session:
        await record(session, account.email, action, subject)


async def own_link(session: AsyncSession, account: Account, slug: str, action: Action = "make links") -> Link:
    """Find a link, open or closed, of a program with which this account may do this. Raises NotYours."""
    check(account, action)
    link = await find_link(session, slug)
    check(account, action, link.program)
    return link


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
    return staff_page(
        template,
        status=status,
        account=account,
        settings=request.app.state.deployment.settings,
        csrf=csrf_field(request),
        may=may,
        **context,
    )


def csrf_field(request: Request[Any, Any, Any]) -> Markup:
    """The hidden field that a form of ours carries and nobody else's can."""
    token = ScopeState.from_scope(request.scope).csrf_token
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF, token or "")
