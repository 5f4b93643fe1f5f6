"""Where a program reports the work that answers are compared with: served, offered, minutes."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from feedback.deployment import Deployment
from feedback.fieldwork.totals import NotUnderContract, report_work
from feedback.staff.access import may
from feedback.staff.accounts import Account
from feedback.staff.audit import record
from feedback.web.rendering import see_other
from feedback.web.staff.page import FormRefused, form_fields
from feedback.web.staff.results.pages import show_program
from surveys.periods import Period
from surveys.registry import Program, WorkTotal


@post("/programs/{program_id:str}/work", does="report work")
async def report(
    program: NamedDependency[Program],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str] | Redirect:
    """Store what a program reports of a quarter: served, offered, minutes."""
    reads = may(account, "read results", program)
    try:
        total = _work_total(program.id, await form_fields(request), deployment.settings.period)
        async with deployment.database.transaction() as session:
            await report_work(session, total, account.contractor)
            await record(session, account.email, "work.report", f"{program.id} {total.period}")
    except NotUnderContract as refused:
        problems = {"period": str(refused)}
    except FormRefused as refused:
        problems = {refused.field: str(refused)}
    else:
        return see_other(f"/programs/{program.id}?done=work" if reads else "/?done=work")
    if not reads:
        raise FormRefused(*problems.values())
    return await show_program(request, deployment, account, program, problems)


def _work_total(program: str, fields: dict[str, str], now: Period) -> WorkTotal:
    """Read the form. Raises FormRefused with a sentence naming the field."""
    try:
        period = Period.parse(fields.get("period", "").strip())
    except ValueError as error:
        raise FormRefused(str(error), field="period") from error
    if period > now:
        raise FormRefused(f"{period} has not come yet.", field="period")
    numbers = {}
    for name in ("served", "offered", "minutes"):
        text = fields.get(name, "").strip()
        if not (text.isascii() and text.isdecimal()) or len(text) > 6:  # noqa: PLR2004 - a million is a slip
            raise FormRefused("Write a whole number, without a sign or a point.", field=name)
        numbers[name] = int(text)
    return WorkTotal(program=program, period=str(period), **numbers)


work_router = Router("", route_handlers=[report])
