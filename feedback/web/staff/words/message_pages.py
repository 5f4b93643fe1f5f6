"""One message: its words in force and those that wait beside them, to propose, to agree to or to take back.

What somebody writes stands on no page for respondents until a second person agrees.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.deployment import Deployment
from feedback.languages import Language
from feedback.staff.accounts import Account
from feedback.staff.audit import record, wait_in_line
from feedback.storage.keys import StaffKeys
from feedback.translations.catalogs import Message, examples, form_count
from feedback.translations.proposals import (
    STALE,
    ProposalRefused,
    Sight,
    agree,
    look,
    propose,
    tidy,
    vouch,
    withdraw,
)
from feedback.translations.sections import Section, messages_in
from feedback.translations.words import instruments_here, last_written, messages_here
from feedback.web.rendering import see_other
from feedback.web.staff.page import account_page, form_fields
from feedback.web.staff.words.message_lists import (
    beside,
    filter_of,
    language_of,
    message_at,
    parts_of,
    read_here,
)
from feedback.web.staff.words.word_marks import as_shown, marks_in, pieces, unseen_in
from surveys.instruments import Instrument


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What a button does, what the audit log calls it, and what is said when it is done."""

    do: Callable[[AsyncSession, Sight, Sequence[Instrument], tuple[str, ...], str], Awaitable[None]]
    entry: str
    sentence: str


PROPOSE = "propose"
ACTS: Mapping[str, Act] = {
    PROPOSE: Act(do=propose, entry="words.propose", sentence="Saved. It waits for a second person."),
    "agree": Act(do=agree, entry="words.agree", sentence="Agreed. These words are in force now."),
    "right": Act(do=vouch, entry="words.review", sentence="Marked as reviewed."),
    "withdraw": Act(
        do=withdraw, entry="words.withdraw", sentence="Nothing waits any more. The words in force stay."
    ),
}


@get("/words/{tag:str}/{key:str}", does="translate")
async def message_page(
    tag: FromPath[str],
    key: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
    staff_keys: NamedDependency[StaffKeys],
) -> Response[str]:
    """One message, to translate or to review."""
    return await _message_page(request, deployment, staff_keys, account, language_of(tag), key)


@post("/words/{tag:str}/{key:str}", does="translate")
async def save_message(
    tag: FromPath[str],
    key: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
    staff_keys: NamedDependency[StaffKeys],
) -> Response[str] | Redirect:
    """Do what a button says and go on, or say what is wrong with what was typed and show it again."""
    language = language_of(tag)
    fields = await form_fields(request)
    act = fields.get("as", "") if fields.get("as") in ACTS else PROPOSE
    try:
        async with deployment.database.transaction() as session:
            await _do(session, deployment, staff_keys, account, language, key, act, fields)
    except ProposalRefused as refused:
        return await _message_page(
            request, deployment, staff_keys, account, language, key, fields=fields, wrong=refused.args
        )
    message_filter, here = filter_of(request), await read_here(deployment)
    parts = parts_of(here.words.spoken(language), here.sections, here.of(language), message_filter)
    following = beside(parts, here.sections, key).after if act != "withdraw" else ""
    query = message_filter.about(done=act, of=key)
    return see_other(f"/words/{tag}/{following or key}?{query}")


async def _do(
    session: AsyncSession,
    deployment: Deployment,
    staff_keys: StaffKeys,
    account: Account,
    language: Language,
    key: str,
    name: str,
    fields: dict[str, str],
) -> None:
    """Raises ProposalRefused with a sentence for each fault, and then nothing is kept."""
    message = message_at(await messages_here(session), key)
    # First, so that of two at once the second waits here and then reads what the first wrote.
    await wait_in_line(session)
    view = await look(session, (await deployment.words.now(session)).spoken(language), message)
    forms, act = _forms_of(language, message, fields), ACTS[name]
    # Somebody who pressed twice is told what became of it.
    is_again = name == PROPOSE and view.waits_as(forms)
    if fields.get("seen") != view.mark(staff_keys, account.email) and not is_again:
        raise ProposalRefused(STALE)
    await act.do(session, view, await instruments_here(session), forms, account.email)
    author = f", written by {view.proposal.who}" if view.proposal and name in ("agree", "withdraw") else ""
    await record(session, account.email, act.entry, f"{language.tag} {key}{author}")


def _forms_of(language: Language, message: Message, fields: Mapping[str, str]) -> tuple[str, ...]:
    count = form_count(language) if message.plural else 1
    return tidy(message, (fields.get(f"form-{number}", "") for number in range(count)))


async def _message_page(
    request: Request[Any, Any, Any],
    deployment: Deployment,
    staff_keys: StaffKeys,
    account: Account,
    language: Language,
    key: str,
    *,
    fields: Mapping[str, str] | None = None,
    wrong: Sequence[str] = (),
) -> Response[str]:
    """With `fields` as somebody filled it in who was refused, to be mended and not typed again."""
    here, message_filter = await read_here(deployment), filter_of(request)
    message, catalog = message_at(here.sections, key), here.words.spoken(language)
    async with deployment.database.snapshot() as session:
        view = await look(session, catalog, message)
        who = await last_written(session, language, message)
    latest = view.proposal or view.translation
    count = form_count(language) if message.plural else 1
    forms = [*(latest.forms if latest else ()), *("",) * count][:count]
    marks = marks_in(catalog, message)
    parts = parts_of(catalog, here.sections, here.of(language), message_filter)
    return account_page(
        request, "staff/message.html", account, status=400 if wrong else 200, edited=language,
        asked=message_filter, seen=view, state=catalog.state(message.source), who=who, wrong=wrong,
        done=_last_act(request, here.sections),
        forms=forms if fields is None else _forms_of(language, message, fields), unseen_in=unseen_in,
        examples=examples(language) if message.plural else (), marks=marks, as_shown=as_shown(message),
        mark=view.mark(staff_keys, account.email), beside=beside(parts, here.sections, key), pieces=pieces,
        waiting=here.number_waiting(language),
        instrument=next((it.instrument for it in here.sections if message in it.messages), None),
    )  # fmt: skip


def _last_act(request: Request[Any, Any, Any], sections: Sequence[Section]) -> tuple[str, Message] | None:
    """What the page before did, and with which message."""
    act = ACTS.get(request.query_params.get("done", ""))
    of = request.query_params.get("of", "")
    message = next((it for it in messages_in(sections) if it.key == of), None)
    return (act.sentence, message) if act and message else None


message_handlers = (message_page, save_message)
