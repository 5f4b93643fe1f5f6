"""One made-up person's way through a survey: what they think, skip, decline and leave unfinished.

Real answers disagree, trail off and repeat; a demo without that would show tables that no program ever gets.
"""

import random
from collections.abc import Mapping

import msgspec

from surveys.answers import DECLINED, Answers, is_shown
from surveys.instruments import Audience, Instrument, Question

Fields = dict[str, list[str]]

_SPREAD_OF_PEOPLE = 0.8
_SPREAD_OF_ANSWERS = 0.8
_POINTS = (-1.4, -0.75, 0.0, 0.9)
"""Where one point of a scale ends and the next begins; above the third an answer is favourable."""
_DOMAINS = {
    "voice": -0.7,  # weak everywhere: having a say is what young people ask for most
    "access": -0.15,
    "trust": -0.15,
    "needs": -0.3,
    "respect": 0.2,
    "language": 0.3,
    "helpfulness": 0.25,
    "freely": 0.3,
}
_AUDIENCES: Mapping[Audience, float] = {"caregiver": 0.05, "expert": -0.4, "partner": 0.2}
_NOT_ENGLISH = -0.35
"""Whoever answers in another language is served less well in it; language parity has something to show."""
_STAFF_NEARBY = -0.9
_TRANSIT = -0.6
_FACTS = {"court-or-meeting": 0.4, "paid-for-time": 0.7, "needed-something": 0.4, "rides-transit": 0.6}
"""Share who say yes where yes is no opinion."""
_NOT_SURE = 0.09
_TICKED = 0.35


def by_chance(rng: random.Random, share: float) -> bool:
    """Whether something that happens to this share of people happens now."""
    return rng.random() < share


class Respondent(msgspec.Struct, frozen=True, kw_only=True):
    """One made-up person at one program in one quarter."""

    audience: Audience
    language: str
    on_paper: bool
    level: float
    """How things go for this person here, before the question is known."""
    same_answer: str | None
    """The one code of somebody who answers the same all the way down."""
    stops_at: float
    """After which part of the page this person puts it away; 1 is the end."""
    effects: Mapping[str, float]
    """What this program is better or worse at, by domain."""
    on_site: bool


def made_up_person(
    rng: random.Random,
    level: float,
    audience: Audience,
    language: str,
    effects: Mapping[str, float],
    *,
    on_site: bool,
    on_paper: bool,
) -> Respondent:
    """Draw everything about a person that holds for the whole page."""
    own_level = level + _AUDIENCES.get(audience, 0.0) + rng.gauss(0, _SPREAD_OF_PEOPLE)
    same_answer = rng.choices("345", (3, 4, 3))[0] if by_chance(rng, 0.05) else None
    stops = rng.uniform(0.25, 0.9) if by_chance(rng, 0.07) else 1.0
    return Respondent(
        audience=audience,
        language=language,
        on_paper=on_paper,
        level=own_level,
        same_answer=same_answer,
        stops_at=stops,
        effects=effects,
        on_site=on_site,
    )


def fill_in(rng: random.Random, person: Respondent, instrument: Instrument) -> Fields:
    """What a form post of this person would carry, text boxes apart: no blank, nothing the page hid."""
    fields: Fields = {}
    answers: Answers = {}
    for number, question in enumerate(instrument.questions):
        place = number / len(instrument.questions)
        if place > person.stops_at:
            break
        if question.is_text or not is_shown(question, answers):
            continue
        values = _answer(rng, person, question, place)
        if values:
            fields[question.id] = values
            answers[question.id] = tuple(values) if question.kind == "multiple" else values[0]
    return fields


def good_share(instrument: Instrument, fields: Fields) -> float:
    """How many of a person's rated questions they answered favourably; a half when they rated nothing."""
    ratings = [
        fields[question.id][0] in question.favourable_codes
        for question in instrument.questions
        if question.kind == "scale" and fields.get(question.id, [DECLINED]) != [DECLINED]
    ]
    return sum(ratings) / len(ratings) if ratings else 0.5


def _answer(rng: random.Random, person: Respondent, question: Question, place: float) -> list[str]:
    luck = rng.random()
    if luck < 0.03 + 0.05 * place:
        return []
    if luck > 1 - (0.065 if question.domain == "safety" else 0.022):
        return [DECLINED]
    if question.kind == "scale":
        return [_scale(rng, person, question)]
    if question.kind == "yes-no":
        return [_yes_no(rng, person, question)]
    if question.kind == "multiple":
        return [code for code in question.codes if by_chance(rng, _TICKED)]
    # Earlier options are chosen more, as on any real list.
    return rng.choices(question.codes, range(len(question.codes) + 1, 1, -1))


def _scale(rng: random.Random, person: Respondent, question: Question) -> str:
    if person.same_answer:
        return person.same_answer
    feeling = _feeling(rng, person, question)
    point = sum(feeling > end for end in _POINTS)
    return question.codes[point] if question.favourable == "last" else question.codes[-1 - point]


def _yes_no(rng: random.Random, person: Respondent, question: Question) -> str:
    if by_chance(rng, _NOT_SURE):
        return "not-sure"
    fact = _FACTS.get(question.id)
    yes = by_chance(rng, fact) if fact is not None else _feeling(rng, person, question) > 0
    return "yes" if yes else "no"


def _feeling(rng: random.Random, person: Respondent, question: Question) -> float:
    domain = question.domain or ""
    feeling = person.level + _DOMAINS.get(domain, 0.0) + person.effects.get(domain, 0.0)
    if domain == "language" and person.language != "en":
        feeling += _NOT_ENGLISH
    if domain == "freely" and person.on_site:
        feeling += _STAFF_NEARBY
    if question.id == "transit-safety":
        feeling += _TRANSIT  # about the bus, not about the program
    return feeling + rng.gauss(0, _SPREAD_OF_ANSWERS)
