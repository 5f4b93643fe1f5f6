"""The two passes of a release over the sealed rows. The only module that opens them.

The first says of each row where it belongs and forgets its answers; what closes is decided from that alone.
The second opens row by row, adds up, seals what is kept, and forgets (docs/disclosure.md). What stays in
memory of a response is its place and its digest.
"""

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
from analysis.draw import Drawing, Left, Opened, Plan, PlannedPulse, plan_release
from analysis.kept import Kept
from analysis.parameters import MOST_THEMES
from analysis.reading import Registry, at_hand, read
from analysis.unions import Languages
from feedback.comments import COMMENT_BYTES, PADDING, Loose, rows_for
from feedback.inbox import ROW_BYTES, Envelope, rows_of, seal, sealed_rows
from feedback.keys import ReleaseKey
from feedback.sense import Sense
from feedback.spools import Spool
from feedback.tables import BatchedRow, InboxRow
from feedback.unsealing import CannotOpen, Opener
from surveys.instruments import Instrument
from surveys.periods import Period

_KEPT_SIZES = (1_024, 2_048, 4_096)
_CODE_BYTES = 5
"""A text in MessagePack is preceded by its length, in at most so many bytes."""
_BESIDES = 256
"""A kept row's key, digest, batch, language and score, with the names of them all."""


class Known(msgspec.Struct, frozen=True):
    """What a release knows besides the sealed rows."""

    ledger: Sequence[Batch]
    registry: Registry
    asking: Asking
    let_out: Collection[bytes]

    @property
    def sense(self) -> Sense:
        pulses = {batch.id for batch in self.ledger if batch.kind == "pulse"}
        return Sense(self.registry.programs, self.registry.instruments, pulses, self.let_out)


class Seen(msgspec.Struct, frozen=True):
    """What the first pass found: what will close, and what was odd. Nothing of it holds an answer."""

    plan: Plan
    left: int
    """Rows that do not open or make no sense, in whichever table."""
    restamped: bool
    """Whether answers bore a quarter that cannot be, and count as the closing one."""
    is_whole: bool
    """Whether everybody let out this year before is among what was kept."""


class Sealed(msgspec.Struct, frozen=True):
    """What the second pass leaves: rows sealed anew, and the ledger's new rows."""

    waiting: Spool
    kept: Spool
    comments: Spool
    kept_before: list[bytes]
    """The rows of before that `kept` takes the place of."""
    batches: list[Batch]

    def close(self) -> None:
        for spool in (self.waiting, self.kept, self.comments):
            spool.close()


