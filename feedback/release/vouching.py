"""What vouches for the ledger: each release's fingerprint covers it, what was published, the release before.

A release that found a ledger changed by hand and went on would sign for the change ever after. The last
fingerprint stands in the audit log too, which the database refuses to change.
"""

import hashlib
from collections.abc import AsyncIterator

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batch_ledger import fingerprint
from analysis.publishing import viewers
from analysis.publishing.changes import AGAINST
from analysis.publishing.rows import GuardedRow, Row, subject_of
from feedback.release.ledgers import read_ledger
from feedback.release.publishing import compute
from feedback.storage.staff_tables import AuditRow
from feedback.storage.tables import MeasureRow, PublishedRow, ReleaseRow

RELEASED = "release"
_START = "0" * 64
_FROM_THE_LEDGER = ("T1", "T1d", "T2", "T3", "T6", "T7", "T8", "T9")
"""Tables that follow from the ledger alone; others also from what strategies and pools were then."""


async def vouch(session: AsyncSession, release: ReleaseRow) -> str:
    """Fingerprint a release that has published, chained to the one before. Returns what the log is to say."""
    before = await session.scalar(
        select(ReleaseRow.chain_sha256)
        .where(ReleaseRow.period < release.period)
        .order_by(ReleaseRow.period.desc())
        .limit(1)
    )
    release.published_sha256, _ = await _read_published(session, release.period)
    release.chain_sha256 = _chain_digest(before or _START, release)
    await session.flush()
    return _log_entry(release)


async def problems(session: AsyncSession) -> AsyncIterator[str]:
    """Everything that is not as a release left it, the oldest first."""
    ledger = await read_ledger(session)
    periods = await _periods(session)
    if stray := [it.id for it in ledger if it.release not in periods]:
        yield f"The ledger holds batches of no release: {', '.join(stray)}."
    before = _START
    for release in (await session.execute(select(ReleaseRow).order_by(ReleaseRow.period))).scalars():
        name = release.period
        if fingerprint(it for it in ledger if it.release <= name) != release.ledger_sha256:
            yield f"The ledger is NOT as the release of {name} left it."
        digest, is_misfiled = await _read_published(session, name)
        if digest != release.published_sha256:
            yield f"What was published in {name} is NOT as its release left it."
        if is_misfiled:
            yield f"Rows published in {name} are filed under others than they are about."
        if _chain_digest(before, release) != release.chain_sha256 or not await _is_logged(session, release):
            yield f"The fingerprint of the release of {name} is NOT the one of its day."
        before = release.chain_sha256


async def unfounded(session: AsyncSession) -> AsyncIterator[str]:
    """Published rows that do not follow from the ledger, computed anew."""
    ledger = await read_ledger(session)
    for release in (await session.execute(select(ReleaseRow).order_by(ReleaseRow.period))).scalars():
        then = [batch for batch in ledger if batch.release <= release.period]
        rows = await compute(session, then, release.period, release.released_on)
        anew = {_key(it): it.row for it in rows}
        query = select(PublishedRow).where(PublishedRow.release == release.period)
        for row in (await session.execute(query.order_by(PublishedRow.position))).scalars():
            published = GuardedRow(msgspec.convert(row.row, Row), tuple(map(viewers.parse, row.readers)))
            if (
                row.name in _FROM_THE_LEDGER
                and _as_then(anew.get(_key(published)), published.row) != published.row
            ):
                where = f"Row {row.position} published in {release.period} ({row.name})"
                yield f"{where} does not follow from the ledger."


def _as_then(anew: Row | None, stored: Row) -> Row | None:
    """A row computed anew, without the changes over years that earlier versions did not publish."""
    if anew is None or any(it.measure in AGAINST for it in stored.figures):
        return anew
    figures = tuple(it for it in anew.figures if it.measure not in AGAINST)
    return msgspec.structs.replace(anew, figures=figures)


def _key(it: GuardedRow) -> str:
    row = it.row
    return msgspec.json.encode([row.table, row.filters, row.origin, row.batch], order="sorted").decode()


async def _periods(session: AsyncSession) -> set[str]:
    return set((await session.execute(select(ReleaseRow.period))).scalars())


async def _read_published(session: AsyncSession, release: str) -> tuple[str, bool]:
    """The digest of what a release published, and whether a row is found by another subject than its own."""
    digest, is_misfiled = hashlib.sha256(), False
    published = select(
        PublishedRow.position, PublishedRow.name, PublishedRow.readers, PublishedRow.row, PublishedRow.subject
    ).where(PublishedRow.release == release)
    for *content, subject in await session.execute(published.order_by(PublishedRow.position)):
        digest.update(msgspec.json.encode(content, order="sorted") + b"\n")
        is_misfiled |= subject_of(content[-1]["filters"]) != subject
    measures = select(MeasureRow.viewer, MeasureRow.position, MeasureRow.row)
    measures = measures.where(MeasureRow.release == release).order_by(MeasureRow.viewer, MeasureRow.position)
    for row in await session.execute(measures):
        digest.update(msgspec.json.encode(list(row), order="sorted") + b"\n")
    return digest.hexdigest(), is_misfiled


def _chain_digest(before: str, release: ReleaseRow) -> str:
    content = [
        before, release.period, release.released_on.isoformat(), release.rule, release.policy,
        release.batches, release.entered, release.ledger_sha256, release.published_sha256,
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def _log_entry(release: ReleaseRow) -> str:
    return f"{release.period}, fingerprint {release.chain_sha256}"


async def _is_logged(session: AsyncSession, release: ReleaseRow) -> bool:
    entry = select(AuditRow.id).where(AuditRow.action == RELEASED, AuditRow.object == _log_entry(release))
    return (await session.execute(entry.limit(1))).first() is not None
