"""When a release may run: one per quarter, after its end, oldest missed quarter first."""

import datetime as dt

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.settings import Settings
from feedback.storage.facts import Fact, read_fact
from feedback.storage.tables import ReleaseRow
from surveys.periods import Period


class Schedule(msgspec.Struct, frozen=True):
    """Where the releases stand today. Says nothing about answers: it is the calendar alone."""

    today: dt.date
    first: Period
    """The deployment's first quarter: nobody answered before it."""
    next_period: Period
    opens_on: dt.date
    """First day on which the next release may run."""
    due_on: dt.date
    latest: Period | None

    @property
    def next_yearly(self) -> Period:
        """With the release of which single questions, themes and languages come next."""
        return self.next_period.year_end

    @property
    def latest_yearly(self) -> Period | None:
        """The latest such release that has been; None where there was none yet."""
        before = self.next_yearly + -4
        return before if self.latest is not None and before >= self.first else None

    @property
    def may_run(self) -> bool:
        return self.today >= self.opens_on

    @property
    def clock_problem(self) -> str | None:
        """Why today cannot be: an answer stamped with such a day would be let out with the wrong ones.

        Never that a release is late: whoever answers does not wait for us.
        """
        if self.latest is not None and self.today <= self.latest.ends:
            return f"{self.latest} was released already, and it is said to be {self.today}"
        if Period.of(self.today) < min(self.first, self.latest or self.first):
            return f"{self.first} is this deployment's first quarter, and it is said to be {self.today}"
        return None

    @property
    def is_due(self) -> bool:
        return self.today >= self.due_on


async def schedule(session: AsyncSession, settings: Settings) -> Schedule:
    """Work out which release comes next."""
    latest = (
        (await session.execute(select(ReleaseRow.period).order_by(ReleaseRow.period.desc())))
        .scalars()
        .first()
    )
    first = Period.parse(await read_fact(session, Fact.FIRST_PERIOD) or "")
    upcoming = Period.parse(latest) + 1 if latest else first
    return Schedule(
        settings.today,
        first,
        upcoming,
        settings.open_from(upcoming),
        settings.due_on(upcoming),
        Period.parse(latest) if latest else None,
    )


async def days_of_releases(session: AsyncSession) -> dict[Period, dt.date]:
    """On which day each release came, the first one first."""
    rows = await session.execute(
        select(ReleaseRow.period, ReleaseRow.released_on).order_by(ReleaseRow.period)
    )
    return {Period.parse(period): day for period, day in rows}


async def restored_on(session: AsyncSession) -> str | None:
    """On which day the deployment was restored, where no release has been told of it yet."""
    return await read_fact(session, Fact.RESTORED)


async def is_rehearsal(session: AsyncSession) -> bool:
    return await read_fact(session, Fact.REHEARSAL) is not None
