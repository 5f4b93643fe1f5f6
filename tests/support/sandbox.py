"""A whole deployment in a test: made in a fresh folder, on SQLite or PostgreSQL, with a date of its own."""

import asyncio
import datetime as dt
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import make_url, text

from analysis.publishing.viewers import parse
from feedback import clock
from feedback.app import create_staff_app, create_survey_app
from feedback.deployment import (
    Deployment,
    NewKeys,
    make_deployment,
    open_deployment,
    read_deployment,
    read_staff_keys,
)
from feedback.fieldwork import links
from feedback.fieldwork.programs import all_programs, store_programs
from feedback.fieldwork.reading_plans import ReadingPlan, all_plans, end_plan, record_plan
from feedback.inbox.rate_limit import RateLimit
from feedback.inbox.sealing import new_submission_key
from feedback.release.ledgers import read_ledger
from feedback.release.runner import ReleaseOutcome, ReleaseRunner
from feedback.results.queries import read_tables
from feedback.settings import FILE, Settings
from feedback.staff import accounts, codes, sessions
from feedback.storage import keys
from feedback.storage.database import Database
from feedback.web.staff.cookies import SESSION
from surveys.answers import Response
from surveys.periods import Period
from surveys.registry import Programs, shipped_programs
from tests.support.databases import tell_server
from tests.support.loops import apart, finish, is_meanwhile, renew

PASSWORD = "four words for rehearsals"
DOMAINS = ("safety", "respect", "language", "voice", "trust", "access", "connection", "helpfulness")


def move_the_clock(rate_limit: RateLimit, seconds: float = 0) -> None:
    """From now on a link may take more because time goes by only when a test says so."""
    now = rate_limit._ticks() + seconds
    rate_limit._ticks = lambda: now


def flood(rate_limit: RateLimit, slug: str) -> int:
    """Use up what a link takes at once, as many others would; return how much that was."""
    move_the_clock(rate_limit)
    number = 0
    while rate_limit.takes(slug):
        number += 1
    return number


_TEMPLATES = tempfile.TemporaryDirectory(prefix="rehearsals")
_TEMPLATE_KEYS: dict[str, NewKeys] = {}


def _make(settings: Settings) -> NewKeys:
    """Make a deployment. The first of a day and a server is kept and copied, which is ten times as quick."""
    url = make_url(settings.url)
    name = f"kept_{settings.today:%Y%m%d}"
    place = f"{name} {url.query.get('host', '')}"
    address = settings.database_url and url.set(database=name).render_as_string(hide_password=False)
    home = Path(_TEMPLATES.name) / place.replace("/", "-")
    template = msgspec.structs.replace(settings, home=home, database_url=address)
    if place not in _TEMPLATE_KEYS:
        if settings.database_url:
            tell_server(settings.url, f"CREATE DATABASE {name}")
        _TEMPLATE_KEYS[place] = finish(make_deployment(template, None))
        finish(_plan_to_read(template))
    if settings.database_url:
        tell_server(settings.url, f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)")
        # File by file takes half the time of the usual way, where the server's folder is in memory.
        tell_server(settings.url, f"CREATE DATABASE {url.database} TEMPLATE {name} STRATEGY file_copy")
    shutil.copytree(template.home, settings.home, dirs_exist_ok=True)
    return _TEMPLATE_KEYS[place]


async def _plan_to_read(settings: Settings) -> None:
    """Every program has somebody who reads, as it will be once there is a room for it."""
    async with open_deployment(settings) as deployment, deployment.database.transaction() as session:
        for program in await all_programs(session):
            plan = ReadingPlan(
                program=program.id,
                readers="A small team",
                days=30,
                danger="They call 988.",
                recorded_on=settings.today,
            )
            await record_plan(session, msgspec.structs.replace(settings, made_up=True), plan)


_IDLE: dict[tuple, list[Litestar]] = defaultdict(list)


@contextmanager
def _open_door(create: Callable[[Settings], Litestar], settings: Settings):
    """Open a door. To make one takes longer than most tests: one that was shut opens again elsewhere."""
    secret = (settings.keys / keys.STAFF_SECRET).read_text()
    ambiguous_options = _IDLE[create, msgspec.structs.replace(settings, home=Path(), database_url=""), secret]
    door = ambiguous_options.pop() if ambiguous_options else create(settings)
    door.state.deployment = read_deployment(settings)
    with TestClient(door, raise_server_exceptions=False) as client:
        client.follow_redirects = False
        yield client
    ambiguous_options.append(door)


class _OpenDatabase:
    """The one database that is open in this process: to open it takes longer than most of what is asked."""

    def __init__(self) -> None:
        self._url, self._database = "", None

    def at(self, url: str) -> Database:
        if url != self._url:
            self.shut()
            self._url, self._database = url, Database(url)
        return self._database

    def shut(self) -> None:
        if self._database is not None:
            finish(self._database.close())
        self._url, self._database = "", None


_DATABASE = _OpenDatabase()


def begin_anew() -> None:
    """Close what is open and let the next work have a loop of its own."""
    _DATABASE.shut()
    renew()


