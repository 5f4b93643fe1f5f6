"""The process metrics: what each means, where it is good, which strategies it informs.

Source: docs/measures.md, “Measures”.
"""

from typing import Literal

import msgspec

from surveys.domains import CORE_DOMAINS


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a measure means, where it is good, and which strategies it informs."""

    id: str
    name: str
    formula: str
    good: Literal["up", "down", "watch", "flag"]
    strategies: tuple[str, ...]


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        id="reach-programs",
        name="Programs heard from",
        formula="programs with a batch in this release / programs in scope",
        good="up",
        strategies=("7.8",),
    ),
    Definition(
        id="protocol-coverage",
        name="Protocol families heard by youth and by caregivers",
        formula="families with youth and caregiver batches"
        " / FRP, Detention, Victim Witness, SYZ, courts and units",
        good="up",
        strategies=("7.8", "6.1", "6.4", "6.5", "6.6", "2.6"),
    ),
    Definition(
        id="offered",
        name="Offered the survey",
        formula="people offered the survey / people served",
        good="up",
        strategies=("7.8",),
    ),
    Definition(
        id="answered",
        name="Response rate so far, in steps of 5 %",
        formula="people in released batches / people served",
        good="watch",
        strategies=("7.8", "7.3"),
    ),
    Definition(
        id="over-answered",
        name="More answers than people served",
        formula="people in released batches > people served",
        good="flag",
        strategies=("7.3",),
    ),
    Definition(
        id="unanswered",
        name="Left blank, not asked or declined",
        formula="1 - (favourable + not) / people in the batches with single questions",
        good="watch",
        strategies=("7.3",),
    ),
    Definition(
        id="answered-freely",
        name="Could answer freely",
        formula="favourable / answered",
        good="up",
        strategies=("7.3", "7.8"),
    ),
    Definition(
        id="language-understood",
        name="Understood the language well",
        formula="favourable / answered",
        good="up",
        strategies=("2.4",),
    ),
    Definition(
        id="audience-balance",
        name="Audiences heard equally",
        formula="1 - largest deviation from equal shares of youth, caregivers and experts",
        good="up",
        strategies=("7.8",),
    ),
    Definition(
        id="overall",
        name="Favourable answers, all core questions",
        formula="mean over people of favourable / answered; one half where nothing was answered",
        good="up",
        strategies=("7.3",),
    ),
    *(
        Definition(
            id=f"domain-{domain}",
            name=f"Favourable answers: {domain}",
            formula="favourable / (favourable + not)",
            good="up",
            strategies=("7.3",),
        )
        for domain in CORE_DOMAINS
    ),
    Definition(
        id="advocacy-helpful",
        name="Advocacy was helpful (2020 baseline 81 %)",
        formula="favourable / answered",
        good="up",
        strategies=("4.3",),
    ),
    Definition(
        id="felt-safe",
        name="Felt safe, by setting",
        formula="favourable / answered",
        good="up",
        strategies=("6.5", "2.6"),
    ),
    Definition(
        id="voice-choice",
        name="Had a say",
        formula="favourable / answered",
        good="up",
        strategies=("6.3", "4.7"),
    ),
    Definition(
        id="knew-where",
        name="Knew where to go",
        formula="yes / all who were asked",
        good="up",
        strategies=("2.3", "2.6"),
    ),
    Definition(
        id="no-case-needed",
        name="Got help without an open case",
        formula="yes / all who were asked",
        good="up",
        strategies=("2.2",),
    ),
    Definition(
        id="transit-safety",
        name="Safe on public transport, of those who ride",
        formula="favourable / answered",
        good="up",
        strategies=("2.5",),
    ),
    Definition(
        id="connected",
        name="Connected to an advocate",
        formula="yes / all who were asked",
        good="up",
        strategies=("4.3",),
    ),
    Definition(
        id="need-in-a-week",
        name="A basic need met within a week",
        formula="yes / all who were asked",
        good="up",
        strategies=("3.6", "5.3"),
    ),
    Definition(
        id="caregiver-confidence",
        name="Caregiver confidence",
        formula="favourable / answered",
        good="up",
        strategies=("5.1", "5.2"),
    ),
    Definition(
        id="understood-court",
        name="Understood the court or team meeting",
        formula="favourable / answered",
        good="up",
        strategies=("6.1", "6.3"),
    ),
    Definition(
        id="burden",
        name="Staff minutes spent on asking, a month",
        formula="minutes reported / 3",
        good="down",
        strategies=("7.3",),
    ),
    Definition(
        id="withheld",
        name="Cells withheld",
        formula="T1 rows not released / T1 rows",
        good="down",
        strategies=("7.3",),
    ),
)
