"""Passkeys (WebAuthn, W3C): the better way in, because they answer to no other site and cannot be read out.

The browser signs a challenge of ours with a key that never leaves the phone or the token, after it made sure
of the person there. A challenge carries our own mark and its age, so nothing is stored for whoever only looks
at the sign-in page; one that was answered is remembered until it is too old to be answered again. The library
is loaded when a passkey is used: a door that nobody signs in to that way does without its weight.
"""

import base64
import datetime as dt
import hashlib
import secrets
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import clock
from feedback.storage.database import insert_if_new
from feedback.storage.keys import StaffKeys
from feedback.storage.staff_tables import PasskeyRow, UsedChallengeRow, UserRow

if TYPE_CHECKING:
    from fido2.server import Fido2Server

GOOD_FOR = dt.timedelta(minutes=5)
BEGUN_FOR = dt.timedelta(minutes=10)
"""At the end of a set-up: there are ten recovery codes to write down first."""
MOST = 10
LONGEST_NAME = 80
_LONGEST_ID = 1_023
_UNKNOWN = "This passkey is not known here."
_NONCE, _AGE, _MARK = 16, 8, 16
_SIGN_IN = "sign in"
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error, RecursionError)
"""What the library raises for an answer that is none."""


class PasskeyRefused(Exception):
    """A passkey cannot be taken; the message says why."""


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """One passkey as its owner sees it."""

    id: str
    name: str
    added_on: dt.date


class Passkeys(msgspec.Struct, frozen=True):
    """Passkeys for one address of the staff door: they answer to no other."""

    keys: StaffKeys
    staff_url: str

    def ask_to_sign_in(self) -> str:
        """What the browser is told, as JSON: any passkey for this site, and the person checked."""
        challenge = base64.urlsafe_b64encode(self._challenge(_SIGN_IN)).decode().rstrip("=")
        options = {"challenge": challenge, "rpId": self._place.hostname, "userVerification": "required"}
        return msgspec.json.encode(options).decode()

    async def find(self, session: AsyncSession, answer: str) -> None:
        """Look whether a passkey is known at all, in a snapshot. Raises PasskeyRefused."""
        from fido2.webauthn import AuthenticationResponse

        try:
            passkey = AuthenticationResponse.from_dict(msgspec.json.decode(answer)).raw_id[:_LONGEST_ID]
        except _BROKEN as error:
            raise PasskeyRefused(_UNKNOWN) from error
        if await session.get(PasskeyRow, passkey) is None:
            raise PasskeyRefused(_UNKNOWN)

    async def sign_in(self, session: AsyncSession, answer: str) -> UserRow:
        """Find who signed a challenge of ours. Raises PasskeyRefused."""
        from fido2.webauthn import AttestedCredentialData, AuthenticationResponse

        try:
            assertion = AuthenticationResponse.from_dict(msgspec.json.decode(answer))
            row = await session.get(PasskeyRow, assertion.raw_id[:_LONGEST_ID])
            credentials = [AttestedCredentialData(row.credential)] if row else []
            challenge = assertion.response.client_data.challenge
            state = self._state(challenge, _SIGN_IN)
            self._server().authenticate_complete(state, credentials, assertion)
            uses = assertion.response.authenticator_data.counter
        except _BROKEN as error:
            raise PasskeyRefused(_UNKNOWN) from error
        if row is None or not await self._is_first_answer(session, challenge):
            raise PasskeyRefused(_UNKNOWN)
        if uses <= row.uses and (uses or row.uses):
            raise PasskeyRefused("This passkey was copied: its counter went back. Ask an admin.")
        user = await session.get_one(UserRow, row.user)
        if user.disabled:
            raise PasskeyRefused(_UNKNOWN)
        row.uses = uses
        return user

    def ask_to_add(
        self, user: int, email: str, passkeys: Sequence[Passkey], *, token: str | None = None
    ) -> str:
        """What the browser is told to make a new passkey, as JSON.

        `token` is that of the session that a set-up has just begun: then the answer is good there alone.
        """
        from fido2.utils import websafe_decode
        from fido2.webauthn import (
            PublicKeyCredentialDescriptor,
            PublicKeyCredentialType,
            PublicKeyCredentialUserEntity,
            ResidentKeyRequirement,
        )

        person = PublicKeyCredentialUserEntity(
            id=self.keys.hash("passkey owner", str(user)), name=email, display_name=email
        )
        kind = PublicKeyCredentialType.PUBLIC_KEY
        options, _ = self._server().register_begin(
            person,
            [PublicKeyCredentialDescriptor(type=kind, id=websafe_decode(it.id)) for it in passkeys],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=_verification(),
            challenge=self._challenge(_adding(user, token)),
        )
        return msgspec.json.encode(dict(options)["publicKey"]).decode()

    async def add(
        self,
        session: AsyncSession,
        user: int,
        name: str,
        answer: str,
        today: dt.date,
        *,
        token: str | None = None,
    ) -> None:
        """Store the public half of a new passkey. Raises PasskeyRefused."""
        from fido2.webauthn import RegistrationResponse

        try:
            registration = RegistrationResponse.from_dict(msgspec.json.decode(answer))
            challenge = registration.response.client_data.challenge
            state = self._state(challenge, _adding(user, token), GOOD_FOR if token is None else BEGUN_FOR)
            authenticator = self._server().register_complete(state, registration)
            credential = authenticator.credential_data
        except _BROKEN as error:
            raise PasskeyRefused("The browser's answer could not be taken. Please try again.") from error
        if credential is None or not await self._is_first_answer(session, challenge):
            raise PasskeyRefused("The browser's answer could not be taken. Please try again.")
        if await _count(session, user) >= MOST:
            raise PasskeyRefused(f"You have {MOST} passkeys; remove one first.")
        row = {"user": user, "credential": bytes(credential), "name": name, "uses": authenticator.counter}
        if not await insert_if_new(session, PasskeyRow, id=credential.credential_id, added_on=today, **row):
            raise PasskeyRefused("This passkey is here already.")

    def _server(self) -> "Fido2Server":
        from fido2.server import Fido2Server
        from fido2.webauthn import PublicKeyCredentialRpEntity

        origin = f"{self._place.scheme}://{self._place.netloc}"
        place = PublicKeyCredentialRpEntity(id=self._place.hostname, name="Heard")
        return Fido2Server(place, verify_origin=lambda it: it == origin)

    @property
    def _place(self) -> SplitResult:
        return urlsplit(self.staff_url)

    def _challenge(self, purpose: str) -> bytes:
        nonce, at = secrets.token_bytes(_NONCE), int(_seconds())
        body = nonce + at.to_bytes(_AGE)
        return body + self._mark(purpose, body)

    def _mark(self, purpose: str, body: bytes) -> bytes:
        return self.keys.hash("challenge", purpose, body.hex())[:_MARK]

    def _state(self, challenge: bytes, purpose: str, good_for: dt.timedelta = GOOD_FOR) -> dict[str, Any]:
        """What the library compares an answer with. Raises ValueError for a challenge that is not ours."""
        from fido2.utils import websafe_encode

        body, mark = challenge[: _NONCE + _AGE], challenge[_NONCE + _AGE :]
        at = int.from_bytes(body[_NONCE:])
        is_ours = secrets.compare_digest(mark, self._mark(purpose, body))
        if not is_ours or not 0 <= _seconds() - at <= good_for.total_seconds():
            raise ValueError("not a challenge of ours, or an old one")
        return {"challenge": websafe_encode(challenge), "user_verification": _verification()}

    async def _is_first_answer(self, session: AsyncSession, challenge: bytes) -> bool:
        at = clock.now()
        await session.execute(delete(UsedChallengeRow).where(UsedChallengeRow.until < at))
        digest = hashlib.sha256(challenge).digest()
        return await insert_if_new(session, UsedChallengeRow, challenge=digest, until=at + BEGUN_FOR * 2)


