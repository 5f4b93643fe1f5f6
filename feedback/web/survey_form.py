"""The form of a survey: what came back from it, and how it is shown, filled, for the next try."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import ClientException

from feedback.inbox import new_number
from surveys.answers import Problem
from surveys.asking import Asked
from surveys.instruments import Question, ShowIf

ONCE, LANGUAGE, CONSENT, ENTER = "_once", "_language", "_consent", "_enter"
"""The form's own fields; a question's id cannot begin with an underscore."""
UNSEEN = "_website"
"""A box that people never see and simple programs fill in; no phone offers to fill in a website by itself."""
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
    by_enter: bool = False
    """The Enter key sent it, which people press without meaning Send."""


class Shown(msgspec.Struct, frozen=True):
    """A question as the page shows it, filled with what was sent before."""

    question: Question
    number: int | None
    """Its place in the survey; one that follows up on another has none, so that no number is ever missing."""
    given: Sequence[str]
    problem: Problem | None
    conditions: tuple[str, ...]
    """What one must have answered before, in words, for a browser that cannot hide the question."""
    applies: str
    """The same as a selector that finds something when the question applies; empty when it always does."""


def nothing_filled() -> Filled:
    return Filled(new_number(), "", "", {})


async def read_form(request: Request) -> Filled:  # type: ignore[type-arg]
    """Read what was sent. Raises NotAForm, and ClientException when there are too many fields."""
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
    if not any(fields.get(UNSEEN, ())):
        # Filled in, it stays among the answers and is refused there like anything that was never asked for.
        fields.pop(UNSEEN, None)
    own = {name: _readable(fields.pop(name, [""])[-1]) for name in (ONCE, LANGUAGE, CONSENT, ENTER)}
    return Filled(own[ONCE] or new_number(), own[LANGUAGE], own[CONSENT], fields, bool(own[ENTER]))


def shown(asked: Sequence[Asked], filled: Filled, problems: Sequence[Problem]) -> list[Shown]:
    """The questions in order, each with what was given and what is wrong with it."""
    wrong = {problem.question: problem for problem in problems}
    return [
        Shown(
            it.question,
            it.number,
            [_readable(value) for value in filled.given.get(it.question.id, ())],
            wrong.get(it.question.id),
            it.conditions,
            _selector(it.question.show_if),
        )
        for it in asked
    ]


def show_if_style(asked: Sequence[Shown]) -> str:
    """Hide what does not apply, without a script; a browser that cannot shows it with its condition."""
    rules = "".join(
        f"#ask-{it.question.id}{{display:none}}form:has({it.applies}) #ask-{it.question.id}{{display:block}}"
        for it in asked
        if it.applies
    )
    return f"@supports selector(:has(a)){{{rules}}}" if rules else ""


def _readable(text: str) -> str:
    """The text with a question mark for every broken letter, so that a page can hold it."""
    return text.encode("utf-8", "replace").decode()


def _selector(condition: ShowIf | None) -> str:
    if condition is None:
        return ""
    return ",".join(f'[name="{condition.question}"][value="{code}"]:checked' for code in condition.any_of)
