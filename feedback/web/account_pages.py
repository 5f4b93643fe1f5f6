"""One's own account: password, second factor, recovery codes, passkeys, sessions."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from feedback import codes, passwords
from feedback.accounts import Account, AccountRefused
from feedback.deployment import Deployment
from feedback.own_account import OwnAccount
from feedback.passkeys import LONGEST_NAME, PasskeyRefused, Passkeys
from feedback.passwords import PasswordRefused
from feedback.signing_in import SigningIn
from feedback.throttling import TooSoon
from feedback.web.admission import COOKIE
from feedback.web.protections import FORGET
from feedback.web.rendering import see_other
from feedback.web.sign_in_pages import drawn
from feedback.web.staff import account_page, form_fields

_REFUSALS = (AccountRefused, PasskeyRefused, PasswordRefused, TooSoon)


async def own_account(
    request: Request[Any, Any, Any],
    account: NamedDependency[Account],
    signing_in: NamedDependency[SigningIn],
) -> OwnAccount:
    return OwnAccount(account, signing_in, request.cookies.get(COOKIE, ""))


@get("/account", does="keep own account")
async def show_account(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
) -> Response[str]:
    return await _page(request, own, passkeys)


@post("/account/password", does="keep own account")
async def change_password(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
) -> Response[str] | Redirect:
    """Set another password; whoever was signed in with the old one signs in again."""
    fields = await form_fields(request)
    try:
        await own.change_password(fields.get("current", ""), fields.get("password", ""))
    except _REFUSALS as refused:
        return await _page(request, own, passkeys, str(refused))
    answer = see_other("/sign-in")
    answer.headers.update(FORGET)
    return answer


@post("/account/second-factor", does="keep own account")
async def change_second_factor(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
) -> Response[str] | Redirect:
    """Take another phone's codes."""
    fields = await form_fields(request)
    try:
        await own.change_second_factor(fields.get("current", ""), fields.get("code", ""))
    except _REFUSALS as refused:
        return await _page(request, own, passkeys, str(refused))
    return see_other("/account")


@post("/account/recovery-codes", does="keep own account")
async def new_recovery_codes(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
) -> Response[str]:
    """Show new recovery codes, this once."""
    fields = await form_fields(request)
    try:
        made = await own.new_recovery_codes(fields.get("current", ""))
    except _REFUSALS as refused:
        return await _page(request, own, passkeys, str(refused))
    return account_page(request, "staff/recovery_codes.html", own.account, codes=made)


@post("/account/passkeys", does="keep own account")
async def add_passkey(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
    deployment: NamedDependency[Deployment],
) -> Response[str] | Redirect:
    """Keep what the browser made."""
    fields = await form_fields(request)
    name = fields.get("name", "").strip()[:LONGEST_NAME] or "Passkey"
    told = (fields.get("current", ""), name, fields.get("answer", ""), deployment.settings.today)
    try:
        await own.add_passkey(passkeys, *told)
    except _REFUSALS as refused:
        return await _page(request, own, passkeys, str(refused))
    return see_other("/account")


@post("/account/passkeys/remove", does="keep own account")
async def remove_passkey(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
) -> Response[str] | Redirect:
    fields = await form_fields(request)
    try:
        await own.remove_passkey(fields.get("passkey", ""))
    except _REFUSALS as refused:
        return await _page(request, own, passkeys, str(refused))
    return see_other("/account")


@post("/account/sessions/end", does="keep own account")
async def end_sessions(own: NamedDependency[OwnAccount]) -> Redirect:
    """End every session but the one that asks: a lost tablet is signed in no longer."""
    await own.end_other_sessions()
    return see_other("/account")


async def _page(
    request: Request[Any, Any, Any], own: OwnAccount, passkeys: Passkeys, wrong: str = ""
) -> Response[str]:
    standing = await own.standing()
    secret, email = standing.second_factor, own.account.email
    return account_page(
        request, "staff/account.html", own.account, status=400 if wrong else 200, wrong=wrong,
        standing=standing, shortest=passwords.SHORTEST, drawn=drawn(secret, email), typed=codes.typed(secret),
        asked=passkeys.ask_to_add(own.account.id, email, standing.passkeys),
    )  # fmt: skip


account_router = Router(
    "",
    route_handlers=[
        show_account,
        change_password,
        change_second_factor,
        new_recovery_codes,
        add_passkey,
        remove_passkey,
        end_sessions,
    ],
)
