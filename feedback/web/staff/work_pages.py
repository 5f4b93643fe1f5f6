"""Where work is reported that answers are compared with: who was served, who was offered the survey, minutes.

A contractor reports its own programs; for those that have none the leadership team and admins report, until
departments have accounts (docs/decisions/0027-who-reports-work.md).
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.deployment import Deployment
from feedback.fieldwork.programs import all_programs
from feedback.fieldwork.totals import Calendar, ProgramWork, programs_work, report_work
from feedback.fieldwork.work_reports import (
    LONGEST_REASON,
    MOST_DIGITS,
    NUMBERS,
    ReportRefused,
    TypedReport,
    asked_numbers,
    in_words,
    mark,
    read_report,
)
from feedback.results.schedule import Schedule, schedule
from feedback.staff.access import may
from feedback.staff.accounts import Account
from feedback.staff.audit import record, wait_in_line
from feedback.web.rendering import see_other
from feedback.web.staff.page import FINE, Problems, account_page, form_fields, note_view
from surveys.periods import Period
from surveys.registry import Program

_NAMED = 4
"""So many missing quarters of a program stand in the list; its own page has them all."""


class WorkForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form of one quarter, filled in."""

    period: str
    numbers: Mapping[str, str]
    reason: str = ""
    seen: str = ""
    sure: str = ""
    is_sure: bool = False
    problems: Problems = FINE


@get("/served", does="report work")
async def list_work(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Every program that somebody may report, those with missing quarters first, in the plan's order."""
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        programs = [it for it in await all_programs(session) if may(account, "report work", it)]
        works = await programs_work(session, programs, account.contractor, _calendar(upcoming))
    await note_view(deployment, account, "work")
    incomplete = [it for it in works if it.missing]
    complete = [it for it in works if not it.missing]
    return account_page(
        request, "staff/served.html", account,
        incomplete=incomplete, complete=complete, upcoming=upcoming, in_words=in_words, most=_NAMED,
    )  # fmt: skip


@get("/served/{program_id:str}", does="report work")
async def show_work(
    program: NamedDependency[Program],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
    quarter: FromQuery[str] = "",
    reported: FromQuery[str] = "",
) -> Response[str]:
    """What was reported of a program, and the form for the quarter asked for or the oldest missing one."""
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        work = await _work_of(session, program, account, upcoming)
    await note_view(deployment, account, f"work of {program.id}")
    return _page(request, account, work, upcoming, _form(work, quarter), reported=reported)


@post("/served/{program_id:str}", does="report work")
async def report(
    program: NamedDependency[Program],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str] | Redirect:
    """Store what is reported of a quarter, with what it was before and why it changes in the audit log."""
    fields = await form_fields(request)
    typed = TypedReport(
        period=fields.get("period", ""),
        numbers={name: fields.get(name, "") for name in NUMBERS},
        **{name: fields.get(name, "") for name in ("reason", "sure", "seen")},
    )
    async with deployment.database.transaction() as session:
        # Of two at once the second has to see what the first one reported.
        await wait_in_line(session)
        upcoming = await schedule(session, deployment.settings)
        work = await _work_of(session, program, account, upcoming)
        try:
            accepted = read_report(typed, work)
        except ReportRefused as refused:
            return _page(request, account, work, upcoming, _refused_form(typed, work, refused))
        if accepted.is_new:
            await report_work(session, accepted.total, account.contractor)
            await record(session, account.email, accepted.action, accepted.entry)
    return see_other(f"/served/{program.id}?reported={accepted.total.period}")


def _calendar(upcoming: Schedule) -> Calendar:
    return Calendar(first=upcoming.first, now=Period.of(upcoming.today), released=upcoming.latest)


async def _work_of(
    session: AsyncSession, program: Program, account: Account, upcoming: Schedule
) -> ProgramWork:
    (work,) = await programs_work(session, [program], account.contractor, _calendar(upcoming))
    return work


def _form(work: ProgramWork, quarter: str) -> WorkForm:
    """The quarter asked for, else the oldest missing one, else the newest; filled with what was reported."""
    asked = [it for it in work.quarters if str(it) == quarter]
    period = next(iter((*asked, *work.missing, *work.quarters)), None)
    total = work.totals.get(str(period))
    numbers = {name: getattr(total, name, None) for name in NUMBERS}
    return WorkForm(
        period=str(period or ""),
        numbers={name: "" if it is None else str(it) for name, it in numbers.items()},
        seen=mark(total),
    )


def _refused_form(typed: TypedReport, work: ProgramWork, refused: ReportRefused) -> WorkForm:
    """The form as it was typed; what it asks first is asked of exactly these numbers."""
    present = work.totals.get(typed.period)
    sure = mark(refused.would_be) if "sure" in refused.problems else typed.sure
    return WorkForm(
        period=typed.period,
        numbers=typed.numbers,
        reason=typed.reason,
        # What is there now stands in the sentence at its field, so it was seen.
        seen=mark(present) if "period" in refused.problems else typed.seen,
        sure=sure,
        is_sure=bool(sure) and typed.sure == sure,
        problems=refused.problems,
    )


def _page(
    request: Request[Any, Any, Any],
    account: Account,
    work: ProgramWork,
    upcoming: Schedule,
    form: WorkForm,
    reported: str = "",
) -> Response[str]:
    # Of what was never released nobody has to say why it changes.
    asks_reason = any(work.was_released(it.quarter) for it in work.totals.values())
    return account_page(
        request, "staff/work_program.html", account, status=400 if form.problems else 200,
        work=work, upcoming=upcoming, typed=form, problems=form.problems,
        done=work.totals.get(reported), in_words=in_words,
        labels={name: NUMBERS[name] for name in asked_numbers(work.program)},
        asks_reason=asks_reason or bool(form.reason), digits=MOST_DIGITS, longest_reason=LONGEST_REASON,
    )  # fmt: skip


work_router = Router("", route_handlers=[list_work, show_work, report])
