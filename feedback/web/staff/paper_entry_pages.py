"""Typing in a stack of paper: one page of sheets at a time, all of it stored or none of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.deployment import Deployment
from feedback.entering.entries import store_entries
from feedback.entering.stacks import (
    SHEETS,
    Sheet,
    Stack,
    StackRefused,
    blank_stack,
    quarters,
    read_stack,
    typed_stack,
)
from feedback.fieldwork.links import Link
from feedback.fieldwork.programs import all_contracts
from feedback.languages import SOURCE, Language, page_language
from feedback.staff.accounts import Account
from feedback.staff.audit import record
from feedback.web.protections import FORGET
from feedback.web.rendering import see_other
from feedback.web.staff.page import account_page, form_lists
from surveys.answers import Problem
from surveys.asking import AskedQuestion, asked_questions
from surveys.instruments import Question
from surveys.periods import Period


class SheetRow(msgspec.Struct, frozen=True):
    """A question on a sheet, filled with what was typed, for the page."""

    question: Question
    number: int | None
    conditions: tuple[str, ...]
    name: str
    answers: Sequence[str]
    problem: Problem | None


class SheetView(msgspec.Struct, frozen=True):
    """A sheet as the page shows it."""

    number: int
    rows: Sequence[SheetRow]
    consent: str
    faulty: bool
    strange: bool
    """Whether something was typed that this link does not ask."""


class PaperForm(msgspec.Struct, frozen=True):
    """A link whose paper lies on somebody's desk, and the quarters it may be from."""

    link: Link
    periods: Sequence[Period]
    languages: Sequence[Language]


@get("/links/{slug:str}/paper", does="enter paper")
async def show_desk(
    link: NamedDependency[Link],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
    sheets: FromQuery[int] = 5,
    language: FromQuery[str] = "",
    period: FromQuery[str] = "",
    stored: FromQuery[int | None] = None,
    blank: FromQuery[int] = 0,
    before: FromQuery[int] = 0,
) -> Response[str]:
    """Offer empty sheets, and say how many were stored a moment ago."""
    async with deployment.database.snapshot() as session:
        paper_form = await _paper_form(session, deployment, account, link)
    tag = page_language(language, paper_form.link.language, paper_form.languages).tag
    quarter = next(
        (str(it) for it in paper_form.periods if str(it) == period), str(next(iter(paper_form.periods), ""))
    )
    stack = blank_stack(sheets if sheets in SHEETS else SHEETS[0], tag, quarter)
    counts = None if stored is None else {"stored": stored, "blank": blank, "before": before}
    page = _page(request, account, paper_form, stack, counts=counts)
    page.headers.update(FORGET if counts else {})
    return page


@post("/links/{slug:str}/paper", does="enter paper")
async def store_stack(
    link: NamedDependency[Link],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str] | Redirect:
    """Store a page of sheets in one transaction, or show it again as it was typed with every fault marked."""
    stack = typed_stack(await form_lists(request))
    async with deployment.database.transaction() as session:
        paper_form = await _paper_form(session, deployment, account, link)
        try:
            entries = read_stack(stack, paper_form.link, paper_form.periods, deployment.settings.period)
        except StackRefused as refused:
            return _page(request, account, paper_form, stack, error=refused)
        n_stored = await store_entries(deployment.inbox, session, f"paper/{link.slug}", entries)
        if n_stored:
            # Never how many: a release says that, and only from eleven people on.
            await record(session, account.email, "paper.enter", f"{link.slug} {link.program.id}")
    return see_other(
        f"/links/{link.slug}/paper?sheets={len(stack.sheets)}&language={stack.language}&period={stack.period}"
        f"&stored={len(entries)}&blank={len(stack.sheets) - len(entries)}&before={len(entries) - n_stored}"
    )


async def _paper_form(
    session: AsyncSession, deployment: Deployment, account: Account, link: Link
) -> PaperForm:
    contracts = await all_contracts(session)
    periods = quarters(link.program, contracts, deployment.settings.period, account.contractor)
    return PaperForm(link, periods, (await deployment.words.now(session)).offered())


def _page(
    request: Request[Any, Any, Any],
    account: Account,
    paper_form: PaperForm,
    stack: Stack,
    *,
    error: StackRefused | None = None,
    counts: Mapping[str, int] | None = None,
) -> Response[str]:
    questions = asked_questions(paper_form.link.instrument, comments=paper_form.link.comments)
    sheet_problems = error.sheet_problems if error else {}
    return account_page(
        request,
        "staff/paper.html",
        account,
        status=400 if error else 200,
        link=paper_form.link,
        offered=[str(it) for it in paper_form.periods],
        languages=paper_form.languages,
        stack=stack,
        sheets=[
            _sheet_view(n, it, questions, sheet_problems.get(n, ()))
            for n, it in enumerate(stack.sheets, start=1)
        ],
        problems=error.problems if error else {},
        done=counts,
        choices=SHEETS,
        source=SOURCE.tag,
    )


def _sheet_view(
    number: int, sheet: Sheet, questions: Sequence[AskedQuestion], problems: Sequence[Problem]
) -> SheetView:
    by_question = {problem.question: problem for problem in problems}
    rows = [
        SheetRow(
            it.question,
            it.number,
            it.conditions,
            f"{number}.{it.question.id}",
            sheet.fields.get(it.question.id, ()),
            by_question.pop(it.question.id, None),
        )
        for it in questions
    ]
    return SheetView(number, rows, sheet.consent, bool(problems), bool(by_question))


stack_router = Router("", route_handlers=[show_desk, store_stack])
