"""Made-up comments, put together from the parts in phrases.toml in the tone of the person's ratings."""

import functools
import random
import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import Literal

import msgspec

from feedback.demo.people import Fields, Respondent, by_chance
from surveys.answers import DECLINED
from surveys.instruments import Audience, Instrument
from surveys.registry import Program

Box = Literal["good", "change"]

_WRITE = 0.44
"""Share who write anything, of those who get to the end of the page."""
_IN_A_WORD = 0.14
_PERSONAL = 0.04
"""Share of comments with an invented detail, so that redaction has something to find."""
_MOST_THEMES = 3
_CONTENT = 0.45
"""From this share of favourable ratings on, a person is content."""


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one theme can be said with in one language."""

    good: tuple[str, ...]
    weak: tuple[str, ...]
    wish: tuple[str, ...]


class PhraseSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One theme, where it comes up and who brings it up."""

    theme: str
    domain: str
    kinds: dict[str, int]
    en: Lines
    es: Lines
    audiences: tuple[Audience, ...] = ()

    def lines(self, language: str) -> Lines:
        return self.es if language == "es" else self.en


class _Personal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    good: tuple[str, ...]
    change: tuple[str, ...]


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands around the themes in one language."""

    short_good: tuple[str, ...]
    short_change: tuple[str, ...]
    little_good: tuple[str, ...]
    open_good: tuple[str, ...]
    open_change: tuple[str, ...]
    close_good: tuple[str, ...]
    close_change: tuple[str, ...]
    also: tuple[str, ...]
    slots: dict[str, tuple[str, ...]]
    personal: _Personal


class _Details(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]
    areas: tuple[str, ...]


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in phrases.toml."""

    en: Frame
    es: Frame
    thanks: dict[str, str]
    details: _Details
    part: tuple[PhraseSet, ...]

    def frame(self, language: str) -> Frame:
        return self.es if language == "es" else self.en


@functools.cache
def phrases() -> Phrases:
    raw = (resources.files("feedback.demo") / "phrases.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(raw), Phrases)


def made_up_comments(
    rng: random.Random,
    person: Respondent,
    program: Program,
    instrument: Instrument,
    fields: Fields,
    good: float,
) -> Fields:
    """What this person writes, by text box, or nothing. `good` is their share of favourable ratings."""
    boxes = {"good": "going-well", "change": "should-change"}
    question_ids = {question.id for question in instrument.questions}
    comments: Fields = {}
    if person.stops_at < 1 or not by_chance(rng, _WRITE):
        return comments
    wishes: dict[Box, float] = {"good": 0.3 + 0.6 * good, "change": 0.85 - 0.4 * good}
    used_parts: list[PhraseSet] = []
    for box, wish in wishes.items():
        if by_chance(rng, wish) and boxes[box] in question_ids:
            parts = _parts(rng, person, program, instrument, fields, box, used_parts)
            used_parts += parts
            text = _text(rng, person, box, good, parts)
            if text:
                comments[boxes[box]] = [text]
    return comments


def _text(rng: random.Random, person: Respondent, box: Box, good: float, parts: Sequence[PhraseSet]) -> str:
    if person.language not in ("en", "es"):
        return phrases().thanks.get(person.language, "") if box == "good" and good > _CONTENT else ""
    frame = phrases().frame(person.language)
    if by_chance(rng, _IN_A_WORD):
        return _as_typed(rng, [_short(rng, frame, box, good)])
    if by_chance(rng, _PERSONAL):
        personal = frame.personal.good if box == "good" else frame.personal.change
        lines = parts[0].lines(person.language)
        sentences = [rng.choice(personal), rng.choice(lines.good if box == "good" else lines.wish)]
        return " ".join(_sentence(_fill_slots(rng, frame, line)) for line in sentences)
    return _as_typed(rng, [_fill_slots(rng, frame, it) for it in _sentences(rng, person, frame, box, parts)])


def _short(rng: random.Random, frame: Frame, box: Box, good: float) -> str:
    if box == "good":
        return rng.choice(frame.short_good if good > _CONTENT else frame.little_good)
    return rng.choice(frame.short_change)


def _sentences(
    rng: random.Random, person: Respondent, frame: Frame, box: Box, parts: Sequence[PhraseSet]
) -> list[str]:
    at_length = len(parts) == _MOST_THEMES
    sentences: list[str] = []
    for part in parts:
        lines = part.lines(person.language)
        if box == "good":
            about = rng.sample(lines.good, 2 if at_length else 1)
            opener = rng.choice(frame.open_good)
        else:
            complains = at_length or by_chance(rng, 0.55)
            about = [*([rng.choice(lines.weak)] if complains else []), rng.choice(lines.wish)]
            opener = rng.choice(frame.open_change) if complains else ""
        sentences += [(rng.choice(frame.also) if sentences else opener) + about[0], *about[1:]]
    if at_length or by_chance(rng, 0.25):
        sentences.append(rng.choice(frame.close_good if box == "good" else frame.close_change))
    return sentences


def _parts(
    rng: random.Random,
    person: Respondent,
    program: Program,
    instrument: Instrument,
    fields: Fields,
    box: Box,
    used_parts: Sequence[PhraseSet],
) -> list[PhraseSet]:
    """One to three themes that come up at this kind of program and fit what the person just rated."""
    likely = {
        part.theme: (part, weight * _fit(part, instrument, fields, box))
        for part in phrases().part
        if (weight := part.kinds.get(program.kind, 0))
        and (not part.audiences or person.audience in part.audiences)
        and part not in used_parts
    }
    parts = []
    for _ in range(rng.choices(range(1, _MOST_THEMES + 1), (66, 25, 9))[0]):
        theme = rng.choices(list(likely), [weight for _, weight in likely.values()])[0]
        parts.append(likely.pop(theme)[0])
    return parts


def _fit(part: PhraseSet, instrument: Instrument, fields: Fields, box: Box) -> float:
    """People praise what they rated well and want to change what they did not."""
    rating = fields.get(f"core-{part.domain}", [DECLINED])
    if rating == [DECLINED]:
        return 1.0
    good = rating[0] in instrument.question(f"core-{part.domain}").favourable_codes
    return 2.0 if good == (box == "good") else 0.5


def _fill_slots(rng: random.Random, frame: Frame, line: str) -> str:
    details = phrases().details
    slots = {name: rng.choice(choices) for name, choices in frame.slots.items()}
    slots["name"] = rng.choice(details.names)
    # 555-0100 to 555-0199 are kept free for fiction: nobody can ever be called there.
    slots["phone"] = f"{rng.choice(details.areas)}-555-01{rng.randrange(100):02d}"
    return line.format_map(slots)


def _as_typed(rng: random.Random, sentences: Sequence[str]) -> str:
    """Some people type without capitals and full stops."""
    if by_chance(rng, 0.2):
        return ", ".join(sentences).lower()
    return " ".join(_sentence(sentence) for sentence in sentences)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
