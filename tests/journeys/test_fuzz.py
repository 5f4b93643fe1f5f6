"""Every route and method of both doors, asked what nobody would ask: no fault, and nothing stored by halves.

Somebody in each role is signed in while it happens. `make test` asks a sample, the same in every run; `make
thorough` asks more, something else each time, and its first lines name the seed.
"""

import heapq
import os
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from feedback.app import LARGEST_STAFF_BODY, LARGEST_SURVEY_BODY, create_staff_app, create_survey_app
from feedback.deployment import read_deployment, read_staff_keys
from feedback.fieldwork import links
from feedback.fieldwork.totals import report_work
from feedback.staff import accounts, sessions
from feedback.web.staff.cookies import FORM, SESSION
from feedback.web.staff.own_forms import token_for
from surveys.registry import WorkTotal
from tests.support.attack.fuzzing import FuzzRequest, FuzzRequests
from tests.support.attack.raw_http import RawRequest, Wire
from tests.support.attack.seeds import SEED
from tests.support.attack.site_map import SiteMap, routes_of
from tests.support.doors import OpenDoors, open_doors
from tests.support.protections import SITE, check
from tests.support.stored import halves, read_everything, sealed_rows

pytestmark = pytest.mark.slow
BATCH = 50
SAMPLE = {"sqlite": {"survey": 1_200, "staff": 900}, "postgresql": {"survey": 300, "staff": 300}}
WHOLE = {"sqlite": {"survey": 12_500, "staff": 7_600}, "postgresql": {"survey": 1_000, "staff": 1_500}}
SECONDS = 900
"""An end for each door: three times what the whole took on two cores that eight others wanted."""
SUSPECTS, LONGEST = 25, 0.1
"""The slowest requests by the clock, and the processor seconds that any request of a stranger may take."""
REFUSED = "Invalid HTTP request received."
"""What the web server says to what is not HTTP, before a door of ours hears of it: counted apart."""
WARNINGS = (
    f"WARNING:  {REFUSED}",
    "WARNING:  Unsupported upgrade request.",
    "WARNING:  No supported WebSocket library detected.",
)
"""All that the doors may print: the web server's own sentences, which hold nothing of a request."""
TOKEN = "0" * 64
"""Stands for the token of whoever will ask, which is not known when a request is drawn."""
PEOPLE = {
    "carla@county.example": ("ctlt", None),
    "stella@county.example": ("reader", None),
    "vera@vista.example": ("contractor", "vista-del-mar"),
    "rita@county.example": ("reviewer", None),
    "tariq@county.example": ("translator", None),
    "ada@county.example": ("admin", None),
}


class FuzzRun:
    """What a door was asked and what came of it."""

    def __init__(self, sandbox, door: str, address: str, people=(), form: str = "") -> None:
        self.sandbox, self.door, self.wire, self.form = sandbox, door, Wire(address), form
        self.tokens = {it: sandbox.session(it) for it in people}
        self.statuses: Counter[str] = Counter()
        self.problems: dict[str, str] = {}
        self.thanks: set[tuple[str, str]] = set()
        self.nameless = self.sheets = 0
        self.seconds = 0.0
        self.slowest: list[tuple[float, int, FuzzRequest | None]] = [
            (0.0, -it, None) for it in range(SUSPECTS)
        ]
        """By the clock, which a busy machine stops: whom to ask again when all is quiet."""

    def ask(self, request: FuzzRequest) -> None:
        began = time.monotonic()
        self._ask(request)
        heapq.heappushpop(self.slowest, (time.monotonic() - began, self.statuses.total(), request))

    def _ask(self, request: FuzzRequest) -> None:
        cookies = [f"{FORM}={self.form}"] if request.has_token else []
        cookies += [f"{SESSION}={self.tokens[request.who]}"] if request.who else []
        headers = [(b"Cookie", "; ".join(cookies).encode())] if cookies else []
        answer = self.wire.ask(self._with_token(request).with_headers(headers))
        if answer is None:
            self.statuses["no answer"] += 1
            self.problems.setdefault(f"{request.name}: no answer", repr(request.raw)[:2_000])
            return
        if is_no_http(answer):
            self.statuses["not HTTP"] += 1
            return
        self.statuses[str(answer.status_code)] += 1
        try:
            self._check(request, answer)
        except (AssertionError, KeyError) as problem:
            name = f"{request.name}: {answer.status_code} {str(problem)[:200]}"
            self.problems.setdefault(name, repr(request.raw)[:2_000])
        if answer.status_code == 303:
            self._follow(request, answer)

    def _with_token(self, request: FuzzRequest) -> RawRequest:
        """The token of whoever asks in the place of what stands for it: of their session, or of a visitor."""
        if not request.has_token:
            return request.raw
        is_open = request.name.partition(" ")[2].startswith(("/sign-in", "/welcome"))
        cookie = self.form if is_open else self.tokens.get(request.who, "")
        token = token_for(read_staff_keys(self.sandbox.settings), cookie).encode()
        return msgspec.structs.replace(request.raw, body=request.raw.body.replace(TOKEN.encode(), token))

    def _check(self, request: FuzzRequest, answer: httpx.Response) -> None:
        assert answer.status_code < 500
        headers = answer.headers
        # A page may be stricter than its door.
        headers["content-security-policy"] = headers["content-security-policy"].removesuffix("; sandbox")
        is_framed = " /e/" in request.name and headers["content-security-policy"].endswith(SITE)
        referrer = "no-referrer" if self.door == "survey" else "same-origin"
        check(request.name, answer, [request.name] if is_framed else [], referrer)
        if self.door == "survey":
            assert "set-cookie" not in headers

    def _follow(self, request: FuzzRequest, answer: httpx.Response) -> None:
        """Keep count of what an answer says was stored, and sign in again whoever was signed out."""
        to = urlsplit(answer.headers["location"])
        if self.door == "staff" and to.path == "/sign-in" and request.who:
            self._sign_in(request.who)
        elif to.path.endswith("/thanks"):
            slug = unquote(request.raw.target.decode().partition("?")[0]).split("/")[2]
            number = number_of(request.raw.body)
            self.nameless += not number
            self.thanks |= {(slug, number)} if number else set()
        elif to.path.endswith("/paper"):
            query = parse_qs(to.query)
            self.sheets += int(query["stored"][0]) - int(query["before"][0])

    def _sign_in(self, email: str) -> None:
        async def begin_anew(session):
            await accounts.set_disabled(session, email, disabled=False)
            await accounts.change_role(session, email, *PEOPLE[email])
            return await sessions.begin(session, (await accounts.user_by_email(session, email)).id)

        self.tokens[email] = self.sandbox.in_transaction(begin_anew)


