"""The process metrics: what each means, where it is good, which strategies it informs, and how it is read.

Source: docs/measures.md, “Measures”.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from analysis.publishing.publication import CUMULATIVE, EVERYONE
from analysis.publishing.rows import Row, Table
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES

Direction = Literal["up", "down", "watch", "flag"]
DIRECTIONS: Mapping[Direction, str] = {
    "up": "Higher is better.",
    "down": "Lower is better.",
    "watch": "To watch: neither high nor low is good in itself.",
    "flag": "A flag: someone should look.",
}


class ReadOff(msgspec.Struct, frozen=True, kw_only=True):
    """Where a metric about answers is read: one figure of published rows, with no arithmetic of its own."""

    figure: str
    tables: tuple[Table, ...]
    filters: Mapping[str, str] = {}

    def applies_to(self, row: Row) -> bool:
        return row.table in self.tables and all(
            row.filters.get(it) == self.filters[it] for it in self.filters
        )


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One process metric. `read_off` is None where it is computed: process_measures.py."""

    id: str
    name: str
    meaning: str
    """What it says, in a sentence for readers who are no analysts."""
    formula: str
    direction: Direction
    strategies: tuple[str, ...]
    read_off: ReadOff | None = None
    is_of_county_alone: bool = False
    """Whether no program has a value of its own."""


def _programs(figure: str, *more: Table) -> ReadOff:
    """Of each program, audience by audience, and of the County."""
    return ReadOff(figure=figure, tables=("T3", "T7", *more))


def _one_question(figure: str) -> ReadOff:
    """Of a question that only some surveys ask: by audience."""
    return ReadOff(figure=figure, tables=("T9",), filters={"scope": CUMULATIVE})


_GOOD = "Of those who answered this question, the share of good answers: the two best of five points."
_YES = "Of all who were asked this question, the share that said yes."
_FIELD = "Of the answers to the questions of this field, the share of good ones: the two best of five points."

