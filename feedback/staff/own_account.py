"""What a person who is signed in changes of their own account; the password is asked for again each time.

A phone left on a table, or a stolen session, must not be enough to lock its owner out.
"""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import clock
from feedback.staff import accounts, codes, passwords, sessions
from feedback.staff.accounts import Account, AccountRefused
from feedback.staff.audit import record
from feedback.staff.passkeys import Passkey, Passkeys, passkeys_of, remove
from feedback.staff.passwords import PasswordRefused, WrongPassword
from feedback.staff.signing_in import SigningIn
from feedback.storage.staff_tables import RecoveryCodeRow, UserRow


class AccountStanding(msgspec.Struct, frozen=True):
    """How an account stands, for its owner."""

    passkeys: list[Passkey]
    codes_left: int
    second_factor: bytes
    """What another phone would make its codes from, if its owner says so."""


class OwnAccount(msgspec.Struct, frozen=True):
    """The account of whoever asks, in the session that asks."""

    account: Account
    signing_in: SigningIn
    token: str

    async def standing(self) -> AccountStanding:
        async with self.signing_in.database.snapshot() as session:
            passkeys = await passkeys_of(session, self.account.id)
            own = RecoveryCodeRow.user == self.account.id
            codes_left = (await session.execute(select(func.count()).where(own))).scalar_one()
            return AccountStanding(passkeys, codes_left, self._next_secret(await self._user(session)))

    async def change_password(self, current: str, new: str) -> None:
        """Set another password; every session ends, this one too. Raises PasswordRefused and TooSoon."""
        await accounts.check_password(self.signing_in.database, new, self.account.email)
        await self._check_password(current)
        password_hash = await passwords.hash_of(new)
        async with self._changing("password.change") as session:
            (await self._user(session)).password = password_hash
            await sessions.end_all(session, self.account.id)

    async def change_second_factor(self, current: str, code: str) -> None:
        """Take the codes of another phone from now on. Raises PasswordRefused, codes.ClockOff and TooSoon."""
        await self._check_password(current)
        async with self._changing("second-factor.change") as session:
            user = await self._user(session)
            secret = self._next_secret(user)
            step = codes.step_of(secret, code, clock.now(), None)
            if step is None:
                codes.check_clock(secret, code, clock.now(), None, ahead=True)
                raise PasswordRefused("These six digits are not the ones the new phone shows now.")
            user.second_factor, user.last_step = codes.seal(self.signing_in.keys, secret), step
            await sessions.end_all(session, self.account.id, but=self.token)

    async def new_recovery_codes(self, current: str) -> list[str]:
        """Replace the recovery codes. Raises PasswordRefused and TooSoon."""
        await self._check_password(current)
        async with self._changing("recovery-codes.new") as session:
            return await accounts.new_recovery_codes(session, self.signing_in.keys, self.account.id)

    async def add_passkey(
        self, passkeys: Passkeys, current: str, name: str, answer: str, today: dt.date
    ) -> None:
        """Take a passkey that the browser just made. Raises PasskeyRefused, PasswordRefused and TooSoon."""
        await self._check_password(current)
        async with self._changing("passkey.add") as session:
            await passkeys.add(session, self.account.id, name, answer, today)

    async def add_first_passkey(self, passkeys: Passkeys, name: str, answer: str, today: dt.date) -> None:
        """Take a passkey that the page at the end of the set-up asked for. Raises PasskeyRefused.

        Nobody is asked for a password here: what the browser signed was told to nobody but whoever had just
        set password and phone, for this session alone. A stolen session does not have it, nor where to ask.
        """
        async with self._changing("passkey.add") as session:
            await passkeys.add(session, self.account.id, name, answer, today, token=self.token)

    async def remove_passkey(self, current: str, passkey: str) -> None:
        """Raises AccountRefused when it is not there, PasswordRefused and TooSoon."""
        await self._check_password(current)
        async with self._changing("passkey.remove") as session:
            if not await remove(session, self.account.id, passkey):
                raise AccountRefused("This passkey was removed already.")

    async def end_other_sessions(self) -> None:
        async with self._changing("sessions.end") as session:
            await sessions.end_all(session, self.account.id, but=self.token)

    @asynccontextmanager
    async def _changing(self, action: str) -> AsyncIterator[AsyncSession]:
        async with self.signing_in.database.transaction() as session:
            yield session
            await record(session, self.account.email, action, "own account")

    async def _check_password(self, current: str) -> None:
        if not await self.signing_in.is_password_of(self.account.email, current):
            raise WrongPassword("This is not your present password. Nothing was changed.")

    async def _user(self, session: AsyncSession) -> UserRow:
        return await session.get_one(UserRow, self.account.id)

    def _next_secret(self, user: UserRow) -> bytes:
        """The same until it is taken, so that a page that came back still fits the phone."""
        second_factor = (user.second_factor or b"").hex()
        return codes.new_secret(self.signing_in.keys, "another phone", str(user.id), second_factor)
