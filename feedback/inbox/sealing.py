"""The sealed inbox: what Send stores. This side can only put in; only a release can open.

Rule: docs/architecture.md, “The sealed inbox”. Every row is 8,192 bytes and a seal, never compressed (a
length that follows the content tells about it), under a random-looking key, so rows say nothing and sort in
no order.
"""

import asyncio
import enum
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar

import msgspec
from nacl.bindings import sodium_pad
from nacl.public import PublicKey, SealedBox
from sqlalchemy import delete, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.closing import Place
from analysis.stream import SALT_BYTES
from feedback.storage.database import insert_if_new
from feedback.storage.facts import Fact, hold, note, read_fact
from feedback.storage.tables import BatchedRow, InboxRow, UsedKeyRow
from surveys.answers import Response
from surveys.periods import Period

ROW_BYTES = 8_192
SEAL_BYTES = 48
SPARE = 128
"""Bytes that a first seal leaves free: a row that is moved is told where to, and carries its digest."""
CHUNK = 500
"""Rows that are in memory at once."""
MOST_VERSIONS = 0xFFFF
USED_KEY_QUARTERS = 2
"""How many more releases a used key is kept, so that a phone that retries late is still recognised."""
"""Where a random mark notes that a stored row was replaced: a release under way begins anew."""
T = TypeVar("T")
U = TypeVar("U")
SealedRow = tuple[bytes, bytes]
"""A row's key, and what is sealed in it."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
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


class SendOutcome(enum.Enum):
    """What became of a Send."""

    NEW = "new"
    REPLACED = "replaced"
    """It was meant later than what was stored, and took its place."""
    UNCHANGED = "unchanged"
    """What is stored was meant at the same time or later."""
    LET_OUT = "let out"
    """What was stored is added up already: nothing can change it."""
    THROWN_AWAY = "thrown away"
    """The person took it back: nothing that this page sends brings it in again."""


class Inbox(msgspec.Struct, frozen=True):
    """What a serving process holds of the keys: enough to seal and to recognise a second Send."""

    public: PublicKey
    secret: bytes

    def row_key(self, slug: str, submission_key: str) -> bytes:
        """Key of one page's response: BLAKE2b of the link and the page's submission key, keyed.

        The key makes a stolen database useless for asking “is this page's answer in here?”.
        """
        return hashlib.blake2b(f"{slug}/{submission_key}".encode(), key=self.secret, digest_size=32).digest()

    async def store(
        self,
        session: AsyncSession,
        slug: str,
        submission_key: str,
        response: Response,
        version: int | None = None,
        salt: bytes | None = None,
    ) -> SendOutcome:
        """Store one response, in the place of what its page sent before if it was meant later.

        `version` counts what was sent after an edit (0 to MOST_VERSIONS); of two alike the later to arrive
        counts, since a browser without script cannot count. None, for what is typed in or imported, never
        replaces. The caller thanks only after its transaction is committed. `salt` is given where responses
        are made up and their noise has to come out alike each time.
        """
        key = self.row_key(slug, submission_key)
        first = Envelope(response=response, salt=salt or secrets.token_bytes(SALT_BYTES), key=key)
        sealed = seal(self.public, first, ROW_BYTES, spare=SPARE)
        veiled = self._veil(key, version or 0)
        is_new = await insert_if_new(session, InboxRow, key=key, sealed=sealed, version=veiled)
        if not is_new and version is not None:
            return await self._replace(session, key, sealed, version)
        # A release may have let the first Send out a moment ago: its key is then among the used ones.
        if outcome := await _used_outcome(session, key):
            await session.execute(delete(InboxRow).where(InboxRow.key == key))
            return outcome
        return SendOutcome.NEW if is_new else SendOutcome.UNCHANGED

    async def version(self, session: AsyncSession, slug: str, submission_key: str) -> int:
        """The version that is stored of a page; 0 where none is."""
        key = self.row_key(slug, submission_key)
        veiled = (
            await session.execute(select(InboxRow.version).where(InboxRow.key == key))
        ).scalar_one_or_none()
        return 0 if veiled is None else self._veil(key, veiled)

    async def throw_away(self, session: AsyncSession, slug: str, submission_key: str, now: Period) -> bool:
        """Remove what a page sent, unread, and whatever it sends later; False when it was let out before.

        Its key is kept as a used one is, as long as the submission key is good: a Send that is still on
        its way cannot bring it back.
        """
        key = self.row_key(slug, submission_key)
        await _note_change(session)
        await session.execute(delete(InboxRow).where(InboxRow.key == key))
        until = str(now + USED_KEY_QUARTERS)
        if await insert_if_new(session, UsedKeyRow, key=key, until=until, thrown_away=True):
            return True
        return await _used_outcome(session, key) is SendOutcome.THROWN_AWAY

    async def _replace(self, session: AsyncSession, key: bytes, sealed: bytes, version: int) -> SendOutcome:
        await _note_change(session)
        row = (await session.execute(select(InboxRow.version).where(InboxRow.key == key))).first()
        if row is None:
            return await _used_outcome(session, key) or SendOutcome.LET_OUT
        if row.version is not None and self._veil(key, row.version) > version:
            return SendOutcome.UNCHANGED
        query = update(InboxRow).where(InboxRow.key == key)
        await session.execute(query.values(sealed=sealed, version=self._veil(key, version)))
        return SendOutcome.REPLACED

    def _veil(self, key: bytes, version: int) -> int:
        """A version as it is stored, and back: nobody who reads the table sees which rows were edited."""
        mask = hashlib.blake2b(key, key=self.secret, person=b"version", digest_size=2).digest()
        return version ^ int.from_bytes(mask)


async def _used_outcome(session: AsyncSession, key: bytes) -> SendOutcome | None:
    """What became of a page that can send nothing more; None for any other."""
    row = (await session.execute(select(UsedKeyRow.thrown_away).where(UsedKeyRow.key == key))).first()
    if row is None:
        return None
    return SendOutcome.THROWN_AWAY if row.thrown_away else SendOutcome.LET_OUT


async def _note_change(session: AsyncSession) -> None:
    """Say that a stored row changes. A release that would pass over the change waits here, or begins anew."""
    await _lock_first(session)
    await note(session, Fact.INBOX_CHANGED, secrets.token_hex(8))


async def _lock_first(session: AsyncSession) -> None:
    """Touch the table before the mark, as a first Send does, or two would wait for each other."""
    await session.execute(delete(InboxRow).where(false()))


async def change_noted(session: AsyncSession) -> str:
    """The mark of the latest change of a stored row, as of the session's moment."""
    return await read_fact(session, Fact.INBOX_CHANGED) or ""


