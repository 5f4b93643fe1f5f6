"""The process metrics: what each means, where it is good, which strategies it informs.

Source: docs/measures.md, “Measures”.
"""

from typing import Literal

import msgspec

from surveys.domains import CORE_DOMAINS


class Definition(msgspec.Struct, frozen=True):
    """What a measure means, where it is good, and which strategies it informs."""

    id: str
    name: str
    formula: str
    good: Literal["up", "down", "watch", "flag"]
    strategies: tuple[str, ...]


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "reach-programs",
        "Programs heard from",
        "programs with a batch in this release / programs in scope",
        "up",
        ("7.8",),
    ),
    Definition(
        "protocol-coverage",
        "Protocol families heard by youth and by caregivers",
        "families with youth and caregiver batches / FRP, Detention, Victim Witness, SYZ, courts and units",
        "up",
        ("7.8", "6.1", "6.4", "6.5", "6.6", "2.6"),
    ),
    Definition("offered", "Offered the survey", "people offered the survey / people served", "up", ("7.8",)),
    Definition(
        "answered",
        "Response rate so far, in steps of 5 %",
        "people in released batches / people served",
        "watch",
        ("7.8", "7.3"),
    ),
    Definition(
        "over-answered",
        "More answers than people served",
        "people in released batches > people served",
        "flag",
        ("7.3",),
    ),
    Definition(
        "unanswered",
        "Left blank, not asked or declined",
        "1 - (favourable + not) / people in the batches with single questions",
        "watch",
        ("7.3",),
    ),
    Definition("answered-freely", "Could answer freely", "favourable / answered", "up", ("7.3", "7.8")),
    Definition(
        "language-understood", "Understood the language well", "favourable / answered", "up", ("2.4",)
    ),
    Definition(
        "audience-balance",
        "Audiences heard equally",
        "1 - largest deviation from equal shares of youth, caregivers and experts",
        "up",
        ("7.8",),
    ),
    Definition(
        "overall",
        "Favourable answers, all core questions",
        "mean over people of favourable / answered; one half where nothing was answered",
        "up",
        ("7.3",),
    ),
    *(
        Definition(
            f"domain-{domain}",
            f"Favourable answers: {domain}",
            "favourable / (favourable + not)",
            "up",
            ("7.3",),
        )
        for domain in CORE_DOMAINS
    ),
    Definition(
        "advocacy-helpful",
        "Advocacy was helpful (2020 baseline 81 %)",
        "favourable / answered",
        "up",
        ("4.3",),
    ),
    Definition("felt-safe", "Felt safe, by setting", "favourable / answered", "up", ("6.5", "2.6")),
    Definition("voice-choice", "Had a say", "favourable / answered", "up", ("6.3", "4.7")),
    Definition("knew-where", "Knew where to go", "yes / all who were asked", "up", ("2.3", "2.6")),
    Definition("no-case-needed", "Got help without an open case", "yes / all who were asked", "up", ("2.2",)),
    Definition(
        "transit-safety",
        "Safe on public transport, of those who ride",
        "favourable / answered",
        "up",
        ("2.5",),
    ),
    Definition("connected", "Connected to an advocate", "yes / all who were asked", "up", ("4.3",)),
    Definition(
        "need-in-a-week", "A basic need met within a week", "yes / all who were asked", "up", ("3.6", "5.3")
    ),
    Definition("caregiver-confidence", "Caregiver confidence", "favourable / answered", "up", ("5.1", "5.2")),
    Definition(
        "understood-court",
        "Understood the court or team meeting",
        "favourable / answered",
        "up",
        ("6.1", "6.3"),
    ),
    Definition("burden", "Staff minutes spent on asking, a month", "minutes reported / 3", "down", ("7.3",)),
    Definition("withheld", "Cells withheld", "T1 rows not released / T1 rows", "down", ("7.3",)),
)