def is_no_http(answer: httpx.Response) -> bool:
    """Whether the web server itself refused; a HEAD is refused without a word."""
    is_plain = answer.headers.get("content-type") == "text/plain; charset=utf-8"
    return answer.status_code == 400 and is_plain and answer.text in (REFUSED, "")


def number_of(body: bytes) -> str:
    """The number of the page in a form that was taken, as the door reads it."""
    text = body.decode("utf-8", "surrogateescape")
    fields = dict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
    return fields.get("_once", "").encode("utf-8", "replace").decode()


def fuzz(run: FuzzRun, requests: FuzzRequests, number: int, fuzz_seed: int | None) -> FuzzRun:
    """Ask so many requests, one after the other; without a seed the same in every run."""
    began = time.monotonic()

    @settings(
        max_examples=number // BATCH,
        derandomize=fuzz_seed is None,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests.batches(BATCH))
    def ask_all(batch):
        run.seconds = time.monotonic() - began
        assert run.seconds < SECONDS, f"only {run.statuses.total():,} requests"
        for request in batch:
            run.ask(request)

    (ask_all if fuzz_seed is None else seed(fuzz_seed)(ask_all))()
    run.seconds = time.monotonic() - began
    run.wire.close()
    return run


@contextmanager
def walking(address: str, **cookies: str):
    """Somebody who opens pages one after the other."""
    with httpx.Client(base_url=address, cookies=cookies, timeout=60) as client:
        yield lambda page: answer.text if (answer := client.get(page)).is_success else ""


def meet_survey_door(sandbox, doors, slugs) -> tuple[FuzzRun, FuzzRequests]:
    site_map = SiteMap(routes_of(create_survey_app(sandbox.settings)), {})
    with walking(doors.survey) as look:
        starts = [f"/{kind}/{slug}" for slug in slugs for kind in "se"]
        for page in (*starts, "/heard", "/thanks", f"/thanks?kiosk={slugs[0]}", "/leave"):
            site_map.walk(look, [page])
    requests = FuzzRequests(site_map, LARGEST_SURVEY_BODY, page=page_signer(sandbox))
    return FuzzRun(sandbox, "survey", doors.survey), requests


def page_signer(sandbox):
    """Numbers of pages as the door signs them, each with what is drawn where the door has chance."""
    numbers, period = read_deployment(sandbox.settings).submission_keys, sandbox.settings.period

    def page(target: bytes, number: int) -> str:
        # Some targets have no slashes, and no form of ours.
        slug = b"".join(target.split(b"/")[2:3]).partition(b"?")[0].decode("latin-1")
        head = f"{period}.{number:022d}"
        return f"{head}.{numbers._signature(slug, head)}"

    return page


