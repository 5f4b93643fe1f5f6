"""Who of the staff there is: invite, give a role, keep out. For admins."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import accounts
from feedback.access import NotYours
from feedback.accounts import ROLES, Account, AccountRefused, Person
from feedback.audit import record
from feedback.deployment import Deployment
from feedback.programs import all_contractors
from feedback.web.rendering import see_other
from feedback.web.staff import account_page, form_fields

_CHANGES = ("disable", "enable", "role")


@get("/people", does="invite people")
async def show_people(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    return await _page(request, deployment, account)


@post("/people", does="invite people")
async def invite(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Make an account, and show the one-time address, which is shown to nobody again."""
    fields = await form_fields(request)
    email, role = fields.get("email", "").strip(), fields.get("role", "")
    try:
        async with deployment.database.transaction() as session:
            token = await accounts.add_user(session, email, role, fields.get("contractor") or None)
            await record(session, account.email, "user.add", f"{email.lower()} as {role}")
    except AccountRefused as refused:
        return await _page(request, deployment, account, wrong=str(refused))
    return await _page(request, deployment, account, invited=email, token=token)


@post("/people/{person_id:int}/invite", does="invite people")
async def invite_again(
    person_id: FromPath[int],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Give somebody who lost what they sign in with a new one-time address."""
    try:
        async with deployment.database.transaction() as session:
            person = await _person(session, person_id)
            token = await accounts.invite_again(session, person.email)
            await record(session, account.email, "user.invite", person.email)
    except AccountRefused as refused:
        return await _page(request, deployment, account, wrong=str(refused))
    return await _page(request, deployment, account, invited=person.email, token=token)


@post("/people/{person_id:int}/{change:str}", does="invite people")
async def change_person(
    person_id: FromPath[int],
    change: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str] | Redirect:
    """Keep somebody out, let them in again, or give them another role; their sessions end at once."""
    if change not in _CHANGES:
        raise NotYours
    fields = await form_fields(request)
    try:
        async with deployment.database.transaction() as session:
            person = await _person(session, person_id)
            await _change(session, account, person, change, fields)
    except AccountRefused as refused:
        return await _page(request, deployment, account, wrong=str(refused))
    return see_other("/people")


async def _change(
    session: AsyncSession, account: Account, person: Person, change: str, fields: dict[str, str]
) -> None:
    if person.id == account.id:
        raise AccountRefused("Nobody changes their own role or keeps themselves out: ask another admin.")
    if change == "role":
        role, contractor = fields.get("role", ""), fields.get("contractor") or None
        await accounts.change_role(session, person.email, role, contractor)
        await record(
            session, account.email, "user.role", f"{person.email} as {role} {contractor or ''}".strip()
        )
    else:
        await accounts.set_disabled(session, person.email, disabled=change == "disable")
        await record(session, account.email, f"user.{change}", person.email)


async def _person(session: AsyncSession, person_id: int) -> Person:
    found = next((it for it in await accounts.people(session) if it.id == person_id), None)
    if found is None:
        raise NotYours
    return found


async def _page(
    request: Request[Any, Any, Any],
    deployment: Deployment,
    account: Account,
    *,
    wrong: str = "",
    invited: str = "",
    token: str = "",
) -> Response[str]:
    async with deployment.database.snapshot() as session:
        people = await accounts.people(session)
        contractors = await all_contractors(session)
    address = deployment.settings.one_time_address(token) if token else ""
    return account_page(
        request, "staff/people.html", account, status=400 if wrong else 200, wrong=wrong, people=people,
        roles=ROLES, contractors=contractors.values(), invited=invited, address=address,
        days=accounts.INVITED_FOR.days,
    )  # fmt: skip


people_router = Router("", route_handlers=[show_people, invite, invite_again, change_person])
