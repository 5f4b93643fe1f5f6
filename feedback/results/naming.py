"""What ids are called: programs, contractors, strategies, languages, and questions as they were asked.

Names are those of today, and stand beside the ids, which never change.
"""

import functools
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.changes import AGAINST
from analysis.publishing.publication import EVERYONE
from analysis.publishing.tables import MIXED_OR_POOLED
from analysis.publishing.viewers import Viewer
from feedback.fieldwork.instruments import known_instruments
from feedback.fieldwork.programs import all_contractors, all_contracts, all_programs, asked_instruments
from feedback.languages import LANGUAGES
from surveys.domains import MEASURE_NAMES
from surveys.instruments import AUDIENCES, Instrument, Question
from surveys.registry import Strategy, county_plan

AUDIENCE_NAMES: Mapping[str, str] = {
    "youth": "young people",
    "caregiver": "parents and caregivers",
    "expert": "lived experience experts",
    "partner": "partners",
    "mixed": "young people and caregivers, mixed",
    MIXED_OR_POOLED: "mixed or pooled",
    EVERYONE: "young people, parents and caregivers together",
}
LANGUAGE_NAMES: Mapping[str, str] = {
    **{tag: language.english for tag, language in LANGUAGES.items()},
    "other": "other languages together",
}
_FIRST = AUDIENCES[0]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure is a share of, in words; a question and its option where it is about one."""

    measure: str
    measure_name: str
    question: str | None = None
    question_text: str | None = None
    option: str | None = None
    option_text: str | None = None


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What everything in a file is called."""

    programs: Mapping[str, str]
    contractors: Mapping[str, str]
    instruments: Sequence[Instrument]
    own_instruments: Sequence[Instrument]
    """Those that a reader's programs asked: the surveys of other contractors are none of its business."""
    asked: Mapping[str, frozenset[str]]
    """By program, the instruments that it ever asked with."""
    often: Mapping[str, int]
    """By instrument, how many audiences of programs were ever asked with it."""

    def asked_by(self, program: str | None) -> frozenset[str]:
        return self.asked.get(program or "", frozenset())

    def subject(self, measure: str, asked: frozenset[str], audience: str | None) -> Subject:
        """Say a measure in the words in which one of these instruments asked this audience."""
        kind, _, rest = measure.partition(":")
        if kind == "theme":
            return Subject(measure=measure, measure_name=rest.replace("-", " "))
        if kind == "change":
            return Subject(measure=measure, measure_name=f"Change against {AGAINST.get(measure, rest)}")
        if kind not in ("item", "option"):
            return Subject(measure=measure, measure_name=MEASURE_NAMES.get(measure, measure))
        name, _, code = rest.partition(":")
        question = self._question(name, asked, audience)
        text = question.text if question else name
        if kind == "item":
            return Subject(measure=measure, measure_name=text, question=name, question_text=text)
        options = question.options if question else ()
        option = next((it.text for it in options if it.code == code), code)
        return Subject(
            measure=measure,
            measure_name=f"{text} {option}",
            question=name,
            question_text=text,
            option=code,
            option_text=option,
        )

    def _question(self, name: str, asked: frozenset[str], audience: str | None) -> Question | None:
        """Find a question: in the program's own survey, for this audience, else for young people."""
        instruments = [it for it in self.instruments if any(q.id == name for q in it.questions)]
        instruments.sort(
            key=lambda it: (
                it.id not in asked,
                audience not in it.audiences,
                audience not in it.audiences and _FIRST not in it.audiences,
                -self.often.get(it.id, 0),
                it.id,
            )
        )
        return instruments[0].question(name) if instruments else None


async def read_names(session: AsyncSession, viewer: Viewer) -> Names:
    """Read what everything is called that this viewer may read of."""
    asked_by_audience = await asked_instruments(session)
    asked: dict[str, set[str]] = {}
    for (program, _), instrument_ids in asked_by_audience.items():
        asked.setdefault(program, set()).update(instrument_ids)
    contracts = await all_contracts(session)
    own = (
        {it.program for it in contracts if it.contractor == viewer.contractor} if viewer.contractor else asked
    )
    own_ids = {name for program in own for name in asked.get(program, ())}
    instruments = tuple((await known_instruments(session)).values())
    return Names(
        programs={it.id: it.name for it in await all_programs(session)},
        contractors={it.id: it.name for it in (await all_contractors(session)).values()},
        instruments=instruments,
        own_instruments=tuple(it for it in instruments if it.id in own_ids),
        asked={program: frozenset(it) for program, it in asked.items()},
        often=Counter(name for it in asked_by_audience.values() for name in it),
    )


@functools.cache
def strategies() -> Mapping[str, Strategy]:
    """By number."""
    return {it.number: it for it in county_plan().strategies}