def meet_staff_door(sandbox, doors) -> tuple[FuzzRun, FuzzRequests]:
    site_map = SiteMap(routes_of(create_staff_app(sandbox.settings)), {})
    token = sandbox.in_transaction(lambda s: accounts.add_user(s, "ivy@county.example", "ctlt", None))
    form = httpx.get(f"{doors.staff}/sign-in").cookies[FORM]
    for email in PEOPLE:
        with walking(doors.staff, **{SESSION: sandbox.session(email), FORM: form}) as look:
            site_map.walk(look, ["/", "/sign-in", f"/welcome/{token}"], email)
    requests = FuzzRequests(site_map, LARGEST_STAFF_BODY, sorted(PEOPLE), TOKEN)
    return FuzzRun(sandbox, "staff", doors.staff, PEOPLE, form), requests


def new_links(sandbox) -> list[str]:
    """A link of each kind: without text boxes, framed, in a language, for each audience, and a closed one."""
    slugs = [sandbox.link(), sandbox.link(comments=False), sandbox.link(embed=(SITE,))]
    slugs += [sandbox.link("advocacy-vista", "youth", instrument="youth-experience", language="ar")]
    slugs += [sandbox.link("frp", "caregiver"), sandbox.link("frp", "expert"), sandbox.link()]
    sandbox.in_transaction(lambda s: links.close_link(s, slugs[-1], sandbox.settings.today))
    return slugs


@pytest.fixture
def furnished(sandbox):
    """Somebody in each role, a report of work, and a release to read."""
    for email, (role, contractor) in PEOPLE.items():
        sandbox.user(email, role, contractor)
    total = WorkTotal(program="advocacy-vista", period="2026Q3", served=20, offered=15, minutes=60)
    sandbox.in_transaction(lambda s: report_work(s, total))
    sandbox.answer(12, "advocacy-vista", instrument="youth-experience")
    sandbox.on("2026-10-15").release()
    return sandbox


def too_slow(survey: FuzzRun, doors: OpenDoors) -> dict[str, float]:
    """Ask the slowest again, alone: what takes the door's processor too long, at the least of three."""
    costs = {}
    for _, _, request in survey.slowest:
        if request is not None:
            costs[repr(request.raw)[:500]] = min(_cost(survey, doors, request) for _ in range(3))
    survey.wire.close()
    return {text: seconds for text, seconds in costs.items() if seconds > LONGEST}


def _cost(survey: FuzzRun, doors: OpenDoors, request: FuzzRequest) -> float:
    before = doors.processor_seconds()
    survey.wire.ask(request.raw)
    return doors.processor_seconds() - before


def tell(runs: Iterable[FuzzRun], capsys) -> None:
    """Say how many answers of each status there were, whatever becomes of the test."""
    with capsys.disabled():
        for it in runs:
            codes = ", ".join(f"{status}: {number:,}" for status, number in sorted(it.statuses.items()))
            total = f"{len(it.thanks) + it.nameless + it.sheets:,} responses kept"
            print(f"\n{it.door} door: {it.statuses.total():,} requests, {it.seconds:.0f} s, {total}; {codes}")


def test_no_request_breaks_a_door_or_leaves_half_of_anything_behind(furnished, tmp_path, capsys, how_many):
    sandbox = furnished
    new_links(sandbox)
    number = how_many(SAMPLE, thorough=WHOLE)["postgresql" if sandbox.settings.database_url else "sqlite"]
    fuzz_seed = how_many(None, thorough=int(os.environ.get(SEED, "0")))
    before = set(sealed_rows(sandbox))
    with open_doors(sandbox.settings, tmp_path) as doors:
        staff_door = meet_staff_door(sandbox, doors)
        # Links that this staff has not seen: it closes all it knows, and then nobody could answer any more.
        campaigns = meet_survey_door(sandbox, doors, new_links(sandbox)), staff_door
        with ThreadPoolExecutor(2) as threads:
            survey, staff = threads.map(lambda it: fuzz(*it, number[it[0].door], fuzz_seed), campaigns)
        assert httpx.get(f"{doors.survey}/healthz").text == "ok"
        assert httpx.get(f"{doors.staff}/sign-in").status_code == 200
        slow = too_slow(survey, doors)
    tell((survey, staff), capsys)
    assert not slow, slow
    problems = survey.problems | staff.problems
    assert not problems, "\n".join(f"{name}\n    {request}" for name, request in problems.items())
    assert survey.statuses.total() + staff.statuses.total() >= sum(number.values())
    lines = doors.output.read_text().splitlines()[1:]
    assert not [it for it in lines if not it.startswith(WARNINGS)]
    rows = sealed_rows(sandbox)
    assert not halves(sandbox, rows.values())
    live = {key for key, it in rows.items() if it.origin == "live"} - before
    inbox = read_deployment(sandbox.settings).inbox
    keys = {inbox.row_key(*it) for it in survey.thanks}
    assert len(keys) > number["survey"] // 200, "the door was hardly opened"
    assert keys <= live, "somebody was thanked for what is not there"
    assert len(live) == len(keys) + survey.nameless, "something is there that nobody was thanked for"
    assert len(rows) - len(before) - len(live) == staff.sheets
    assert all(sandbox.in_transaction(read_everything).values())
