"""Who reads what people write to a program, and from which day: where nobody will, nobody is asked for words.

Rule: docs/respondent.md, “What somebody writes”: a sentence that names readers or a day stands only
where a plan does. Nobody can open a comment yet, so until there is a review room a plan can be recorded only
where every answer is made up.
"""

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.fieldwork.programs import program_by_id
from feedback.settings import Settings
from feedback.storage.tables import ProgramRow
from surveys.characters import can_be_read

MOST_DAYS = 92
"""Later than a quarter after the release, the next words have come and nobody learns from these."""
LONGEST_LINE = 400


class PlanRefused(Exception):
    """A reading plan cannot be recorded; the message says why."""


class ReadingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a program has agreed to do with the words it asks for."""

    program: str
    readers: str
    """Who reads: roles, not names."""
    days: int
    """Days after the results of a quarter are due on which reading begins."""
    danger: str
    """What happens with words that speak of a danger to life."""
    recorded_on: dt.date

    def begins(self, settings: Settings) -> dt.date:
        """The first day on which anybody may read what is written now."""
        return settings.due_on(settings.period) + dt.timedelta(days=self.days)


async def record_plan(session: AsyncSession, settings: Settings, plan: ReadingPlan) -> None:
    """Record a program's plan in the place of its last. Raises PlanRefused or NoSuchProgram."""
    if not settings.made_up:
        raise PlanRefused(
            "Nobody can open a comment yet, so nobody can promise to read one: until there is a room for"
            " reading, only a deployment of made-up answers (made_up = true) can record a reading plan."
        )
    if not 0 <= plan.days <= MOST_DAYS:
        raise PlanRefused(f"Reading begins 0 to {MOST_DAYS} days after the results are due, not {plan.days}.")
    for name, line in (("Who reads", plan.readers), ("What happens with a danger to life", plan.danger)):
        if not line.strip() or len(line) > LONGEST_LINE or not can_be_read(line):
            raise PlanRefused(f"{name} is said in one line of 1 to {LONGEST_LINE} characters.")
    (await _row(session, plan.program)).reading = msgspec.to_builtins(plan)


async def end_plan(session: AsyncSession, program: str) -> bool:
    """From now on nobody is asked for words about this program; False where there was no plan."""
    row = await _row(session, program)
    had_plan, row.reading = row.reading is not None, None
    return had_plan


async def plan_of(session: AsyncSession, program: str) -> ReadingPlan | None:
    """The plan of a program that is known to be there: every page of a link asks."""
    return _plan((await session.get_one(ProgramRow, program)).reading)


async def all_plans(session: AsyncSession) -> list[ReadingPlan]:
    rows = await session.execute(select(ProgramRow.reading).order_by(ProgramRow.position))
    return [plan for definition in rows.scalars() if (plan := _plan(definition)) is not None]


async def _row(session: AsyncSession, program: str) -> ProgramRow:
    await program_by_id(session, program)
    return await session.get_one(ProgramRow, program)


def _plan(definition: dict[str, Any] | None) -> ReadingPlan | None:
    return None if definition is None else msgspec.convert(definition, ReadingPlan)
