"""Coming in and going out: the password, then the code, or a passkey; and the first time, by invitation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import segno
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from feedback import accounts, codes, passwords, sessions
from feedback.access import OPEN, NotYours
from feedback.accounts import Account
from feedback.audit import record
from feedback.deployment import Deployment
from feedback.keys import StaffKeys
from feedback.own_account import OwnAccount
from feedback.passkeys import LONGEST_NAME, PasskeyRefused, Passkeys
from feedback.passwords import PasswordRefused
from feedback.signing_in import SignedIn, SigningIn
from feedback.throttling import TooSoon
from feedback.web.admission import COOKIE
from feedback.web.protections import FORGET
from feedback.web.rendering import see_other
from feedback.web.staff import FormRefused, form_fields, visitor_page

DEVICE = "heard-device"
Answer = TypeVar("Answer", bound=Response[Any])
_A_YEAR = 365 * 24 * 60 * 60
_NOT_ADDED = (
    "No passkey was added: it was not asked for on this device, or more than ten minutes ago. You can add one"
    " at any time on the page of your account, with your password."
)
_NOT_TOGETHER = "This address and this password do not fit together."


async def one_try(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    staff_keys: NamedDependency[StaffKeys],
) -> SigningIn:
    return SigningIn(deployment.database, staff_keys, request.cookies.get(DEVICE, ""))


async def own_passkeys(
    deployment: NamedDependency[Deployment], staff_keys: NamedDependency[StaffKeys]
) -> Passkeys:
    return Passkeys(staff_keys, deployment.settings.staff_url)


@get("/sign-in", does=OPEN)
async def show_sign_in(request: Request[Any, Any, Any], passkeys: NamedDependency[Passkeys]) -> Response[str]:
    return _sign_in_page(request, passkeys)


@post("/sign-in", does=OPEN)
async def give_password(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    signing_in: NamedDependency[SigningIn],
    passkeys: NamedDependency[Passkeys],
) -> Response[str] | Redirect:
    """Go on to the code, or say that the two do not fit together and nothing more."""
    fields = await form_fields(request)
    try:
        token = await signing_in.with_password(fields.get("email", ""), fields.get("password", ""))
    except TooSoon as soon:
        return _wait(_sign_in_page(request, passkeys, str(soon), 429), soon)
    if token is None:
        return _sign_in_page(request, passkeys, _NOT_TOGETHER, 403)
    return _with_cookie(see_other("/sign-in/code"), deployment, COOKIE, token)


@get("/sign-in/code", does=OPEN)
async def show_code(
    request: Request[Any, Any, Any], deployment: NamedDependency[Deployment]
) -> Response[str] | Redirect:
    async with deployment.database.snapshot() as session:
        user = await sessions.user_of(session, request.cookies.get(COOKIE, ""), half=True)
    return visitor_page(request, "staff/code.html", wrong="") if user else see_other("/sign-in")


@post("/sign-in/code", does=OPEN)
async def give_code(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    signing_in: NamedDependency[SigningIn],
) -> Response[str] | Redirect:
    """Begin a session with the code of a phone or a recovery code."""
    fields = await form_fields(request)
    try:
        signed_in = await signing_in.with_code(request.cookies.get(COOKIE, ""), fields.get("code", ""))
    except TooSoon as soon:
        page = visitor_page(request, "staff/code.html", status=429, wrong=str(soon))
        return _wait(page, soon)
    except LookupError:
        return see_other("/sign-in")
    if signed_in is None:
        wrong = "This code is wrong, or it was used already. Wait until your phone shows the next one."
        return visitor_page(request, "staff/code.html", status=403, wrong=wrong)
    return _come_in(see_other("/"), deployment, signed_in)


@post("/sign-in/passkey", does=OPEN)
async def give_passkey(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    signing_in: NamedDependency[SigningIn],
    passkeys: NamedDependency[Passkeys],
) -> Response[str] | Redirect:
    """Begin a session for whoever signed a challenge of ours."""
    fields = await form_fields(request)
    try:
        async with deployment.database.transaction() as session:
            user = await passkeys.sign_in(session, fields.get("answer", ""))
            signed_in = await signing_in.begin(session, user, "passkey")
    except PasskeyRefused as refused:
        return _sign_in_page(request, passkeys, str(refused), 403)
    return _come_in(see_other("/"), deployment, signed_in)


@post("/sign-out", does="come in")
async def sign_out(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Redirect:
    """End the session, and tell the browser to forget the pages it showed."""
    async with deployment.database.transaction() as session:
        await sessions.end(session, request.cookies.get(COOKIE, ""))
        await record(session, account.email, "sign-out", "staff door")
    answer = see_other("/sign-in")
    answer.delete_cookie(COOKIE)
    answer.headers.update(FORGET)
    return answer


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
    told = (fields.get("password", ""), fields.get("code", ""))
    async with deployment.database.snapshot() as session:
        email = await accounts.invited(session, token)
    if email is None:
        raise NotYours
    try:
        made = await accounts.set_up(deployment.database, staff_keys, token, *told)
    except (accounts.AccountRefused, PasswordRefused) as refused:
        field = "code" if isinstance(refused, accounts.CodeRefused) else "password"
        return await _welcome_page(request, deployment, staff_keys, token, {field: str(refused)})
    async with deployment.database.transaction() as session:
        user = await accounts.user_by_email(session, email)
        await record(session, email, "account.set-up", "own account")
        signed_in = await signing_in.begin(session, user, "invitation")
    asked = passkeys.ask_to_add(user.id, email, (), begun=signed_in.token)
    page = visitor_page(request, "staff/welcome_done.html", codes=made, asked=asked)
    return _come_in(page, deployment, signed_in)


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
    return see_other("/account")


def _sign_in_page(
    request: Request[Any, Any, Any], passkeys: Passkeys, wrong: str = "", status: int = 200
) -> Response[str]:
    asked = passkeys.ask_to_sign_in()
    return visitor_page(request, "staff/sign_in.html", status=status, wrong=wrong, asked=asked)


async def _welcome_page(
    request: Request[Any, Any, Any],
    deployment: Deployment,
    staff_keys: StaffKeys,
    token: str,
    faults: Mapping[str, str] = MappingProxyType({}),
) -> Response[str]:
    async with deployment.database.snapshot() as session:
        email = await accounts.invited(session, token)
    if email is None:
        raise NotYours
    secret = accounts.invited_secret(staff_keys, token)
    return visitor_page(
        request, "staff/welcome.html", status=400 if faults else 200, faults=faults, email=email,
        shortest=passwords.SHORTEST, drawn=drawn(secret, email), typed=codes.typed(secret),
        address=codes.address(secret, email),
    )  # fmt: skip


def drawn(secret: bytes, email: str) -> Markup:
    """The second factor as a square code inside the page: no picture of it is ever fetched or kept."""
    code = segno.make(codes.address(secret, email), error="m")
    return Markup(code.svg_inline(omitsize=True, border=4, light="#fff", svgclass="code", lineclass=None))  # noqa: S704 - drawn by us


def _come_in(answer: Answer, deployment: Deployment, signed_in: SignedIn) -> Answer:
    _with_cookie(answer, deployment, DEVICE, signed_in.device, path="/sign-in", max_age=_A_YEAR)
    return _with_cookie(answer, deployment, COOKIE, signed_in.token)


def _with_cookie(
    answer: Answer,
    deployment: Deployment,
    name: str,
    value: str,
    *,
    path: str = "/",
    max_age: int | None = None,
) -> Answer:
    secure = deployment.settings.staff_url.startswith("https")
    answer.set_cookie(name, value, max_age, path=path, secure=secure, httponly=True, samesite="strict")
    return answer


def _wait(page: Response[str], soon: TooSoon) -> Response[str]:
    page.headers["Retry-After"] = str(soon.seconds)
    return page


sign_in_router = Router(
    "",
    route_handlers=[
        show_sign_in,
        give_password,
        show_code,
        give_code,
        give_passkey,
        sign_out,
        show_welcome,
        set_up,
        add_first_passkey,
    ],
)
