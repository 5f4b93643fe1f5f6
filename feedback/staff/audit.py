"""The audit log of the staff door and the commands: who, what, object, when.

Never an answer, never how many wait, and never a row caused by a respondent. The database refuses to change
or delete an entry (migration 0005). Whoever may change the database can take that refusal away: then the
chain of hashes shows a change, and an entry missing before others. It cannot show that the end was cut off,
or that the whole log was written anew: for that, the number of entries and the last hash are compared with
what somebody wrote down elsewhere.
"""

import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Literal, get_args

import msgspec
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import clock
from feedback.clock import LOS_ANGELES
from feedback.storage.facts import Fact, hold
from feedback.storage.staff_tables import AuditRow
from surveys.characters import is_readable

PAGE = 100
LONGEST = 800
"""Long enough for every number of a report of work, before and after, and the reason of a change."""
Show = Literal["changes", "views", "everything"]
SHOWS: tuple[Show, ...] = get_args(Show)
VIEWS = ("view", "sign-in", "sign-out")
"""Somebody looked, came in or went out: nothing is different afterwards, and nothing was taken away.

Every other action is a change, one that is new too. So are a file that was exported, a release that was
tried, and a sign-in that failed or had to wait: whoever looks after admins must not have to look for these.
"""
_A_DAY = dt.timedelta(days=1)
_CHUNK = 5_000
_START = "0" * 64
_COLUMNS = (AuditRow.id, AuditRow.at, AuditRow.who, AuditRow.action, AuditRow.object, AuditRow.hash)
_GUARDS = {
    "sqlite": "SELECT count(*) = 3 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'",
    "postgresql": "SELECT count(*) = 1 FROM pg_trigger"
    " WHERE tgrelid = 'audit'::regclass AND NOT tgisinternal AND tgenabled = 'A'",
}


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as it is stored; the time is universal time."""

    id: int
    at: dt.datetime
    who: str
    action: str
    object: str
    hash: str


class Chain(msgspec.Struct, frozen=True):
    """The whole log in a few words: what to compare with what somebody wrote down."""

    entries: int
    last: str
    broken: int | None
    """The first entry that does not follow from the one before it."""
    guarded: bool
    """Whether the database refuses changes."""


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries somebody looks for; an empty word or no day means all."""

    who: str = ""
    action: str = ""
    object: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    """Days of Los Angeles, both included."""
    show: Show = "everything"


class LogPage(msgspec.Struct, frozen=True):
    """One page of the log, newest first, and where the pages beside it begin."""

    entries: Sequence[LogEntry]
    older: int | None
    newer: int | None


async def wait_in_line(session: AsyncSession) -> None:
    """Let nobody else write an entry until this transaction is over; who comes second waits here."""
    await hold(session, Fact.AUDIT_TURN)


async def record(session: AsyncSession, who: str, action: str, subject: str) -> None:
    """Write one entry, chained to the one before it, in the caller's transaction."""
    # Two entries at once would both follow the same one and break the chain.
    await wait_in_line(session)
    latest = select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
    previous = (await session.execute(latest)).scalar() or _START
    at = clock.now()
    who, action, subject = _line(who), _line(action), _line(subject)
    session.add(
        AuditRow(
            at=at, who=who, action=action, object=subject, hash=_hash(previous, at, who, action, subject)
        )
    )
    await session.flush()


def _line(words: str) -> str:
    """A file may have any name: what would end the line, or turn it round, is not written as it is."""
    line = "".join(it if is_readable(it) else "\ufffd" for it in words)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


async def entries(session: AsyncSession) -> AsyncIterator[Sequence[LogEntry]]:
    """Every entry, oldest first, some thousands at a time: row by row a long log takes ten times as long."""
    query = select(*_COLUMNS).order_by(AuditRow.id).limit(_CHUNK)
    rows = (await session.execute(query)).mappings().all()
    while rows:
        yield [LogEntry(**row) for row in rows]
        rows = (await session.execute(query.where(AuditRow.id > rows[-1]["id"]))).mappings().all()


async def read_chain(session: AsyncSession) -> Chain:
    """Recompute the chain from its first entry to its last."""
    count, previous, broken = 0, _START, None
    async for chunk in entries(session):
        for it in chunk:
            if broken is None and it.hash != _hash(previous, it.at, it.who, it.action, it.object):
                broken = it.id
            previous = it.hash
        count += len(chunk)
    guarded = (await session.execute(text(_GUARDS[session.get_bind().dialect.name]))).scalar_one()
    return Chain(count, previous, broken, bool(guarded))


async def read_log_page(
    session: AsyncSession, log_filter: LogFilter, *, before: int | None = None, after: int | None = None
) -> LogPage:
    """The newest of those wanted; with `before` the next older ones, with `after` the next newer ones."""
    query = _query(log_filter)
    if after is not None:
        # The oldest of the newer ones, so that no entry falls between two pages.
        query = query.where(AuditRow.id > after).order_by(AuditRow.id)
    else:
        query = query.order_by(AuditRow.id.desc())
    if before is not None:
        query = query.where(AuditRow.id < before)
    rows = [LogEntry(**row) for row in (await session.execute(query.limit(PAGE))).mappings()]
    page = sorted(rows, key=lambda it: it.id, reverse=True)
    if not page:
        return LogPage((), None, None)
    older = await _is_any(session, _query(log_filter).where(AuditRow.id < page[-1].id))
    newer = await _is_any(session, _query(log_filter).where(AuditRow.id > page[0].id))
    return LogPage(page, page[-1].id if older else None, page[0].id if newer else None)


def _query(log_filter: LogFilter) -> Select[int, dt.datetime, str, str, str, str]:
    query = select(*_COLUMNS)
    if log_filter.who:
        query = query.where(AuditRow.who == log_filter.who)
    if log_filter.action:
        query = query.where(AuditRow.action == log_filter.action)
    if log_filter.object:
        query = query.where(AuditRow.object.icontains(log_filter.object, autoescape=True))
    if log_filter.first:
        query = query.where(AuditRow.at >= _begins(log_filter.first))
    if log_filter.last and log_filter.last < dt.date.max:
        query = query.where(AuditRow.at < _begins(log_filter.last + _A_DAY))
    if log_filter.show != "everything":
        is_view = AuditRow.action.in_(VIEWS)
        query = query.where(is_view if log_filter.show == "views" else ~is_view)
    return query


def _begins(day: dt.date) -> dt.datetime:
    """When a day begins in Los Angeles, as the column holds it. When clocks change it has 23 or 25 hours."""
    midnight = dt.datetime.combine(day, dt.time(), LOS_ANGELES)
    return midnight.astimezone(dt.UTC).replace(tzinfo=None)


async def _is_any(session: AsyncSession, query: Select[int, dt.datetime, str, str, str, str]) -> bool:
    return (await session.execute(query.limit(1))).first() is not None


async def people_and_actions(session: AsyncSession) -> tuple[list[str], list[str]]:
    """Whom and what one can look for."""
    people = await session.execute(select(AuditRow.who).distinct().order_by(AuditRow.who))
    actions = await session.execute(select(AuditRow.action).distinct().order_by(AuditRow.action))
    return list(people.scalars()), list(actions.scalars())


def _hash(previous: str, at: dt.datetime, who: str, action: str, subject: str) -> str:
    content = msgspec.json.encode([previous, at.isoformat(), who, action, subject])
    return hashlib.sha256(content).hexdigest()
