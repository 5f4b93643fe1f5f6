"""How questions follow each other: the same on a phone, on paper and where paper is typed in."""

import itertools
from collections.abc import Mapping

import msgspec

from surveys.instruments import Instrument, Question


class AskedQuestion(msgspec.Struct, frozen=True):
    """A question in its place."""

    question: Question
    number: int | None
    """Its place in the survey; one that follows up on another has none, so that no number is ever missing."""
    conditions: tuple[str, ...]
    """What one must have answered before, in words, for whoever sees the question in any case."""


def asked_questions(instrument: Instrument, *, comments: bool) -> list[AskedQuestion]:
    """Return what a link asks, in order; without comments the text boxes are left out."""
    questions = [question for question in instrument.questions if comments or not question.is_text]
    by_id = {question.id: question for question in questions}
    numbers = itertools.count(1)
    return [
        AskedQuestion(it, next(numbers) if it.show_if is None else None, _conditions(it, by_id))
        for it in questions
    ]


def _conditions(question: Question, by_id: Mapping[str, Question]) -> tuple[str, ...]:
    if question.show_if is None:
        return ()
    earlier = by_id[question.show_if.question]
    return tuple(option.text for option in earlier.options if option.code in question.show_if.any_of)
