"""What stands on every page of results: of which release it is, when the next comes, and how to read it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.changes import BY_CHANCE
from analysis.publishing.rows import NOT_ENOUGH
from feedback.fieldwork.instruments import known_instruments
from feedback.fieldwork.programs import asked_instruments
from feedback.staff.accounts import Account
from feedback.web.staff.page import account_page
from feedback.web.staff.results import grids, words
from feedback.web.staff.results.grids import AskedSurveys
from feedback.web.staff.results.sections import PROGRAM_SCOPES
from feedback.web.staff.results.view import ReleaseView
from surveys.registry import Program


def result_page(
    request: Request[Any, Any, Any],
    account: Account,
    template: str,
    view: ReleaseView,
    **context: Any,
) -> Response[str]:
    """Render a page of results with the words that all of them share."""
    shared: dict[str, Any] = {
        "view": view,
        "sees_whole": view.sees_whole,
        "upcoming": view.upcoming,
        "not_enough": NOT_ENOUGH,
        "by_chance": BY_CHANCE,
        "program_scopes": PROGRAM_SCOPES,
        "label": grids.label,
        "span": words.span,
        "in_words": words.in_words,
        "change": words.change,
        "middle": words.middle,
        "interval": words.interval,
    }
    return account_page(request, template, account, **shared, **context)


async def surveys_of(session: AsyncSession, view: ReleaseView, programs: Sequence[Program]) -> AskedSurveys:
    """What these programs ask, the survey that most of them ask first: its words are the ones shown."""
    program_ids = {program.id for program in programs}
    instrument_names = (await asked_instruments(session)).items()
    often = Counter(
        name for (program, _), names in instrument_names if program in program_ids for name in names
    )
    instruments = (await known_instruments(session)).values()
    in_order = sorted(instruments, key=lambda it: -often[it.id])
    return AskedSurveys(in_order, view.yearly_due_on.isoformat(), view.year)
