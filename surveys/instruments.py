"""Instruments: what a survey asks, as frozen Structs read from TOML, and every mistake named by its place.

The format is documented for authors in docs/instruments.md. Ids and option codes are forever: a changed
meaning is a new id, so that answers given to different words are never added up.
"""

import functools
import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from surveys.characters import can_be_read
from surveys.domains import CORE_DOMAINS, DOMAINS, gettext_noop

Kind = Literal["scale", "single", "multiple", "yes-no", "short-text", "long-text"]
Audience = Literal["youth", "caregiver", "expert", "partner"]

AUDIENCES: tuple[Audience, ...] = ("youth", "caregiver", "expert", "partner")
LONGEST_CODE = 40
"""It stands in the name of an item (`<question>:option:<code>`), for which the ledger has 120 characters."""
SCALE_CODES = ("1", "2", "3", "4", "5")
YES_NO_CODES = ("yes", "no", "not-sure")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class InstrumentBroken(Exception):
    """An instrument file cannot be used; the message says where and why."""


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One answer a person can choose. The code is stored; the text is only shown."""

    code: str
    text: str


class ShowIf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"any_of": "is"}):
    """Ask only when an earlier question was answered with one of these option codes."""

    question: str
    any_of: tuple[str, ...]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True, kw_only=True):
    """One question. `favourable` names the good end of a scale as it is shown: `first` or `last`."""

    id: str
    kind: Kind
    text: str
    domain: str | None = None
    strategies: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    favourable: Literal["first", "last"] | None = None
    hint: str = ""
    notice: str = ""
    show_if: ShowIf | None = None

    @property
    def is_core(self) -> bool:
        """Asked in every instrument under the same id and codes, so it may be summed over audiences."""
        return self.id.startswith("core-")

    @property
    def is_text(self) -> bool:
        return self.kind in ("short-text", "long-text")

    @functools.cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options)

    @functools.cached_property
    def favourable_codes(self) -> tuple[str, ...]:
        """The top two points of five in the question's favourable direction; empty for other kinds."""
        if self.kind != "scale":
            return ()
        return self.codes[:2] if self.favourable == "first" else self.codes[-2:]

    @property
    def meaning(self) -> tuple[object, ...]:
        """What a figure made of the answers rests on, besides the option codes."""
        return (self.kind, self.domain, self.favourable)

    def is_one_with(self, other: "Question") -> bool:
        """Whether both may stand under one id. Core questions are worded for each audience."""
        if (*self.meaning, set(self.codes)) != (*other.meaning, set(other.codes)):
            return False
        return self.is_core or (self.text, self.options) == (other.text, other.options)


class Instrument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True, kw_only=True):
    """A survey definition."""

    id: str
    version: int
    title: str
    audiences: tuple[Audience, ...]
    minutes: int
    questions: tuple[Question, ...]

    @functools.cached_property
    def boxes(self) -> tuple[Question, ...]:
        """The questions that are answered in somebody's own words."""
        return tuple(question for question in self.questions if question.is_text)

    @functools.cached_property
    def closed(self) -> tuple[Question, ...]:
        """The questions that are answered with a code."""
        return tuple(question for question in self.questions if not question.is_text)

    def question(self, question_id: str) -> Question:
        """Return one question by id. Raises KeyError when the instrument does not ask it."""
        return self._by_id()[question_id]

    def _by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}


class _WrittenQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question as an author writes it: a scale is five texts, yes/no needs no options at all."""

    id: str
    kind: Kind
    text: str
    domain: str | None = None
    strategies: tuple[str, ...] = ()
    scale: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    favourable: Literal["first", "last"] | None = None
    hint: str = ""
    notice: str = ""
    show_if: ShowIf | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: str
    version: Annotated[int, msgspec.Meta(ge=1)]
    title: Annotated[str, msgspec.Meta(min_length=1)]
    audiences: tuple[Audience, ...]
    minutes: Annotated[int, msgspec.Meta(ge=1)]
    questions: tuple[_WrittenQuestion, ...]


YES_NO_OPTIONS = (
    Option(code="yes", text=gettext_noop("Yes")),
    Option(code="no", text=gettext_noop("No")),
    Option(code="not-sure", text=gettext_noop("Not sure")),
)


def parse_instrument(text: str, source: str) -> Instrument:
    """Read one instrument. Raises InstrumentBroken naming `source` and the place of the first mistakes."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InstrumentBroken(f"{source}: {error}.") from error
    mistakes = list(_mistakes(file))
    if mistakes:
        raise InstrumentBroken("\n".join(f"{source}: {mistake}" for mistake in mistakes))
    return Instrument(
        id=file.id,
        version=file.version,
        title=file.title,
        audiences=file.audiences,
        minutes=file.minutes,
        questions=tuple(_question(question) for question in file.questions),
    )


def _question(question: _WrittenQuestion) -> Question:
    fields: dict[str, Any] = {name: getattr(question, name) for name in Question.__struct_fields__}
    if question.kind == "scale":
        fields["options"] = tuple(
            Option(code=code, text=text) for code, text in zip(SCALE_CODES, question.scale, strict=True)
        )
    elif question.kind == "yes-no":
        fields["options"] = YES_NO_OPTIONS
    return Question(**fields)


