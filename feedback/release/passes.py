"""The two passes of a release over the sealed rows. The only module that opens them.

The first says of each row where it belongs and forgets its answers; what closes is decided from that alone.
The second opens row by row, adds up, seals what is kept, and forgets (docs/disclosure.md). What stays in
memory of a response is its place and its digest.
"""

import asyncio
import hashlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from pathlib import Path

import msgspec
from nacl.public import PublicKey
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batch_ledger import Batch
from analysis.closing import Pending
from analysis.counting import Asking
from analysis.draw import Drawing, OpenRow, PlannedPulse, ReleasePlan, plan_release
from analysis.kept_answers import KeptAnswers
from analysis.parameters import MOST_THEMES
from analysis.reading import Reading, ReadingRegistry, at_hand, read
from analysis.unions import Languages
from feedback.comments.waiting import rows_for
from feedback.inbox.sealing import ROW_BYTES, Envelope, SealedRow, by_halves, rows_of, sealed_rows
from feedback.inbox.unsealing import CannotOpen, Opener
from feedback.release.resealing import NewRows, Sealing
from feedback.release.sense import Sense
from feedback.storage.keys import ReleaseKey
from feedback.storage.tables import BatchedRow, InboxRow
from surveys.instruments import Instrument
from surveys.periods import Period


class _OpenRow(msgspec.Struct, frozen=True, kw_only=True):
    """An opened row of the inbox."""

    key: bytes
    envelope: Envelope
    digest: bytes
    """Of its response as first sealed."""
    mark: bytes
    """By which a copy is known, where its key inside does not tell: nothing there."""


_NOWHERE = Reading(None)
_KEPT_SIZES = (1_024, 2_048, 4_096)
_CODE_BYTES = 5
"""A text in MessagePack is preceded by its length, in at most so many bytes."""
_BESIDES = 256
"""A kept row's key, digest, batch, language and score, with the names of them all."""


class ReleaseInputs(msgspec.Struct, frozen=True):
    """What a release knows besides the sealed rows."""

    ledger: Sequence[Batch]
    registry: ReadingRegistry
    asking: Asking
    released_keys: Collection[bytes]

    @property
    def sense(self) -> Sense:
        pulses = {batch.id for batch in self.ledger if batch.kind == "pulse"}
        return Sense(self.registry.programs, self.registry.instruments, pulses, self.released_keys)


class FirstPass(msgspec.Struct, frozen=True):
    """What the first pass found: what will close, and what was odd. Nothing of it holds an answer."""

    plan: ReleasePlan
    unreadable: int
    """Rows that do not open or make no sense, in whichever table."""
    restamped: bool
    """Whether answers bore a quarter that cannot be, and count as the closing one."""
    is_whole: bool
    """Whether everybody let out this year before is among what was kept."""