async def passkeys_of(session: AsyncSession, user: int) -> list[Passkey]:
    from fido2.utils import websafe_encode

    rows = select(PasskeyRow).where(PasskeyRow.user == user).order_by(PasskeyRow.added_on, PasskeyRow.id)
    return [
        Passkey(id=websafe_encode(it.id), name=it.name, added_on=it.added_on)
        for it in (await session.execute(rows)).scalars()
    ]


async def remove(session: AsyncSession, user: int, passkey: str) -> bool:
    """Remove one of a person's own passkeys. Returns whether there was one."""
    from fido2.utils import websafe_decode

    try:
        passkey_id = websafe_decode(passkey)
    except ValueError:
        return False
    own = (PasskeyRow.id == passkey_id) & (PasskeyRow.user == user)
    return bool((await session.execute(delete(PasskeyRow).where(own))).rowcount)  # type: ignore[attr-defined]


async def _count(session: AsyncSession, user: int) -> int:
    count = select(func.count()).select_from(PasskeyRow).where(PasskeyRow.user == user)
    return (await session.execute(count)).scalar_one()


def _adding(user: int, token: str | None) -> str:
    """What a challenge for a new passkey is for: one kind is never good for the other."""
    return f"add {user}" if token is None else f"set up {user} {token}"


def _verification() -> Any:
    from fido2.webauthn import UserVerificationRequirement

    return UserVerificationRequirement.REQUIRED


def _seconds() -> float:
    return clock.now().replace(tzinfo=dt.UTC).timestamp()
