"""Staging the demonstration: made-up answers sent as people would send them, released quarter by quarter.

What nobody may guess of real answers comes from the seed here: rows, and so their noise, are the same each
time, and two demonstrations of one day have one ledger. What opens a door or a sealed row is random here too.
"""

import asyncio
import random
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.stream import SALT_BYTES
from feedback.demo.model import MadeUpAnswer, made_up_quarter
from feedback.deployment import (
    Deployment,
    NotReady,
    Secrets,
    make_deployment,
    read_deployment,
    read_staff_keys,
)
from feedback.fieldwork import links
from feedback.fieldwork.programs import all_programs, note_asked
from feedback.fieldwork.reading_plans import ReadingPlan, record_plan
from feedback.fieldwork.totals import report_work
from feedback.release.runner import ReleaseOutcome, ReleaseRunner
from feedback.settings import FILE, Settings
from feedback.staff import accounts, codes
from feedback.storage import keys
from feedback.storage.database import Database
from feedback.translations.words import shipped_words
from surveys.answers import Response, read_answers
from surveys.instruments import shipped_instruments
from surveys.periods import Period
from surveys.registry import Program

QUARTERS = 12
SEED = 20_251_009
"""One in which what was planted is all that changes, in whichever quarter of these years it is staged."""
READERS = "Two youth advisers and a clinician, all made up"
DANGER = "The clinician calls 988 the same day."
"""Who reads, how many days after the results are due, and what happens with a danger to life."""
PEOPLE = (
    ("ctlt@example.org", "ctlt", None),
    ("reader@example.org", "reader", None),
    ("vista@example.org", "contractor", "vista-del-mar"),
    ("optimist@example.org", "contractor", "optimist-family-and-youth-services"),
    ("reviewer@example.org", "reviewer", None),
    ("translator@example.org", "translator", None),
    ("admin@example.org", "admin", None),
)


class Demonstration(msgspec.Struct, frozen=True):
    """A demonstration ready to be served, and what to tell whoever looks at it."""

    settings: Settings
    lines: tuple[str, ...]


def stage(
    home: Path, database_url: str, survey_port: int, staff_port: int, tell: Callable[[str], None]
) -> Demonstration:
    """Make the demonstration in `home`. Raises NotReady where something else lives."""
    _make_room(home)
    settings = Settings(
        home=home,
        database_url=database_url,
        survey_url=f"http://127.0.0.1:{survey_port}",
        staff_url=f"http://localhost:{staff_port}",
        offer_draft_languages=True,
        made_up=True,
    )
    return asyncio.run(_stage(settings, tell))


def _make_room(home: Path) -> None:
    """Remove an earlier demonstration, and only that: its settings say that its answers are made up."""
    if not home.exists():
        return
    settings_file = home / FILE
    if not settings_file.exists() or "made_up = true" not in settings_file.read_text(encoding="utf-8"):
        raise NotReady(f"{home} holds something that is not a demonstration; choose another folder.")
    shutil.rmtree(home)


async def _stage(settings: Settings, tell: Callable[[str], None]) -> Demonstration:
    if settings.database_url:
        await _check_empty(settings)
    last = settings.period + -1
    first = last + (1 - QUARTERS)
    lines = "made_up = true\noffer_draft_languages = true\n"
    lines += f'survey_url = "{settings.survey_url}"\nstaff_url = "{settings.staff_url}"\n'
    demo_secrets = {name: _by_seed(name).randbytes(keys.SECRET_BYTES) for name in ("noise", "inbox")}
    await make_deployment(_as_of(settings, first, is_due=False), None, lines, Secrets(**demo_secrets))
    n_answers = 0
    for step in range(QUARTERS):
        period = first + step
        n_answers += await _live_through(settings, period, first)
        outcome = await _release(_as_of(settings, period, is_due=True))
        tell(f"{period}: {n_answers} made-up answers sent so far, {outcome.batches} batches released.")
    return Demonstration(settings, tuple(await _describe(settings)))


def _by_seed(*parts: object) -> random.Random:
    """A generator of its own for each thing, so that no order of calls changes anything."""
    return random.Random("/".join(map(str, (SEED, *parts))))  # noqa: S311 - made-up answers have to repeat


async def _check_empty(settings: Settings) -> None:
    database = Database(settings.url)
    try:
        async with database.engine.connect() as connection:
            if await connection.run_sync(lambda sync: inspect(sync).get_table_names()):
                raise NotReady("The database is not empty; a demonstration needs one of its own.")
    finally:
        await database.close()


