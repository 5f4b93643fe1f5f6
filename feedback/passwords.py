"""Passwords of the staff: how one is kept, and which are too easy to guess.

Argon2id with 48 MiB (OWASP's first choice is 46), so that a stolen table is slow to guess at. A floor for the
length, and a comparison with passwords, names and words that people choose often (NIST SP 800-63B, 3.1.1.2).
"""

import functools
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from feedback.lines import KNOWN, Line

SHORTEST = 12
LONGEST = 1_000
_READ = 72
"""What is read of a long password: the estimate takes longer the longer it is, and these decide already."""
_HARD_ENOUGH = 3
"""zxcvbn's “safely unguessable”: over a hundred million tries, each of which takes 48 MiB here."""
_OUR_WORDS = ("heard", "feedback", "survey", "staff", "county", "los angeles", "ctlt")
_HASHER = PasswordHasher(time_cost=2, memory_cost=48 * 1024, parallelism=1)


class PasswordRefused(Exception):
    """A password cannot be taken; the message says why."""


class WrongPassword(PasswordRefused):
    """Somebody who is signed in did not know their present password."""


def check(password: str, email: str = "", called: str = "password") -> None:
    """Raise PasswordRefused for a password that is short, endless or easy to guess."""
    from zxcvbn import zxcvbn  # its lists weigh ten megabytes, and a door rarely needs them

    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(f"A {called} has {SHORTEST} characters or more, and at most {LONGEST:,}.")
    known = [email, email.partition("@")[0], *email.replace("@", ".").split("."), *_OUR_WORDS]
    if zxcvbn(password[:_READ], user_inputs=known, max_length=_READ)["score"] < _HARD_ENOUGH:
        raise PasswordRefused(
            f"This {called} is easy to guess: a common one, a pattern, or made of your address. Take four or"
            " more words that do not belong together."
        )


async def hashed(password: str) -> str:
    """Hash a password of somebody who is in, or invited. Raises lines.Crowded."""
    async with KNOWN.place():
        return await KNOWN.work(_HASHER.hash, password)


async def fits(kept: str | None, password: str, line: Line = KNOWN) -> bool:
    """Whether a password is the one kept. Takes as long when none is kept, and no time when it is endless."""
    if len(password) > LONGEST:
        return False
    return await line.work(_verify, kept or _nobody(), password) and kept is not None


def _verify(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except VerificationError:
        return False


@functools.cache
def _nobody() -> str:
    """A hash that no password has, so that an unknown address takes as long as a known one."""
    return _HASHER.hash(secrets.token_urlsafe(32))
