"""What programs report of their own work, by quarter: the denominators that answers are compared with."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.fieldwork.programs import all_contracts
from feedback.storage.tables import WorkTotalRow
from surveys.periods import Period
from surveys.registry import Contract, Program, WorkTotal

_NAMES = WorkTotal.__struct_fields__
_COLUMNS = [getattr(WorkTotalRow, name) for name in _NAMES]


class NotUnderContract(Exception):
    """A quarter is not of a contractor's own contract; the message names it."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Which quarters there are: the deployment's first, the present one, and the latest that was released."""

    first: Period
    now: Period
    released: Period | None = None


class ProgramWork(msgspec.Struct, frozen=True, kw_only=True):
    """The quarters of one program that somebody may report, newest first, and what was reported of each."""

    program: Program
    quarters: Sequence[Period]
    totals: dict[str, WorkTotal]
    """By quarter as it is written, oldest first."""
    missing: Sequence[Period]
    """Quarters that have ended and of which nothing was reported, oldest first."""
    calendar: Calendar

    @property
    def latest(self) -> WorkTotal | None:
        """The newest quarter of which there is a report."""
        return next(reversed(self.totals.values()), None)

    def was_released(self, period: Period) -> bool:
        released = self.calendar.released
        return released is not None and period <= released


async def work_totals(session: AsyncSession, programs: Collection[str] = ()) -> list[WorkTotal]:
    """What was reported of these programs, or of all."""
    # By column: as objects of the mapper, twenty quarters of three hundred programs take five times as long.
    query = select(*_COLUMNS).order_by(WorkTotalRow.program, WorkTotalRow.period)
    if programs:
        query = query.where(WorkTotalRow.program.in_(programs))
    rows = (await session.execute(query)).all()
    return [WorkTotal(**dict(zip(_NAMES, row, strict=True))) for row in rows]


async def work_of(session: AsyncSession, program: str, contractor: str | None) -> list[WorkTotal]:
    """What was reported of a program; a contractor reads the quarters of its own contracts alone."""
    own = await _own_contracts(session, program, contractor)
    totals = await work_totals(session, [program])
    return [it for it in totals if own is None or any(contract.covers(it) for contract in own)]


async def programs_work(
    session: AsyncSession, programs: Sequence[Program], contractor: str | None, calendar: Calendar
) -> list[ProgramWork]:
    """The quarters of these programs: all since the deployment began, as far as a program ran.

    A program has no first day of its own, and nobody was asked before the deployment's first quarter. A
    contractor reports, and reads, the quarters of its own contracts alone; the County those of anybody.
    """
    contracts = await all_contracts(session)
    by_program: dict[str, dict[str, WorkTotal]] = {program.id: {} for program in programs}
    for total in await work_totals(session, by_program):
        if total.program in by_program:
            by_program[total.program][total.period] = total
    own = [it for it in contracts if it.contractor == contractor]
    present = calendar.now - calendar.first
    quarters = {str(it): it for it in (calendar.first + step for step in range(present + 1))}
    return [
        _program_work(
            program,
            by_program[program.id],
            {name: it for name, it in quarters.items() if program.ends is None or name <= program.ends},
            None if contractor is None else [it for it in own if it.program == program.id],
            calendar,
        )
        for program in programs
    ]


async def unreported(
    session: AsyncSession, programs: Sequence[Program], contractor: str | None, quarter: Period
) -> list[Program]:
    """Those of these programs that ran in a quarter of which nothing was reported.

    A contractor's are those that it had a contract for in that quarter.
    """
    query = select(WorkTotalRow.program).where(WorkTotalRow.period == str(quarter))
    reported = set((await session.execute(query)).scalars())
    held = {
        it.program for it in await all_contracts(session) if it.contractor == contractor and it.holds(quarter)
    }
    return [
        it
        for it in programs
        if it.id not in reported
        and (it.ends is None or str(quarter) <= it.ends)
        and (contractor is None or it.id in held)
    ]


def _program_work(
    program: Program,
    totals: dict[str, WorkTotal],
    quarters: dict[str, Period],
    own: Sequence[Contract] | None,
    calendar: Calendar,
) -> ProgramWork:
    if own is not None:
        quarters = {name: it for name, it in quarters.items() if any(contract.holds(it) for contract in own)}
        totals = {name: it for name, it in totals.items() if any(contract.covers(it) for contract in own)}
    now = str(calendar.now)
    return ProgramWork(
        program=program,
        quarters=list(reversed(quarters.values())),
        totals=totals,
        missing=[it for name, it in quarters.items() if name not in totals and name != now],
        calendar=calendar,
    )


async def report_work(session: AsyncSession, total: WorkTotal, contractor: str | None = None) -> None:
    """Store what is reported of one quarter; a correction replaces the earlier report.

    Raises NotUnderContract: a contractor would otherwise replace what the one before it reported.
    """
    own = await _own_contracts(session, total.program, contractor)
    if own is not None and not any(contract.covers(total) for contract in own):
        raise NotUnderContract(f"{total.period} is no quarter of your contract for this program.")
    await session.merge(WorkTotalRow(**msgspec.structs.asdict(total)))


async def _own_contracts(
    session: AsyncSession, program: str, contractor: str | None
) -> list[Contract] | None:
    """A contractor's contracts for a program; None for the County, which is bound to none."""
    if contractor is None:
        return None
    contracts = await all_contracts(session)
    return [it for it in contracts if (it.program, it.contractor) == (program, contractor)]
