"""One deployment, open: its settings, its database, and the keys a serving process may hold."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from alembic.util import CommandError
from nacl.public import PublicKey
from sqlalchemy import Connection

from feedback.fieldwork.programs import names_in, store_programs
from feedback.inbox.rate_limit import RateLimit
from feedback.inbox.sealing import Inbox
from feedback.inbox.submission_keys import SubmissionKeys
from feedback.results.schedule import schedule
from feedback.settings import FILE, Settings
from feedback.staff import passwords
from feedback.storage import keys, migrations
from feedback.storage.database import Database
from feedback.storage.facts import Fact, note, read_fact
from feedback.storage.migrations.refusals import UpgradeRefused
from feedback.translations.words import CatalogCache
from surveys.registry import shipped_programs


class NotReady(Exception):
    """There is no deployment here yet, or it is of an older version; the message says what to run."""


class NewKeys(msgspec.Struct, frozen=True):
    """What `init` shows once and never again: the paper copy of each private key, by the key's name."""

    papers: dict[str, str]


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What decides a row's key and its noise. Nobody can guess it, but where all answers are made up."""

    noise: bytes
    inbox: bytes


class Deployment(msgspec.Struct, frozen=True):
    """Everything a door or a command works with."""

    settings: Settings
    database: Database
    inbox: Inbox
    review_public: PublicKey
    words: CatalogCache
    rate_limit: RateLimit
    framing: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """The sites that may frame a link, as last read: an error has to show where its page stood."""

    @property
    def submission_keys(self) -> SubmissionKeys:
        return SubmissionKeys(self.inbox.secret)


async def make_deployment(
    settings: Settings, passphrase: str | None, lines: str = "", made_up: Secrets | None = None
) -> NewKeys:
    """Make folder, database and keys, and load the plan's programs. Raises NotReady, PasswordRefused.

    `made_up` are secrets that somebody knows, so that a demonstration comes out alike each time. Raises
    ValueError for them where answers may be real.
    """
    if made_up and not settings.made_up:
        raise ValueError("Where answers are real nobody chooses the secrets of a deployment.")
    if (settings.keys / keys.RELEASE_PUBLIC).exists():
        raise NotReady(f"There is a deployment in {settings.home} already; nothing was changed.")
    if passphrase is not None:
        # It is all that stands between a stolen key file and every answer: no easier than a password.
        shipped = shipped_programs()
        names = names_in(shipped.programs, shipped.contractors)
        passwords.check(passphrase, noun="passphrase", names=names)
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.home.chmod(0o700)
    database = Database(settings.url)
    try:
        await migrate(database)
        async with database.transaction() as session:
            if await read_fact(session, Fact.FIRST_PERIOD) is not None:
                raise NotReady(
                    "The database belongs to a deployment already; its keys are in another folder."
                )
            await store_programs(session, shipped_programs(), settings.period)
            await note(session, Fact.FIRST_PERIOD, str(settings.period))
            if passphrase is None:
                await note(session, Fact.REHEARSAL, str(settings.period))
            await note(session, Fact.INBOX_REWRITTEN, settings.today.isoformat())
            await session.flush()
            # Last: a database that refuses leaves no keys behind whose paper copy nobody has seen.
            return _make_files(settings, passphrase, lines, made_up or _new_secrets())
    finally:
        await database.close()


def _new_secrets() -> Secrets:
    return Secrets(noise=secrets.token_bytes(keys.SECRET_BYTES), inbox=secrets.token_bytes(keys.SECRET_BYTES))


def _make_files(settings: Settings, passphrase: str | None, lines: str, own: Secrets) -> NewKeys:
    settings.keys.mkdir(mode=0o700, exist_ok=True)
    settings.keys.chmod(0o700)
    if not (settings.home / FILE).exists():
        (settings.home / FILE).write_text(f"# Every setting: docs/operating.md\n{lines}", encoding="utf-8")
    beside = {keys.RELEASE.name: own.noise}
    papers = {
        it.name: keys.make_pair(settings.keys, it, passphrase, beside.get(it.name, b"")) for it in keys.PAIRS
    }
    keys.write_new(settings.keys / keys.INBOX_SECRET, own.inbox.hex())
    keys.make_secret(settings.keys, keys.STAFF_SECRET)
    return NewKeys(papers)


async def migrate(database: Database) -> None:
    """Bring the database to today's tables, or change nothing. Raises NotReady when it is newer."""
    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade)


def upgrade(connection: Connection) -> None:
    """Bring the database to today's tables in the caller's transaction. Raises NotReady."""
    try:
        migrations.upgrade(connection)
    except CommandError as error:
        raise NotReady("The database is of a newer version than this program; update the program.") from error
    except UpgradeRefused as refused:
        raise NotReady(str(refused)) from refused


@asynccontextmanager
async def open_deployment(settings: Settings) -> AsyncIterator[Deployment]:
    """Open what `init` made. Raises NotReady."""
    deployment = read_deployment(settings)
    try:
        yield deployment
    finally:
        await deployment.database.close()


def read_deployment(settings: Settings) -> Deployment:
    """Read the keys a serving process may hold; the private halves are not among them. Raises NotReady."""
    try:
        release = settings.release_public_key or _read(settings, keys.RELEASE_PUBLIC)
        review = _read(settings, keys.REVIEW_PUBLIC)
        secret = keys.read_secret(_read(settings, keys.INBOX_SECRET), keys.INBOX_SECRET)
    except FileNotFoundError as error:
        raise NotReady(f"There is no deployment in {settings.home}; run `feedback init` first.") from error
    inbox = Inbox(keys.read_public(release), secret)
    words = CatalogCache(drafts=settings.offer_draft_languages)
    rate_limit = RateLimit(settings.answers_at_once, settings.answers_a_minute)
    return Deployment(settings, Database(settings.url), inbox, keys.read_public(review), words, rate_limit)


def read_staff_keys(settings: Settings) -> keys.StaffKeys:
    """Read what the staff door alone holds. Raises NotReady."""
    try:
        return keys.read_staff_keys(settings.keys)
    except keys.KeyRefused as error:
        raise NotReady(f"{error} Run `feedback init --upgrade`, which makes a missing one.") from error


def make_missing_secret(settings: Settings) -> None:
    """Make the staff door's secret where there is none: after an update, and after a restore.

    With a new one the codes of phones set up before are good no longer; passkeys are.
    """
    if not (settings.keys / keys.STAFF_SECRET).exists():
        keys.make_secret(settings.keys, keys.STAFF_SECRET)


def _read(settings: Settings, name: str) -> str:
    return (settings.keys / name).read_text(encoding="ascii").strip()


async def check_migrated(database: Database) -> None:
    """Raise NotReady when the database is of another version than the program."""
    async with database.engine.connect() as connection:
        if not await connection.run_sync(migrations.is_current):
            raise NotReady("The database is of another version; run `feedback init --upgrade` first.")


async def check_clock(deployment: Deployment) -> None:
    """Raise NotReady on a day that cannot be: a survey door would stamp answers with its quarter."""
    async with deployment.database.snapshot() as session:
        problem = (await schedule(session, deployment.settings)).clock_problem
    if problem:
        raise NotReady(f"{problem}: set this machine's clock (or FEEDBACK_TODAY) right first.")
