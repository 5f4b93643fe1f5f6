"""programs, user, link, reading: who there is, the addresses they get, and who reads what is written."""

import json
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.commands.counting import quantity
from feedback.commands.running import EXISTING, operator, print_json, settings, with_deployment
from feedback.deployment import Deployment
from feedback.fieldwork import links, programs, reading_plans
from feedback.staff import accounts
from feedback.staff.audit import record
from feedback.translations.words import source_changed
from surveys.instruments import AUDIENCES
from surveys.registry import Program, parse_programs


@click.group(name="programs")
def programs_group() -> None:
    """The programs people give feedback about."""


@programs_group.command(name="import")
@click.argument("file", type=EXISTING)
def import_programs(file: Path) -> None:
    """Add or change programs from a JSON FILE."""
    registry = parse_programs(file.read_bytes(), str(file))

    async def store(deployment: Deployment) -> None:
        async with deployment.database.transaction() as session:
            before = {it.id: it for it in await programs.all_programs(session)}
            await programs.store_programs(session, registry, deployment.settings.period)
            for program in registry.programs:
                await _keep_words(session, before.get(program.id), program)
            await record(
                session, operator(), "programs.import", f"{len(registry.programs)} programs from {file.name}"
            )

    with_deployment(store)
    print(f"{quantity(len(registry.programs), 'program is', 'programs are')} as the file says.")


async def _keep_words(session: AsyncSession, was: Program | None, now: Program) -> None:
    """What a program was called in other languages stays with its new name, marked as changed."""
    if was is None:
        return
    names = [
        (was.respondent_names.get(audience, name), name) for audience, name in now.respondent_names.items()
    ]
    for before, name in [*names, (was.public_name, now.public_name)]:
        if before and name and before != name:
            await source_changed(session, before, name, operator())


@programs_group.command(name="list")
@click.option("--json", "as_json", is_flag=True)
def list_programs(*, as_json: bool) -> None:
    """Name every program, its kind and its audiences."""

    async def read(deployment: Deployment) -> list[Any]:
        async with deployment.database.transaction() as session:
            return list(await programs.all_programs(session))

    all_programs = with_deployment(read)
    if as_json:
        print_json(all_programs)
        return
    for program in all_programs:
        print(f"{program.id:24} {program.kind:20} {', '.join(program.audiences)}")


@click.group(name="user")
def user_group() -> None:
    """Staff accounts."""


@user_group.command(name="add")
@click.argument("email")
@click.option("--role", type=click.Choice(accounts.ROLES), required=True)
@click.option("--contractor", help="Whose programs a contractor's account sees.")
def add_user(email: str, role: str, contractor: str | None) -> None:
    """Make an account for EMAIL and print the one-time address where its password is set."""

    async def store(deployment: Deployment) -> str:
        async with deployment.database.transaction() as session:
            token = await accounts.add_user(session, email, role, contractor)
            await record(session, operator(), "user.add", f"{email} as {role}")
            return deployment.settings.one_time_address(token)

    print(with_deployment(store))


@user_group.command(name="invite")
@click.argument("email")
def invite_user(email: str) -> None:
    """Print a new one-time address for EMAIL, who lost a password or a phone."""

    async def store(deployment: Deployment) -> str:
        async with deployment.database.transaction() as session:
            token = await accounts.invite_again(session, email)
            await record(session, operator(), "user.invite", email)
            return deployment.settings.one_time_address(token)

    print(with_deployment(store))


@user_group.command(name="disable")
@click.argument("email")
def disable_user(email: str) -> None:
    """Keep EMAIL out and end every session, at once."""

    async def store(deployment: Deployment) -> None:
        async with deployment.database.transaction() as session:
            await accounts.set_disabled(session, email, disabled=True)
            await record(session, operator(), "user.disable", email)

    with_deployment(store)
    print(f"{email} is disabled; every session has ended.")


@user_group.command(name="list")
@click.option("--json", "as_json", is_flag=True)
def list_users(*, as_json: bool) -> None:
    """Name every account, its role, and whether it is set up."""

    async def read(deployment: Deployment) -> list[accounts.Person]:
        async with deployment.database.snapshot() as session:
            return await accounts.people(session)

    people = with_deployment(read)
    if as_json:
        print_json(people)
        return
    for it in people:
        state = "disabled" if it.disabled else "active" if it.is_set_up else "invited"
        print(f"{it.email:40} {it.role:11} {it.contractor or '-':30} {state}")


