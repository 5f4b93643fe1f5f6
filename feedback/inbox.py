"""The sealed inbox: what Send stores. This side can only put in; only a release can open.

Rule: design.md, “The sealed inbox”. Every row is 8,192 bytes and a seal, never compressed (a length that
follows the content tells about it), under a random-looking key, so rows say nothing and sort in no order.
"""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar

import msgspec
from nacl.bindings import sodium_pad
from nacl.public import PublicKey, SealedBox
from sqlalchemy import delete, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.closing import Place
from analysis.stream import SALT_BYTES
from feedback.database import insert_if_new
from feedback.tables import BatchedRow, InboxRow, UsedKeyRow
from surveys.answers import Response

ROW_BYTES = 8_192
SEAL_BYTES = 48
SPARE = 128
"""Bytes that a first seal leaves free: a row that is moved is told where to, and carries its digest."""
CHUNK = 500
"""Rows that are in memory at once."""
T = TypeVar("T")
U = TypeVar("U")
SealedRow = tuple[bytes, bytes]
"""A row's key, and what is sealed in it."""


class Envelope(msgspec.Struct, frozen=True):
    """What travels sealed: a response, and where it waits."""

    response: Response
    place: Place = "program"
    since: str | None = None
    salt: bytes = b""
    """Random bytes of the first seal: who guesses a response cannot try whether its noise fits."""
    digest: bytes = b""
    """Of the bytes first sealed; nothing in those themselves (docs/disclosure.md, “Values”)."""
    key: bytes = b""
    """The key of its row: a copy under another key would count as another person."""


class Inbox(msgspec.Struct, frozen=True):
    """What a serving process holds of the keys: enough to seal and to recognise a second Send."""

    public: PublicKey
    secret: bytes

    def row_key(self, slug: str, number: str) -> bytes:
        """Key of one page's response: BLAKE2b of the link and the page's random number, keyed.

        The key makes a stolen database useless for asking “is this page's answer in here?”.
        """
        return hashlib.blake2b(f"{slug}/{number}".encode(), key=self.secret, digest_size=32).digest()

    async def store(
        self, session: AsyncSession, slug: str, number: str, response: Response, salt: bytes | None = None
    ) -> bool:
        """Store one response unless this page's response is stored or released already.

        Returns whether it is new. The caller thanks only after its transaction is committed. `salt` is given
        where responses are made up and their noise has to come out alike each time.
        """
        key = self.row_key(slug, number)
        first = Envelope(response, salt=salt or secrets.token_bytes(SALT_BYTES), key=key)
        sealed = seal(self.public, first, ROW_BYTES, spare=SPARE)
        is_new = await insert_if_new(session, InboxRow, key=key, sealed=sealed)
        # A release may have let the first Send out a moment ago: its key is then among the used ones.
        if (await session.execute(select(UsedKeyRow.key).where(UsedKeyRow.key == key))).first():
            await session.execute(delete(InboxRow).where(InboxRow.key == key))
            return False
        return is_new

    async def holds(self, session: AsyncSession, slug: str, number: str) -> bool:
        """Whether this page's response is stored or was released already."""
        key = self.row_key(slug, number)
        found = union_all(*(select(table.key).where(table.key == key) for table in (InboxRow, UsedKeyRow)))
        return (await session.execute(found)).first() is not None


def seal(public: PublicKey, content: msgspec.Struct, size: int, *, spare: int = 0) -> bytes:
    """Pad to `size` bytes and seal. Raises ValueError when the content leaves fewer than `spare` of them."""
    written = msgspec.msgpack.encode(content)
    if len(written) >= size - spare:
        raise ValueError(f"{len(written)} bytes do not fit a sealed row of {size}.")
    return SealedBox(public).encrypt(sodium_pad(written, size))


def new_number() -> str:
    """The random number in a page, which makes a second Send find the first."""
    return secrets.token_urlsafe(16)


async def sealed_rows(
    session: AsyncSession, table: type[InboxRow | BatchedRow]
) -> AsyncIterator[list[SealedRow]]:
    """Every sealed row, in the order of its random key, some at a time: all together may be large."""
    last = b""
    while rows := await _after(session, table, last):
        yield rows
        last = rows[-1][0]


async def _after(session: AsyncSession, table: type[InboxRow | BatchedRow], last: bytes) -> list[SealedRow]:
    some = select(table.key, table.sealed).where(table.key > last).order_by(table.key).limit(CHUNK)
    return [(key, sealed) for key, sealed in await session.execute(some)]


async def rows_of(
    session: AsyncSession, table: type[InboxRow | BatchedRow], keys: Sequence[bytes]
) -> AsyncIterator[list[SealedRow]]:
    """The sealed rows of these keys, some at a time; in which order says nothing."""
    for some in in_chunks(keys):
        found = await session.execute(select(table.key, table.sealed).where(table.key.in_(some)))
        yield [(key, sealed) for key, sealed in found]


async def by_halves(work: Callable[[Sequence[T]], list[U]], whole: Sequence[T]) -> list[U]:
    """Work on each half in a thread of its own: sealing and opening leave the interpreter to others."""
    middle = len(whole) // 2
    halves = (asyncio.to_thread(work, some) for some in (whole[:middle], whole[middle:]))
    return [made for half in await asyncio.gather(*halves) for made in half]


def in_chunks(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]


async def is_empty(session: AsyncSession) -> bool:
    return not (await session.execute(select(func.count()).select_from(InboxRow))).scalar_one()