class Passes:
    """One release's two passes, with the private key in memory for as long as they take."""

    def __init__(self, session: AsyncSession, key: ReleaseKey, known: Known) -> None:
        self._session = session
        self._opener = Opener(key.private)
        self._noise = key.noise
        self._known = known
        self._sense = known.sense
        self._left = 0

    async def first(self) -> Seen:
        """Decide what closes. Nobody's answer is looked at but to see that it can be one."""
        registry = self._known.registry
        pending, restamped = [], False
        async for key, envelope, _ in self._waiting(sealed_rows(self._session, InboxRow)):
            if not self._sense.of_waiting(key, envelope):
                self._left += 1
                continue
            since = envelope.since and min(envelope.since, str(registry.closing))
            found = read(key, envelope.response, registry, envelope.place, since)
            if found.pending is None:
                self._left += 1
                continue
            pending.append(found.pending)
            restamped = restamped or found.restamped or since != envelope.since
        rows: Counter[tuple[str, str]] = Counter()
        async for it in self._kept():
            rows[it.batch, it.language] += 1
        held = at_hand(rows.elements(), self._known.ledger)
        plan = plan_release(
            pending,
            held,
            self._known.ledger,
            registry.closing,
            registry.ended(),
            self._known.asking.parameters,
        )
        return Seen(plan, self._left, restamped, _is_whole(plan, held, registry.closing))

    async def second(
        self, plan: Plan, release: PublicKey, review: PublicKey, folder: Path, progress: Callable[[int], None]
    ) -> Sealed:
        """Open, add up, seal anew and forget. `progress` is told how many batches are done.

        Raises TallyIncomplete where a row cannot be opened that could be a moment ago.
        """
        drawing = Drawing(plan, self._known.asking, self._noise)
        sealed = Sealed(Spool(folder), Spool(folder), Spool(folder), [], [])
        sealing = _Sealing(release, review, kept_bytes(self._known), sealed)
        try:
            for number, planned in enumerate(plan.pulses, start=1):
                await self._close(drawing, planned, sealing)
                progress(number)
            async for it in self._kept():
                sealed.kept_before.append(it.key)
                sealing.keep(drawing.again(it))
            sealed.batches.extend(drawing.close())
            await self._put_back(plan, sealing)
            people = sum(planned.head.n for planned in plan.pulses)
            sealing.pad(rows_for(people, self._known.registry.instruments))
        except BaseException:
            sealed.close()
            raise
        return sealed

    async def _close(self, drawing: Drawing, planned: PlannedPulse, sealing: "_Sealing") -> None:
        keys = planned.keys
        secrets.SystemRandom().shuffle(keys)
        async for key, envelope, digest in self._waiting(rows_of(self._session, InboxRow, keys)):
            sealing.leave(drawing.add(planned, Opened(key, digest, envelope.response)))

    async def _put_back(self, plan: Plan, sealing: "_Sealing") -> None:
        """Seal anew what still waits, so that no row stands out as one that was there before."""
        places: Mapping[bytes, Pending] = {it.key: it for it in plan.waiting}
        async for key, envelope, digest in self._waiting(rows_of(self._session, InboxRow, list(places))):
            sealing.put_back(places[key], envelope, digest)

    async def _waiting(
        self, rows: AsyncIterator[tuple[bytes, bytes]]
    ) -> AsyncIterator[tuple[bytes, Envelope, bytes]]:
        async for key, sealed in rows:
            try:
                envelope, digest = self._opener.open_first(key, sealed)
            except CannotOpen:
                self._left += 1
                continue
            yield key, envelope, digest

    async def _kept(self) -> AsyncIterator[Kept]:
        async for key, sealed in sealed_rows(self._session, BatchedRow):
            try:
                kept = self._opener.open(sealed, Kept)
            except CannotOpen:
                self._left += 1
                continue
            if self._sense.of_kept(key, kept):
                yield kept
            else:
                self._left += 1


class _Sealing(msgspec.Struct, frozen=True):
    """Seals what a release leaves, each kind in rows of one size."""

    release: PublicKey
    review: PublicKey
    kept_bytes: int
    to: Sealed

    def leave(self, left: Left) -> None:
        for comment in left.comments:
            self._comment(Loose(comment))
        self.keep(left.kept)

    def keep(self, kept: Kept | None) -> None:
        if kept is not None:
            self.to.kept.add(kept.key, seal(self.release, kept, self.kept_bytes))

    def put_back(self, place: Pending, envelope: Envelope, digest: bytes) -> None:
        since = str(place.since) if place.since else None
        moved = Envelope(envelope.response, place.place, since, digest=digest)
        self.to.waiting.add(place.key, seal(self.release, moved, ROW_BYTES))

    def pad(self, rows: int) -> None:
        for _ in range(rows - self.to.comments.rows):
            self._comment(PADDING)

    def _comment(self, it: Loose) -> None:
        self.to.comments.add(secrets.token_bytes(16), seal(self.review, it, COMMENT_BYTES))


def kept_bytes(known: Known) -> int:
    """The one size of all kept rows of a release: the least that the longest possible one fits.

    The surveys decide it, and no answer.
    """
    instruments = known.registry.instruments.values()
    longest = max((_longest(it) for it in instruments), default=0)
    themes = max((len(theme.id) for theme in known.asking.codebook.themes), default=0)
    told = longest + MOST_THEMES * themes + _BESIDES
    return next((size for size in _KEPT_SIZES if told < size), ROW_BYTES)


def _longest(instrument: Instrument) -> int:
    """Bytes of the longest closed answers that an instrument can have."""
    return sum(
        len(question.id) + _CODE_BYTES + (sum(codes) if question.kind == "multiple" else max(codes))
        for question in instrument.questions
        if (codes := [len(code) + _CODE_BYTES for code in question.codes])
    )


def _is_whole(plan: Plan, held: Languages, closing: Period) -> bool:
    year = (batch for batch in plan.earlier if Period.parse(batch.release).year == closing.year)
    return all(held[batch.id].total() == batch.n for batch in year)
