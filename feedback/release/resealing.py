"""What the second pass of a release leaves, sealed anew: each kind in rows of one size, in a nameless file.

Sealing is done in threads, some rows at a time, while the next ones are opened and counted: it takes as long
as all the rest, and a release may have two cores.
"""

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
from nacl.public import PublicKey

from analysis.batch_ledger import Batch
from analysis.closing import Pending
from analysis.draw import Remnant
from analysis.kept_answers import KeptAnswers
from feedback.comments.waiting import COMMENT_BYTES, PADDING, Loose
from feedback.inbox.sealing import ROW_BYTES, Envelope, by_halves, seal
from feedback.release.spools import Spool


class NewRows(msgspec.Struct, frozen=True):
    """Rows sealed anew, and the ledger's new rows."""

    waiting_rows: Spool
    kept_rows: Spool
    comments: Spool
    replaced_keys: list[bytes]
    """The rows of before that `kept_rows` take the place of."""
    batches: list[Batch]

    def close(self) -> None:
        for spool in (self.waiting_rows, self.kept_rows, self.comments):
            spool.close()


class _Row(msgspec.Struct, frozen=True):
    """One row to be sealed, and where it goes."""

    spool: Spool
    key: bytes
    content: msgspec.Struct
    public: PublicKey
    size: int


class Sealing:
    """Seals what comes, behind the back of whoever counts."""

    def __init__(self, folder: Path, release: PublicKey, review: PublicKey, kept_bytes: int) -> None:
        self.new_rows = NewRows(Spool(folder), Spool(folder), Spool(folder), [], [])
        self._release = release
        self._review = review
        self._kept_bytes = kept_bytes
        self._rows: list[_Row] = []
        self._comments = 0
        self._under_way: asyncio.Task[None] | None = None

    def leave(self, remnant: Remnant) -> None:
        for comment in remnant.comments:
            self._comment(Loose(comment))
        self.keep(remnant.kept_row)

    def keep(self, row: KeptAnswers | None) -> None:
        if row is not None:
            self._rows.append(_Row(self.new_rows.kept_rows, row.key, row, self._release, self._kept_bytes))

    def put_back(self, place: Pending, envelope: Envelope, digest: bytes) -> None:
        since = str(place.since) if place.since else None
        content = Envelope(
            response=envelope.response, place=place.place, since=since, digest=digest, key=place.key
        )
        self._rows.append(_Row(self.new_rows.waiting_rows, place.key, content, self._release, ROW_BYTES))

    async def go_on(self, comments: int) -> None:
        """Seal in a thread what was left until now, with padding to so many comments in all."""
        while self._comments < comments:
            self._comment(PADDING)
        await self.finish()
        rows, self._rows = self._rows, []
        self._under_way = asyncio.create_task(_seal_all(rows))

    async def finish(self) -> None:
        """Wait until what is under way is sealed."""
        if self._under_way is not None:
            await self._under_way

    def _comment(self, it: Loose) -> None:
        self._comments += 1
        row = _Row(self.new_rows.comments, secrets.token_bytes(16), it, self._review, COMMENT_BYTES)
        self._rows.append(row)


async def _seal_all(rows: Sequence[_Row]) -> None:
    for row, sealed in zip(rows, await by_halves(_seal_rows, rows), strict=True):
        row.spool.add(row.key, sealed)


def _seal_rows(rows: Sequence[_Row]) -> list[bytes]:
    return [seal(row.public, row.content, row.size) for row in rows]
