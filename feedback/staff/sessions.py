"""Sessions of the staff door: kept on the server as hashes, and ended by rest, by age, or by hand."""

import datetime as dt
import hashlib
import secrets

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import clock
from feedback.storage.staff_tables import SessionRow, UserRow

IDLE = dt.timedelta(hours=1)
ABSOLUTE = dt.timedelta(hours=12)
PENDING_FOR = dt.timedelta(minutes=10)
"""How long the page that asks for a code waits for it."""
_NOTED_EVERY = dt.timedelta(minutes=1)
"""A page must not wait for the database's one writer only to note that it was opened."""


async def begin(session: AsyncSession, user: int, *, pending: bool = False) -> str:
    """Start a session under a new id and return its token, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    at = clock.now()
    session.add(SessionRow(token=token_hash(token), user=user, started_at=at, seen_at=at, pending=pending))
    await session.flush()
    return token


async def user_of(session: AsyncSession, token: str, *, pending: bool = False) -> UserRow | None:
    """Whose session this is while it lasts; a half one is good only where a half one is asked for."""
    row = await session.get(SessionRow, token_hash(token))
    if row is None or row.pending != pending or _is_over(row):
        return None
    user = await session.get_one(UserRow, row.user)
    return None if user.disabled else user


async def needs_note(session: AsyncSession, token: str) -> bool:
    """Whether it is time to note that a session is still in use."""
    row = await session.get(SessionRow, token_hash(token))
    return row is not None and clock.now() - row.seen_at > _NOTED_EVERY


async def note_seen(session: AsyncSession, token: str) -> None:
    """Note that a session is in use, and forget those that are over."""
    await _delete_over(session)
    row = await session.get(SessionRow, token_hash(token))
    if row is not None:
        row.seen_at = clock.now()


async def end(session: AsyncSession, token: str) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.token == token_hash(token)))


async def end_all(session: AsyncSession, user: int, but: str = "") -> None:
    """End every session of a person, or every one but this."""
    others = SessionRow.token != token_hash(but)
    await session.execute(delete(SessionRow).where(SessionRow.user == user, others))


async def _delete_over(session: AsyncSession) -> None:
    at = clock.now()
    over = (SessionRow.seen_at < at - IDLE) | (SessionRow.started_at < at - ABSOLUTE)
    await session.execute(delete(SessionRow).where(over))


def _is_over(row: SessionRow) -> bool:
    at = clock.now()
    return at - row.seen_at > (PENDING_FOR if row.pending else IDLE) or at - row.started_at > ABSOLUTE


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