class Passes:
    """One release's two passes, with the private key in memory for as long as they take."""

    def __init__(self, session: AsyncSession, key: ReleaseKey, inputs: ReleaseInputs) -> None:
        self._session = session
        self._opener = Opener(key.private)
        self._noise = key.noise
        self._inputs = inputs
        self._sense = inputs.sense
        self._unreadable = 0

    async def first(self) -> FirstPass:
        """Decide what closes. Nobody's answer is looked at but to see that it can be one."""
        registry = self._inputs.registry
        pending, restamped = [], False
        marks: set[bytes] = set()
        async for rows in self._open_rows(sealed_rows(self._session, InboxRow)):
            for row in rows:
                envelope = row.envelope
                since = envelope.since and min(envelope.since, str(registry.closing))
                reading = _NOWHERE
                if row.mark not in marks and self._sense.of_waiting(row.key, envelope):
                    reading = read(row.key, envelope.response, registry, envelope.place, since)
                if reading.pending is None:
                    self._unreadable += 1
                    continue
                marks.update((row.mark,) if row.mark else ())
                pending.append(reading.pending)
                restamped = restamped or reading.restamped or since != envelope.since
        counts: Counter[tuple[str, str]] = Counter()
        async for kept_rows in self._kept_rows():
            counts.update((it.batch, it.language) for it in kept_rows)
        languages = at_hand(counts.elements(), self._inputs.ledger)
        plan = plan_release(
            pending,
            languages,
            self._inputs.ledger,
            registry.closing,
            registry.endings(),
            self._inputs.asking.parameters,
        )
        return FirstPass(plan, self._unreadable, restamped, _is_whole(plan, languages, registry.closing))

    async def second(
        self,
        plan: ReleasePlan,
        release: PublicKey,
        review: PublicKey,
        folder: Path,
        progress: Callable[[int], None],
    ) -> NewRows:
        """Open, add up, seal anew and forget. `progress` is told how many batches are done.

        Raises TallyIncomplete where a row cannot be opened that could be a moment ago.
        """
        drawing = Drawing(plan, self._inputs.asking, self._noise)
        sealing = Sealing(folder, release, review, kept_bytes(self._inputs))
        try:
            await self._let_out(plan, drawing, sealing, progress)
            await self._keep_again(drawing, sealing)
            sealing.new_rows.batches.extend(drawing.close())
            await self._put_back(plan, sealing)
            await sealing.finish()
        except BaseException:
            await sealing.finish()
            sealing.new_rows.close()
            raise
        return sealing.new_rows

    async def _let_out(
        self, plan: ReleasePlan, drawing: Drawing, sealing: Sealing, progress: Callable[[int], None]
    ) -> None:
        """Batch by batch; within a batch in random order."""
        owner: dict[bytes, PlannedPulse] = {}
        keys, people = [], 0
        for planned in plan.pulses:
            members = planned.keys
            secrets.SystemRandom().shuffle(members)
            keys += members
            owner.update(dict.fromkeys(members, planned))
        batch_ids: set[str] = set()
        async for rows in self._open_rows(rows_of(self._session, InboxRow, keys)):
            for row in rows:
                planned = owner[row.key]
                batch_ids.add(planned.head.id)
                sealing.leave(
                    drawing.add(
                        planned, OpenRow(key=row.key, digest=row.digest, response=row.envelope.response)
                    )
                )
            people += len(rows)
            await sealing.go_on(rows_for(people, self._inputs.registry.instruments))
            progress(len(batch_ids))

    async def _keep_again(self, drawing: Drawing, sealing: Sealing) -> None:
        async for rows in self._kept_rows():
            for it in rows:
                sealing.new_rows.replaced_keys.append(it.key)
                sealing.keep(drawing.again(it))
            await sealing.go_on(0)

    async def _put_back(self, plan: ReleasePlan, sealing: Sealing) -> None:
        """Seal anew what still waits, so that no row stands out as one that was there before."""
        places: Mapping[bytes, Pending] = {it.key: it for it in plan.waiting}
        async for rows in self._open_rows(rows_of(self._session, InboxRow, list(places))):
            for row in rows:
                sealing.put_back(places[row.key], row.envelope, row.digest)
            await sealing.go_on(0)

    async def _open_rows(self, chunks: AsyncIterator[list[SealedRow]]) -> AsyncIterator[list[_OpenRow]]:
        """Open some rows while those before them are counted."""
        ahead: asyncio.Task[list[_OpenRow]] | None = None
        async for rows in chunks:
            opening = asyncio.create_task(by_halves(self._open_chunk, rows))
            if ahead is not None:
                yield await ahead
            ahead = opening
        if ahead is not None:
            yield await ahead

    def _open_chunk(self, chunk: Sequence[SealedRow]) -> list[_OpenRow]:
        rows = []
        for key, sealed in chunk:
            try:
                envelope, digest = self._opener.open_first(key, sealed)
            except CannotOpen:
                self._unreadable += 1
                continue
            # A row sealed before its key was in it is known by its seal: nobody else can make another one.
            unkeyed = b"" if envelope.key else hashlib.sha256(sealed).digest()
            rows.append(_OpenRow(key=key, envelope=envelope, digest=digest, mark=envelope.digest or unkeyed))
        return rows

    async def _kept_rows(self) -> AsyncIterator[list[KeptAnswers]]:
        longest, digests = kept_bytes(self._inputs) - 1, set[bytes]()
        async for chunk in sealed_rows(self._session, BatchedRow):
            rows = []
            for key, sealed in chunk:
                try:
                    row = self._opener.open(sealed, KeptAnswers, longest)
                except CannotOpen:
                    self._unreadable += 1
                    continue
                if row.digest in digests or not self._sense.of_kept(key, row):
                    self._unreadable += 1
                    continue
                digests.add(row.digest)
                rows.append(row)
            yield rows


def kept_bytes(inputs: ReleaseInputs) -> int:
    """The one size of all kept rows of a release: the least that the longest possible one fits.

    The surveys decide it, and no answer.
    """
    instruments = inputs.registry.instruments.values()
    longest = max((_longest(it) for it in instruments), default=0)
    themes = max((len(theme.id) for theme in inputs.asking.codebook.themes), default=0)
    longest_row = longest + MOST_THEMES * themes + _BESIDES
    return next((size for size in _KEPT_SIZES if longest_row < size), ROW_BYTES)


def _longest(instrument: Instrument) -> int:
    """Bytes of the longest closed answers that an instrument can have."""
    return sum(
        len(question.id) + _CODE_BYTES + (sum(codes) if question.kind == "multiple" else max(codes))
        for question in instrument.questions
        if (codes := [len(code) + _CODE_BYTES for code in question.codes])
    )


def _is_whole(plan: ReleasePlan, languages: Languages, closing: Period) -> bool:
    year = (batch for batch in plan.earlier if Period.parse(batch.release).year == closing.year)
    return all(languages[batch.id].total() == batch.n for batch in year)
