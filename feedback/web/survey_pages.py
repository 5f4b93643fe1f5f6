"""The survey: one link, one document, one Send."""

import itertools
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import FromPath, FromQuery

from feedback.catalogs import Catalog
from feedback.deployment import Deployment
from feedback.inbox import new_number
from feedback.languages import SOURCE, Language, by_preference, page_language
from feedback.links import Link, open_link
from feedback.sections import texts_of
from feedback.web.rendering import see_other, survey_page
from feedback.words import Words
from surveys.answers import (
    CONSENTS,
    LONGEST_TEXT,
    AnswersRefused,
    Consent,
    Problem,
    read_answers,
)
from surveys.answers import (
    Response as Answered,
)
from surveys.help import help_lines
from surveys.instruments import Question

ONCE, LANGUAGE, CONSENT = "_once", "_language", "_consent"
"""The form's own fields; a question's id cannot begin with an underscore."""
MOST_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"


class NotAForm(ClientException):
    """Something was sent that is not a filled-in page of ours."""

    status_code = 415


class Filled(msgspec.Struct, frozen=True):
    """What a person sent: the page's own fields, and the rest by question."""

    once: str
    language: str
    consent: str
    given: Mapping[str, Sequence[str]]


class Shown(msgspec.Struct, frozen=True):
    """A question as the page shows it, filled with what was sent before."""

    question: Question
    number: int | None
    """Its place in the survey; one that follows up on another has none, so that no number is ever missing."""
    given: Sequence[str]
    problem: Problem | None
    conditions: tuple[str, ...]
    """What one must have answered before, in words, for a browser that cannot hide the question."""


@get("/s/{slug:str}")
async def show_survey(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
) -> Response[str]:
    """Open a link. Reads nothing of the reader but the language wished for, and keeps none of it."""
    link, words = await _link(deployment, slug)
    offered = words.offered(texts_read(link))
    language = page_language(lang, link.language, offered)
    accepted = request.headers.get("accept-language", "")
    return _page(
        deployment,
        link,
        words.spoken(language),
        by_preference(offered, accepted),
        Filled(new_number(), "", "", {}),
    )


@post("/s/{slug:str}")
async def send_answers(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
) -> Response[str] | Response[None]:
    """Store exactly one response and thank when it is on disk, or show the page again as it was sent."""
    filled = await _read_form(request)
    link, words = await _link(deployment, slug)
    offered = words.offered(texts_read(link))
    language = page_language(filled.language, link.language, offered)
    try:
        answers = read_answers(link.instrument, filled.given, wants_comments=link.comments)
    except AnswersRefused as refused:
        return _page(deployment, link, words.spoken(language), offered, filled, refused.problems)
    response = Answered(
        link.program.id,
        link.audience,
        link.instrument.id,
        language.tag,
        str(deployment.settings.period),
        "live",
        answers,
        _consent(filled.consent),
    )
    async with deployment.database.transaction() as session:
        await deployment.inbox.store(session, slug, filled.once, response)
    suffix = "" if language is SOURCE else f"?lang={language.tag}"
    return see_other(f"/thanks{suffix}")


async def _link(deployment: Deployment, slug: str) -> tuple[Link, Words]:
    async with deployment.database.snapshot() as session:
        return await open_link(session, slug, deployment.settings.today), await deployment.words.now(session)


def texts_read(link: Link) -> list[str]:
    """What a link's own survey says: a language is offered on it only when it says all of that."""
    return [link.program.said_as[link.audience], *texts_of(link.instrument)]


def preview(deployment: Deployment, link: Link, catalog: Catalog) -> Response[str]:
    """A survey as it reads in a language, offered or not, for whoever checks its words. It cannot be sent."""
    answer = _page(deployment, link, catalog, (), Filled("", "", "", {}))
    answer.headers["Content-Security-Policy"] += "; sandbox"
    return answer


async def _read_form(request: Request) -> Filled:  # type: ignore[type-arg]
    if request.content_type[0] != _FORM:
        raise NotAForm
    body = (await request.body()).decode("utf-8", "surrogateescape")
    try:
        # Broken letters are kept as they are, so that the answer they stand in is refused and not changed.
        sent = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="surrogateescape")
    except ValueError as error:
        raise ClientException from error
    fields: dict[str, list[str]] = {}
    for name, value in sent:
        fields.setdefault(name, []).append(value)
    own = {name: _readable(fields.pop(name, [""])[-1]) for name in (ONCE, LANGUAGE, CONSENT)}
    return Filled(own[ONCE] or new_number(), own[LANGUAGE], own[CONSENT], fields)


def _readable(text: str) -> str:
    """The text with a question mark for every broken letter, so that a page can hold it."""
    return text.encode("utf-8", "replace").decode()


def _consent(sent: str) -> Consent:
    """What may be done with a person's words; anything unclear means private."""
    return next((consent for consent in CONSENTS if consent == sent), "private")


def _page(
    deployment: Deployment,
    link: Link,
    catalog: Catalog,
    offered: Sequence[Language],
    filled: Filled,
    problems: Sequence[Problem] = (),
) -> Response[str]:
    asked = [q for q in link.instrument.questions if link.comments or not q.is_text]
    return survey_page(
        "survey/survey.html",
        catalog,
        style=_show_if_style(asked),
        status=400 if problems else 200,
        link=link,
        asked=_shown(asked, filled, problems),
        count=sum(question.show_if is None for question in asked),
        filled=filled,
        problems=problems,
        offered=offered,
        reviewed=catalog.count(texts_read(link)).is_reviewed and catalog.is_reviewed,
        longest=LONGEST_TEXT,
        help_lines=help_lines(),
        settings=deployment.settings,
    )


def _shown(asked: Sequence[Question], filled: Filled, problems: Sequence[Problem]) -> list[Shown]:
    wrong = {problem.question: problem for problem in problems}
    by_id = {question.id: question for question in asked}
    numbers = itertools.count(1)
    return [
        Shown(
            question,
            next(numbers) if question.show_if is None else None,
            [_readable(value) for value in filled.given.get(question.id, ())],
            wrong.get(question.id),
            _conditions(question, by_id),
        )
        for question in asked
    ]


def _conditions(question: Question, by_id: Mapping[str, Question]) -> tuple[str, ...]:
    if question.show_if is None:
        return ()
    earlier = by_id[question.show_if.question]
    return tuple(option.text for option in earlier.options if option.code in question.show_if.any_of)


def _show_if_style(asked: Sequence[Question]) -> str:
    """Hide what does not apply, without a script; a browser that cannot shows it with its condition."""
    rules = ""
    for question in asked:
        if question.show_if:
            chosen = ",".join(
                f'[name="{question.show_if.question}"][value="{code}"]:checked'
                for code in question.show_if.any_of
            )
            rules += (
                f"#ask-{question.id}{{display:none}}form:has({chosen}) #ask-{question.id}{{display:block}}"
            )
    return f"@supports selector(:has(a)){{{rules}}}" if rules else ""


survey_router = Router("", route_handlers=[show_survey, send_answers])
