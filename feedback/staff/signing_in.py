"""Signing in: a password and then a code, each try counted before it is looked at."""

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import clock
from feedback.staff import codes, passwords, sessions, sign_in_backoff
from feedback.staff.accounts import Account, account_of
from feedback.staff.audit import record
from feedback.staff.lines import KNOWN, STRANGERS, WaitingLine
from feedback.storage.database import Database
from feedback.storage.keys import StaffKeys
from feedback.storage.staff_tables import RecoveryCodeRow, UserRow

_FIVE_WRONG = "Five codes were wrong. Please begin again with your password."
_PENDING_OLD = "Your password was given too long ago, or not in this browser. Please begin again."


class PendingSessionOver(Exception):
    """Half a session is over, or there never was one; the message says why."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session that has begun: its token, the mark of a device that is known from now on, whose it is."""

    token: str
    device: str
    account: Account


class SigningIn(msgspec.Struct, frozen=True):
    """One try to sign in, on one device."""

    database: Database
    keys: StaffKeys
    device: str
    """What the device says it was given when somebody signed in on it before."""

    async def with_password(self, email: str, password: str) -> str | None:
        """Begin half a session and return its token, or None; nothing tells which part was wrong.

        Raises sign_in_backoff.TooSoon, and lines.Crowded.
        """
        email = email.strip().lower()
        if len(password) > passwords.LONGEST:
            # Nobody has one so long: it costs no time, and no try of whose address it was sent with.
            return None
        line = KNOWN if sign_in_backoff.is_known(self.keys, email, self.device) else STRANGERS
        async with line.place():
            return await self._with_password(email, password, line)

    async def _with_password(self, email: str, password: str, line: WaitingLine) -> str | None:
        await self._count(email)
        async with self.database.snapshot() as session:
            user = await _user(session, email)
            password_hash = user.password if user and _may_sign_in(user) else None
        if not await passwords.fits(password_hash, password, line):
            await self._note_failed(email, "password")
            return None
        async with self.database.transaction() as session:
            user = await _user(session, email)
            # The password may have been changed, or the person kept out, while it was compared.
            if user is None or user.password != password_hash or not _may_sign_in(user):
                return None
            return await sessions.begin(session, user.id, pending=True)

    async def with_code(self, token: str, code: str) -> SignedIn | None:
        """Turn half a session into a whole one with a code of the phone or a recovery code, each good once.

        Raises sign_in_backoff.TooSoon, codes.ClockOff for the code of another moment, and PendingSessionOver.
        """
        async with self.database.snapshot() as session:
            user = await sessions.user_of(session, token, pending=True)
        if user is None:
            raise PendingSessionOver(_PENDING_OLD)
        await self._count(user.email)
        async with self.database.transaction() as session:
            user = await sessions.user_of(session, token, pending=True)
            if user is None:
                raise PendingSessionOver(_PENDING_OLD)
            await session.refresh(user, with_for_update=True)  # two who send one code take turns
            how = await take_code(session, self.keys, user, code)
            pending = sign_in_backoff.pending_key(self.keys, token)
            if how is not None:
                await sessions.end(session, token)
                await sign_in_backoff.forgive(session, pending)
                return await self.begin(session, user, how)
            is_over = await sign_in_backoff.count_try(session, pending, clock.now()) >= sign_in_backoff.FREE
            if is_over:
                # Whoever has the password begins again with it, and waits like everybody.
                await sessions.end(session, token)
        await self._note_failed(user.email, "code")
        if is_over:
            raise PendingSessionOver(_FIVE_WRONG)
        self._check_clock(user, code)
        return None

    def _check_clock(self, user: UserRow, code: str) -> None:
        secret = codes.unseal(self.keys, user.second_factor)
        if secret is not None:
            is_known = sign_in_backoff.is_known(self.keys, user.email, self.device)
            codes.check_clock(secret, code, clock.now(), user.last_step, ahead=is_known)

    async def is_password_of(self, email: str, password: str) -> bool:
        """Ask for the password again before something that matters. Raises TooSoon and lines.Crowded."""
        async with KNOWN.place():
            await self._count(email)
            async with self.database.snapshot() as session:
                user = await _user(session, email)
            if user is None or not await passwords.fits(user.password, password):
                return False
        async with self.database.transaction() as session:
            await sign_in_backoff.forgive(session, self._account(email))
        return True

    async def begin(self, session: AsyncSession, user: UserRow, how: str) -> SignedIn:
        """Begin a whole session for somebody who showed who they are."""
        if unnoted := await sign_in_backoff.forgive(session, self._account(user.email)):
            await record(session, "somebody", "sign-in.failed", f"{user.email}, {unnoted} more")
        token = await sessions.begin(session, user.id)
        await record(session, user.email, "sign-in", how)
        return SignedIn(
            token=token, device=sign_in_backoff.new_device(self.keys, user.email), account=account_of(user)
        )

    async def _count(self, email: str) -> None:
        async with self.database.transaction() as session:
            is_account = await _user(session, email) is not None
            tries = await sign_in_backoff.count_try(session, self._try_key(email, is_account), clock.now())
            if tries == sign_in_backoff.FREE and is_account:
                await record(session, "somebody", "sign-in.slowed", email)

    async def _note_failed(self, email: str, what: str) -> None:
        """Tell the audit log that somebody failed to sign in as this account."""
        async with self.database.transaction() as session:
            is_account = await _user(session, email) is not None
            # Written down for an address without one too, or the time it takes would tell which have one.
            number = await sign_in_backoff.to_note(
                session, self._try_key(email, is_account), clock.now().date()
            )
            if number and is_account:
                more = "" if number == 1 else f", {number} times"
                await record(session, "somebody", "sign-in.failed", f"{email}, {what}{more}")

    def _try_key(self, email: str, is_account: bool) -> bytes:
        return self._account(email) if is_account else sign_in_backoff.bucket_key(self.keys, email)

    def _account(self, email: str) -> bytes:
        return sign_in_backoff.account_key(self.keys, email, self.device)


async def take_code(session: AsyncSession, keys: StaffKeys, user: UserRow, code: str) -> str | None:
    """Take a code, so that it is good no more, and say which kind it was; None when it is wrong."""
    secret = codes.unseal(keys, user.second_factor)
    step = codes.step_of(secret, code, clock.now(), user.last_step) if secret else None
    if step is not None:
        user.last_step = step
        return "password and code"
    digest = codes.recovery_hash(keys, code)
    own = (RecoveryCodeRow.code == digest) & (RecoveryCodeRow.user == user.id)
    removal = await session.execute(delete(RecoveryCodeRow).where(own))
    return "password and recovery code" if removal.rowcount else None  # type: ignore[attr-defined]


def _may_sign_in(user: UserRow) -> bool:
    return user.password is not None and user.second_factor is not None and not user.disabled


async def _user(session: AsyncSession, email: str) -> UserRow | None:
    return (await session.execute(select(UserRow).where(UserRow.email == email))).scalar()
