"""A report of work as it was typed, checked before it counts: a slip here would mislead every rate after it.

Source: docs/measures.md, “What a measure is about”. Everything that is wrong, and everything that has to be
said first, is told at its field and at once.
"""

from collections.abc import Iterator, Mapping

import msgspec

from feedback.fieldwork.totals import ProgramWork
from surveys.characters import is_readable
from surveys.periods import Period
from surveys.registry import Program, WorkTotal

LONGEST_REASON = 300
MOST_DIGITS = 6
"""A million people in a quarter is a slip."""
FAR = 20
"""So far from the quarter before, and more than double or less than half of it, is asked about."""
NUMBERS: Mapping[str, str] = {
    "served": "People served",
    "offered": "People offered the survey",
    "partners_served": "Partners served",
    "partners_offered": "Partners offered the survey",
    "minutes": "Staff minutes spent on asking",
}
_PARTS = (("served", "offered"), ("partners_served", "partners_offered"))
_WHOLE = "Write a whole number, without a sign or a point."


class ReportRefused(Exception):
    """Nothing was stored; `problems` says why, or what has to be said first, by the field.

    `would_be` is the report where its numbers can be, to be sent once more.
    """

    def __init__(self, problems: Mapping[str, str], would_be: WorkTotal | None = None) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems
        self.would_be = would_be


class TypedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody filled in."""

    period: str
    numbers: Mapping[str, str]
    reason: str = ""
    sure: str = ""
    """The report that they say is right although it is far from the quarter before (`mark`)."""
    seen: str = ""
    """The report that stood on their page (`mark`): nobody replaces one that they did not see."""


class WorkReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that can be stored, and the one that it replaces."""

    total: WorkTotal
    earlier: WorkTotal | None
    reason: str

    @property
    def is_new(self) -> bool:
        return self.total != self.earlier

    @property
    def action(self) -> str:
        """What the audit log calls it."""
        return "work.report" if self.earlier is None else "work.change"

    @property
    def entry(self) -> str:
        """What the audit log says of it: every number, before and after, and why."""
        why = f"; reason: {self.reason}" if self.reason else ""
        return f"{self.total.program} {self.total.period}: {', '.join(self._numbers())}{why}"

    def _numbers(self) -> Iterator[str]:
        for name in NUMBERS:
            number = getattr(self.total, name)
            before = number if self.earlier is None else getattr(self.earlier, name)
            if (number, before) != (None, None):
                change = "" if number == before else f"{_or_none(before)} to "
                yield f"{name.replace('_', ' ')} {change}{_or_none(number)}"


def asked_numbers(program: Program) -> list[str]:
    """Which numbers a program reports: of partners where it asks them, of others where it asks those."""
    asks_partners = "partner" in program.audiences
    asks_others = set(program.audiences) != {"partner"}
    asked = {"minutes": True}
    asked |= dict.fromkeys(("served", "offered"), asks_others)
    asked |= dict.fromkeys(("partners_served", "partners_offered"), asks_partners)
    return [name for name in NUMBERS if asked[name]]


def mark(total: WorkTotal | None) -> str:
    """Every number of a report in one word; none where there is no report."""
    return "" if total is None else "/".join(str(getattr(total, name)) for name in ("period", *NUMBERS))


def read_report(typed: TypedReport, work: ProgramWork) -> WorkReport:
    """Make of what was typed a report to store. Raises ReportRefused naming every problem."""
    numbers, problems = _read_numbers(typed, work.program)
    period = next((it for it in work.quarters if str(it) == typed.period), None)
    if period is None:
        problems["period"] = _not_a_quarter(typed.period, work)
    reason = " ".join("".join(it if is_readable(it) else " " for it in typed.reason).split())
    if len(reason) > LONGEST_REASON:
        problems["reason"] = f"Say it in at most {LONGEST_REASON} characters; these are {len(reason)}."
    if problems or period is None:
        raise ReportRefused(problems)
    total = WorkTotal(program=work.program.id, period=str(period), **{"served": 0, "offered": 0, **numbers})
    report = WorkReport(total=total, earlier=work.totals.get(str(period)), reason=reason)
    if report.is_new and (problems := dict(_questions(typed, report, work))):
        raise ReportRefused(problems, total)
    return report


def _read_numbers(typed: TypedReport, program: Program) -> tuple[dict[str, int], dict[str, str]]:
    numbers, problems = {}, {}
    for name in asked_numbers(program):
        text = typed.numbers.get(name, "").strip()
        if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS:
            numbers[name] = int(text)
        else:
            problems[name] = _WHOLE
    for whole, part in _PARTS:
        if part in numbers and whole in numbers and numbers[part] > numbers[whole]:
            problems[part] = f"More were offered the survey than were served: {numbers[whole]}."
    return numbers, problems


def _not_a_quarter(text: str, work: ProgramWork) -> str:
    """Say why a quarter cannot be reported."""
    try:
        period = Period.parse(text.strip())
    except ValueError as error:
        return str(error)
    if period > work.calendar.now:
        return f"{period.months} has not come yet."
    if period < work.calendar.first:
        return f"Nobody was asked here before {work.calendar.first.months}."
    if work.program.ends is not None and str(period) > work.program.ends:
        return f"The program ended with {Period.parse(work.program.ends).months}."
    return f"{period.months} is no quarter of your contract for this program."


def _questions(typed: TypedReport, report: WorkReport, work: ProgramWork) -> Iterator[tuple[str, str]]:
    """What has to be said before a report counts that can be right."""
    period, earlier = Period.parse(report.total.period), report.earlier
    if earlier is not None and typed.seen != mark(earlier):
        yield (
            "period",
            f"{period.months} was reported already: {in_words(earlier)}. Send once more to replace that.",
        )
    if earlier is not None and work.was_released(period) and not report.reason:
        yield "reason", f"The release of {period.months} counted other numbers: say why they change."
    far = ", ".join(_far(report.total, work.totals.get(str(period + -1))))
    if far and typed.sure != mark(report.total):
        yield "sure", f"Far from the quarter before: {far}. Is this right? Then tick the box."


def _far(total: WorkTotal, before: WorkTotal | None) -> Iterator[str]:
    for name, label in NUMBERS.items():
        number = getattr(total, name)
        last = getattr(before, name, None)
        if number is None or last is None:
            continue
        if abs(number - last) >= FAR and (number > 2 * last or 2 * number < last):
            yield f"{label[0].lower()}{label[1:]}, {number} after {last}"


def in_words(total: WorkTotal) -> str:
    """Every number of a report with its name, partners’ apart."""
    pairs = ((label, getattr(total, name)) for name, label in NUMBERS.items())
    return ", ".join(
        f"{label[0].lower()}{label[1:]} {number}" for label, number in pairs if number is not None
    )


def _or_none(number: int | None) -> str:
    return "none" if number is None else str(number)