async def hold_changes(session: AsyncSession) -> str:
    """The same, and nobody changes a stored row from now until the transaction ends."""
    await _lock_first(session)
    return await hold(session, Fact.INBOX_CHANGED)


def seal(public: PublicKey, content: msgspec.Struct, size: int, *, spare: int = 0) -> bytes:
    """Pad to `size` bytes and seal. Raises ValueError when the content leaves fewer than `spare` of them."""
    encoded = msgspec.msgpack.encode(content)
    if len(encoded) >= size - spare:
        raise ValueError(f"{len(encoded)} bytes do not fit a sealed row of {size}.")
    return SealedBox(public).encrypt(sodium_pad(encoded, size))


def new_submission_key() -> str:
    """A random number under which something is stored once, however often it is sent."""
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
    query = select(table.key, table.sealed).where(table.key > last).order_by(table.key).limit(CHUNK)
    return [(key, sealed) for key, sealed in await session.execute(query)]


async def rows_of(
    session: AsyncSession, table: type[InboxRow | BatchedRow], keys: Sequence[bytes]
) -> AsyncIterator[list[SealedRow]]:
    """The sealed rows of these keys, some at a time; in which order says nothing."""
    for chunk in in_chunks(keys):
        rows = await session.execute(select(table.key, table.sealed).where(table.key.in_(chunk)))
        yield [(key, sealed) for key, sealed in rows]


async def by_halves(work: Callable[[Sequence[T]], list[U]], items: Sequence[T]) -> list[U]:
    """Work on each half in a thread of its own: sealing and opening leave the interpreter to others."""
    middle = len(items) // 2
    halves = (asyncio.to_thread(work, half) for half in (items[:middle], items[middle:]))
    return [item for half in await asyncio.gather(*halves) for item in half]


def in_chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


async def is_empty(session: AsyncSession) -> bool:
    return not (await session.execute(select(func.count()).select_from(InboxRow))).scalar_one()
