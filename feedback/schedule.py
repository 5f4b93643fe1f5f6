"""When a release may run: one per quarter, after its end, oldest missed quarter first."""

import datetime as dt

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.settings import Settings
from feedback.tables import DeploymentRow, ReleaseRow
from surveys.periods import Period

FIRST_PERIOD = "first_period"


class Schedule(msgspec.Struct, frozen=True):
    """Where the releases stand today. Says nothing about answers: it is the calendar alone."""

    today: dt.date
    next_period: Period
    opens_on: dt.date
    """First day on which the next release may run."""
    due_on: dt.date
    latest: Period | None

    @property
    def may_run(self) -> bool:
        return self.today >= self.opens_on

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
    first = await session.get_one(DeploymentRow, FIRST_PERIOD)
    upcoming = Period.parse(latest) + 1 if latest else Period.parse(first.value)
    return Schedule(
        settings.today,
        upcoming,
        settings.open_from(upcoming),
        settings.due_on(upcoming),
        Period.parse(latest) if latest else None,
    )
