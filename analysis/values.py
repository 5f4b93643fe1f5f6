"""What one response adds to a batch: the numbers that are summed, before any noise.

Source: docs/disclosure.md, “Values”. Nothing here knows how many people there are, and nothing here is ever
stored: what a row adds is added up and forgotten.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from analysis.parameters import GRAIN, MOST_THEMES
from surveys.answers import DECLINED, NOT_SHOWN, Answers
from surveys.domains import CORE_DOMAINS
from surveys.instruments import Instrument, Question

SCORE = "score"
SPREAD = "spread"
FIRST_BOX, SECOND_BOX = "should-change", "going-well"
"""Themes are looked for in these two, in this order."""
_CHANGED_TWICE = 2
"""One choice changed is one option less and another more: two squares of one."""


class Sensitivity(msgspec.Struct, frozen=True):
    """How far one response can move what a batch counts."""

    scales: int
    """Most scales that one instrument asks."""
    options: int
    """Most, over instruments, of the sum over questions of 2 (one choice) or the options (several)."""


def is_core(instrument: Instrument) -> bool:
    """Whether it asks all eight core questions, so that its overall may stand beside others'."""
    ids = {question.id for question in instrument.questions}
    return all(f"core-{domain}" in ids for domain in CORE_DOMAINS)


def scored_questions(instrument: Instrument) -> tuple[Question, ...]:
    """The scales that a person's score is over: the eight core questions, or else the survey's own."""
    scales = tuple(question for question in instrument.questions if question.kind == "scale")
    return tuple(question for question in scales if question.is_core) if is_core(instrument) else scales


def score(questions: Iterable[Question], answers: Answers) -> tuple[int, int]:
    """Return s and s (1 - s) in 840ths, rounded down; one half where nothing was answered.

    s is the share of answered questions that were answered well: the top two of five.
    """
    pairs = [(question, answers.get(question.id)) for question in questions]
    n = sum(answer in question.codes for question, answer in pairs)
    good = sum(answer in question.favourable_codes for question, answer in pairs)
    if not n:
        good, n = 1, 2
    return GRAIN * good // n, GRAIN * good * (n - good) // n**2


def favourable(question: str) -> str:
    return f"{question}:favourable"


def other(question: str) -> str:
    return f"{question}:other"


def option(question: str, code: str) -> str:
    return f"{question}:option:{code}"


def theme(theme_id: str) -> str:
    return f"theme:{theme_id}"


def value_names(question: Question) -> tuple[str, ...]:
    """What a batch counts of a question: decided by what is asked, never by what was answered."""
    if question.kind == "scale":
        return favourable(question.id), other(question.id)
    return () if question.is_text else tuple(option(question.id, code) for code in question.codes)


def counted_values(questions: Iterable[Question], answers: Answers) -> Iterator[str]:
    """Name each value that a person adds one to."""
    for question in questions:
        answer = answers.get(question.id)
        if answer is None or question.is_text:
            continue
        if question.kind != "scale":
            codes = (answer,) if isinstance(answer, str) else answer
            yield from (option(question.id, code) for code in question.codes if code in codes)
        elif answer in question.favourable_codes:
            yield favourable(question.id)
        elif answer in question.codes:
            yield other(question.id)


def sensitivity(questions: Iterable[Question], instruments: Iterable[Instrument]) -> Sensitivity:
    """How far one response moves these questions' values, whichever of the instruments it answers."""
    ids = {question.id for question in questions}
    surveys = [[q for q in instrument.questions if q.id in ids] for instrument in instruments]
    return Sensitivity(
        max((sum(q.kind == "scale" for q in own) for own in surveys), default=0),
        max((sum(map(_squares_of_options, own)) for own in surveys), default=0),
    )


def _squares_of_options(question: Question) -> int:
    if question.kind == "scale" or question.is_text:
        return 0
    return len(question.codes) if question.kind == "multiple" else _CHANGED_TWICE


def closed_answers(instrument: Instrument, answers: Answers) -> Answers:
    """Keep what can be counted of this instrument's own questions: never what somebody wrote."""
    countable: Answers = {}
    for question in instrument.closed:
        answer = answers.get(question.id)
        if answer is None or answer in (DECLINED, NOT_SHOWN):
            continue
        answer_codes = (answer,) if isinstance(answer, str) else answer
        codes = tuple(code for code in question.codes if code in answer_codes)
        if question.kind == "multiple":
            countable[question.id] = codes
        elif codes:
            countable[question.id] = codes[0]
    return countable


def counted_themes(themes: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """At most two different themes a person: the first of each box, then the next.

    `themes` holds them by box, each in the codebook's order.
    """
    first, second = (themes.get(box, ()) for box in (FIRST_BOX, SECOND_BOX))
    ranked: list[str] = list(first[:1])
    ranked += [it for it in second if it not in ranked][:1]
    ranked += [it for it in (*first, *second) if it not in ranked]
    return tuple(dict.fromkeys(ranked))[:MOST_THEMES]
