"""Made-up answers for the demo, from a seed: the same ones on every machine, and nobody's.

They go the way of every answer (form, check, seal, release), so that a demo shows the product and not a
picture of it. Pure: no database, no web. What is assumed of each program stands in traits.toml, what people
write in phrases.toml.
"""

import random
from collections.abc import Sequence

import msgspec

from feedback.demo.comments import made_up_comments
from feedback.demo.people import Fields, by_chance, fill_in, good_share, made_up_person
from feedback.demo.traits import Traits, traits_of
from feedback.languages import LANGUAGES
from surveys.answers import Consent
from surveys.domains import DOMAINS
from surveys.instruments import Audience, shipped_instruments
from surveys.periods import Period
from surveys.registry import Program, WorkTotal, default_instrument

_SPANISH: dict[Audience, float] = {"caregiver": 0.36, "partner": 0.15}
_SPANISH_OTHERWISE = 0.25
_OTHER_LANGUAGE = 0.07
_OTHER_ON_PAPER = 0.14
"""Paper reaches people whose language no page speaks yet."""
_COMMON = {"ko": 4, "hy": 4, "zh-Hant": 3, "zh-Hans": 3, "fil": 3, "vi": 2, "fa": 2, "ru": 2}
"""How often other languages are spoken, relative to those not named here."""


class MadeUpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One form post that nobody sent."""

    audience: Audience
    instrument: str
    language: str
    fields: Fields
    consent: Consent
    on_paper: bool


class MadeUpQuarter(msgspec.Struct, frozen=True):
    """One program's quarter: what people answered, and what the program reports of its work."""

    answers: tuple[MadeUpAnswer, ...]
    work: WorkTotal


def made_up_quarter(
    program: Program, period: Period, first: Period, seed: int, languages: Sequence[str]
) -> MadeUpQuarter:
    """Make up one quarter of one program. `first` is the demo's first quarter, from which things change.

    The same arguments give the same answers in whatever order quarters are made. Pages speak `languages`.
    Whenever the demo begins its people are the same but for the seasons: what changes in one changes in all.
    """
    traits = traits_of(program)
    quarters = period - first
    rng = _dice(seed, program.id, quarters)
    level = traits.level_after(quarters) + rng.gauss(0, 0.06)
    effects = _effects(program, seed)
    answers = tuple(
        _answer(rng, program, traits, level, effects, languages)
        for _ in range(_count(rng, program, traits, period, quarters))
    )
    return MadeUpQuarter(answers, _work(rng, program, traits, period, answers))


def _dice(*parts: object) -> random.Random:
    """A generator of its own for each thing made up, so that no order of calls changes anything."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - made-up answers have to repeat, not to be secret


def _effects(program: Program, seed: int) -> dict[str, float]:
    """What a program is good and bad at: the same in every quarter."""
    rng = _dice(seed, program.id)
    return {domain: rng.gauss(0, 0.22) for domain in DOMAINS}


def _count(rng: random.Random, program: Program, traits: Traits, period: Period, quarters: int) -> int:
    has_ended = program.ends is not None and period > Period.parse(program.ends)
    if has_ended or not traits.happens_in(period):
        return 0
    # Programs learn to ask, and in summer fewer people come.
    growth = 0.9 + 0.02 * max(0, min(quarters, 11))
    mean = traits.size * growth * (0.92 if period.quarter == 3 else 1.0)  # noqa: PLR2004 - summer
    count = round(rng.gauss(mean, 0.7 * mean**0.5))
    return max(round(mean / 3), min(count, round(mean * 1.6)))


def _answer(
    rng: random.Random,
    program: Program,
    traits: Traits,
    level: float,
    effects: dict[str, float],
    languages: Sequence[str],
) -> MadeUpAnswer:
    shares = [traits.shares.get(audience, 0.0) for audience in program.audiences]
    audience = rng.choices(program.audiences, shares)[0] if any(shares) else rng.choice(program.audiences)
    on_paper = by_chance(rng, traits.paper)
    language = _language(rng, audience, tuple(LANGUAGES) if on_paper else languages, on_paper=on_paper)
    instrument = shipped_instruments()[default_instrument(program, audience)]
    person = made_up_person(
        rng, level, audience, language, effects, on_site=traits.on_site, on_paper=on_paper
    )
    fields = fill_in(rng, person, instrument)
    comments = made_up_comments(rng, person, program, instrument, fields, good_share(instrument, fields))
    consent = _consent(rng) if comments else "private"
    return MadeUpAnswer(
        audience=audience,
        instrument=instrument.id,
        language=language,
        fields=fields | comments,
        consent=consent,
        on_paper=on_paper,
    )


def _language(rng: random.Random, audience: Audience, languages: Sequence[str], *, on_paper: bool) -> str:
    luck = rng.random()
    others = [tag for tag in languages if tag not in ("en", "es")]
    other = _OTHER_ON_PAPER if on_paper else _OTHER_LANGUAGE
    if others and luck < other:
        return rng.choices(others, [_COMMON.get(tag, 1) for tag in others])[0]
    if "es" in languages and luck < other + _SPANISH.get(audience, _SPANISH_OTHERWISE):
        return "es"
    return "en" if "en" in languages or not languages else languages[0]


def _consent(rng: random.Random) -> Consent:
    consents: tuple[Consent, ...] = ("private", "changed", "as-written")
    return rng.choices(consents, (45, 38, 17))[0]


def _work(
    rng: random.Random, program: Program, traits: Traits, period: Period, answers: Sequence[MadeUpAnswer]
) -> WorkTotal:
    n_partners = sum(answer.audience == "partner" for answer in answers)
    served, offered = _served(rng, traits, len(answers) - n_partners)
    total = WorkTotal(program=program.id, period=str(period), served=served, offered=offered, minutes=0)
    if "partner" in program.audiences:
        partners_served, partners_offered = _served(rng, traits, n_partners)
        total = msgspec.structs.replace(
            total, partners_served=partners_served, partners_offered=partners_offered
        )
    if not answers:
        return total
    on_paper = sum(answer.on_paper for answer in answers)
    minutes = 20 + round(0.6 * (offered + (total.partners_offered or 0)) + 4 * on_paper)
    return msgspec.structs.replace(total, minutes=minutes)


def _served(rng: random.Random, traits: Traits, count: int) -> tuple[int, int]:
    """How many people a program worked with, and how many of them it offered the survey."""
    if not count:
        return 0, 0
    served = max(1, round(count / traits.rate * rng.uniform(0.94, 1.06)))
    return served, min(served, max(count, round(served * rng.uniform(0.75, 0.95))))
