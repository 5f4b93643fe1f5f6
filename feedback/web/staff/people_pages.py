"""Who of the staff there is: invite, give a role, keep out. For admins."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.deployment import Deployment
from feedback.fieldwork.programs import all_contractors
from feedback.staff import accounts
from feedback.staff.access import IN_WORDS, NotYours
from feedback.staff.accounts import Account, AccountRefused, Person
from feedback.staff.audit import record
from feedback.web.rendering import see_other
from feedback.web.staff.page import FINE, Problems, account_page, form_fields
from surveys.registry import Contractor

_CHANGES = ("disable", "enable", "role")
_NEW = "new"
"""The form that invites somebody; every other one is called by the number of its account."""


class PersonForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody sent with one form of the page, to be there again beside what is wrong with it."""

    form: str = ""
    email: str = ""
    role: str = ""
    contractor: str = ""
    wrong: str = ""
    problems: Problems = FINE

    def with_refusal(self, why: AccountRefused) -> "PersonForm":
        return msgspec.structs.replace(self, wrong=str(why), problems=why.problems)


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time address that was just made, shown to nobody again."""

    email: str = ""
    address: str = ""
    again: bool = False


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
    form = await _person_form(request, _NEW)
    try:
        async with deployment.database.transaction() as session:
            token = await accounts.add_user(session, form.email, form.role, form.contractor or None)
            await record(session, account.email, "user.add", f"{form.email.lower()} as {form.role}")
    except AccountRefused as refused:
        return await _page(request, deployment, account, form.with_refusal(refused))
    address = deployment.settings.one_time_address(token)
    return await _page(
        request, deployment, account, invitation=Invitation(email=form.email.lower(), address=address)
    )


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
        return await _page(
            request, deployment, account, PersonForm(form=str(person_id)).with_refusal(refused)
        )
    address = deployment.settings.one_time_address(token)
    return await _page(
        request, deployment, account, invitation=Invitation(email=person.email, address=address, again=True)
    )


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
    form = await _person_form(request, str(person_id))
    try:
        async with deployment.database.transaction() as session:
            person = await _person(session, person_id)
            await _change(session, account, person, change, form)
    except AccountRefused as refused:
        return await _page(request, deployment, account, form.with_refusal(refused))
    return see_other(f"/people?done={change}&person={person_id}")


async def _change(
    session: AsyncSession, account: Account, person: Person, change: str, form: PersonForm
) -> None:
    if person.id == account.id:
        raise AccountRefused("Nobody changes their own role or keeps themselves out: ask another admin.")
    if change == "role":
        await accounts.change_role(session, person.email, form.role, form.contractor or None)
        subject = f"{person.email} as {form.role} {form.contractor}".strip()
        await record(session, account.email, "user.role", subject)
    else:
        await accounts.set_disabled(session, person.email, disabled=change == "disable")
        await record(session, account.email, f"user.{change}", person.email)


async def _person(session: AsyncSession, person_id: int) -> Person:
    person = next((it for it in await accounts.people(session) if it.id == person_id), None)
    if person is None:
        raise NotYours
    return person


async def _person_form(request: Request[Any, Any, Any], form: str) -> PersonForm:
    fields = await form_fields(request)
    email, role, contractor = (fields.get(name, "").strip() for name in ("email", "role", "contractor"))
    return PersonForm(form=form, email=email, role=role, contractor=contractor)


async def _page(
    request: Request[Any, Any, Any],
    deployment: Deployment,
    account: Account,
    form: PersonForm = PersonForm(),  # noqa: B008 - frozen
    invitation: Invitation = Invitation(),  # noqa: B008 - frozen
) -> Response[str]:
    async with deployment.database.snapshot() as session:
        people = await accounts.people(session)
        names = _names((await all_contractors(session)).values())
    return account_page(
        request, "staff/people.html", account, status=400 if form.wrong else 200, people=people, typed=form,
        roles=IN_WORDS, contractors=names, invited=invitation, days=accounts.INVITED_FOR.days, new=_NEW,
        done=_confirmation(request, people, names),
    )  # fmt: skip


def _names(contractors: Iterable[Contractor]) -> dict[str, str]:
    """What each is called, in the order of the names; two of one name are told apart by their ids."""
    by_name = sorted(contractors, key=lambda it: (it.name.casefold(), it.id))
    often = Counter(it.name for it in by_name)
    return {it.id: it.name if often[it.name] == 1 else f"{it.name} ({it.id})" for it in by_name}


def _confirmation(
    request: Request[Any, Any, Any], people: list[Person], contractors: Mapping[str, str]
) -> str:
    """What was done, where it is still so: the address of a page may be old, or written by somebody else."""
    parameters = request.query_params
    person = next((it for it in people if str(it.id) == parameters.get("person")), None)
    match parameters.get("done"), person:
        case "disable", Person(disabled=True, email=email):
            return f"Disabled {email}. Their sessions are over."
        case "enable", Person(disabled=False, email=email, is_set_up=True):
            return f"Enabled {email}. They sign in as before."
        case "enable", Person(disabled=False, email=email):
            return f"Enabled {email}. They need a new one-time address."
        case "role", Person(email=email, role=role, contractor=contractor):
            of = f" of {contractors[contractor]}" if contractor else ""
            return f"{email} has the role {role}{of} now. Their sessions are over: they sign in again."
    return ""


people_router = Router("", route_handlers=[show_people, invite, invite_again, change_person])
