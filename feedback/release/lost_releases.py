"""Releases that a restored database does not know of. Nobody is let out twice in two ways.

Source: docs/disclosure.md, “Restore”. A lost release is run again: the same rows give the same batches, and
then it stands. Where they do not (a row came after the backup), what was let out is taken over from the
newest ledger file, and the sealed rows of its quarters are destroyed unread.
"""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batch_ledger import Batch
from feedback.release.ledgerfiles import LedgerFile, newest_beside
from feedback.release.ledgers import read_ledger
from feedback.release.timing import ReleaseRefused
from feedback.results.schedule import Schedule, restored_on
from feedback.settings import Settings
from feedback.storage.facts import Fact, forget
from surveys.periods import Period


class LostReleases(msgspec.Struct, frozen=True):
    """The quarters to release again, and what their releases let out."""

    quarters: tuple[Period, ...] = ()
    ledger: tuple[Batch, ...] = ()

    def last(self, closing: Period) -> Period:
        """The release after which nothing is lost any more, where `closing` is the one that runs."""
        return self.quarters[-1] if self.quarters else closing

    def of(self, quarter: Period) -> list[Batch]:
        return [batch for batch in self.ledger if batch.release == str(quarter)]


async def lost_releases(
    session: AsyncSession, settings: Settings, now: Schedule, newest: LedgerFile | None
) -> LostReleases:
    """Work out what was let out and is not in the database. Raises ReleaseRefused.

    `newest` is the newest ledger file that any release left; after a restore no release runs without it.
    """
    if newest is None:
        await _check_nothing_lost(session, settings, now)
        return LostReleases()
    latest = str(now.latest) if now.latest else ""
    if newest.release < latest:
        raise ReleaseRefused(
            f"That ledger ends with {newest.release or 'nothing'}, and {latest} was released since: give the"
            " newest one. Nothing was opened."
        )
    ledger = [batch for batch in newest.ledger if batch.release <= latest]
    if ledger != await read_ledger(session):
        raise ReleaseRefused(
            f"That ledger does not hold what this database let out up to {latest or 'now'}: it is another"
            " deployment's, or one of the two was changed. Nothing was opened."
        )
    if not newest.release:
        return LostReleases()
    last = Period.parse(newest.release)
    if last.ends >= now.today:
        raise ReleaseRefused(f"That ledger is of {last}, which has not ended yet. Nothing was opened.")
    first = now.latest + 1 if now.latest else min(now.first, *_quarters_of(newest), last)
    return LostReleases(tuple(first + step for step in range(last - first + 1)), tuple(newest.ledger))


def _quarters_of(newest: LedgerFile) -> list[Period]:
    return [Period.parse(batch.release) for batch in newest.ledger]


async def _check_nothing_lost(session: AsyncSession, settings: Settings, now: Schedule) -> None:
    newest, latest = newest_beside(settings), str(now.latest) if now.latest else ""
    if newest and newest > latest:
        raise ReleaseRefused(
            f"ledger-{newest}.json lies beside the database, which does not know of that release: an older"
            " state of it came back. Give the newest ledger file there is with --newest-ledger FILE. Nothing"
            " was opened."
        )
    if (day := await restored_on(session)) is not None:
        raise ReleaseRefused(
            f"This deployment was restored on {day}. Say what was let out since its backup was written, with"
            " the newest ledger file that any release left: --newest-ledger FILE (or --no-ledger where no"
            " release ever ran). Nothing was opened."
        )


async def forget_restore(session: AsyncSession) -> None:
    """Nothing is lost any more: the next release need not ask."""
    await forget(session, Fact.RESTORED)
