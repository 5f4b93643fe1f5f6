"""What counts as an answer.

Besides a value an answer is one of three codes, because a blank is not good news: blank (no entry at all),
“I'd rather not say” (DECLINED) and a question the person was never shown (NOT_SHOWN).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from surveys.instruments import Audience, Instrument, Question

DECLINED = "-"
NOT_SHOWN = "~"
LONGEST_TEXT = 1_000
"""Characters in one text box."""
LONGEST_TEXT_BYTES = 3_000
"""Bytes of UTF-8 in one text box, so that two boxes and every choice fit one sealed row."""

Answer = str | tuple[str, ...]
Answers = dict[str, Answer]
Origin = Literal["live", "entered"]
Consent = Literal["private", "changed", "as-written"]
CONSENTS: tuple[Consent, ...] = ("private", "changed", "as-written")


def read_consent(choice: str) -> Consent:
    """What may be done with a person's words; anything unclear means private."""
    return next((it for it in CONSENTS if it == choice), "private")


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """One person's answers, as they travel sealed. The quarter is the only time in it."""

    program: str
    audience: Audience
    instrument: str
    language: str
    period: str
    origin: Origin
    answers: Answers
    consent: Consent = "private"
    entered: str | None = None
    """The quarter in which an entered response was typed in; None for live ones."""
    wave: Literal["before", "after"] | None = None
    """Whether it was asked before or after a class; most surveys are neither."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Which answer cannot be taken, and why; never what it was, or an error would carry it into a log."""

    question: str
    reason: Literal[
        "unknown-question", "unknown-option", "one-only", "too-long", "unreadable", "not-asked", "not-read"
    ]


class AnswersRefused(Exception):
    """Some answers cannot be taken; `problems` says which, and nothing was stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.question}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


def is_shown(question: Question, answers: Answers) -> bool:
    """Whether a person who gave these earlier answers is asked this question. A pure function of both."""
    condition = question.show_if
    if condition is None:
        return True
    answer = answers.get(condition.question, ())
    codes = (answer,) if isinstance(answer, str) else answer
    return not set(codes).isdisjoint(condition.any_of)


def read_answers(
    instrument: Instrument, fields: Mapping[str, Sequence[str]], *, wants_comments: bool = True
) -> Answers:
    """Turn what was sent, question id to values, into answers.

    Blanks are left out. Raises AnswersRefused when anything sent is not an answer of this instrument.
    """
    ids = {q.id for q in instrument.questions if wants_comments or not q.is_text}
    unread_ids = {q.id for q in instrument.boxes} - ids
    problems = [
        Problem(question=name, reason="unknown-question") for name in fields if name not in ids | unread_ids
    ]
    # The box may have stood there when the page was opened; an empty one is no words.
    problems += [
        Problem(question=name, reason="not-read")
        for name in unread_ids
        if any(map(str.strip, fields.get(name, ())))
    ]
    answers: Answers = {}
    for question in instrument.questions:
        if question.id not in ids:
            continue
        values = [value for value in fields.get(question.id, ()) if value.strip()]
        is_asked = is_shown(question, answers)
        if not is_asked and not (question.is_text and values):
            # What was chosen before the person changed their mind about the earlier answer is not kept.
            answers[question.id] = NOT_SHOWN
            continue
        # Words are not dropped unsaid: somebody wrote them.
        question_problems = (
            list(_problems(question, values))
            if is_asked
            else [Problem(question=question.id, reason="not-asked")]
        )
        problems += question_problems
        if values and not question_problems:
            answers[question.id] = _answer(question, values)
    if problems:
        raise AnswersRefused(problems)
    return answers


def _answer(question: Question, values: list[str]) -> Answer:
    if DECLINED in values:
        return DECLINED
    if question.kind == "multiple":
        return tuple(code for code in question.codes if code in values)
    return _plain(values[0]) if question.is_text else values[0]


def _problems(question: Question, values: list[str]) -> Iterator[Problem]:
    if question.is_text:
        yield from (
            Problem(question=question.id, reason=reason) for text in values if (reason := _text_problem(text))
        )
    else:
        allowed = {*question.codes, DECLINED}
        yield from (
            Problem(question=question.id, reason="unknown-option") for value in values if value not in allowed
        )
    if question.kind != "multiple" and len(values) > 1:
        yield Problem(question=question.id, reason="one-only")


def _text_problem(text: str) -> Literal["too-long", "unreadable"] | None:
    try:
        size = len(_plain(text).encode())
    except UnicodeEncodeError:
        return "unreadable"
    return "too-long" if size > LONGEST_TEXT_BYTES or len(_plain(text)) > LONGEST_TEXT else None


def _plain(text: str) -> str:
    """Browsers send line ends as two characters; a limit of 1,000 means 1,000 as the person counts."""
    return text.replace("\r\n", "\n").strip()
