"""What an instrument needs besides the questions of a form: the core ones, an audience, minutes, a title."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from surveys.instruments import AUDIENCES, Audience, Instrument, Question, shipped_instruments

FREELY = "answered-freely"
_TITLE = "Your feedback"
_MODEL: Mapping[Audience, str] = {
    "youth": "youth-experience",
    "caregiver": "caregiver-experience",
    "expert": "expert-review",
    "partner": "event",
}
_QUESTIONS_A_MINUTE = 5
_COUNT = re.compile(r"[1-9][0-9]{0,5}")
"""A version that is a date and a time is a form tool's, not a count of ours."""


def complete(
    instrument_id: str,
    questions: Sequence[Question],
    tree: Mapping[str, Any],
    audiences: tuple[Audience, ...],
    losses: list[str],
) -> Instrument:
    """Put in what every instrument asks, and say so."""
    ours = tree.get("heard", {})
    audiences = audiences or _audiences(ours, losses)
    all_questions = _with_core(questions, audiences[0], losses)
    return Instrument(
        id=instrument_id,
        version=_version(tree),
        title=_title(tree, losses),
        audiences=audiences,
        minutes=_minutes(ours, all_questions, losses),
        questions=all_questions,
    )


def _audiences(ours: Mapping[str, str], losses: list[str]) -> tuple[Audience, ...]:
    names = str(ours.get("audiences", "")).replace(",", " ").split()
    audiences = tuple(it for it in AUDIENCES if it in names)
    if audiences:
        return audiences
    losses.append(
        "The form does not say whom it asks; it is taken as one for youth, whose rules are strictest."
    )
    return ("youth",)


def _with_core(questions: Sequence[Question], audience: Audience, losses: list[str]) -> tuple[Question, ...]:
    """Core questions first, for whoever stops early; the one about freedom after all others but the boxes."""
    ids = {question.id for question in questions}
    shipped = shipped_instruments()[_MODEL[audience]].questions
    core = [it for it in shipped if it.is_core and it.id not in ids]
    freely = [it for it in shipped if it.id == FREELY and it.id not in ids]
    if core or freely:
        names = ", ".join(it.id for it in (*core, *freely))
        losses.append(f"Put in, because every instrument asks them: {names}.")
    boxes = len(questions)
    while boxes and questions[boxes - 1].is_text:
        boxes -= 1
    return (*core, *questions[:boxes], *freely, *questions[boxes:])


def _version(tree: Mapping[str, Any]) -> int:
    version = str(tree.get("version", ""))
    return int(version) if _COUNT.fullmatch(version) else 1


def _title(tree: Mapping[str, Any], losses: list[str]) -> str:
    """Only a form of our own keeps its title: others name a place, and a title is read over a shoulder."""
    title = str(tree.get("title", ""))
    if "heard" in tree and title:
        return title
    if title != tree.get("id_string"):
        losses.append(f"The title “{title}” became “{_TITLE}”: no page names a program in its title.")
    return _TITLE


def _minutes(ours: Mapping[str, str], questions: Sequence[Question], losses: list[str]) -> int:
    minutes = str(ours.get("minutes", ""))
    if _COUNT.fullmatch(minutes):
        return int(minutes)
    guess = -(-len(questions) // _QUESTIONS_A_MINUTE)
    losses.append(f"The minutes were guessed: {guess}, for {len(questions)} questions.")
    return guess