def _as_of(settings: Settings, period: Period, *, is_due: bool) -> Settings:
    """Pretend a day: the last of the quarter, or the one on which its release is due."""
    return msgspec.structs.replace(settings, today_is=settings.due_on(period) if is_due else period.ends)


async def _live_through(settings: Settings, period: Period, first: Period) -> int:
    """Send a quarter's made-up answers through the functions of the form and of the paper page."""
    deployment = read_deployment(_as_of(settings, period, is_due=False))
    languages = [language.tag for language in shipped_words(drafts=True).offered()]
    try:
        async with deployment.database.transaction() as session:
            programs = await all_programs(session)
            if period == first:
                await _hang_up_links(session, deployment, programs)
            slugs = {(it.program.id, it.audience): it.slug for it in await links.all_links(session)}
            n_answers = 0
            for program in programs:
                quarter = made_up_quarter(program, period, first, SEED, languages)
                await report_work(session, quarter.work)
                for number, answer in enumerate(quarter.answers):
                    rng = _by_seed(program.id, period, number)
                    await _send(session, deployment, program, answer, slugs[program.id, answer.audience], rng)
                n_answers += len(quarter.answers)
        return n_answers
    finally:
        await deployment.database.close()


async def _hang_up_links(session: AsyncSession, deployment: Deployment, programs: Sequence[Program]) -> None:
    for program in programs:
        plan = ReadingPlan(
            program=program.id,
            readers=READERS,
            days=14,
            danger=DANGER,
            recorded_on=deployment.settings.today,
        )
        await record_plan(session, deployment.settings, plan)
        for audience in program.audiences:
            link = links.NewLink(program=program.id, audience=audience, place="demonstration")
            slug = links.new_slug(_by_seed(program.id, audience).choice)
            await links.make_link(session, link, deployment.settings.today, slug)


async def _send(
    session: AsyncSession,
    deployment: Deployment,
    program: Program,
    answer: MadeUpAnswer,
    slug: str,
    rng: random.Random,
) -> None:
    period = str(deployment.settings.period)
    answers = read_answers(shipped_instruments()[answer.instrument], answer.fields)
    response = Response(
        program=program.id,
        audience=answer.audience,
        instrument=answer.instrument,
        language=answer.language,
        period=period,
        origin="entered" if answer.on_paper else "live",
        answers=answers,
        consent=answer.consent,
        entered=period if answer.on_paper else None,
    )
    if answer.on_paper:
        await note_asked(session, program.id, answer.audience, answer.instrument)
    submission_key, salt = rng.randbytes(SALT_BYTES).hex(), rng.randbytes(SALT_BYTES)
    await deployment.inbox.store(session, slug, submission_key, response, 0, salt)


async def _release(settings: Settings) -> ReleaseOutcome:
    deployment = read_deployment(settings)
    try:
        runner = ReleaseRunner(
            deployment.database,
            settings,
            deployment.inbox.public,
            deployment.review_public,
            "demonstration",
        )
        return await runner.run(keys.read_release(settings.keys / keys.RELEASE_PRIVATE, None))
    finally:
        await deployment.database.close()


async def _describe(settings: Settings) -> list[str]:
    """One sign-in per role with a password of this run, and a few addresses to open."""
    deployment = read_deployment(settings)
    lines = [
        "",
        "Every answer is made up. Sign in to the staff door with a password, and then with the code that",
    ]
    lines += [
        "an authenticator app makes of the second factor, or with the recovery code, which is good once:"
    ]
    try:
        for email, role, contractor in PEOPLE:
            lines += await _sign_in(deployment, email, role, contractor)
        async with deployment.database.snapshot() as session:
            lines += ["", f"Staff door:  {settings.staff_url}/sign-in", "Surveys to answer on a phone:"]
            for it in await links.all_links(session):
                if it.program.id in ("frp", "advocacy-vista", "pep", "community"):
                    lines.append(f"  {settings.survey_address(it.slug)}   {it.program.short}, {it.audience}")
            lines += [f"What the public sees:  {settings.survey_url}/heard", ""]
    finally:
        await deployment.database.close()
    return lines


async def _sign_in(deployment: Deployment, email: str, role: str, contractor: str | None) -> list[str]:
    """Make an account as an invited person would, and say what signs in to it."""
    keys_here, password = read_staff_keys(deployment.settings), secrets.token_urlsafe(9)
    account = await accounts.ready_account(deployment.database, keys_here, email, role, contractor, password)
    second_factor, recovery_code = codes.manual_key(account.secret), account.recovery_codes[0]
    return [
        f"  {role:11} {email:24} password {password}",
        f"{'':39}second factor {second_factor}   recovery code {recovery_code}",
    ]