@click.group(name="link")
def link_group() -> None:
    """Links that open a survey."""


@link_group.command(name="add")
@click.option("--program", required=True)
@click.option("--audience", type=click.Choice(AUDIENCES), required=True)
@click.option("--instrument", help="Another instrument than the usual one.")
@click.option("--language", help="The language the page opens in.")
@click.option("--place", default="", help="Where the link hangs; only staff see it.")
@click.option("--embed", multiple=True, metavar="ORIGIN", help="A site that may frame the survey.")
@click.option("--no-comments", is_flag=True, help="Leave the two text questions out.")
@click.option("--json", "as_json", is_flag=True)
def add_link(*, as_json: bool, no_comments: bool, embed: tuple[str, ...], **fields: Any) -> None:
    """Make a link and print its address."""
    new_link = msgspec.convert({**fields, "embed": embed, "comments": not no_comments}, links.NewLink)

    async def store(deployment: Deployment) -> str:
        async with deployment.database.transaction() as session:
            link = await links.make_link(session, new_link, deployment.settings.today)
            await record(session, operator(), "link.add", f"{link.slug} {link.program.id} {link.audience}")
            return link.slug

    slug = with_deployment(store)
    url = settings().survey_address(slug)
    print(json.dumps({"slug": slug, "url": url}) if as_json else url)


@link_group.command(name="close")
@click.argument("slug")
def close_link(slug: str) -> None:
    """Close a link for good."""

    async def store(deployment: Deployment) -> None:
        async with deployment.database.transaction() as session:
            await links.close_link(session, slug, deployment.settings.today)
            await record(session, operator(), "link.close", slug)

    with_deployment(store)
    print(f"The link {slug} is closed.")


@click.group(name="reading")
def reading_group() -> None:
    """Reading plans: who reads what people write. Without one no link of a program asks for words."""


@reading_group.command(name="record")
@click.argument("program")
@click.option("--readers", required=True, help="Who reads, as roles: “two youth advisers and a clinician”.")
@click.option("--days", type=int, required=True, help="Days after the results are due on which they begin.")
@click.option("--danger", required=True, help="What happens with words that speak of a danger to life.")
def record_reading(program: str, readers: str, days: int, danger: str) -> None:
    """Record who reads what is written about PROGRAM, in the place of what was recorded before."""

    async def store(deployment: Deployment) -> None:
        today = deployment.settings.today
        plan = reading_plans.ReadingPlan(
            program=program, readers=readers, days=days, danger=danger, recorded_on=today
        )
        async with deployment.database.transaction() as session:
            await reading_plans.record_plan(session, deployment.settings, plan)
            await record(session, operator(), "reading.record", f"{program}, {days} days after the results")

    with_deployment(store)
    print(f"The links of {program} ask for words from now on.")


@reading_group.command(name="end")
@click.argument("program")
def end_reading(program: str) -> None:
    """From now on no link of PROGRAM asks for words."""

    async def store(deployment: Deployment) -> bool:
        async with deployment.database.transaction() as session:
            had_plan = await reading_plans.end_plan(session, program)
            if had_plan:
                await record(session, operator(), "reading.end", program)
            return had_plan

    had_plan = with_deployment(store)
    print(f"The links of {program} ask for no words now." if had_plan else f"{program} has no reading plan.")


@reading_group.command(name="list")
@click.option("--json", "as_json", is_flag=True)
def list_reading(*, as_json: bool) -> None:
    """Name every reading plan."""

    async def read(deployment: Deployment) -> list[reading_plans.ReadingPlan]:
        async with deployment.database.snapshot() as session:
            return await reading_plans.all_plans(session)

    plans = with_deployment(read)
    if as_json:
        print_json(plans)
        return
    for it in plans:
        print(f"{it.program:30} {it.days} days after the results: {it.readers}. Danger to life: {it.danger}")


COMMANDS = (programs_group, user_group, link_group, reading_group)
