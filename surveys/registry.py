"""The County's plan and the programs it names, as data with ids that never change.

Source: Los Angeles County Five-Year Strategic Plan to Prevent & Address Child Trafficking 2025-2030 and the
Steering Committee's report of October 1, 2024. Strategies carry an id of their own beside the plan's number:
the plan's outcome table numbers 6.6 and 6.8 the other way round than its action spreadsheet, so a join on
the number alone would give Victim Witness the outcome of buyer accountability. Numbers here are the
spreadsheet's.
"""

import functools
import re
from collections.abc import Sequence
from importlib import resources
from typing import Literal

import msgspec

from surveys.characters import can_be_read
from surveys.instruments import Audience
from surveys.periods import Period

LONGEST_ID = 80
LONGEST_NAME = 200
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ProgramsBroken(Exception):
    """A programs file cannot be used; the message says where and why."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One action of the plan, such as 7.8(a)."""

    id: str
    number: str
    text: str


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy of the plan with the process outcome the County set for it."""

    id: str
    number: str
    title: str
    process_outcome: str | None
    """None for the pathway to change, whose strategies carry the work rather than an outcome."""
    actions: tuple[Action, ...]


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """One of the plan's seven areas."""

    id: str
    title: str
    impact_outcomes: tuple[str, ...]
    strategies: tuple[Strategy, ...]


class CountyPlan(msgspec.Struct, frozen=True):
    """The whole plan. Area 7, the pathway to change, holds 8 strategies; the other six hold 37."""

    source: str
    areas: tuple[Area, ...]

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        return tuple(strategy for area in self.areas for strategy in area.strategies)

    def strategy(self, id_or_number: str) -> Strategy:
        """Find a strategy by its id or by the action spreadsheet's number. Raises KeyError."""
        for strategy in self.strategies:
            if id_or_number in (strategy.id, strategy.number):
                return strategy
        raise KeyError(id_or_number)


class Contractor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A community-based organization with a county contract."""

    id: str
    name: str


class Program(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A program people give feedback about. Respondents see its names for them and `public_slug` alone.

    Two programs may tell people the same (“Your advocate”): where their results stand side by side each has
    its `public_name`, or nobody could find their own.
    """

    id: str
    name: str
    short: str
    kind: Literal["protocol", "court", "unit", "contracted service", "county program", "event", "training"]
    pool: str
    public_slug: str
    strategies: tuple[str, ...]
    audiences: tuple[Audience, ...]
    respondent_names: dict[Audience, str] = msgspec.field(name="said_as")
    public_name: str = ""
    named_in: str = ""
    contractor: str = ""
    contractor_id: str | None = None
    ends: str | None = None
    """The last quarter of a program that has ended."""

    @property
    def results_name(self) -> str:
        """What it is called where results are shown; one without a name for that has what it tells people."""
        return self.public_name or self.respondent_names[self.audiences[0]]


class WorkTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What one program reports of one quarter: people served and offered the survey, staff minutes.

    Partners, such as professionals at a training, are in no other number than their own two: answers of
    theirs are added up with nobody's either.
    """

    program: str
    period: str
    served: int
    offered: int
    minutes: int
    partners_served: int | None = None
    """None where a program asks no partners, or reported before they were told apart."""
    partners_offered: int | None = None

    @property
    def quarter(self) -> Period:
        return Period.parse(self.period)


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """Who ran a program from which quarter to which."""

    program: str
    contractor: str
    first: Period
    last: Period | None

    @property
    def id(self) -> str:
        """Contractor and first quarter: a renewed contract is another one, and no batch spans both."""
        return f"{self.contractor}/{self.first}"

    def covers(self, work: WorkTotal) -> bool:
        """Whether the work was done under this contract."""
        return work.program == self.program and self.holds(Period.parse(work.period))

    def holds(self, period: Period) -> bool:
        """Whether the contract ran in that quarter."""
        return self.first <= period <= (self.last or period)


class Programs(msgspec.Struct, frozen=True):
    """What a programs file holds."""

    programs: tuple[Program, ...]
    contractors: tuple[Contractor, ...] = ()
    pools: tuple[str, ...] = ()


@functools.cache
def county_plan() -> CountyPlan:
    return msgspec.json.decode(_shipped_file("plan.json"), type=CountyPlan)


def shipped_programs() -> Programs:
    """Return the programs named by the plan and the report."""
    return parse_programs(_shipped_file("programs.json"), "programs.json")


def parse_programs(raw: bytes, source: str) -> Programs:
    """Read a programs file. Raises ProgramsBroken naming `source` and the place of every mistake."""
    try:
        file = msgspec.json.decode(raw, type=Programs)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProgramsBroken(f"{source}: {error}.") from error
    mistakes = [
        f"{source}: programs[{number}] ({program.id}): {mistake}"
        for number, program in enumerate(file.programs)
        for mistake in _mistakes(program, file)
    ]
    mistakes += [
        f"{source}: contractors[{number}] ({contractor.id}): {mistake}"
        for number, contractor in enumerate(file.contractors)
        for mistake in _contractor_mistakes(contractor)
    ]
    names = {
        "id": [program.id for program in file.programs],
        "public_slug": [program.public_slug for program in file.programs],
        "public_name": [program.public_name for program in file.programs if program.public_name],
        "contractors": [contractor.id for contractor in file.contractors],
    }
    mistakes += [
        f"{source}: {field}: “{value}” stands twice." for field, it in names.items() for value in _twice(it)
    ]
    if mistakes:
        raise ProgramsBroken("\n".join(mistakes))
    return file


_NO_NAME = f"should be one line of at most {LONGEST_NAME} characters, all of them visible."


def _is_name(words: str) -> bool:
    return len(words) <= LONGEST_NAME and can_be_read(words)


def _contractor_mistakes(contractor: Contractor) -> list[str]:
    mistakes = []
    if len(contractor.id) > LONGEST_ID or not _SLUG.fullmatch(contractor.id):
        mistakes.append(f"id should be lower-case words joined by hyphens, at most {LONGEST_ID} letters.")
    if not contractor.name.strip() or not _is_name(contractor.name):
        mistakes.append(f"name: {_NO_NAME}")
    return mistakes


def _mistakes(program: Program, file: Programs) -> list[str]:
    return [*_naming_mistakes(program), *_linking_mistakes(program, file)]


def _naming_mistakes(program: Program) -> list[str]:
    fields = ("name", "short", "pool", "named_in", "contractor", "public_name")
    names = {field: getattr(program, field) for field in fields}
    names |= {f"said_as.{audience}": words for audience, words in program.respondent_names.items()}
    mistakes = [f"{field}: {_NO_NAME}" for field, words in names.items() if not _is_name(words)]
    if max(len(program.id), len(program.public_slug)) > LONGEST_ID:
        mistakes.append(f"id and public_slug have at most {LONGEST_ID} letters.")
    if not _SLUG.fullmatch(program.id) or not _SLUG.fullmatch(program.public_slug):
        mistakes.append("id and public_slug should be lower-case words joined by hyphens.")
    if not program.name.strip():
        mistakes.append("name: is empty.")
    if program.public_name and not program.public_name.strip():
        mistakes.append("public_name: is empty; leave it out where there is none.")
    audiences = {audience for audience, words in program.respondent_names.items() if words.strip()}
    if not program.audiences or audiences != set(program.audiences):
        mistakes.append("said_as should say the program's name to each of its audiences.")
    for field, values in (("audiences", program.audiences), ("strategies", program.strategies)):
        mistakes += [f"{field}: “{value}” stands twice." for value in _twice(values)]
    return mistakes


def _linking_mistakes(program: Program, file: Programs) -> list[str]:
    mistakes = []
    if file.pools and program.pool not in file.pools:
        mistakes.append(f"pool: “{program.pool}” is not one of {', '.join(file.pools)}.")
    if program.contractor_id is not None and program.contractor_id not in {c.id for c in file.contractors}:
        mistakes.append(f"contractor_id: “{program.contractor_id}” is not among the contractors.")
    if program.contractor and program.contractor_id is None:
        mistakes.append("contractor_id: a program with a contractor names its id.")
    numbers = {strategy.number for strategy in county_plan().strategies}
    unknown_numbers = sorted(set(program.strategies) - numbers)
    if unknown_numbers:
        mistakes.append(f"strategies: the plan has no {', '.join(unknown_numbers)}.")
    if program.ends is not None:
        try:
            Period.parse(program.ends)
        except ValueError as error:
            mistakes.append(f"ends: {error}")
    return mistakes


def _twice(values: Sequence[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})


def default_instrument(program: Program, audience: Audience) -> str:
    """Which instrument a link opens when nobody chose one (docs/measures.md, “Instruments”)."""
    if program.kind in ("event", "training"):
        return "event"
    if program.kind == "protocol" and audience == "youth":
        return "protocol-youth"
    if program.kind == "county program" and "2.3" in program.strategies:
        return "plan-community"  # the countywide program: the one that asks about knowing where to go
    if audience == "expert":
        return "expert-review"
    return "caregiver-experience" if audience == "caregiver" else "youth-experience"


def _shipped_file(name: str) -> bytes:
    return (resources.files("surveys") / "county_plan" / name).read_bytes()
