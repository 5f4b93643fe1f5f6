"""A release: opens the inbox in memory, closes batches, writes the ledger. The only module that can open it.

Rule: disclosure.md. What is let out becomes tallies, comments cut loose and published rows; everything else
goes back sealed. All of it happens in one transaction, so a crash at any point leaves none or all of it.
"""

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from nacl.public import PrivateKey, PublicKey
from sqlalchemy import delete, insert, select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batches import Envelope
from analysis.ledger import PARTNER, fingerprint
from analysis.policy import RULE_VERSION
from analysis.release import Kept, Known, LetOut, let_out
from analysis.themes import load_codebook
from feedback.audit import record
from feedback.comments import COMMENT_BYTES, with_padding
from feedback.database import Database
from feedback.inbox import ROW_BYTES, seal, waiting_rows
from feedback.instruments import known_instruments
from feedback.ledgerfiles import leave_ledger
from feedback.ledgers import add_to_ledger, read_ledger
from feedback.programs import all_contracts, all_programs, asked_instruments
from feedback.publishing import publish
from feedback.rewriting import COMPACTION_DUE, finish_compaction, note
from feedback.schedule import schedule
from feedback.sense import Sense, stamped
from feedback.settings import Settings
from feedback.tables import BatchedRow, CommentRow, InboxRow, ReleaseRow, UsedKeyRow
from feedback.timing import ReleaseRefused, check_date, period_to_close
from feedback.unsealing import Opener, Reader
from feedback.vouching import RELEASED, faults, vouch
from surveys.periods import Period

KEPT_BYTES = 1_024
USED_KEY_QUARTERS = 2
"""How many more releases a used key is kept, so that a phone that retries late is still recognised."""
_CHUNK = 500


class Outcome(msgspec.Struct, frozen=True):
    """What a release may say of itself: never answers, never how many still wait."""

    period: str
    batches: int
    language_batches: int
    left: int
    """Rows that do not open or make no sense, in whichever table."""
    languages_lost: bool = False
    """Whether the year has no tables by language, because what was kept for them is not whole."""
    restamped: bool = False
    """Whether answers bore a quarter that cannot be, and count as this one."""
    overwritten: bool = True
    """Whether what the release deleted is overwritten on disk already."""
    ledger_file: Path | None = None


class _Read(msgspec.Struct, frozen=True):
    """What one release found: the opened rows, and which rows it may delete."""

    opened: dict[bytes, Envelope]
    kept: list[tuple[bytes, Kept]]
    known: Known
    left: int


