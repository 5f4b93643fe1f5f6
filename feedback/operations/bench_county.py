"""A county of 300 programs that released twenty quarters: what its pages and its files are measured on.

What one yearly release of made-up answers publishes of the plan's own programs is copied under other names.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.publication import RELEASE
from analysis.publishing.rows import subject_of
from analysis.publishing.viewers import CTLT
from feedback.deployment import Deployment
from feedback.fieldwork.programs import all_programs, note_asked, store_programs
from feedback.fieldwork.totals import report_work
from feedback.release.runner import ReleaseRunner
from feedback.settings import Settings
from feedback.storage import keys
from feedback.storage.tables import MeasureRow, PublishedRow, ReleaseRow, WorkTotalRow
from surveys.answers import Response
from surveys.instruments import Question, shipped_instruments
from surveys.periods import Period
from surveys.registry import Program, Programs, WorkTotal, default_instrument, shipped_programs

PROGRAMS = 300
QUARTERS = 20
ANSWERS = (40, 20)
"""Of one audience of a program and the next: enough for its single questions, and too few.

So about as many of them are published as in the demonstration.
"""
LAST = Period(2026, 4)
_YEARLY = ("T1d", "T8", "T9", "themes")
_IDS = tuple(program.id for program in shipped_programs().programs)


async def settle(deployment: Deployment, settings: Settings) -> int:
    """Release once, and make a large county of it. Returns how many lines its results are in a file."""
    await _release(deployment, settings)
    async with deployment.database.transaction() as session:
        lines = await _multiply(session)
        await _add_programs(session)
    # As after every release: what is read lies in the database and not in its log of writes.
    await deployment.database.overwrite_freed_pages()
    return lines


async def _add_programs(session: AsyncSession) -> None:
    """The programs under their other names, and the work of all of them in every quarter."""
    programs = [
        _named(program, number)
        for program in shipped_programs().programs
        for number in range(_numbers({"program": program.id}))
    ]
    await store_programs(session, Programs(programs=tuple(programs)), LAST)
    await session.execute(delete(WorkTotalRow))
    totals = [
        {"program": program.id, "period": str(LAST + -step), "served": 200, "offered": 150, "minutes": 90}
        for program in await all_programs(session)
        for step in range(QUARTERS)
    ]
    await session.execute(insert(WorkTotalRow), totals)


def _named(program: Program, number: int) -> Program:
    if not number:
        return program
    names = {it: f"{getattr(program, it)} {number}" for it in ("name", "public_name")}
    return msgspec.structs.replace(program, id=_copy_of(program.id, number), **names)


def _copy_of(program: str, number: int) -> str:
    return f"{program}-{number}" if number else program


async def _release(deployment: Deployment, settings: Settings) -> None:
    """Let out what people of every program answered in a quarter that ends a year."""
    async with deployment.database.transaction() as session:
        for number, response in enumerate(_responses()):
            await note_asked(session, response.program, response.audience, response.instrument)
            await deployment.inbox.store(session, "bench", str(number), response)
        for program in _IDS:
            total = WorkTotal(program=program, period=str(LAST), served=200, offered=150, minutes=90)
            await report_work(session, total)
    later = msgspec.structs.replace(settings, today_is=settings.due_on(LAST))
    private = keys.read_release(later.keys / keys.RELEASE_PRIVATE, None)
    runner = ReleaseRunner(
        deployment.database, later, deployment.inbox.public, deployment.review_public, "bench"
    )
    await runner.run(private)


def _responses() -> Iterator[Response]:
    answers_in_turn = itertools.cycle(ANSWERS)
    for program in shipped_programs().programs:
        for audience in program.audiences:
            instrument = shipped_instruments()[default_instrument(program, audience)]
            for number in range(next(answers_in_turn)):
                answers = {it.id: _answer(it, number) for it in instrument.closed if it.show_if is None}
                yield Response(
                    program=program.id,
                    audience=audience,
                    instrument=instrument.id,
                    language="es" if number % 3 == 0 else "en",
                    period=str(LAST),
                    origin="live",
                    answers=answers,
                )


def _answer(question: Question, number: int) -> str | tuple[str, ...]:
    code = question.codes[number % len(question.codes)]
    return (code,) if question.kind == "multiple" else code


async def _multiply(session: AsyncSession) -> int:
    """Put copies in the place of what was published. Returns how many lines they are in a file."""
    release = await _columns(session, ReleaseRow)
    published, measures = await _columns(session, PublishedRow), await _columns(session, MeasureRow)
    for table in (PublishedRow, MeasureRow):
        await session.execute(delete(table))
    quarters = [str(LAST + -step) for step in range(QUARTERS)]
    await session.execute(
        insert(ReleaseRow), [{**release[0], "period": it} for it in quarters if it != str(LAST)]
    )
    lines = 0
    for quarter in quarters:
        is_yearly = Period.parse(quarter).quarter == LAST.quarter
        rows = [it for it in published if str(CTLT) in it["readers"]]
        own = rows if is_yearly else [_lean(it) for it in rows if it["name"] not in _YEARLY]
        copies = [*_copies(own, "filters", quarter)]
        lines += sum(max(1, len(it["row"]["figures"])) for it in copies)
        await session.execute(insert(PublishedRow), copies)
        copies = [*_copies([it for it in measures if it["viewer"] == str(CTLT)], "scope", quarter)]
        lines += len(copies)
        await session.execute(insert(MeasureRow), copies)
    return lines


async def _columns(session: AsyncSession, table: type[Any]) -> list[dict[str, Any]]:
    rows = await session.execute(select(*table.__table__.columns))
    return [dict(row) for row in rows.mappings()]


def _lean(row: dict[str, Any]) -> dict[str, Any]:
    """A program's row of one release has no single questions before the year ends."""
    content = row["row"]
    if row["name"] != "T2" or content["filters"]["scope"] != RELEASE:
        return row
    return {**row, "row": {**content, "figures": content["figures"][:1]}}


def _copies(rows: Sequence[dict[str, Any]], where: str, quarter: str) -> Iterator[dict[str, Any]]:
    """Each row of a program once for every program of the county, in another quarter."""
    positions = itertools.count()
    for row in rows:
        about = row["row"][where]
        for number in range(_numbers(about)):
            own = {**about, "program": _copy_of(about["program"], number)} if number else about
            content = {**row["row"], "release": quarter, where: own}
            copy = {**row, "release": quarter, "position": next(positions), "row": content}
            yield {**copy, "subject": subject_of(own)} if where == "filters" else copy


def _numbers(about: Mapping[str, Any]) -> int:
    """How many programs of the county one of the plan stands for."""
    if "program" not in about:
        return 1
    return len(range(_IDS.index(about["program"]), PROGRAMS, len(_IDS)))
