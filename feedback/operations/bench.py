"""Figures an operator can repeat, on a throw-away deployment of made-up answers with its doors as processes.

Machines differ and are noisy: compare ratios taken in one run, never a figure with one from another day.
"""

import asyncio
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import httpx
import msgspec

from feedback.deployment import Deployment, make_deployment, read_deployment, read_staff_keys
from feedback.fieldwork import links
from feedback.fieldwork.reading_plans import ReadingPlan, record_plan
from feedback.operations.bench_pages import pages_of_a_large_county
from feedback.operations.running_doors import STAFF_PORT, SURVEY_PORT, form_token, serving, sign_in
from feedback.release.runner import ReleaseRunner
from feedback.settings import Settings
from feedback.staff import accounts
from feedback.staff.sign_in_backoff import FREE
from feedback.storage import keys
from surveys.answers import Response

PAGES = 300
POSTS = 200
VIEWS = 20
TRIES = 40
CROWD = 40
BESIDE = 60
_EMAIL = "bench@example.org"
_PASSWORD = "a bench of made-up words"  # noqa: S105 - lives as long as the bench
_PROGRAMS = ("frp", "syz", "ctu", "advocacy-vista", "community")


def run(responses: int) -> Iterator[str]:
    """Yield one line per figure."""
    with tempfile.TemporaryDirectory(prefix="feedback-bench-") as folder:
        settings = Settings(
            home=Path(folder) / "home",
            survey_url=f"http://127.0.0.1:{SURVEY_PORT}",
            staff_url=f"http://localhost:{STAFF_PORT}",
            made_up=True,
        )
        slug, code = asyncio.run(_prepare(settings))
        with serving(settings) as doors:
            yield f"cold start until both doors answer: {doors.seconds:.2f} s"
            yield from _survey_door(settings, slug)
            yield f"survey door's process: {doors.memory('survey'):.0f} MB"
        # The day when the present quarter may be released; no door opens before it once that is done.
        later = msgspec.structs.replace(settings, today_is=settings.due_on(settings.period))
        yield from _release(settings, later, responses)
        with serving(later) as doors:
            yield from _staff_door(code)
            yield from _sign_in()
            yield from _beside_strangers(later, slug)
            yield f"staff door's process: {doors.memory('staff'):.0f} MB"
        yield from pages_of_a_large_county()


async def _prepare(settings: Settings) -> tuple[str, str]:
    # One link takes all of it here; in life it would be damped.
    await make_deployment(settings, None, "made_up = true\nanswers_at_once = 1000\n")
    deployment = read_deployment(settings)
    try:
        async with deployment.database.transaction() as session:
            for program in _PROGRAMS:
                plan = ReadingPlan(
                    program=program,
                    readers="Nobody: it is a bench",
                    days=0,
                    danger="There is none.",
                    recorded_on=settings.today,
                )
                await record_plan(session, settings, plan)
                new_link = links.NewLink(program=program, audience="youth")
                slug = (await links.make_link(session, new_link, settings.today)).slug
        staff_keys = read_staff_keys(settings)
        staff = [
            await accounts.ready_account(deployment.database, staff_keys, email, "ctlt", None, _PASSWORD)
            for email in (_EMAIL, *_addresses("known"))
        ]
    finally:
        await deployment.database.close()
    return slug, staff[0].recovery_codes[0]


