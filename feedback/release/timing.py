"""Whether a release may run today, and of which quarter: in order, and on a day that is one."""

from sqlalchemy.ext.asyncio import AsyncSession

from feedback.results.schedule import Schedule, is_rehearsal
from feedback.settings import Settings
from surveys.periods import Period


class ReleaseRefused(Exception):
    """A release cannot run now; nothing was changed. The message says why."""


async def check_date(session: AsyncSession, settings: Settings) -> None:
    """Raise ReleaseRefused where a pretended date would let out real answers before their quarter is over.

    Those who answer later would be a batch of few, and no release can be taken back.
    """
    if settings.today_is and not settings.made_up and not await is_rehearsal(session):
        raise ReleaseRefused(
            f"The date is pretended ({settings.today_is}), and this is no rehearsal: unset FEEDBACK_TODAY, or"
            " say --pretended-date. Nothing was opened."
        )


def period_to_close(now: Schedule, quarter: Period | None) -> Period:
    """Check that a release may run, and of which quarter. Raises ReleaseRefused."""
    if quarter is not None and now.latest is not None and quarter <= now.latest:
        raise ReleaseRefused(f"{quarter} was released already; a release never runs twice.")
    closing = now.next_period
    if quarter is not None and now.latest is None and quarter < closing:
        # Nothing was ever released: a first quarter before the one of `init` is the operator's to name.
        closing = quarter
    if quarter is not None and quarter != closing:
        raise ReleaseRefused(f"{closing} comes first: releases run in order, the oldest missed one first.")
    if now.today <= closing.ends:
        raise ReleaseRefused(f"{closing} has not ended yet; its release may run after {closing.ends}.")
    return closing