class Releasing(msgspec.Struct, frozen=True):
    """A release about to run: where, with whose keys, and who runs it."""

    database: Database
    settings: Settings
    release_public: PublicKey
    review_public: PublicKey
    operator: str

    async def run(
        self,
        key: PrivateKey,
        wanted: Period | None = None,
        *,
        dry: bool = False,
        pretended: bool = False,
        progress: Callable[[int], None] = lambda _batches: None,
    ) -> Outcome:
        """Run the next release. Raises ReleaseRefused, and then nothing was changed.

        `progress` is told how many batches are done, and never of what waits; `pretended` says that a
        pretended date is meant.
        """
        opener = Opener(key)
        if bytes(opener.public) != bytes(self.release_public):
            raise ReleaseRefused("This is not the release key of this deployment; nothing was opened.")
        await self._overwrite()
        await self._leave_ledger()
        # A snapshot: whoever answers in the meantime is not kept waiting, and is in the next release.
        async with self.database.snapshot() as session:
            if not pretended:
                await check_date(session, self.settings)
            now = await schedule(session, self.settings)
            closing = period_to_close(now, wanted)
            async for fault in faults(session):
                raise ReleaseRefused(f"{fault} Nothing was opened: docs/operating.md says what to do.")
            read = await self._read(session, opener)
        opened, restamped = stamped(read.opened, min(now.first, closing), closing, self.settings.period)
        read = msgspec.structs.replace(read, opened=opened)
        if dry:
            async with self.database.transaction() as session:
                await record(session, self.operator, "release.dry-run", str(closing))
        done = 0

        def count(_people: int) -> None:
            nonlocal done
            done += 1
            progress(done)

        result = let_out(read.opened, read.kept, closing, read.known, count)
        lost = result.language_close and not _is_whole(read, closing)
        if lost:
            result = _without_languages(result)
        overwritten, ledger_file = True, None
        if not dry:
            await self._store(closing, read, result)
            ledger_file = await self._leave_ledger()
            overwritten = await self._overwrite()
        languages = sum(batch.kind == "language" for batch in result.batches)
        batches = len(result.batches) - languages
        return Outcome(str(closing), batches, languages, read.left, lost, restamped, overwritten, ledger_file)

    async def _read(self, session: AsyncSession, opener: Opener) -> _Read:
        known = await self._known(session)
        sense = Sense(
            {program.id for program in known.programs},
            known.instruments,
            {batch.id for batch in known.ledger},
            set((await session.execute(union(select(UsedKeyRow.key), select(BatchedRow.key)))).scalars()),
        )
        waiting = Reader(opener, Envelope, ROW_BYTES, sense.of_waiting)
        opened = dict(waiting.read(await waiting_rows(session)))
        batched = Reader(opener, Kept, KEPT_BYTES, sense.of_kept)
        rows = await session.execute(select(BatchedRow.key, BatchedRow.sealed))
        kept = list(batched.read((key, sealed) for key, sealed in rows))
        return _Read(opened, kept, known, waiting.left + batched.left)

    async def _known(self, session: AsyncSession) -> Known:
        return Known(
            await read_ledger(session),
            await all_programs(session),
            await all_contracts(session),
            await asked_instruments(session),
            await known_instruments(session),
            load_codebook(),
            self.settings.policy,
        )

    async def _store(self, closing: Period, read: _Read, result: LetOut) -> None:
        async with self.database.transaction() as session:
            release = await self._log(session, closing, [*read.known.ledger, *result.batches], result)
            await self._put_back(session, closing, read, result)
            await self._keep_for_languages(session, result)
            await add_to_ledger(session, result.batches)
            await self._store_comments(session, read, result)
            await publish(session, self.settings, str(closing))
            await record(session, self.operator, RELEASED, await vouch(session, release))
            await note(session, COMPACTION_DUE, str(closing))

    async def _log(
        self, session: AsyncSession, closing: Period, ledger: Sequence[Any], result: LetOut
    ) -> ReleaseRow:
        """Write the log first: its primary key makes a second release of this quarter fail at once."""
        release = ReleaseRow(
            period=str(closing),
            released_at=dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0),
            released_on=self.settings.today,
            operator=self.operator,
            rule=RULE_VERSION,
            policy=msgspec.to_builtins(self.settings.policy),
            batches=[
                {"id": b.id, "owner": b.owner, "audience": b.audience, "origin": b.origin, "n": b.n}
                for b in result.batches
            ],
            entered=sum(b.n for b in result.batches if b.origin == "entered" and b.kind != "language"),
            ledger_sha256=fingerprint(ledger),
        )
        session.add(release)
        try:
            await session.flush()
        except IntegrityError as error:
            raise ReleaseRefused(
                f"{closing} was released by someone else a moment ago; nothing was changed."
            ) from error
        return release

    async def _put_back(self, session: AsyncSession, closing: Period, read: _Read, result: LetOut) -> None:
        """Take every opened row out; put what still waits back, sealed anew, so that no row stands out."""
        await _delete_all(session, InboxRow, list(read.opened))
        rows = [
            {"key": key, "sealed": seal(self.release_public, envelope, ROW_BYTES)}
            for key, envelope in result.waiting
        ]
        await _insert_shuffled(session, InboxRow, rows)
        await session.execute(delete(UsedKeyRow).where(UsedKeyRow.until < str(closing)))
        used = [{"key": key, "until": str(closing + USED_KEY_QUARTERS)} for key in result.used]
        await _insert_shuffled(session, UsedKeyRow, used)

    async def _keep_for_languages(self, session: AsyncSession, result: LetOut) -> None:
        if result.language_close:
            # Damaged ones too: no later year needs them, and nobody's answers are kept longer than promised.
            await session.execute(delete(BatchedRow))
        rows = [{"key": key, "sealed": seal(self.release_public, it, KEPT_BYTES)} for key, it in result.kept]
        await _insert_shuffled(session, BatchedRow, rows)

    async def _store_comments(self, session: AsyncSession, read: _Read, result: LetOut) -> None:
        loose = with_padding(result.comments, result.batches, read.known.instruments)
        for start in range(0, len(loose), _CHUNK):
            # Sealed some at a time: all of them at once would take more memory than the answers did.
            rows = [
                {"id": secrets.token_bytes(16), "sealed": seal(self.review_public, it, COMMENT_BYTES)}
                for it in loose[start : start + _CHUNK]
            ]
            await session.execute(insert(CommentRow), rows)

    async def _leave_ledger(self) -> Path | None:
        async with self.database.snapshot() as session:
            return await leave_ledger(session, self.settings)

    async def _overwrite(self) -> bool:
        """Overwrite what was deleted. Returns whether nothing is left; a reader who stays may prevent it."""
        try:
            await finish_compaction(self.database)
        except TimeoutError:
            return False
        return True


def _is_whole(read: _Read, closing: Period) -> bool:
    """Whether everybody let out this year before is among what was kept.

    A table by language over all but a few of them could be subtracted from the tables by program.
    """
    expected = {
        batch.id: batch.n
        for batch in read.known.ledger
        if batch.kind != "language"
        and batch.audience != PARTNER
        and Period.parse(batch.release).year == closing.year
    }
    return Counter(it.batch for _, it in read.kept) == expected


def _without_languages(result: LetOut) -> LetOut:
    batches = tuple(batch for batch in result.batches if batch.kind != "language")
    return msgspec.structs.replace(result, batches=batches)


async def _delete_all(session: AsyncSession, table: Any, keys: Sequence[bytes]) -> None:
    for start in range(0, len(keys), _CHUNK):
        await session.execute(delete(table).where(table.key.in_(keys[start : start + _CHUNK])))


async def _insert_shuffled(session: AsyncSession, table: Any, rows: list[dict[str, Any]]) -> None:
    """Insert in random order: where a database keeps rows in order of arrival, that order says nothing."""
    secrets.SystemRandom().shuffle(rows)
    for start in range(0, len(rows), _CHUNK):
        await session.execute(insert(table), rows[start : start + _CHUNK])
