"""What the operator should know today: what is well, and what needs somebody."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.deployment import Deployment
from feedback.fieldwork.reading_plans import ReadingPlan, all_plans
from feedback.inbox.shuffle import last_rewritten
from feedback.languages import SOURCE, Language
from feedback.release.ledgerfiles import ledger_path
from feedback.release.vouching import problems, unfounded
from feedback.results.queries import read_releases
from feedback.results.schedule import Schedule, is_rehearsal, restored_on, schedule
from feedback.settings import Settings, told_by_environment
from feedback.staff.audit import Chain, read_chain
from feedback.storage import keys
from feedback.storage.facts import Fact, read_fact
from feedback.translations.catalogs import Counts
from feedback.translations.sections import messages_in
from feedback.translations.words import messages_here
from surveys.help import help_lines

_UNWRITTEN = dt.timedelta(days=2)
"""Longer than this an inbox is not left as it came in without somebody being told."""


class Finding(msgspec.Struct, frozen=True):
    """One sentence, and whether all is well with it."""

    well: bool
    sentence: str


def _private_key(settings: Settings, pair: keys.Pair) -> Finding:
    try:
        wrapped = keys.needs_passphrase(settings.keys / pair.private)
    except keys.KeyRefused as refused:
        return Finding(False, str(refused))
    if wrapped:
        return Finding(
            True, f"The private {pair.name} key is on this machine, wrapped; in production keep it elsewhere."
        )
    return Finding(
        settings.made_up, f"The private {pair.name} key has no passphrase: for rehearsals and tests only."
    )


def _rewriting(day: dt.date | None, settings: Settings) -> Finding:
    history = f"last rewritten in random order on {day}" if day else "never rewritten in random order"
    if day and settings.today - day <= _UNWRITTEN:
        return Finding(True, f"The inbox was {history}.")
    return Finding(
        False, f"The inbox was {history}; a running survey door does it every day: see that one runs."
    )


async def _languages(session: AsyncSession, deployment: Deployment) -> list[tuple[Language, Counts, bool]]:
    words = await deployment.words.now(session)
    sources = [message.source for message in messages_in(await messages_here(session))]
    offered = words.offered()
    catalogs = (it for it in words.catalogs.values() if it.language is not SOURCE)
    return [(it.language, it.count(sources), it.language in offered) for it in catalogs]


def _language(tag: str, counts: Counts, *, offered: bool, drafts: bool) -> Finding:
    """One that respondents would have but for what is missing needs somebody; a draft may wait."""
    sentence = f"{tag}: {counts.reviewed} of {counts.messages} messages are reviewed by a person"
    if counts.changed:
        sentence += f", the English of {counts.changed} changed since"
    if counts.missing:
        sentence += f", {counts.missing} are missing"
    well = counts.is_whole or not (drafts or counts.draft == 0)
    return Finding(well, f"{sentence}; {'it is' if offered else 'not'} offered to respondents.")


async def examine(deployment: Deployment) -> list[Finding]:
    return [finding async for finding in _findings(deployment)]


async def _findings(deployment: Deployment) -> AsyncIterator[Finding]:
    settings = deployment.settings
    async with deployment.database.snapshot() as session:
        yield Finding(True, f"The database answers: {deployment.database.engine.dialect.name}.")
        languages = await _languages(session, deployment)
        now = await schedule(session, settings)
        for finding in _calendar(now, settings, is_real=not await is_rehearsal(session)):
            yield finding
        for finding in await _ledger(session, settings):
            yield finding
        if await read_fact(session, Fact.COMPACTION_DUE) is not None:
            yield Finding(
                False,
                "What was deleted last is not overwritten yet; a running survey door tries again every hour.",
            )
        if (day := await restored_on(session)) is not None:
            yield Finding(
                False,
                f"This deployment was restored on {day}: the next `feedback release` asks for the newest"
                " ledger file that any release left. Have it at hand.",
            )
        rewritten_on, plans = await last_rewritten(session), await all_plans(session)
        chain = await read_chain(session)
    state = (_rewriting(rewritten_on, settings), *_reading(plans, settings), *_audit_log(chain))
    for finding in (*state, *_around(settings), _fingerprints(deployment)):
        yield finding
    for language, counts, offered in languages:
        if not counts.is_reviewed:
            yield _language(language.tag, counts, offered=offered, drafts=settings.offer_draft_languages)


async def _ledger(session: AsyncSession, settings: Settings) -> list[Finding]:
    """Whether the ledger and all that was published are as each release left them, and follow from it."""
    if not (releases := await read_releases(session)):
        return []
    newest = ledger_path(settings, releases[0].period)
    file_finding = (
        Finding(True, f"The newest ledger file is {newest.name}: keep it with the newest backup.")
        if newest.exists()
        else Finding(False, f"{newest.name} is missing: `feedback release --dry-run` writes it anew.")
    )
    sentences = [problem async for problem in problems(session)] or [
        problem async for problem in unfounded(session)
    ]
    if sentences:
        return [file_finding, *(Finding(False, problem) for problem in sentences)]
    return [
        file_finding,
        Finding(
            True,
            "The ledger is as the last release left it, and what was published follows from it: fingerprint"
            f" {releases[0].chain_sha256}.",
        ),
    ]


def _calendar(now: Schedule, settings: Settings, *, is_real: bool) -> Iterator[Finding]:
    if now.is_due:
        yield Finding(
            False, f"The release of {now.next_period} is due since {now.due_on}: run `feedback release`."
        )
    else:
        yield Finding(True, f"The next release is {now.next_period}, due on {now.due_on}.")
    if now.clock_problem:
        yield Finding(False, f"{now.clock_problem}: no survey door opens before the clock is right.")
    if settings.today_is and is_real and not settings.made_up:
        yield Finding(
            False, f"The date is pretended, {settings.today}: unset FEEDBACK_TODAY where answers are real."
        )


def _around(settings: Settings) -> Iterator[Finding]:
    for pair in keys.PAIRS:
        if (settings.keys / pair.private).exists():
            yield _private_key(settings, pair)
    variables = ", ".join(f"{name}={value or '-'}" for name, value in told_by_environment(settings).items())
    yield Finding(True, f"Settings: {variables}.")
    yield from _help(settings)


def _reading(plans: Sequence[ReadingPlan], settings: Settings) -> Iterator[Finding]:
    if plans and not settings.made_up:
        yield Finding(
            False,
            f"Words are asked for about {', '.join(it.program for it in plans)}, and nobody can open one yet:"
            " these plans were recorded for made-up answers. End each with `feedback reading end`.",
        )


def _fingerprints(deployment: Deployment) -> Finding:
    release, review = (
        keys.fingerprint(bytes(key)) for key in (deployment.inbox.public, deployment.review_public)
    )
    return Finding(
        True,
        f"Answers are sealed with the release key {release}, comments with the review key {review}: compare"
        " with the paper copies.",
    )


def _audit_log(chain: Chain) -> Iterator[Finding]:
    state = "is unbroken" if chain.broken is None else f"breaks at entry {chain.broken}"
    yield Finding(
        chain.broken is None,
        f"The audit log {state}: {chain.entries} entries, last hash {chain.last}. A log whose end was cut off"
        " looks unbroken too: compare both with what you wrote down.",
    )
    if not chain.guarded:
        yield Finding(
            False, "The database does not refuse changes to the audit log any more: its triggers are missing."
        )


def _help(settings: Settings) -> Iterator[Finding]:
    for line in help_lines(whole=True):
        if line.is_overdue(settings.today):
            yield Finding(
                False,
                f"Help line {line.id}: call it and compare; the review was due on {line.review_by}"
                " (surveys/help.toml).",
            )
