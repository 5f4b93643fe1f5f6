"""Opening sealed rows. Only `feedback.releases` may import this, and an import contract says so."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

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


class Reader(Generic[T]):
    """Reads a table of sealed rows, whichever. A row that does not open or makes no sense holds up nobody."""

    def __init__(
        self, opener: Opener, kind: type[T], size: int, makes_sense: Callable[[bytes, T], bool]
    ) -> None:
        self._opener = opener
        self._kind = kind
        self._size = size
        self._makes_sense = makes_sense
        self.left = 0
        """How many rows were left where they are: a backup may mend them."""

    def read(self, rows: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, T]]:
        for key, sealed in rows:
            try:
                content = self._opener.open(sealed, self._kind, self._size)
            except CannotOpen:
                self.left += 1
                continue
            if self._makes_sense(key, content):
                yield key, content
            else:
                self.left += 1
