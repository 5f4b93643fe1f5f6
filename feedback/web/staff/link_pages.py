"""What a contractor does here: hand out links, and report the work that answers are compared with."""

import io
from typing import Any

import segno
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from feedback.deployment import Deployment
from feedback.fieldwork import links
from feedback.fieldwork.instruments import known_instruments
from feedback.fieldwork.links import Link, LinkRefused, NewLink
from feedback.fieldwork.programs import all_programs, program_by_id
from feedback.staff.access import check, may
from feedback.staff.accounts import Account
from feedback.staff.audit import record
from feedback.web.rendering import see_other
from feedback.web.staff.page import FINE, FormRefused, Problems, account_page, form_fields
from surveys.instruments import AUDIENCES

MOST_SITES = 5


@get("/links", does="make links")
async def links_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Every link one may hand out, and the form for a new one."""
    return await _links_page(request, deployment, account)


async def _links_page(
    request: Request[Any, Any, Any], deployment: Deployment, account: Account, problems: Problems = FINE
) -> Response[str]:
    new_slug = request.query_params.get("made")
    async with deployment.database.snapshot() as session:
        own_links = [it for it in await links.all_links(session) if may(account, "make links", it.program)]
        programs = [it for it in await all_programs(session) if may(account, "make links", it)]
        instruments = await known_instruments(session)
        words = await deployment.words.now(session)
    return account_page(
        request,
        "staff/links.html",
        account,
        status=400 if problems else 200,
        links=sorted(own_links, key=lambda it: it.slug != new_slug),
        programs=programs,
        instruments=instruments.values(),
        languages=words.offered(),
        today=deployment.settings.today,
        problems=problems,
        typed=await form_fields(request) if problems else {},
    )


@post("/links", does="make links")
async def make_link(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str] | Redirect:
    """Make a link for a program of one's own."""
    fields = await form_fields(request)
    try:
        new_link = _new_link(fields)
        async with deployment.database.transaction() as session:
            check(account, "make links", await program_by_id(session, new_link.program))
            link = await links.make_link(session, new_link, deployment.settings.today)
            await record(session, account.email, "link.add", f"{link.slug} {link.program.id} {link.audience}")
    except (LinkRefused, FormRefused) as refused:
        return await _links_page(request, deployment, account, {refused.field: str(refused)})
    return see_other(f"/links?done=link&made={link.slug}")


def _new_link(fields: dict[str, str]) -> NewLink:
    program, _, name = fields.get("for", "").partition("/")
    audience = next((it for it in AUDIENCES if it == name), None)
    if audience is None:
        raise FormRefused("Choose the program and the audience that the link is for.", field="for")
    return NewLink(
        program=program,
        audience=audience,
        instrument=fields.get("instrument") or None,
        language=fields.get("language") or None,
        place=fields.get("place", "").strip(),
        embed=_sites(fields.get("embed", "")),
        comments="no_comments" not in fields,
    )


def _sites(text: str) -> tuple[str, ...]:
    sites = tuple(dict.fromkeys(it.rstrip("/") for it in text.split()))
    if len(sites) > MOST_SITES:
        sentence = f"At most {MOST_SITES} sites may show one survey; make another link for more."
        raise FormRefused(sentence, field="embed")
    return sites


@post("/links/{slug:str}/close", does="make links")
async def close_link(
    link: NamedDependency[Link],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Redirect:
    """Close a link for good."""
    async with deployment.database.transaction() as session:
        await links.close_link(session, link.slug, deployment.settings.today)
        await record(session, account.email, "link.close", link.slug)
    return see_other("/links?done=closed")


@get("/links/{slug:str}/code.svg", does="make links", media_type="image/svg+xml")
async def link_code(link: NamedDependency[Link], deployment: NamedDependency[Deployment]) -> Response[bytes]:
    """The link as a QR code to print."""
    image = io.BytesIO()
    segno.make(deployment.settings.survey_address(link.slug), error="m").save(image, kind="svg", scale=8)
    return Response(image.getvalue(), media_type="image/svg+xml")


contractor_router = Router(
    "",
    route_handlers=[links_page, make_link, close_link, link_code],
)
