"""Strategies: which of them anybody speaks to, and what is asked about each alone.

A strategy is held to its own questions. What its programs heard about everything is theirs, and stands last.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from analysis.figures import Figure
from analysis.publishing.publication import CUMULATIVE, EVERYONE, LAST_FOUR
from analysis.publishing.rows import Row
from feedback.results.naming import AUDIENCE_NAMES
from feedback.web.staff.results import grids, words
from feedback.web.staff.results.grids import AskedSurveys
from surveys.instruments import AUDIENCES, YES_NO_CODES, Instrument, Question
from surveys.registry import Area, CountyPlan, Program, Strategy


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """Whether anybody speaks to a strategy: heard, asked and not heard yet, or nobody asked, and why."""

    strategy: Strategy
    state: str
    why: str


class QuestionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a strategy and one audience: what the last four releases say of it, and of before."""

    question: str
    audience: str
    answers: int | None
    share: str
    all_so_far: str


class AreaVoices(msgspec.Struct, frozen=True):
    """An area of the plan with its strategies, in the plan's order."""

    area: Area
    voices: Sequence[Voice]


def voices(
    plan: CountyPlan,
    programs: Sequence[Program],
    asks: Mapping[str, Sequence[Instrument]],
    rows: Iterable[Row],
) -> list[AreaVoices]:
    """All strategies by area. `rows` are T4 of all so far, `asks` the surveys of each program."""
    heard = {
        row.filters["strategy_id"]
        for row in rows
        if row.n and any(_is_of_one_question(it) for it in row.figures)
    }
    return [
        AreaVoices(area, [_voice(it, programs, asks, heard) for it in area.strategies]) for area in plan.areas
    ]


def _voice(
    strategy: Strategy,
    programs: Sequence[Program],
    asks: Mapping[str, Sequence[Instrument]],
    heard: set[str],
) -> Voice:
    own = [it for it in programs if strategy.number in it.strategies]
    questions = tagged(own, asks, strategy)
    speakers = ", ".join(it.short for it in own)
    if not own:
        return Voice(strategy=strategy, state="nobody asked", why="No program in scope names it.")
    if not any(asks.get(it.id) for it in own):
        return Voice(strategy=strategy, state="nobody asked", why=f"No link was made yet for {speakers}.")
    if not questions:
        return Voice(
            strategy=strategy,
            state="nobody asked",
            why=f"Part of {speakers}; none of their questions is about it.",
        )
    count = f"{len(questions)} question{'s' if len(questions) > 1 else ''} in {speakers}"
    if strategy.id in heard:
        return Voice(strategy=strategy, state="heard", why=f"{count}.")
    return Voice(strategy=strategy, state="asked, not heard yet", why=f"{count}.")


def tagged(
    programs: Sequence[Program], asks: Mapping[str, Sequence[Instrument]], strategy: Strategy
) -> dict[str, Question]:
    """The questions meant for a strategy, in the surveys that its programs ask."""
    instruments = [it for program in programs for it in asks.get(program.id, ())]
    return {q.id: q for it in instruments for q in it.questions if strategy.number in q.strategies}


def lines_of(rows: Sequence[Row], surveys: AskedSurveys) -> list[QuestionLine]:
    """Each question with each audience, and with everybody together, live answers alone."""
    live = [row for row in rows if row.origin == "live" and row.n]
    return [
        line
        for audience in (EVERYONE, *AUDIENCES)
        for line in _lines([row for row in live if row.filters["audience"] == audience], audience, surveys)
    ]


def _lines(rows: Sequence[Row], audience: str, surveys: AskedSurveys) -> list[QuestionLine]:
    by_scope = {row.filters["scope"]: row for row in rows if row.is_own or audience != EVERYONE}
    latest, so_far = by_scope.get(LAST_FOUR), by_scope.get(CUMULATIVE)
    measures = dict.fromkeys(
        it.measure for row in (latest, so_far) if row for it in _questions_of(row, surveys)
    )
    return [
        QuestionLine(
            question=grids.words(measure, surveys, None if audience == EVERYONE else audience),
            audience=AUDIENCE_NAMES[audience],
            answers=latest.n_details if latest and latest.figure(measure) else None,
            share=_share(latest, measure),
            all_so_far=_share(so_far, measure),
        )
        for measure in measures
    ]


def _share(row: Row | None, measure: str) -> str:
    figure = row.figure(measure) if row else None
    return words.share(figure) if figure else "-"


def _questions_of(row: Row, surveys: AskedSurveys) -> list[Figure]:
    """Shares of which higher is better: of “yes” and not of “no”. The others are in the files."""
    return [it for it in row.figures if _is_of_one_question(it) and _has_a_good_end(it, surveys)]


def _is_of_one_question(figure: Figure) -> bool:
    return figure.measure.startswith(("item:", "option:"))


def _has_a_good_end(figure: Figure, surveys: AskedSurveys) -> bool:
    _, name, *code = figure.measure.split(":")
    question = surveys.question(name, None)
    return not (code and question and question.kind == "yes-no") or code == [YES_NO_CODES[0]]


def alike(
    plan: CountyPlan, programs: Sequence[Program], asks: Mapping[str, Sequence[Instrument]]
) -> dict[str, list[Strategy]]:
    """By strategy id, the others to which exactly the same questions of the same programs speak."""
    by_voice: dict[tuple[frozenset[str], frozenset[str]], list[Strategy]] = {}
    for strategy in plan.strategies:
        own = [it for it in programs if strategy.number in it.strategies]
        questions = tagged(own, asks, strategy)
        asking = {
            it.id
            for it in own
            if any(q.id in questions for form in asks.get(it.id, ()) for q in form.questions)
        }
        if questions:
            by_voice.setdefault((frozenset(questions), frozenset(asking)), []).append(strategy)
    return {
        it.id: [x for x in group if x is not it]
        for group in by_voice.values()
        for it in group
        if len(group) > 1
    }
