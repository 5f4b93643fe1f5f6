"""What programs report of their own work, by quarter: the denominators that answers are compared with."""

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.fieldwork.programs import all_contracts
from feedback.storage.tables import WorkTotalRow
from surveys.registry import Contract, WorkTotal


class NotUnderContract(Exception):
    """A quarter is not of a contractor's own contract; the message names it."""


async def work_totals(session: AsyncSession) -> list[WorkTotal]:
    rows = await session.execute(select(WorkTotalRow).order_by(WorkTotalRow.program, WorkTotalRow.period))
    return [
        WorkTotal(program=r.program, period=r.period, served=r.served, offered=r.offered, minutes=r.minutes)
        for r in rows.scalars()
    ]


async def work_of(session: AsyncSession, program: str, contractor: str | None) -> list[WorkTotal]:
    """What was reported of a program; a contractor reads the quarters of its own contracts alone."""
    own = await _own_contracts(session, program, contractor)
    totals = [it for it in await work_totals(session) if it.program == program]
    return [it for it in totals if own is None or any(contract.covers(it) for contract in own)]


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