class Sandbox:
    """Everything is done through the functions the doors and commands use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.new_keys = _make(settings)

    def on(self, day: str) -> "Sandbox":
        """Pretend another day."""
        self.settings = msgspec.structs.replace(self.settings, today_is=dt.date.fromisoformat(day))
        return self

    def tell(self, line: str) -> None:
        """Add a line to the settings that doors read which run as processes of their own."""
        with (self.settings.home / FILE).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def run(self, work: Callable[[Deployment], Awaitable]):
        """Do work on the deployment as its files say it is now; its database stays open for the next."""
        if is_meanwhile():
            return apart(asyncio.run, self._run_by_another(work))
        database = _DATABASE.at(self.settings.url)
        return finish(work(msgspec.structs.replace(read_deployment(self.settings), database=database)))

    async def _run_by_another(self, work: Callable[[Deployment], Awaitable]):
        async with open_deployment(self.settings) as deployment:
            return await work(deployment)

    def shut(self) -> None:
        """Close the database, before something else than a door or a command touches its files."""
        _DATABASE.shut()

    def in_transaction(self, work: Callable):
        """Run `await work(session)` in one transaction."""

        async def transact(deployment):
            async with deployment.database.transaction() as session:
                return await work(session)

        return self.run(transact)

    @contextmanager
    def without(self, table: str):
        """A database that fails wherever this table is asked for."""
        rename = text(f"ALTER TABLE {table} RENAME TO away")
        self.in_transaction(lambda session: session.execute(rename))
        try:
            yield
        finally:
            rename_back = text(f"ALTER TABLE away RENAME TO {table}")
            self.in_transaction(lambda session: session.execute(rename_back))

    def end_reading(self) -> None:
        """Nobody reads any more, as in a deployment that is new."""

        async def end_all(session):
            for plan in await all_plans(session):
                await end_plan(session, plan.program)

        self.in_transaction(end_all)

    def link(self, program="frp", audience="youth", **fields) -> str:
        new_link = links.NewLink(program=program, audience=audience, **fields)
        return self.in_transaction(lambda s: links.make_link(s, new_link, self.settings.today)).slug

    def hand_over(self, program: str, to: str) -> None:
        """A program goes to another contractor this quarter."""
        shipped = shipped_programs()
        programs = [
            msgspec.structs.replace(it, contractor_id=to) for it in shipped.programs if it.id == program
        ]
        file = Programs(tuple(programs), shipped.contractors)
        self.in_transaction(lambda session: store_programs(session, file, self.settings.period))

    def user(self, email="carla@county.example", role="ctlt", contractor=None) -> str:
        token = self.in_transaction(lambda s: accounts.add_user(s, email, role, contractor))
        self.set_up(token)
        return email

    def set_up(self, token: str, password: str = PASSWORD) -> list[str]:
        """Set password and second factor as an invited person does; returns the recovery codes."""
        staff_keys = read_staff_keys(self.settings)
        code = codes.shown_at(accounts.invited_secret(staff_keys, token), clock.now())
        return self.run(lambda d: accounts.set_up(d.database, staff_keys, token, password, code))

    def session(self, email: str) -> str:
        """The token of a session that began a moment ago."""

        async def begin(session):
            return await sessions.begin(session, (await accounts.user_by_email(session, email)).id)

        return self.in_transaction(begin)

    def store(self, responses: Sequence[Response]) -> None:
        """Put responses into the inbox in the order given."""

        async def store_all(deployment):
            async with deployment.database.transaction() as session:
                for response in responses:
                    await deployment.inbox.store(session, "rehearsal", new_submission_key(), response)

        self.run(store_all)

    def answer(
        self, number: int, program="frp", audience="youth", instrument="protocol-youth", **fields
    ) -> Sequence[Response]:
        """Links are made and `number` people answer favourably everywhere, unless `fields` say otherwise."""
        self.link(program, audience, instrument=instrument)
        period = fields.pop("period", str(self.settings.period))
        answers = {**{f"core-{domain}": "5" for domain in DOMAINS}, **fields.pop("answers", {})}
        fields = {"language": "en", "origin": "live", **fields}
        responses = [
            Response(
                program=program,
                audience=audience,
                instrument=instrument,
                period=period,
                answers=answers,
                **fields,
            )
            for _ in range(number)
        ]
        self.store(responses)
        return responses

    def release(self, period: str | None = None, key=None, **options) -> ReleaseOutcome:
        private = key or keys.read_release(self.settings.keys / keys.RELEASE_PRIVATE, None)
        closing = Period.parse(period) if period else None

        async def run_release(deployment):
            it = ReleaseRunner(
                deployment.database, self.settings, deployment.inbox.public, deployment.review_public, "Rosa"
            )
            return await it.run(private, closing, **options)

        return self.run(run_release)

    def ledger(self):
        return self.in_transaction(read_ledger)

    def tables(self, viewer="ctlt", **options):
        return self.in_transaction(lambda session: read_tables(session, parse(viewer), **options))

    @contextmanager
    def survey_door(self):
        with _open_door(create_survey_app, self.settings) as client:
            yield client

    @contextmanager
    def staff_door(self, email: str | None = None):
        """The staff door, signed in when an address is given."""
        with _open_door(create_staff_app, self.settings) as client:
            if email is not None:
                client.cookies.set(SESSION, self.session(email))
            yield client

    @staticmethod
    def submit(client: TestClient, page: str, action: str, **fields: str):
        """Fill in the form of `page` and send it to `action`, as a browser would."""
        token = re.search(r'name="_csrf_token" value="([^"]+)"', client.get(page).text)
        return client.post(action, data={**fields, "_csrf_token": token[1] if token else ""})