def _addresses(name: str) -> list[str]:
    """So many that nobody has to wait: each is tried as often as is free."""
    return [f"{name}-{number}@example.org" for number in range(-(-TRIES // FREE))]


def _survey_door(settings: Settings, slug: str) -> Iterator[str]:
    address = f"http://127.0.0.1:{SURVEY_PORT}/s/{slug}"
    with httpx.Client() as client:
        yield f"survey pages: {_rate(lambda: client.get(address), PAGES):.0f} per second, one client"
        yield f"durable responses: {_rate(_sender(client, settings, slug), POSTS):.0f} per second, one client"


def _sender(client: httpx.Client, settings: Settings, slug: str) -> Callable[[], None]:
    """Sends one page after another, each under a key of its own."""
    submission_keys = read_deployment(settings).submission_keys
    address = f"http://127.0.0.1:{SURVEY_PORT}/s/{slug}"
    head = {"Content-Type": "application/x-www-form-urlencoded"}

    def send() -> None:
        submission_key = submission_keys.new(slug, settings.period)
        fields = {"_once": submission_key, "_language": "en", "core-safety": "5", "going-well": "made up"}
        answer = client.post(address, content=urlencode(fields), headers=head)
        assert answer.status_code == 303, answer.status_code  # noqa: PLR2004 - a bench of errors is none

    return send


def _rate(work: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        work()
    return times / (time.perf_counter() - started)


def _release(settings: Settings, later: Settings, responses: int) -> Iterator[str]:
    asyncio.run(_fill(settings, responses))
    started = time.perf_counter()
    asyncio.run(_run_release(later))
    seconds = time.perf_counter() - started
    yield f"release: {responses / seconds:.0f} responses per second ({responses} in {seconds:.1f} s)"


async def _fill(settings: Settings, responses: int) -> None:
    deployment = read_deployment(settings)
    try:
        async with deployment.database.transaction() as session:
            for number in range(responses):
                await deployment.inbox.store(session, "bench", str(number), _response(settings, number))
    finally:
        await deployment.database.close()


def _response(settings: Settings, number: int) -> Response:
    domains = ("safety", "respect", "language", "voice", "trust", "access", "connection", "helpfulness")
    answers: dict[str, str | tuple[str, ...]] = {
        f"core-{d}": "12345"[(number + at) % 5] for at, d in enumerate(domains)
    }
    if number % 3 == 0:
        answers["should-change"] = "Shorter waits, and a ride to the meeting. Made-up words for a bench."
    program = _PROGRAMS[number % len(_PROGRAMS)]
    return Response(
        program=program,
        audience="youth",
        instrument="youth-experience",
        language="en",
        period=str(settings.period),
        origin="live",
        answers=answers,
    )


async def _run_release(settings: Settings) -> None:
    deployment: Deployment = read_deployment(settings)
    try:
        private = keys.read_release(settings.keys / keys.RELEASE_PRIVATE, None)
        runner = ReleaseRunner(
            deployment.database, settings, deployment.inbox.public, deployment.review_public, "bench"
        )
        await runner.run(private)
    finally:
        await deployment.database.close()


def _staff_door(code: str) -> Iterator[str]:
    with httpx.Client(base_url=f"http://localhost:{STAFF_PORT}", follow_redirects=True) as client:
        sign_in(client, _EMAIL, _PASSWORD, code)
        for path in ("/", "/programs/frp", "/measures"):
            seconds = []
            for _ in range(VIEWS):
                started = time.perf_counter()
                client.get(path).raise_for_status()
                seconds.append(time.perf_counter() - started)
            yield f"dashboard {path}: {1000 * statistics.median(seconds):.0f} ms, median of {VIEWS}"


def _sign_in() -> Iterator[str]:
    """A wrong password with addresses that have an account and with others: the times must not tell which."""
    with httpx.Client(base_url=f"http://localhost:{STAFF_PORT}") as client:
        pairs = list(zip(_addresses("known"), _addresses("unknown"), strict=True)) * FREE
        pair_times = [[_seconds_to_refuse(client, it, "wrong") for it in pair] for pair in pairs[:TRIES]]
        holder, stranger = (statistics.median(times) for times in zip(*pair_times, strict=True))
        yield (
            f"sign-in refused: {1000 * holder:.1f} ms with an account, {1000 * stranger:.1f} ms without one"
            f" ({100 * (stranger / holder - 1):+.1f} %), medians of {TRIES}"
        )
        endless = statistics.median(_seconds_to_refuse(client, _EMAIL, "x" * 1_000_000) for _ in range(5))
        yield f"a password of 1 MB refused: {1000 * endless:.1f} ms, median of 5"


def _beside_strangers(settings: Settings, slug: str) -> Iterator[str]:
    """A Send, and a page of somebody signed in, alone and while forty strangers sign in at once."""
    with (
        httpx.Client(base_url=f"http://localhost:{STAFF_PORT}") as client,
        ThreadPoolExecutor(CROWD) as pool,
    ):
        send, page = _sender(client, settings, slug), partial(client.get, "/sign-in")
        alone = [_median(send), _median(page)]
        over = threading.Event()
        strangers = [pool.submit(_guess_until, over, number) for number in range(CROWD)]
        try:
            time.sleep(1)
            beside = [_median(send), _median(page)]
        finally:
            over.set()
        tries = sum(it.result() for it in strangers)
    for what, before, after in zip(("a Send", "a staff page"), alone, beside, strict=True):
        comparison = f"{1000 * after:.1f} ms, {1000 * before:.1f} ms alone ({after / before:.1f} times)"
        yield f"{what} beside {CROWD} who sign in: {comparison}, medians of {BESIDE}; {tries} tries meanwhile"


def _median(work: Callable[[], object]) -> float:
    return statistics.median(1 / _rate(work, 1) for _ in range(BESIDE))


def _guess_until(over: threading.Event, number: int) -> int:
    """Sign in with one made-up address after another, as quickly as the door answers."""
    with httpx.Client(base_url=f"http://localhost:{STAFF_PORT}", timeout=60) as client:
        fields = {"password": "wrong", "_csrf_token": form_token(client, "/sign-in")}
        tries = 0
        while not over.is_set():
            tries += 1
            client.post("/sign-in", data={"email": f"{number}-{tries}@example.org", **fields})
        return tries


def _seconds_to_refuse(client: httpx.Client, email: str, password: str) -> float:
    """Seconds until a try is refused, without the page that is filled in."""
    token = form_token(client, "/sign-in")
    started = time.perf_counter()
    response = client.post("/sign-in", data={"email": email, "password": password, "_csrf_token": token})
    took = time.perf_counter() - started
    if response.status_code not in (403, 413):
        raise OSError(f"The staff door answered {response.status_code} to a wrong password.")
    return took
