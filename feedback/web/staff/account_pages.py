"""One's own account: password, second factor, recovery codes, passkeys, sessions."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from feedback.deployment import Deployment
from feedback.staff import codes, passwords
from feedback.staff.accounts import Account, AccountRefused
from feedback.staff.codes import ClockOff
from feedback.staff.lines import Crowded
from feedback.staff.own_account import OwnAccount
from feedback.staff.passkeys import LONGEST_NAME, PasskeyRefused, Passkeys
from feedback.staff.passwords import PasswordRefused, WrongPassword
from feedback.staff.sign_in_backoff import TooSoon
from feedback.staff.signing_in import SigningIn
from feedback.web.protections import FORGET
from feedback.web.rendering import see_other
from feedback.web.staff import cookies
from feedback.web.staff.page import FINE, Problems, account_page, form_fields
from feedback.web.staff.welcome_pages import square_code

_REFUSALS = (AccountRefused, ClockOff, Crowded, PasskeyRefused, PasswordRefused, TooSoon)
_AT_PASSWORD = (Crowded, TooSoon, WrongPassword)


async def own_account(
    request: Request[Any, Any, Any],
    account: NamedDependency[Account],
    signing_in: NamedDependency[SigningIn],
) -> OwnAccount:
    return OwnAccount(account, signing_in, cookies.read(request, cookies.SESSION))


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
        return await _page(request, own, passkeys, _fault("password", "password", refused))
    answer = see_other("/sign-in?done=password")
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
        return await _page(request, own, passkeys, _fault("phone", "code", refused))
    return see_other("/account?done=phone")


@post("/account/recovery-codes", does="keep own account")
async def new_recovery_codes(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
) -> Response[str]:
    """Show new recovery codes, this once."""
    fields = await form_fields(request)
    try:
        recovery_codes = await own.new_recovery_codes(fields.get("current", ""))
    except _REFUSALS as refused:
        return await _page(request, own, passkeys, _fault("codes", "current", refused))
    return account_page(request, "staff/recovery_codes.html", own.account, codes=recovery_codes)


@post("/account/passkeys", does="keep own account")
async def add_passkey(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
    deployment: NamedDependency[Deployment],
) -> Response[str] | Redirect:
    """Keep what the browser made."""
    fields = await form_fields(request)
    name, today = fields.get("name", "").strip()[:LONGEST_NAME] or "Passkey", deployment.settings.today
    try:
        await own.add_passkey(passkeys, fields.get("current", ""), name, fields.get("answer", ""), today)
    except _REFUSALS as refused:
        return await _page(request, own, passkeys, _fault("passkey", "name", refused))
    return see_other("/account?done=passkey")


@post("/account/passkeys/remove", does="keep own account")
async def remove_passkey(
    request: Request[Any, Any, Any],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
) -> Response[str] | Redirect:
    """Forget a passkey. A session that somebody stole does not take away what its owner signs in with."""
    fields = await form_fields(request)
    passkey = fields.get("passkey", "")
    try:
        await own.remove_passkey(fields.get("current", ""), passkey)
    except AccountRefused as refused:
        # It stands no longer on the page that the sentence could stand beside.
        return await _page(request, own, passkeys, {"passkeys": str(refused)})
    except _REFUSALS as refused:
        return await _page(request, own, passkeys, _fault(passkey, "current", refused))
    return see_other("/account?done=removed")


@post("/account/sessions/end", does="keep own account")
async def end_sessions(own: NamedDependency[OwnAccount]) -> Redirect:
    """End every session but the one that asks: a lost tablet is signed in no longer."""
    await own.end_other_sessions()
    return see_other("/account?done=sessions")


def _fault(form: str, field: str, error: Exception) -> Problems:
    """Where on the page it stands what was wrong: at the present password, or at the form's own field."""
    return {f"{form}.{'current' if isinstance(error, _AT_PASSWORD) else field}": str(error)}


async def _page(
    request: Request[Any, Any, Any], own: OwnAccount, passkeys: Passkeys, problems: Problems = FINE
) -> Response[str]:
    standing = await own.standing()
    secret, email = standing.second_factor, own.account.email
    # The name of a passkey comes back by the address where the session ran out in between.
    typed = await form_fields(request) if problems else {"name": request.query_params.get("name", "")}
    return account_page(
        request, "staff/account.html", own.account, status=400 if problems else 200, problems=problems,
        standing=standing, shortest=passwords.SHORTEST, drawn=square_code(secret, email),
        manual_key=codes.manual_key(secret),
        asked=passkeys.ask_to_add(own.account.id, email, standing.passkeys),
        name=typed.get("name", "")[:LONGEST_NAME],
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
