"""Staff accounts: who there is, in which role, and how a person gets in for the first time."""

import datetime as dt
import re
import secrets
from typing import Literal

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing import viewers
from analysis.publishing.viewers import CTLT, READER, Viewer
from feedback import clock
from feedback.fieldwork.programs import known_names
from feedback.staff import codes, passwords, sessions
from feedback.staff.passwords import PasswordRefused
from feedback.storage.database import Database
from feedback.storage.keys import StaffKeys
from feedback.storage.staff_tables import InvitationRow, PasskeyRow, RecoveryCodeRow, UserRow
from feedback.storage.tables import ContractorRow

Role = Literal["ctlt", "reader", "contractor", "reviewer", "translator", "admin"]
ROLES: tuple[Role, ...] = ("ctlt", "reader", "contractor", "reviewer", "translator", "admin")
LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._%+'&/-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""Stricter than the standard: one that begins like a formula would be one in somebody's spreadsheet."""
INVITED_FOR = dt.timedelta(days=7)
_OVER = "This address was used already or is over. Ask an admin for a new one."


class AccountRefused(Exception):
    """An account cannot be made or changed; the message says why, and `problems` says it field by field."""

    def __init__(self, why: str = "", **problems: str) -> None:
        super().__init__(why or " ".join(problems.values()))
        self.problems = problems


class CodeRefused(PasswordRefused):
    """The six digits are not those that the phone shows."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is signed in."""

    id: int
    email: str
    role: Role
    contractor: str | None

    @property
    def viewer(self) -> Viewer | None:
        """As whom this account reads published tables; None reads none."""
        if self.contractor and self.role == "contractor":
            return viewers.contractor(self.contractor)
        return {"ctlt": CTLT, "reader": READER}.get(self.role)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account as an admin sees it: who and how far, and nothing that opens a door."""

    id: int
    email: str
    role: Role
    contractor: str | None
    disabled: bool
    is_set_up: bool
    passkeys: int


class SecondFactors(msgspec.Struct, frozen=True):
    """What signs in to an account besides its password."""

    secret: bytes
    recovery_codes: list[str]


def account_of(user: UserRow) -> Account:
    fields = {"id": user.id, "email": user.email, "role": user.role, "contractor": user.contractor}
    return msgspec.convert(fields, Account)


async def add_user(session: AsyncSession, email: str, role: str, contractor: str | None) -> str:
    """Make an account and return the token of its one-time address. Raises AccountRefused."""
    problems = await _role_problems(session, role, contractor)
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        problems = {"email": f"“{email}” is not an email address.", **problems}
    elif (await session.execute(select(UserRow.id).where(UserRow.email == email.lower()))).first():
        problems = {"email": f"{email} has an account already.", **problems}
    if problems:
        raise AccountRefused(**problems)
    user = UserRow(email=email.lower(), role=role, contractor=contractor)
    session.add(user)
    await session.flush()
    return await _invite(session, user.id)


async def _role_problems(session: AsyncSession, role: str, contractor: str | None) -> dict[str, str]:
    """What is wrong with a role and its contractor, field by field."""
    if not role:
        return {"role": "No role was chosen."}
    if role not in ROLES:
        return {"role": f"“{role}” is not one of the roles {', '.join(ROLES)}."}
    if role == "contractor" and contractor is None:
        return {"contractor": "An account of the role contractor needs its contractor."}
    if role != "contractor" and contractor is not None:
        return {"contractor": f"An account of the role {role} has no contractor."}
    if contractor is not None and await session.get(ContractorRow, contractor) is None:
        return {"contractor": f"There is no contractor “{contractor}”."}
    return {}


async def _invite(session: AsyncSession, user: int) -> str:
    await session.execute(delete(InvitationRow).where(InvitationRow.user == user))
    token = secrets.token_urlsafe(32)
    until = clock.now() + INVITED_FOR
    session.add(InvitationRow(token=sessions.token_hash(token), user=user, expires_at=until))
    return token


async def invite_again(session: AsyncSession, email: str) -> str:
    """A new one-time address for somebody who lost what they sign in with; until used it changes nothing.

    Raises AccountRefused.
    """
    user = await user_by_email(session, email)
    if user.disabled:
        raise AccountRefused(f"{user.email} is disabled; enable the account first.")
    return await _invite(session, user.id)


async def invited_email(session: AsyncSession, token: str) -> str | None:
    """The address an invitation is for, or None when it is unknown, used or over."""
    user = await _invited_user(session, token)
    return None if user is None else user.email


async def _invited_user(session: AsyncSession, token: str) -> UserRow | None:
    row = await session.get(InvitationRow, sessions.token_hash(token))
    if row is None or row.expires_at < clock.now():
        return None
    user = await session.get_one(UserRow, row.user)
    return None if user.disabled else user


async def set_up(database: Database, keys: StaffKeys, token: str, password: str, code: str) -> list[str]:
    """Set the password and the second factor that an invitation asks for, both or neither.

    What opened the account before is good no longer, and every session ends. Returns recovery codes, to be
    shown once. Raises AccountRefused, PasswordRefused, CodeRefused or codes.ClockOff.
    """
    async with database.snapshot() as session:
        email = await invited_email(session, token)
    if email is None:
        raise AccountRefused(_OVER)
    await check_password(database, password, email)
    secret = invited_secret(keys, token)
    step = codes.step_of(secret, code, clock.now(), None)
    if step is None:
        codes.check_clock(secret, code, clock.now(), None, ahead=True)
        raise CodeRefused("These six digits are not the ones your phone shows now. Type the next ones.")
    password_hash = await passwords.hash_of(password)
    async with database.transaction() as session:
        user = await _invited_user(session, token)
        if user is None:
            raise AccountRefused(_OVER)
        user.password = password_hash
        user.second_factor, user.last_step = codes.seal(keys, secret), step
        await session.execute(delete(InvitationRow).where(InvitationRow.user == user.id))
        await session.execute(delete(PasskeyRow).where(PasskeyRow.user == user.id))
        await sessions.end_all(session, user.id)
        return await new_recovery_codes(session, keys, user.id)


async def check_password(database: Database, password: str, email: str) -> None:
    """Raise PasswordRefused for one that is easy to guess for whoever knows this deployment."""
    async with database.snapshot() as session:
        names = await known_names(session)
    passwords.check(password, email, names=names)


async def ready_account(
    database: Database, keys: StaffKeys, email: str, role: str, contractor: str | None, password: str
) -> SecondFactors:
    """Make an account as an invited person with a phone would: for the demonstration and the bench."""
    async with database.transaction() as session:
        token = await add_user(session, email, role, contractor)
    secret = invited_secret(keys, token)
    code = codes.shown_at(secret, clock.now())
    return SecondFactors(secret, await set_up(database, keys, token, password, code))


def invited_secret(keys: StaffKeys, token: str) -> bytes:
    """What the phone of an invited person will make its codes from."""
    return codes.new_secret(keys, "invitation", token)


async def new_recovery_codes(session: AsyncSession, keys: StaffKeys, user: int) -> list[str]:
    """Replace a person's recovery codes; the old ones are good no longer."""
    await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user == user))
    recovery_codes = codes.new_recovery_codes()
    session.add_all(RecoveryCodeRow(code=codes.recovery_hash(keys, it), user=user) for it in recovery_codes)
    return recovery_codes


