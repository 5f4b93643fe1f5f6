"""Answers that somebody types in for others: marked as entered, stored all together or not at all."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from feedback.entering.entries import Entry
from feedback.fieldwork.links import Link
from feedback.inbox.sealing import new_submission_key
from feedback.languages import LANGUAGES
from surveys.answers import NOT_SHOWN, Answers, AnswersRefused, Problem, Response, read_answers, read_consent
from surveys.periods import Period
from surveys.registry import Contract, Program

SHEETS = (1, 5, 10)
"""How many sheets of paper one page may take."""
SUBMISSION_KEY, LANGUAGE, PERIOD, OUTSIDE, CONSENT = "_once", "_language", "_period", "_outside", "_consent"
QUARTERS_BACK = 4
_FIELD = re.compile(r"([1-9]|10)\.(.+)", re.DOTALL)


class Sheet(msgspec.Struct, frozen=True):
    """One sheet of paper as it was typed."""

    fields: Mapping[str, Sequence[str]]
    consent: str


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """A page of sheets as it was typed, and what holds for all of them."""

    submission_key: str
    language: str
    period: str
    outside: bool
    """Whether the typist says what the paper promises: not of the program, and the paper is destroyed."""
    sheets: tuple[Sheet, ...]
    strange: bool = False
    """Whether it held a field that no page of ours has."""


class StackRefused(Exception):
    """Nothing of a stack was stored: `problems` of all of it by field, `sheet_problems` by number."""

    def __init__(self, problems: Mapping[str, str], sheet_problems: Mapping[int, Sequence[Problem]]) -> None:
        super().__init__("; ".join([*problems.values(), *(f"sheet {number}" for number in sheet_problems)]))
        self.problems = problems
        self.sheet_problems = sheet_problems


def quarters(
    program: Program, contracts: Sequence[Contract], now: Period, contractor: str | None
) -> list[Period]:
    """This quarter and the four before it, newest first, as far as the program ran.

    A contractor types in what was answered under its own contract; the County under any.
    """
    recent = [now + -number for number in range(QUARTERS_BACK + 1)]
    of_program = [it for it in recent if program.ends is None or str(it) <= program.ends]
    if contractor is None:
        return of_program
    own = [it for it in contracts if (it.program, it.contractor) == (program.id, contractor)]
    return [it for it in of_program if any(contract.holds(it) for contract in own)]


def blank_stack(sheets: int, language: str, period: str) -> Stack:
    """A page of sheets to type into, with a number that makes a second Send find the first."""
    return Stack(
        submission_key=new_submission_key(),
        language=language,
        period=period,
        outside=False,
        sheets=(Sheet({}, ""),) * sheets,
    )


def typed_stack(fields: Mapping[str, Sequence[str]]) -> Stack:
    """Sort the fields of a form into sheets; what belongs nowhere is noticed and not kept."""
    sheets: dict[int, dict[str, Sequence[str]]] = {}
    for name, values in fields.items():
        if match := _FIELD.fullmatch(name):
            sheets.setdefault(int(match[1]), {})[match[2]] = values
    stack_fields = {SUBMISSION_KEY, LANGUAGE, PERIOD, OUTSIDE}
    return Stack(
        submission_key=_last(fields, SUBMISSION_KEY) or new_submission_key(),
        language=_last(fields, LANGUAGE),
        period=_last(fields, PERIOD),
        outside=OUTSIDE in fields,
        sheets=tuple(_sheet(sheets.get(number, {})) for number in range(1, max(sheets, default=1) + 1)),
        strange=any(name not in stack_fields and not _FIELD.fullmatch(name) for name in fields),
    )


def _sheet(fields: dict[str, Sequence[str]]) -> Sheet:
    answers = {name: values for name, values in fields.items() if name != CONSENT}
    return Sheet(answers, _last(fields, CONSENT))


def _last(fields: Mapping[str, Sequence[str]], name: str) -> str:
    return fields.get(name, [""])[-1]


def read_stack(stack: Stack, link: Link, periods: Sequence[Period], now: Period) -> list[Entry]:
    """Turn a stack into entries; blank sheets are left out. Raises StackRefused naming every problem."""
    problems = _problems(stack, [str(it) for it in periods])
    sheet_problems: dict[int, Sequence[Problem]] = {}
    entries = []
    for number, sheet in enumerate(stack.sheets, start=1):
        try:
            answers = read_answers(link.instrument, sheet.fields, wants_comments=link.comments)
        except AnswersRefused as refused:
            sheet_problems[number] = refused.problems
            continue
        if not set(answers.values()) <= {NOT_SHOWN}:
            entries.append(
                Entry(f"{stack.submission_key}/{number}", _response(stack, sheet, link, answers, now))
            )
    if problems or sheet_problems:
        raise StackRefused(problems, sheet_problems)
    return entries


def _problems(stack: Stack, periods: Sequence[str]) -> dict[str, str]:
    """What is wrong with the whole stack, by the field at which it is said."""
    checks = {
        OUTSIDE: ("Say first that what the paper promises is kept: tick the box.", stack.outside),
        LANGUAGE: ("Choose the language of the stack.", stack.language in LANGUAGES),
        PERIOD: ("Choose the quarter in which the paper was filled in.", stack.period in periods),
        SUBMISSION_KEY: (
            "Something was sent that does not belong here. Please store again.",
            not stack.strange,
        ),
    }
    return {field: sentence for field, (sentence, holds) in checks.items() if not holds}


def _response(stack: Stack, sheet: Sheet, link: Link, answers: Answers, now: Period) -> Response:
    return Response(
        program=link.program.id,
        audience=link.audience,
        instrument=link.instrument.id,
        language=stack.language,
        period=stack.period,
        origin="entered",
        answers=answers,
        consent=read_consent(sheet.consent),
        entered=str(now),
    )
