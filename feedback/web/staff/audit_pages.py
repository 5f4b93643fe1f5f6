"""The audit log for CTLT and admins to read, and to take away so that anyone can recompute its chain."""

import asyncio
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from feedback.clock import LOS_ANGELES
from feedback.deployment import Deployment
from feedback.results.exports import write_log
from feedback.results.spreadsheets import Format
from feedback.staff import audit
from feedback.staff.accounts import Account
from feedback.staff.audit import SHOWS, VIEWS, LogEntry, LogFilter, LogPage, Show
from feedback.web.staff.page import account_page, note_act, note_view
from surveys.characters import is_readable

_MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LARGEST_ID = 2**31 - 1
_FIRST: Show = "changes"
"""What stands on the page before anybody chose: views are so many that a change is lost among them."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NO_DAY = "This is no day. Write it like 2026-11-30."
_TURNED_ROUND = "This day is before the first one."


class LogQuery(msgspec.Struct, frozen=True):
    """What somebody asks the log: what they typed, what it means, and what is wrong with it, by field."""

    log_filter: LogFilter
    typed: Mapping[str, str]
    problems: Mapping[str, str]

    @property
    def address(self) -> str:
        """The same question, for the addresses of the pages beside this one."""
        parameters = {**self.typed, "show": "" if self.log_filter.show == _FIRST else self.log_filter.show}
        return urlencode({name: value for name, value in parameters.items() if value})


@get("/audit", does="read audit")
async def log_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """The log, newest first, and whether its chain is unbroken."""
    # Before it is read, so that the number and the last hash on the page are those of this moment.
    await note_view(deployment, account, "audit log")
    parameters = request.query_params
    question = _question(parameters)
    async with deployment.database.snapshot() as session:
        chain = await audit.read_chain(session)
        page = LogPage((), None, None)
        if not question.problems:
            before, after = _number(parameters.get("before", "")), _number(parameters.get("after", ""))
            page = await audit.read_log_page(session, question.log_filter, before=before, after=after)
        people, actions = await audit.people_and_actions(session)
    return account_page(
        request, "staff/audit.html", account, status=400 if question.problems else 200,
        chain=chain, page=page, asked=question, people=people, actions=actions, shows=SHOWS, local=_local,
    )  # fmt: skip


@get("/audit/export.csv", does="read audit")
async def csv_file(
    deployment: NamedDependency[Deployment], account: NamedDependency[Account]
) -> Response[bytes]:
    """Every entry, oldest first, as CSV."""
    return await _file(deployment, account, "csv")


@get("/audit/export.xlsx", does="read audit")
async def xlsx_file(
    deployment: NamedDependency[Deployment], account: NamedDependency[Account]
) -> Response[bytes]:
    """Every entry, oldest first, as a spreadsheet."""
    return await _file(deployment, account, "xlsx")


async def _file(deployment: Deployment, account: Account, kind: Format) -> Response[bytes]:
    await note_act(deployment, account, "export", f"audit log as {kind}")
    async with deployment.database.snapshot() as session:
        entries = [entry async for some in audit.entries(session) for entry in some]
    # In a thread: a long log must not keep everybody else's page waiting.
    content = await asyncio.to_thread(_encode, entries, kind)
    headers = {"Content-Disposition": f'attachment; filename="heard-audit.{kind}"'}
    return Response(content, media_type=_MEDIA[kind], headers=headers)


def _encode(entries: Sequence[LogEntry], kind: Format) -> bytes:
    file = io.BytesIO()
    write_log(file, entries, kind)
    return file.getvalue()


def _question(parameters: Mapping[str, str]) -> LogQuery:
    typed = {name: _line(parameters.get(name, "")) for name in ("who", "action", "object", "from", "to")}
    first, last = _day(typed["from"]), _day(typed["to"])
    problems = {name: _NO_DAY for name, day in (("from", first), ("to", last)) if typed[name] and day is None}
    if first and last and last < first:
        problems["to"] = _TURNED_ROUND
    show = _show(parameters.get("show", ""), typed["action"])
    log_filter = LogFilter(
        who=typed["who"], action=typed["action"], object=typed["object"], first=first, last=last, show=show
    )
    return LogQuery(log_filter, typed, problems)


def _show(text: str, action: str) -> Show:
    """What is shown. An act that was chosen is looked for where it stands, whatever else was chosen."""
    show = next((it for it in SHOWS if it == text), _FIRST)
    if action and show != "everything":
        return "views" if action in VIEWS else "changes"
    return show


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _line(text: str) -> str:
    return "".join(filter(is_readable, text)).strip()[: audit.LONGEST]


def _number(text: str) -> int | None:
    """The entry that a page begins at; anything else is the newest page."""
    if text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST_ID)):
        return min(int(text), _LARGEST_ID)
    return None


def _local(at: dt.datetime) -> str:
    """With the zone: the hour that comes twice in November is two hours."""
    return f"{at.replace(tzinfo=dt.UTC).astimezone(LOS_ANGELES):%Y-%m-%d %H:%M:%S %Z}"


audit_router = Router("", route_handlers=[log_page, csv_file, xlsx_file])