async def user_by_email(session: AsyncSession, email: str) -> UserRow:
    """Raises AccountRefused."""
    user = (await session.execute(select(UserRow).where(UserRow.email == email.lower()))).scalar()
    if user is None:
        raise AccountRefused(f"{email} has no account.")
    return user


async def set_disabled(session: AsyncSession, email: str, *, disabled: bool) -> None:
    """Keep somebody out from this moment on, or let them in again. Raises AccountRefused."""
    user = await user_by_email(session, email)
    user.disabled = disabled
    await sessions.end_all(session, user.id)
    await session.execute(delete(InvitationRow).where(InvitationRow.user == user.id))


async def change_role(session: AsyncSession, email: str, role: str, contractor: str | None) -> None:
    """Give somebody another role; they sign in again to it. Raises AccountRefused."""
    user = await user_by_email(session, email)
    if problems := await _role_problems(session, role, contractor):
        raise AccountRefused(**problems)
    user.role, user.contractor = role, contractor
    await sessions.end_all(session, user.id)


async def people(session: AsyncSession) -> list[Person]:
    query = (
        select(UserRow, func.count(PasskeyRow.id))
        .outerjoin(PasskeyRow, PasskeyRow.user == UserRow.id)
        .group_by(UserRow.id)
        .order_by(UserRow.email)
    )
    return [
        Person(
            **msgspec.structs.asdict(account_of(user)),
            disabled=user.disabled,
            is_set_up=user.password is not None and user.second_factor is not None,
            passkeys=passkeys,
        )
        for user, passkeys in await session.execute(query)
    ]
