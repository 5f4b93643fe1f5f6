"""Staff accounts: who may sign in, in which role, and the sessions they hold."""

import datetime as dt
import functools
import hashlib
import re
import secrets
from typing import Literal

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.tables import ContractorRow, InvitationRow, SessionRow, UserRow

Role = Literal["ctlt", "contractor", "reviewer", "translator", "admin"]
ROLES: tuple[Role, ...] = ("ctlt", "contractor", "reviewer", "translator", "admin")
LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._%+'&/-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""Stricter than the standard: one that begins like a formula would be one in somebody's spreadsheet."""
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_000
INVITED_FOR = dt.timedelta(days=7)
IDLE = dt.timedelta(hours=1)
ABSOLUTE = dt.timedelta(hours=12)
_HASHER = PasswordHasher(time_cost=2, memory_cost=48 * 1024, parallelism=1)
"""Argon2id with 48 MiB (OWASP's first choice is 46), so that a stolen table is slow to guess at."""


class AccountRefused(Exception):
    """An account cannot be made or a password not set; the message says why."""


class Account(msgspec.Struct, frozen=True):
    """A signed-in member of staff."""

    id: int
    email: str
    role: Role
    contractor: str | None

    @property
    def viewer(self) -> str | None:
        """As whom this account reads published tables; None reads none."""
        if self.role == "contractor":
            return f"contractor:{self.contractor}"
        return "ctlt" if self.role == "ctlt" else None


async def add_user(session: AsyncSession, email: str, role: str, contractor: str | None) -> str:
    """Make an account and return the token of its one-time address. Raises AccountRefused."""
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise AccountRefused(f"“{email}” is not an email address.")
    if (role == "contractor") != (contractor is not None):
        raise AccountRefused("A contractor's account, and no other, names its contractor.")
    if contractor is not None and await session.get(ContractorRow, contractor) is None:
        raise AccountRefused(f"There is no contractor “{contractor}”.")
    if (await session.execute(select(UserRow.id).where(UserRow.email == email.lower()))).first():
        raise AccountRefused(f"{email} has an account already.")
    user = UserRow(email=email.lower(), role=role, contractor=contractor)
    session.add(user)
    await session.flush()
    token = secrets.token_urlsafe(32)
    session.add(InvitationRow(token=_hash(token), user=user.id, expires_at=_now() + INVITED_FOR))
    return token


async def invited(session: AsyncSession, token: str) -> str | None:
    """The address an invitation is for, or None when it is unknown, used or over."""
    row = await session.get(InvitationRow, _hash(token))
    if row is None or row.expires_at < _now():
        return None
    return (await session.get_one(UserRow, row.user)).email


async def set_password(session: AsyncSession, token: str, password: str) -> None:
    """Set the password an invitation asks for; it and every session end. Raises AccountRefused."""
    row = await session.get(InvitationRow, _hash(token))
    if row is None or row.expires_at < _now():
        raise AccountRefused("This address was used already or is over. Ask an admin for a new one.")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountRefused(
            f"A password has {SHORTEST_PASSWORD} characters or more, and at most {LONGEST_PASSWORD:,}."
        )
    user = await session.get_one(UserRow, row.user)
    user.password = _HASHER.hash(password)
    await session.delete(row)
    await session.execute(delete(SessionRow).where(SessionRow.user == user.id))


@functools.cache
def _nobody() -> str:
    """A hash that no password has, so that an unknown address takes as long as a known one."""
    return _HASHER.hash(secrets.token_urlsafe(32))


async def sign_in(session: AsyncSession, email: str, password: str) -> str | None:
    """Start a session and return its token, or None; the caller cannot tell which part was wrong."""
    found = await session.execute(select(UserRow).where(UserRow.email == email.strip().lower()))
    user = found.scalars().first()
    known = user is not None and user.password is not None and not user.disabled
    if len(password) > LONGEST_PASSWORD:
        return None
    try:
        _HASHER.verify(user.password if known and user and user.password else _nobody(), password)
    except VerificationError:
        return None
    if not known or user is None:
        return None
    token = secrets.token_urlsafe(32)
    session.add(SessionRow(token=_hash(token), user=user.id, started_at=_now(), seen_at=_now()))
    return token


async def signed_in(session: AsyncSession, token: str) -> Account | None:
    """The account a session token belongs to, while the session is neither idle nor too old."""
    row = await session.get(SessionRow, _hash(token))
    if row is None:
        return None
    now = _now()
    user = await session.get_one(UserRow, row.user)
    if now - row.seen_at > IDLE or now - row.started_at > ABSOLUTE or user.disabled:
        await session.delete(row)
        return None
    row.seen_at = now
    return msgspec.convert(
        {"id": user.id, "email": user.email, "role": user.role, "contractor": user.contractor}, Account
    )


async def sign_out(session: AsyncSession, token: str) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.token == _hash(token)))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