def _mistakes(file: _File) -> Iterator[str]:
    if not _ID.fullmatch(file.id):
        yield f"id: “{file.id}” should be lower-case words joined by hyphens."
    if not _can_be_read(file.title):
        yield f"title: {_UNREADABLE}"
    if not file.audiences:
        yield "audiences: name at least one audience."
    earlier: dict[str, _WrittenQuestion] = {}
    for number, question in enumerate(file.questions):
        for mistake in _question_mistakes(question, earlier):
            yield f"questions[{number}] ({question.id}): {mistake}"
        earlier[question.id] = question
    missing_domains = [domain for domain in CORE_DOMAINS if f"core-{domain}" not in earlier]
    if missing_domains:
        ids = ", ".join(f"core-{domain}" for domain in missing_domains)
        yield f"questions: the core questions {ids} are missing."


_UNREADABLE = "holds a character that cannot be seen or stored."


def _can_be_read(*texts: str) -> bool:
    return all(can_be_read(line) for text in texts for line in text.split("\n"))


def _question_mistakes(question: _WrittenQuestion, earlier: dict[str, _WrittenQuestion]) -> Iterator[str]:
    if not _ID.fullmatch(question.id):
        yield "id: should be lower-case words joined by hyphens."
    if question.id == "theme":
        yield "id: “theme” is the name under which themes are counted."
    if question.id in earlier:
        yield "id: stands twice."
    if not question.text.strip():
        yield "text: is empty."
    options = [*question.scale, *(option.text for option in question.options)]
    if not _can_be_read(question.text, question.hint, question.notice, *options):
        yield f"text: {_UNREADABLE}"
    if question.domain is not None and question.domain not in DOMAINS:
        yield f"domain: “{question.domain}” is not one of {', '.join(DOMAINS)}."
    yield from _core_mistakes(question)
    yield from _option_mistakes(question)
    yield from _condition_mistakes(question, earlier)


def _core_mistakes(question: _WrittenQuestion) -> Iterator[str]:
    if not question.id.startswith("core-"):
        return
    domain = question.id.removeprefix("core-")
    if domain not in CORE_DOMAINS or question.domain != domain:
        yield f"domain: a core question is named core-<its domain>, and {domain} is asked of everyone."
    if question.kind != "scale" or question.show_if is not None:
        yield "kind: a core question is a scale that everyone is shown."


def _option_mistakes(question: _WrittenQuestion) -> Iterator[str]:
    if question.kind == "scale":
        if len(question.scale) != len(SCALE_CODES) or not all(text.strip() for text in question.scale):
            yield "scale: write all five points in words."
        if question.favourable is None:
            yield "favourable: say which end of the scale is the good one, first or last."
        if question.domain is None:
            yield "domain: a scale question belongs to a domain."
    elif question.scale or question.favourable:
        yield "scale: only a scale question has points and a favourable end."
    if question.kind in ("single", "multiple"):
        yield from _code_mistakes(question.options)
    elif question.options:
        yield "options: only single and multiple choice questions write their own."


def _code_mistakes(options: tuple[Option, ...]) -> Iterator[str]:
    codes = [option.code for option in options]
    if len(codes) < 2:  # noqa: PLR2004 - one option is no choice
        yield "options: offer at least two."
    for number, option in enumerate(options):
        if not _CODE.fullmatch(option.code):
            yield f"options[{number}].code: “{option.code}” should be lower-case words joined by hyphens."
        if not option.text.strip():
            yield f"options[{number}].text: is empty."
    if len(set(codes)) < len(codes):
        yield "options: a code stands twice."


def _condition_mistakes(question: _WrittenQuestion, earlier: dict[str, _WrittenQuestion]) -> Iterator[str]:
    condition = question.show_if
    if condition is None:
        return
    parent = earlier.get(condition.question)
    if parent is None or parent.kind not in ("single", "multiple", "yes-no"):
        yield f"show_if.question: “{condition.question}” is not an earlier choice question."
        return
    codes = YES_NO_CODES if parent.kind == "yes-no" else tuple(option.code for option in parent.options)
    unknown_codes = sorted(set(condition.any_of) - set(codes))
    if unknown_codes or not condition.any_of:
        yield f"show_if.is: {', '.join(unknown_codes) or 'nothing'} is not among the options of {parent.id}."


def load_instrument(path: Path) -> Instrument:
    """Read an instrument file. Raises InstrumentBroken, also for a file that is not there or not UTF-8."""
    try:
        return parse_instrument(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InstrumentBroken(f"{path}: cannot be read ({error}).") from error


@functools.cache
def shipped_instruments() -> dict[str, Instrument]:
    """Return the instruments written for this project, by id."""
    folder = resources.files("surveys") / "instruments"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    instruments = [parse_instrument(file.read_text(encoding="utf-8"), file.name) for file in files]
    return {instrument.id: instrument for instrument in instruments}
