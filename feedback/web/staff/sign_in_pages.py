"""Coming in and going out: the password, then the code, or a passkey; and the first time, by invitation."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from feedback.deployment import Deployment
from feedback.staff import sessions
from feedback.staff.access import OPEN
from feedback.staff.accounts import Account
from feedback.staff.audit import record
from feedback.staff.codes import ClockOff
from feedback.staff.lines import Crowded
from feedback.staff.passkeys import PasskeyRefused, Passkeys
from feedback.staff.sign_in_backoff import TooSoon
from feedback.staff.signing_in import PendingSessionOver, SignedIn, SigningIn
from feedback.storage.keys import StaffKeys
from feedback.web.protections import FORGET
from feedback.web.rendering import see_other
from feedback.web.staff import cookies
from feedback.web.staff.cookies import Answer
from feedback.web.staff.page import account_page, form_lists, visitor_page
from feedback.web.staff.typed import TO, TypedPage, typed_back

_A_YEAR = 365 * 24 * 60 * 60
_NOT_TOGETHER = "This address and this password do not fit together."
_WRONG_CODE = (
    "This code is wrong, or it was used already. Wait until your phone shows the next one; if that is wrong"
    " too, look whether your phone sets its clock by itself."
)


async def one_try(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    staff_keys: NamedDependency[StaffKeys],
) -> SigningIn:
    return SigningIn(deployment.database, staff_keys, cookies.read(request, cookies.DEVICE))


async def own_passkeys(
    deployment: NamedDependency[Deployment], staff_keys: NamedDependency[StaffKeys]
) -> Passkeys:
    return Passkeys(staff_keys, deployment.settings.staff_url)


@get("/sign-in", does=OPEN)
async def show_sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    return sign_in_page(request, typed=_came_from(request))


@post("/sign-in", does=OPEN)
async def give_password(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    signing_in: NamedDependency[SigningIn],
) -> Response[str] | Redirect:
    """Go on to the code, or say that the two do not fit together and nothing more."""
    lists = await form_lists(request)
    typed, email, password = typed_back(lists), *_last(lists, "email", "password")
    try:
        token = await signing_in.with_password(email, password)
    except TooSoon as soon:
        return _wait(sign_in_page(request, str(soon), 429, typed=typed, email=email), soon.seconds)
    except Crowded as crowd:
        return _wait(sign_in_page(request, str(crowd), 503, typed=typed, email=email), crowd.seconds)
    if token is None:
        return sign_in_page(request, _NOT_TOGETHER, 403, typed=typed, email=email)
    if typed is not None and typed.fields is not None:
        # No address: what was typed is in no history.
        answer: Response[Any] = _code_page(request, typed=typed)
    else:
        answer = see_other(f"/sign-in/code{typed.query if typed else ''}")
    return cookies.put(answer, deployment.settings, cookies.SESSION, token)


@get("/sign-in/code", does=OPEN)
async def show_code(
    request: Request[Any, Any, Any], deployment: NamedDependency[Deployment]
) -> Response[str] | Redirect:
    async with deployment.database.snapshot() as session:
        user = await sessions.user_of(session, cookies.read(request, cookies.SESSION), pending=True)
    typed = _came_from(request)
    if user is None:
        return see_other(f"/sign-in{typed.query if typed else ''}")
    return _code_page(request, typed=typed)


@post("/sign-in/code", does=OPEN)
async def give_code(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    signing_in: NamedDependency[SigningIn],
) -> Response[str] | Redirect:
    """Begin a session with the code of a phone or a recovery code."""
    lists = await form_lists(request)
    typed, (code,) = typed_back(lists), _last(lists, "code")
    try:
        signed_in = await signing_in.with_code(cookies.read(request, cookies.SESSION), code)
    except TooSoon as soon:
        return _wait(_code_page(request, str(soon), 429, typed=typed), soon.seconds)
    except PendingSessionOver as over:
        return sign_in_page(request, str(over), 403, typed=typed)
    except ClockOff as off:
        return _code_page(request, str(off), 403, typed=typed)
    if signed_in is None:
        return _code_page(request, _WRONG_CODE, 403, typed=typed)
    return come_in(_go_on(request, signed_in, typed), deployment, signed_in)


@post("/sign-in/passkey", does=OPEN)
async def give_passkey(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    signing_in: NamedDependency[SigningIn],
    passkeys: NamedDependency[Passkeys],
) -> Response[str] | Redirect:
    """Begin a session for whoever signed a challenge of ours."""
    lists = await form_lists(request)
    typed, (answer,) = typed_back(lists), _last(lists, "answer")
    try:
        async with deployment.database.snapshot() as session:
            # What is nobody's passkey never waits for the database's one writer.
            await passkeys.find(session, answer)
        async with deployment.database.transaction() as session:
            user = await passkeys.sign_in(session, answer)
            signed_in = await signing_in.begin(session, user, "passkey")
    except PasskeyRefused as refused:
        return sign_in_page(request, str(refused), 403, typed=typed)
    return come_in(_go_on(request, signed_in, typed), deployment, signed_in)


@post("/sign-out", does="come in")
async def sign_out(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Redirect:
    """End the session, and tell the browser to forget the pages it showed."""
    async with deployment.database.transaction() as session:
        await sessions.end(session, cookies.read(request, cookies.SESSION))
        await record(session, account.email, "sign-out", "staff door")
    answer = cookies.drop(see_other("/sign-in?done=out"), deployment.settings, cookies.SESSION)
    answer.headers.update(FORGET)
    return answer


def sign_in_page(
    request: Request[Any, Any, Any],
    wrong: str = "",
    status: int = 200,
    *,
    typed: TypedPage | None = None,
    email: str = "",
) -> Response[str]:
    """The page that asks who is there, with what they had typed elsewhere when their session ran out."""
    state = request.app.state
    challenge = Passkeys(state.staff_keys, state.deployment.settings.staff_url).ask_to_sign_in()
    return visitor_page(
        request, "staff/sign_in.html", status=status, wrong=wrong, asked=challenge, typed=typed, email=email
    )


def _code_page(
    request: Request[Any, Any, Any], wrong: str = "", status: int = 200, *, typed: TypedPage | None
) -> Response[str]:
    return visitor_page(request, "staff/code.html", status=status, wrong=wrong, typed=typed)


def _go_on(
    request: Request[Any, Any, Any], signed_in: SignedIn, typed: TypedPage | None
) -> Response[str] | Redirect:
    """Where they were; what they had typed is sent by a press of theirs, not by itself."""
    if typed is None or typed.fields is None:
        return see_other(typed.path if typed else "/")
    return account_page(
        request, "staff/go_on.html", signed_in.account, token=signed_in.token, typed=typed, why="signed in"
    )


def _came_from(request: Request[Any, Any, Any]) -> TypedPage | None:
    return typed_back({TO: [request.query_params.get(TO, "")]})


def _last(lists: dict[str, list[str]], *names: str) -> tuple[str, ...]:
    return tuple(lists.get(name, [""])[-1] for name in names)


def come_in(answer: Answer, deployment: Deployment, signed_in: SignedIn) -> Answer:
    cookies.put(answer, deployment.settings, cookies.DEVICE, signed_in.device, _A_YEAR)
    return cookies.put(answer, deployment.settings, cookies.SESSION, signed_in.token)


def _wait(page: Response[str], seconds: int) -> Response[str]:
    page.headers["Retry-After"] = str(seconds)
    return page


sign_in_router = Router(
    "",
    route_handlers=[show_sign_in, give_password, show_code, give_code, give_passkey, sign_out],
)
