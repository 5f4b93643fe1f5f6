"""The keyed stream that noise is drawn from: everything that defines a value decides its noise.

Source: docs/disclosure.md, “Values”. The same rows and definitions give the same noise, so a crash, a re-run
or a restore leaves nothing to average; anything else gives fresh noise, since the same noise under another
scale or content would give the answer away exactly.
"""

import hashlib
import hmac
from collections.abc import Iterable
from fractions import Fraction

import msgspec

FORMAT = 1
DIGEST_BYTES = 32
SECRET_BYTES = 32
SALT_BYTES = 16
"""Random bytes inside every first seal: without them, who guesses a response could try its noise."""
_NUMBER_BYTES = 64
_BLOCK_BYTES = 136 * 2
"""Two blocks of SHAKE-256: about what one draw takes."""
_PURPOSE = b"heard/noise/2"


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What defines one noised value, besides who is in it."""

    kind: str
    name: str
    meaning: bytes
    """Digest of the question, its favourable codes and options; of the theme and its codebook."""
    variance: Fraction


def response_digest(key: bytes, salt: bytes, content: bytes) -> bytes:
    """Digest of one response as first sealed, with its key and the random bytes drawn then."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the random bytes of a seal are {SALT_BYTES}.")
    return hashlib.sha256(_with_length(key) + salt + _with_length(content)).digest()


def members_digest(digests: Iterable[bytes]) -> bytes:
    """Digest of who is in a batch, in whatever order they came."""
    whole = hashlib.sha256()
    for digest in sorted(digests):
        whole.update(digest)
    return whole.digest()


def meaning_digest(*parts: object) -> bytes:
    """Digest of a value's definition: built-in values and Structs, in order."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).digest()


def encoded(definition: Definition, members: int, who: bytes) -> bytes:
    """Everything that defines a value, in 268 bytes: each part has its place, so no two read alike."""
    if len(definition.meaning) != DIGEST_BYTES or len(who) != DIGEST_BYTES:
        raise ValueError(f"a digest is {DIGEST_BYTES} bytes.")
    return b"".join(
        (
            FORMAT.to_bytes(4),
            hashlib.sha256(definition.kind.encode()).digest(),
            hashlib.sha256(definition.name.encode()).digest(),
            definition.meaning,
            definition.variance.numerator.to_bytes(_NUMBER_BYTES),
            definition.variance.denominator.to_bytes(_NUMBER_BYTES),
            members.to_bytes(8),
            who,
        )
    )


class Stream:
    """Uniform whole numbers from SHAKE-256, keyed by HKDF (RFC 5869) of the noise secret and one value."""

    def __init__(self, secret: bytes, value: bytes) -> None:
        if len(secret) < SECRET_BYTES:
            raise ValueError(f"the noise secret is at least {SECRET_BYTES} bytes.")
        extracted = hmac.digest(_PURPOSE, secret, "sha256")
        self._key = hmac.digest(extracted, value + b"\x01", "sha256")
        self._blocks = 0
        self._buffer = 0
        self._bits = 0

    def below(self, bound: int) -> int:
        """Draw a whole number under `bound`; what lies beyond is thrown away, so that all are as likely."""
        bits = (bound - 1).bit_length()
        while (number := self._take(bits)) >= bound:
            pass
        return number

    def _take(self, bits: int) -> int:
        while self._bits < bits:
            block = hashlib.shake_256(self._key + self._blocks.to_bytes(8)).digest(_BLOCK_BYTES)
            self._buffer = self._buffer << (8 * _BLOCK_BYTES) | int.from_bytes(block)
            self._bits += 8 * _BLOCK_BYTES
            self._blocks += 1
        self._bits -= bits
        number = self._buffer >> self._bits
        self._buffer &= (1 << self._bits) - 1
        return number


def _with_length(part: bytes) -> bytes:
    return len(part).to_bytes(8) + part
