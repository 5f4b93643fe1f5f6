"""The first time: a one-time address, where somebody sets a password and a phone, and perhaps a passkey."""

from typing import Any

import segno
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from feedback.deployment import Deployment
from feedback.staff import accounts, codes, passwords
from feedback.staff.access import OPEN, NotYours
from feedback.staff.audit import record
from feedback.staff.codes import ClockOff
from feedback.staff.lines import Crowded
from feedback.staff.own_account import OwnAccount
from feedback.staff.passkeys import LONGEST_NAME, PasskeyRefused, Passkeys
from feedback.staff.passwords import PasswordRefused
from feedback.staff.signing_in import SigningIn
from feedback.storage.keys import StaffKeys
from feedback.web.rendering import see_other
from feedback.web.staff.page import FINE, FormRefused, Problems, account_page, form_fields, visitor_page
from feedback.web.staff.sign_in_pages import come_in

_NOT_ADDED = (
    "No passkey was added: it was not asked for on this device, or more than ten minutes ago. You can add one"
    " at any time on the page of your account, with your password."
)


@get("/welcome/{token:str}", does=OPEN)
async def show_welcome(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    staff_keys: NamedDependency[StaffKeys],
) -> Response[str]:
    """Open a one-time address. Raises NotYours when it is unknown, used or over."""
    return await _welcome_page(request, deployment, staff_keys, token)


@post("/welcome/{token:str}", does=OPEN)
async def set_up(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    staff_keys: NamedDependency[StaffKeys],
    signing_in: NamedDependency[SigningIn],
    passkeys: NamedDependency[Passkeys],
) -> Response[str]:
    """Set the password and the second factor, and show the recovery codes, which nobody sees again.

    With them comes the one question for a passkey that needs no password: it was typed a moment ago.
    """
    fields = await form_fields(request)
    password, code = fields.get("password", ""), fields.get("code", "")
    async with deployment.database.snapshot() as session:
        email = await accounts.invited_email(session, token)
    if email is None:
        raise NotYours
    try:
        recovery_codes = await accounts.set_up(deployment.database, staff_keys, token, password, code)
    except (accounts.AccountRefused, ClockOff, Crowded, PasswordRefused) as refused:
        field = "code" if isinstance(refused, (accounts.CodeRefused, ClockOff)) else "password"
        return await _welcome_page(request, deployment, staff_keys, token, {field: str(refused)})
    async with deployment.database.transaction() as session:
        user = await accounts.user_by_email(session, email)
        await record(session, email, "account.set-up", "own account")
        signed_in = await signing_in.begin(session, user, "invitation")
    challenge = passkeys.ask_to_add(user.id, email, (), token=signed_in.token)
    page = account_page(
        request,
        "staff/welcome_done.html",
        signed_in.account,
        token=signed_in.token,
        codes=recovery_codes,
        asked=challenge,
    )
    return come_in(page, deployment, signed_in)


@post("/account/passkeys/first", does="keep own account")
async def add_first_passkey(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    own: NamedDependency[OwnAccount],
    passkeys: NamedDependency[Passkeys],
) -> Redirect:
    """Keep what the browser made on the page with the recovery codes. Raises FormRefused."""
    fields = await form_fields(request)
    name = fields.get("name", "").strip()[:LONGEST_NAME] or "Passkey"
    try:
        await own.add_first_passkey(passkeys, name, fields.get("answer", ""), deployment.settings.today)
    except PasskeyRefused as refused:
        raise FormRefused(_NOT_ADDED) from refused
    return see_other("/account?done=passkey")


async def _welcome_page(
    request: Request[Any, Any, Any],
    deployment: Deployment,
    staff_keys: StaffKeys,
    token: str,
    problems: Problems = FINE,
) -> Response[str]:
    async with deployment.database.snapshot() as session:
        email = await accounts.invited_email(session, token)
    if email is None:
        raise NotYours
    secret = accounts.invited_secret(staff_keys, token)
    return visitor_page(
        request, "staff/welcome.html", status=400 if problems else 200, problems=problems, email=email,
        shortest=passwords.SHORTEST, drawn=square_code(secret, email), manual_key=codes.manual_key(secret),
        address=codes.provisioning_uri(secret, email),
    )  # fmt: skip


def square_code(secret: bytes, email: str) -> Markup:
    """The second factor as a square code inside the page: no picture of it is ever fetched or kept."""
    code = segno.make(codes.provisioning_uri(secret, email), error="m")
    return Markup(code.svg_inline(omitsize=True, border=4, light="#fff", svgclass="code", lineclass=None))  # noqa: S704 - drawn by us


welcome_router = Router("", route_handlers=[show_welcome, set_up, add_first_passkey])
