"""Signing in: a password and then a code, each try counted before it is looked at."""

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import codes, passwords, sessions, throttling
from feedback.audit import record
from feedback.database import Database
from feedback.keys import StaffKeys
from feedback.staff_tables import RecoveryCodeRow, UserRow


class SignedIn(msgspec.Struct, frozen=True):
    """A session that has begun: its token, and the mark of a device that is known from now on."""

    token: str
    device: str


class SigningIn(msgspec.Struct, frozen=True):
    """One try to sign in, on one device."""

    database: Database
    keys: StaffKeys
    device: str
    """What the device says it was given when somebody signed in on it before."""

    async def with_password(self, email: str, password: str) -> str | None:
        """Begin half a session and return its token, or None; nothing tells which part was wrong.

        Raises throttling.TooSoon.
        """
        email = email.strip().lower()
        if len(password) > passwords.LONGEST:
            # Nobody has one so long: it costs no time, and no try of whose address it was sent with.
            return None
        await self._count(email)
        async with self.database.snapshot() as session:
            user = await _user(session, email)
            kept = user.password if user and _may_sign_in(user) else None
        if not await passwords.fits(kept, password):
            await self._note_failed(email, "password")
            return None
        async with self.database.transaction() as session:
            user = await _user(session, email)
            # The password may have been changed, or the person kept out, while it was compared.
            if user is None or user.password != kept or not _may_sign_in(user):
                return None
            return await sessions.begin(session, user.id, half=True)

    async def with_code(self, token: str, typed: str) -> SignedIn | None:
        """Turn half a session into a whole one with a code of the phone or a recovery code, each good once.

        Raises throttling.TooSoon, and LookupError when there is no such half session (any more).
        """
        async with self.database.snapshot() as session:
            user = await sessions.user_of(session, token, half=True)
        if user is None:
            raise LookupError
        await self._count(user.email)
        async with self.database.transaction() as session:
            user = await sessions.user_of(session, token, half=True)
            if user is None:
                raise LookupError
            await session.refresh(user, with_for_update=True)  # two who send one code take turns
            how = await take_code(session, self.keys, user, typed)
            if how is not None:
                await sessions.end(session, token)
                await throttling.forgive(session, throttling.half_key(self.keys, token))
                return await self.begin(session, user, how)
            half = throttling.half_key(self.keys, token)
            if await throttling.count_try(session, half, sessions.now()) >= throttling.FREE:
                # Whoever has the password begins again with it, and waits like everybody.
                await sessions.end(session, token)
        await self._note_failed(user.email, "code")
        return None

    async def is_password_of(self, email: str, password: str) -> bool:
        """Ask for the password again before something that matters. Raises throttling.TooSoon."""
        await self._count(email)
        async with self.database.snapshot() as session:
            user = await _user(session, email)
        if user is None or not await passwords.fits(user.password, password):
            return False
        async with self.database.transaction() as session:
            await throttling.forgive(session, self._account(email))
        return True

    async def begin(self, session: AsyncSession, user: UserRow, how: str) -> SignedIn:
        """Begin a whole session for somebody who showed who they are."""
        if unnoted := await throttling.forgive(session, self._account(user.email)):
            await record(session, "somebody", "sign-in.failed", f"{user.email}, {unnoted} more")
        token = await sessions.begin(session, user.id)
        await record(session, user.email, "sign-in", how)
        return SignedIn(token, throttling.new_device(self.keys, user.email))

    async def _count(self, email: str) -> None:
        async with self.database.transaction() as session:
            is_account = await _user(session, email) is not None
            counted = self._account(email) if is_account else throttling.bucket_key(self.keys, email)
            tries = await throttling.count_try(session, counted, sessions.now())
            if tries == throttling.FREE and is_account:
                await record(session, "somebody", "sign-in.slowed", email)

    async def _note_failed(self, email: str, what: str) -> None:
        """Tell the audit log that somebody failed to sign in as this account."""
        async with self.database.transaction() as session:
            if await _user(session, email) is None:
                return
            number = await throttling.to_note(session, self._account(email), sessions.now().date())
            if number:
                more = "" if number == 1 else f", {number} times"
                await record(session, "somebody", "sign-in.failed", f"{email}, {what}{more}")

    def _account(self, email: str) -> bytes:
        return throttling.account_key(self.keys, email, self.device)


async def take_code(session: AsyncSession, keys: StaffKeys, user: UserRow, typed: str) -> str | None:
    """Take a code, so that it is good no more, and say which kind it was; None when it is wrong."""
    secret = codes.unseal(keys, user.second_factor)
    step = codes.step_of(secret, typed, sessions.now(), user.last_step) if secret else None
    if step is not None:
        user.last_step = step
        return "password and code"
    hashed = codes.recovery_hash(keys, typed)
    own = (RecoveryCodeRow.code == hashed) & (RecoveryCodeRow.user == user.id)
    used = await session.execute(delete(RecoveryCodeRow).where(own))
    return "password and recovery code" if used.rowcount else None  # type: ignore[attr-defined]


def _may_sign_in(user: UserRow) -> bool:
    return user.password is not None and user.second_factor is not None and not user.disabled


async def _user(session: AsyncSession, email: str) -> UserRow | None:
    return (await session.execute(select(UserRow).where(UserRow.email == email))).scalar()
