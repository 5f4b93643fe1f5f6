"""Opening sealed rows. Only `feedback.release.passes` may import this, and an import contract says so."""

import hashlib
from typing import TypeVar

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from analysis.stream import SALT_BYTES, response_digest
from feedback.inbox.sealing import ROW_BYTES, SPARE, Envelope

_END = b"\x80"
_NOT_OURS = "What a sealed row holds was not sealed here."
T = TypeVar("T", bound=msgspec.Struct)


class CannotOpen(Exception):
    """A sealed row does not open with this key, or what it holds is not what was sealed here."""


class Opener:
    """The private release key, in memory, for as long as one release runs."""

    def __init__(self, key: PrivateKey) -> None:
        self.public = key.public_key
        self._box = SealedBox(key)

    def open(self, sealed: bytes, kind: type[T], longest: int | None = None) -> T:
        """Open one row. Raises CannotOpen, also where more than `longest` bytes are in it.

        No part of what was inside is in the message.
        """
        content = self._unseal(sealed)
        if longest is not None and len(content) > longest:
            raise CannotOpen(_NOT_OURS)
        return self._decode(content, kind)

    def open_first(self, key: bytes, sealed: bytes) -> tuple[Envelope, bytes]:
        """Open a row of the inbox; return also the digest of its response as first sealed. Raises CannotOpen.

        A row that was moved carries it. One sealed before there was a salt in it takes that from its seal,
        which nobody can guess either.
        """
        content = self._unseal(sealed)
        envelope = self._decode(content, Envelope)
        # Longer ones could not be sealed anew.
        if len(content) > ROW_BYTES - (SPARE // 4 if envelope.digest else SPARE):
            raise CannotOpen(_NOT_OURS)
        if envelope.digest:
            return envelope, envelope.digest
        salt = envelope.salt or hashlib.sha256(sealed).digest()[:SALT_BYTES]
        try:
            return envelope, response_digest(key, salt, content)
        except ValueError:
            raise CannotOpen(_NOT_OURS) from None

    def _unseal(self, sealed: bytes) -> bytes:
        try:
            padded = self._box.decrypt(sealed)
        except (CryptoError, ValueError):
            raise CannotOpen("A sealed row cannot be opened with this key.") from None
        return _unpad(padded)

    @staticmethod
    def _decode(content: bytes, kind: type[T]) -> T:
        try:
            return msgspec.msgpack.decode(content, type=kind)
        except (ValueError, RecursionError, msgspec.DecodeError):
            raise CannotOpen(_NOT_OURS) from None


def _unpad(padded: bytes) -> bytes:
    """Undo `sodium_pad` (ISO/IEC 7816-4). Raises CannotOpen.

    Libsodium's own takes care that nobody can time it, which is a third of what opening a row takes; whoever
    can time a release holds its key.
    """
    content = padded.rstrip(b"\x00")
    if not content.endswith(_END):
        raise CannotOpen(_NOT_OURS) from None
    return content[:-1]
