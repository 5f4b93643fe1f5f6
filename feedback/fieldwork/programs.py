"""The programs of a deployment, who contracts for them, and what they report of their own work."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.storage.tables import AskedRow, ContractorRow, ContractRow, ProgramRow
from surveys.instruments import Audience
from surveys.periods import Period
from surveys.registry import Contract, Contractor, Program, Programs, shipped_programs


class NoSuchProgram(Exception):
    """There is no program with this id."""


async def store_programs(session: AsyncSession, file: Programs, now: Period) -> None:
    """Add or change programs. A new contractor begins a new contract in the quarter `now`."""
    for contractor in file.contractors:
        await session.merge(ContractorRow(id=contractor.id, name=contractor.name))
    await session.flush()
    positions = {program.id: number for number, program in enumerate(await all_programs(session))}
    for program in file.programs:
        position = positions.setdefault(program.id, len(positions))
        definition = msgspec.to_builtins(program)
        await session.merge(ProgramRow(id=program.id, position=position, definition=definition))
        await session.flush()
        await _store_contract(session, program, now)


async def _store_contract(session: AsyncSession, program: Program, now: Period) -> None:
    """Contracts begin and end with a quarter and never overlap, so no answer falls under two."""
    contract = await _latest_contract(session, program.id)
    if contract is not None and contract.first > str(now):
        # It has not begun: nobody was served under it, and the file may say something else by now.
        await session.delete(contract)
        await session.flush()
        contract = await _latest_contract(session, program.id)
    begins = now
    if contract is not None and (contract.last is None or contract.last >= str(now)):
        if contract.contractor == program.contractor_id:
            contract.last = program.ends and max(program.ends, contract.first)
            return
        contract.last = str(max(now + -1, Period.parse(contract.first)))
        begins = Period.parse(contract.last) + 1
    if program.contractor_id and (program.ends is None or program.ends >= str(begins)):
        session.add(
            ContractRow(
                program=program.id, contractor=program.contractor_id, first=str(begins), last=program.ends
            )
        )


async def _latest_contract(session: AsyncSession, program_id: str) -> ContractRow | None:
    query = select(ContractRow).where(ContractRow.program == program_id).order_by(ContractRow.first.desc())
    return (await session.execute(query)).scalars().first()


async def name_for_results(session: AsyncSession) -> None:
    """Give the shipped programs of an older deployment their names for results.

    Where somebody told respondents another name than the shipped one, theirs is left: ours might speak of
    something else.
    """
    shipped = {it.id: it for it in shipped_programs().programs}
    for row in (await session.execute(select(ProgramRow))).scalars():
        program, ours = msgspec.convert(row.definition, Program), shipped.get(row.id)
        if ours and not program.public_name and program.respondent_names == ours.respondent_names:
            row.definition = {**row.definition, "public_name": ours.public_name}


async def all_programs(session: AsyncSession) -> list[Program]:
    rows = await session.execute(select(ProgramRow.definition).order_by(ProgramRow.position))
    return [msgspec.convert(definition, Program) for definition in rows.scalars()]


async def program_by_id(session: AsyncSession, program_id: str) -> Program:
    """Raises NoSuchProgram."""
    row = await session.get(ProgramRow, program_id)
    if row is None:
        raise NoSuchProgram(f"There is no program “{program_id}”; `feedback programs list` names them.")
    return msgspec.convert(row.definition, Program)


async def all_contractors(session: AsyncSession) -> dict[str, Contractor]:
    rows = await session.execute(select(ContractorRow).order_by(ContractorRow.id))
    return {row.id: Contractor(id=row.id, name=row.name) for row in rows.scalars()}


def names_in(programs: Iterable[Program], contractors: Iterable[Contractor]) -> list[str]:
    """What organizations and programs are called: the first guesses of whoever guesses a password here."""
    names = [name for it in contractors for name in (it.name, it.id)]
    return names + [name for it in programs for name in (it.contractor, it.name, it.short, it.id) if name]


async def known_names(session: AsyncSession) -> list[str]:
    """The same of this deployment."""
    return names_in(await all_programs(session), (await all_contractors(session)).values())


async def all_contracts(session: AsyncSession) -> list[Contract]:
    rows = await session.execute(select(ContractRow).order_by(ContractRow.program, ContractRow.first))
    return [
        Contract(
            program=row.program,
            contractor=row.contractor,
            first=Period.parse(row.first),
            last=Period.parse(row.last) if row.last else None,
        )
        for row in rows.scalars()
    ]


async def asked_instruments(session: AsyncSession) -> Mapping[tuple[str, str], Sequence[str]]:
    """Which instruments each program's audience was ever asked with."""
    by_audience: dict[tuple[str, str], list[str]] = {}
    for row in (await session.execute(select(AskedRow).order_by(AskedRow.instrument))).scalars():
        by_audience.setdefault((row.program, row.audience), []).append(row.instrument)
    return by_audience


async def note_asked(session: AsyncSession, program: str, audience: Audience, instrument: str) -> None:
    await session.merge(AskedRow(program=program, audience=audience, instrument=instrument))
