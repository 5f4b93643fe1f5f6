"""Opening sealed rows. Only `feedback.releases` may import this, and an import contract says so."""

from typing import TypeVar

import msgspec
from nacl.bindings import sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

T = TypeVar("T", bound=msgspec.Struct)


class CannotOpen(Exception):
    """A sealed row does not open with this key, or what it holds is not what was sealed here."""


class Opener:
    """The private release key, in memory, for as long as one release runs."""

    def __init__(self, key: PrivateKey) -> None:
        self.public = key.public_key
        self._box = SealedBox(key)

    def open(self, sealed: bytes, kind: type[T], size: int) -> T:
        """Open one row. Raises CannotOpen; no part of what was inside is in the message."""
        try:
            return msgspec.msgpack.decode(sodium_unpad(self._box.decrypt(sealed), size), type=kind)
        except (CryptoError, ValueError, RecursionError, msgspec.DecodeError):
            raise CannotOpen("A sealed row cannot be opened with this key.") from None