METRICS: tuple[Metric, ...] = (
    Metric(
        id="reach-programs",
        name="Programs heard from",
        meaning="Of the programs that are asked about, how many have figures of their own in this release.",
        formula="programs with a batch in this release / programs in scope",
        direction="up",
        strategies=("7.8",),
        is_of_county_alone=True,
    ),
    Metric(
        id="protocol-coverage",
        name="Protocol families heard by youth and by caregivers",
        meaning="Of five groups of protocols (first responders, detention, victim witness, SYZ, courts"
        " and units), how many were heard by young people and by parents or caregivers.",
        formula="families with youth and caregiver batches"
        " / FRP, Detention, Victim Witness, SYZ, courts and units",
        direction="up",
        strategies=("7.8", "6.1", "6.4", "6.5", "6.6", "2.6"),
        is_of_county_alone=True,
    ),
    Metric(
        id="offered",
        name="Offered the survey",
        meaning="Of the people a program served, how many it says it offered the survey.",
        formula="people offered the survey / people served",
        direction="up",
        strategies=("7.8",),
    ),
    Metric(
        id="answered",
        name="Response rate so far, in steps of 5 %",
        meaning="Answers so far for every hundred people a program says it served, in steps of 5; not"
        " shown where fewer than eleven did not answer.",
        formula="people in released batches / people served",
        direction="watch",
        strategies=("7.8", "7.3"),
    ),
    Metric(
        id="over-answered",
        name="More answers than people served",
        meaning="More answers came so far than people were served: a report is missing or too low, or"
        " somebody answered more than once.",
        formula="people in released batches > people served",
        direction="flag",
        strategies=("7.3",),
    ),
    Metric(
        id="unanswered",
        name="Left blank, not asked or declined",
        meaning="Of the people whose single questions are known, the share that left one blank,"
        " declined it, or was not shown it.",
        formula="1 - (favourable + not) / people in the batches with single questions",
        direction="watch",
        strategies=("7.3",),
    ),
    Metric(
        id="answered-freely",
        name="Could answer freely",
        meaning=_GOOD,
        formula="favourable / answered",
        direction="up",
        strategies=("7.3", "7.8"),
        read_off=_one_question("item:answered-freely"),
    ),
    Metric(
        id="language-understood",
        name="Understood the language well",
        meaning=_GOOD,
        formula="favourable / answered",
        direction="up",
        strategies=("2.4",),
        read_off=_programs("item:core-language"),
    ),
    Metric(
        id="audience-balance",
        name="Audiences heard equally",
        meaning="How near young people, parents and caregivers, and lived experience experts are to a"
        " third of the answers each. Who was not heard is named.",
        formula="1 - largest deviation from equal shares of youth, caregivers and experts; no share where one"
        " is not heard",
        direction="up",
        strategies=("7.8",),
        is_of_county_alone=True,
    ),
    Metric(
        id="overall",
        name="Good answers, all core questions",
        meaning="The average of each answer's share of good ones over the eight core questions.",
        formula="mean over people of favourable / answered; one half where nothing was answered",
        direction="up",
        strategies=("7.3",),
        read_off=_programs("overall"),
    ),
    *(
        Metric(
            id=f"domain-{domain}",
            name=f"Good answers: {MEASURE_NAMES[f'domain:{domain}'].lower()}",
            meaning=_FIELD,
            formula="favourable / (favourable + not)",
            direction="up",
            strategies=("7.3",),
            read_off=_programs(f"domain:{domain}"),
        )
        for domain in CORE_DOMAINS
    ),
    Metric(
        id="advocacy-helpful",
        name="Advocacy was helpful (2020 baseline 81 %)",
        meaning=_GOOD,
        formula="favourable / answered",
        direction="up",
        strategies=("4.3",),
        read_off=ReadOff(
            figure="item:core-helpfulness", tables=("T4",), filters={"strategy": "4.3", "audience": EVERYONE}
        ),
    ),
    Metric(
        id="felt-safe",
        name="Felt safe, by setting",
        meaning=_GOOD,
        formula="favourable / answered",
        direction="up",
        strategies=("6.5", "2.6"),
        read_off=_programs("item:core-safety", "T5"),
    ),
    Metric(
        id="voice-choice",
        name="Had a say",
        meaning=_GOOD,
        formula="favourable / answered",
        direction="up",
        strategies=("6.3", "4.7"),
        read_off=_programs("item:core-voice"),
    ),
    Metric(
        id="knew-where",
        name="Knew where to go",
        meaning=_YES,
        formula="yes / all who were asked",
        direction="up",
        strategies=("2.3", "2.6"),
        read_off=_one_question("option:knew-where:yes"),
    ),
    Metric(
        id="no-case-needed",
        name="Got help without an open case",
        meaning=_YES,
        formula="yes / all who were asked",
        direction="up",
        strategies=("2.2",),
        read_off=_one_question("option:no-case-needed:yes"),
    ),
    Metric(
        id="transit-safety",
        name="Safe on public transport, of those who ride",
        meaning=_GOOD,
        formula="favourable / answered",
        direction="up",
        strategies=("2.5",),
        read_off=_one_question("item:transit-safety"),
    ),
    Metric(
        id="connected",
        name="Connected to an advocate",
        meaning=_YES,
        formula="yes / all who were asked",
        direction="up",
        strategies=("4.3",),
        read_off=_one_question("option:connected:yes"),
    ),
    Metric(
        id="need-in-a-week",
        name="A basic need met within a week",
        meaning=_YES,
        formula="yes / all who were asked",
        direction="up",
        strategies=("3.6", "5.3"),
        read_off=_one_question("option:need-in-a-week:yes"),
    ),
    Metric(
        id="caregiver-confidence",
        name="Caregiver confidence",
        meaning=_GOOD,
        formula="favourable / answered",
        direction="up",
        strategies=("5.1", "5.2"),
        read_off=_one_question("item:caregiver-confidence"),
    ),
    Metric(
        id="understood-court",
        name="Understood the court or team meeting",
        meaning=_GOOD,
        formula="favourable / answered",
        direction="up",
        strategies=("6.1", "6.3"),
        read_off=_one_question("item:understood-court"),
    ),
    Metric(
        id="burden",
        name="Staff minutes spent on asking, a month",
        meaning="Staff minutes that a program says it spent on asking, for each month of the quarter.",
        formula="minutes reported / 3",
        direction="down",
        strategies=("7.3",),
    ),
    Metric(
        id="withheld",
        name="Audiences not shown on their own",
        meaning="Of all audiences of all programs, how many had too few answers in this release to be"
        " shown on their own.",
        formula="T1 rows not released / T1 rows",
        direction="down",
        strategies=("7.3",),
        is_of_county_alone=True,
    ),
)
