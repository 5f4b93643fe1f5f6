"""Passwords of the staff: how one is kept, and which are too easy to guess.

Argon2id with 48 MiB (OWASP's first choice is 46), so that a stolen table is slow to guess at. A floor for the
length, and a comparison with passwords, names and words that people choose often (NIST SP 800-63B, 3.1.1.2).
"""

import functools
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from feedback.staff.lines import KNOWN, WaitingLine

SHORTEST = 12
LONGEST = 1_000
_READ = 72
"""What is read of a long password: the estimate takes longer the longer it is, and these decide already."""
_HARD_ENOUGH = 3
"""zxcvbn's “safely unguessable”: over a hundred million tries, each of which takes 48 MiB here."""
_OUR_NAMES = ("heard", "feedback", "survey", "staff", "county", "los angeles", "ctlt")
_HALF, _THREE_QUARTERS = 0.5, 0.75
_LONG, _SHORTEST_PIECE = 4, 3
"""Three letters in a row stand in many a word that has nothing to do with a name."""
_READINGS: tuple[Mapping[int, int], ...] = (
    {},
    str.maketrans("013457@$!", "oieastasi"),
    str.maketrans("013457@$!", "oleastasl"),
)
"""A name may be written with figures and signs for letters, and a 1 or ! stands for two of them."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=48 * 1024, parallelism=1)


class PasswordRefused(Exception):
    """A password cannot be taken; the message says why."""


class WrongPassword(PasswordRefused):
    """Somebody who is signed in did not know their present password."""


def check(password: str, email: str = "", noun: str = "password", names: Iterable[str] = ()) -> None:
    """Raise PasswordRefused for a password that is short, endless or easy to guess.

    `names` are the organizations and programs that everybody here knows.
    """
    from zxcvbn import zxcvbn  # its lists weigh ten megabytes, and a door rarely needs them

    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(f"A {noun} has {SHORTEST} characters or more, and at most {LONGEST:,}.")
    head, known_names = password[:_READ], _known_names([email, email.partition("@")[0], *_OUR_NAMES, *names])
    if known_names.is_most_of(head):
        raise PasswordRefused(
            f"This {noun} is easy to guess: it is mostly a name that everybody here knows, of an"
            " organization, a program or your own. Take four or more words that do not belong together."
        )
    if zxcvbn(head, user_inputs=[email, *known_names.every], max_length=_READ)["score"] < _HARD_ENOUGH:
        raise PasswordRefused(
            f"This {noun} is easy to guess: a common one, a pattern, or made of names that everybody here"
            " knows. Take four or more words that do not belong together."
        )


class _KnownNames(msgspec.Struct, frozen=True):
    """What names are written as, without case, accents and what stands between."""

    names: set[str]
    """Whole ones, neighbouring words of one joined, and initials."""
    words: set[str]
    """Each single word of them, which may be an everyday word too."""

    @property
    def every(self) -> list[str]:
        return sorted(it for it in self.names | self.words if len(it) >= _SHORTEST_PIECE)

    def is_most_of(self, password: str) -> bool:
        """Whether half of the letters or more belong to names, or three quarters to single words of names.

        Figures and signs do not count: they are what people hang on a name until it is long enough. Nor does
        it matter how a name is spaced, dressed up or turned round.
        """
        texts = [_read(it, reading) for it in (password, password[::-1]) for reading in _READINGS]
        return any(
            _share(self.names, it) >= _HALF or _share({*self.every}, it) >= _THREE_QUARTERS for it in texts
        )


def _share(pieces: set[str], spaced: str) -> float:
    """How much of the letters belongs to these pieces. A short one counts where no letter is beside it."""
    text, positions = spaced.replace(" ", ""), set[int]()
    for piece in (it for it in pieces if len(it) >= _LONG and it in text):
        for at in range(len(text)):
            if text.startswith(piece, at):
                positions.update(range(at, at + len(piece)))
    short = "|".join(f"(?:{re.escape(it)})+" for it in sorted(pieces) if len(it) < _LONG) or "(?!)"
    for word in re.finditer(r"[^\W\d]+", spaced):
        if re.fullmatch(short, word[0]):
            at = word.start() - spaced.count(" ", 0, word.start())
            positions.update(range(at, at + len(word[0])))
    letters = {at for at, it in enumerate(text) if it.isalpha()} | positions
    return len(positions) / len(letters) if letters else 0


def _known_names(names: Iterable[str]) -> _KnownNames:
    spellings, single_words = set[str](), set[str]()
    for name in names:
        words = _read(name, {}).split()
        runs = ["".join(words[i:j]) for i in range(len(words)) for j in range(i + 2, len(words) + 1)]
        initials = ("".join(it[0] for it in words if len(it) >= least) for least in (1, _LONG + 1))
        spellings.update(it for it in ("".join(words), *runs, *initials) if len(it) >= _SHORTEST_PIECE)
        single_words.update(words)
    return _KnownNames(spellings, single_words)


def _read(text: str, reading: Mapping[int, int]) -> str:
    """Letters and figures alone, without case and accents; whatever else stands there is one blank each."""
    characters = unicodedata.normalize("NFKD", text.casefold()).translate(reading)
    return "".join(it if it.isalnum() else " " for it in characters if not unicodedata.combining(it))


async def hash_of(password: str) -> str:
    """Hash a password of somebody who is in, or invited. Raises lines.Crowded."""
    async with KNOWN.place():
        return await KNOWN.work(_HASHER.hash, password)


async def fits(password_hash: str | None, password: str, line: WaitingLine = KNOWN) -> bool:
    """Whether a password is the one kept. Takes as long when none is kept, and no time when it is endless."""
    if len(password) > LONGEST:
        return False
    return await line.work(_verify, password_hash or _nobody(), password) and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerificationError:
        return False


@functools.cache
def _nobody() -> str:
    """A hash that no password has, so that an unknown address takes as long as a known one."""
    return _HASHER.hash(secrets.token_urlsafe(32))
