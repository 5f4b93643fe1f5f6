"""Second factors: the six digits of a phone (RFC 6238), and recovery codes for the day the phone is lost."""

import base64
import datetime as dt
import hmac
import secrets
from collections.abc import Sequence

import pyotp
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from feedback.storage.keys import StaffKeys

STEP_SECONDS = 30
RECOVERY_CODES = 10
_SECRET_BYTES = 20
"""160 bits, as RFC 4226 recommends."""
_AROUND = (-1, 0, 1)
"""A phone's clock may be one step off (RFC 6238, 5.2)."""
_FAR = 61
"""Steps, half an hour and the one besides: a code so far off is told from one that is simply wrong."""
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 3, 4
_SEALING = "second factor"


def new_secret(keys: StaffKeys, *parts: str) -> bytes:
    """What a phone will make its codes from: the same for the same parts, so that a page may be reloaded.

    Nobody without the staff secret can work it out, and nothing is stored before the first code was right.
    """
    return keys.hash("new second factor", *parts)[:_SECRET_BYTES]


def seal(keys: StaffKeys, secret: bytes) -> bytes:
    return bytes(SecretBox(keys.key(_SEALING)).encrypt(secret))


def unseal(keys: StaffKeys, sealed: bytes | None) -> bytes | None:
    """Open a stored second factor; None when there is none, or another staff secret sealed it."""
    try:
        return SecretBox(keys.key(_SEALING)).decrypt(sealed) if sealed else None
    except CryptoError:
        return None


def provisioning_uri(secret: bytes, email: str) -> str:
    """What a phone reads from the square code."""
    return _totp(secret).provisioning_uri(name=email, issuer_name="Heard")


def manual_key(secret: bytes) -> str:
    """The same to type in by hand, in groups of four."""
    key = _totp(secret).secret
    return " ".join(key[at : at + _GROUP] for at in range(0, len(key), _GROUP))


def step_of(secret: bytes, code: str, now: dt.datetime, last: int | None) -> int | None:
    """The half minute a code belongs to, or None when it is wrong, too old, or was used already."""
    return _fitting_step(secret, code, [_step(now) + it for it in _AROUND], last)


def _fitting_step(secret: bytes, code: str, steps: Sequence[int], last: int | None) -> int | None:
    """The first of these half minutes whose code this is, of those after the last that was used."""
    digits = "".join(code.split())
    if not digits.isascii():
        return None
    totp = _totp(secret)
    later_steps = [step for step in steps if last is None or step > last]
    matches = [step for step in later_steps if hmac.compare_digest(totp.generate_otp(step), digits)]
    return matches[0] if matches else None


def _step(now: dt.datetime) -> int:
    return int(now.replace(tzinfo=dt.UTC).timestamp()) // STEP_SECONDS


class ClockOff(Exception):
    """A code is right for another moment than now; the message says by how much the phone's clock is off."""


def check_clock(secret: bytes, code: str, now: dt.datetime, last: int | None, *, ahead: bool) -> None:
    """Raise ClockOff for the code of another moment.

    Not `ahead`, only of one that is over and was not used: else somebody who guesses would be told of a code
    before it is good.
    """
    current = _step(now)
    ways = (-1, 1) if ahead else (-1,)
    steps = [current + way * off for off in range(max(_AROUND) + 1, _FAR + 1) for way in ways]
    step = _fitting_step(secret, code, steps, last)
    if step is not None:
        minutes, way = abs(step - current) * STEP_SECONDS // 60, "behind" if step < current else "ahead"
        raise ClockOff(
            f"The clock of your phone is about {minutes} min {way}, so its codes are wrong here. Let the"
            " phone set its clock by itself, and type the next code."
        )


def shown_at(secret: bytes, now: dt.datetime) -> str:
    """The six digits that a phone shows at a moment: for the demonstration, the bench and rehearsals."""
    return _totp(secret).at(now.replace(tzinfo=dt.UTC))


def new_recovery_codes() -> list[str]:
    """Codes to print: 59 bits each, in letters that look like no other."""
    return ["-".join(_letters() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def _letters() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))


def recovery_hash(keys: StaffKeys, code: str) -> bytes:
    """What is stored of a recovery code, however it was typed."""
    return keys.hash("recovery code", "".join(it for it in code.lower() if it.isalnum()))


def _totp(secret: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(base64.b32encode(secret).decode())
