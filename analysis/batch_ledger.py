"""The ledger: every batch ever let out. Every figure about answers is arithmetic on these rows alone.

Source: docs/disclosure.md, “Definitions”; the rows are those of `feedback ledger --json`.
"""

import functools
import hashlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from analysis import values
from surveys.answers import Origin
from surveys.instruments import Instrument

Kind = Literal["pulse", "fields", "detail", "themes", "language"]
Scope = Literal["program", "pool", "county"]
Wave = Literal["before", "after"]
"""Asked before or after a class; most surveys are neither."""
OWN, EXPERT, PARTNER = "own experience", "expert", "partner"
"""Classes. A survey without the core questions is one of its own: `survey:` and its id."""
MIXED = "mixed"
"""The audience of a batch that holds several, or of whom nobody can say that it does not."""
COUNTY = "county"
_SURVEY = "survey:"


class Sort(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """Whose answers may stand in one batch or sum: nothing is ever added up across two of these."""

    origin: Origin
    class_: str
    alone: str
    """The audience, where the class is one for each audience."""
    wave: str
    """`before`, `after`, or nothing."""

    @property
    def is_survey(self) -> bool:
        """Whether its survey lacks the core questions: then it stands in tables of its program alone."""
        return self.class_.startswith(_SURVEY)


class Batch(msgspec.Struct, frozen=True, rename={"class_": "class"}, kw_only=True):
    """At least k responses of one sort, let out together, once. Values are whole numbers, unclamped."""

    id: str
    kind: Kind
    scope: Scope
    owner: str
    """A program's id, a pool's name, `county`; of a language batch the language or `other`."""
    audience: str
    class_: str
    wave: Wave | None
    origin: Origin
    first: str
    last: str
    """First and last quarter in which its people answered."""
    release: str
    n: int
    of: tuple[str, ...] = ()
    """The pulse batches it joins."""
    rule: str = ""
    variances: dict[str, str] = {}
    """The variance each family of values was drawn with, as a fraction."""
    values: dict[str, int] = {}
    contract: str | None = None
    """Under which contract its people were served (surveys.registry.Contract.id)."""

    @property
    def contractor(self) -> str | None:
        return self.contract.partition("/")[0] if self.contract else None

    @property
    def sort(self) -> Sort:
        return sort_of(self.origin, self.class_, self.audience, self.wave)


class Sum(msgspec.Struct, frozen=True):
    """One value added up over disjoint batches."""

    value: int
    people: int
    """Responses in the batches that hold the value."""
    variance: Fraction
    batches: int


NOTHING = Sum(0, 0, Fraction(0), 0)


def survey_class(instrument: str) -> str:
    return _SURVEY + instrument


def survey_of(class_: str) -> str:
    """Name the survey of a class; empty where it is no survey's own."""
    return class_.removeprefix(_SURVEY) if class_.startswith(_SURVEY) else ""


def class_of(instrument: Instrument, audience: str) -> str:
    if not values.is_core(instrument):
        return survey_class(instrument.id)
    return audience if audience in (EXPERT, PARTNER) else OWN


def sort_of(origin: Origin, class_: str, audience: str, wave: Wave | None) -> Sort:
    return Sort(
        origin=origin, class_=class_, alone=audience if class_.startswith(_SURVEY) else "", wave=wave or ""
    )


def batch_id(number: int) -> str:
    return f"B{number:05d}"


def family(name: str) -> str:
    """Name what values are drawn alike: score, spread, scale, option, theme."""
    if name in (values.SCORE, values.SPREAD):
        return name
    if name.startswith("theme:"):
        return "theme"
    return "option" if ":option:" in name else "scale"


def add_up(batches: Iterable[Batch]) -> dict[str, Sum]:
    """Add batches value by value: a question is compared with the people of the batches that have it."""
    sums: dict[str, Sum] = {}
    for batch in batches:
        variances = {name: _fraction(variance) for name, variance in batch.variances.items()}
        for name, value in batch.values.items():
            before = sums.get(name, NOTHING)
            sums[name] = Sum(
                before.value + value,
                before.people + batch.n,
                before.variance + variances[family(name)],
                before.batches + 1,
            )
    return sums


@functools.cache
def _fraction(text: str) -> Fraction:
    """Read a variance. A ledger has a handful of them, as often as it has values."""
    return Fraction(text)


def chained(before: str, batches: Sequence[Batch]) -> str:
    """SHA-256 of one release's rows and of all that came before: no earlier row can change unseen."""
    digest = hashlib.sha256(before.encode() + b"\n")
    for batch in sorted(batches, key=lambda batch: batch.id):
        digest.update(msgspec.json.encode(batch, order="deterministic") + b"\n")
    return digest.hexdigest()


def fingerprint(ledger: Iterable[Batch]) -> str:
    """The last link of the chain over a whole ledger, release by release."""
    releases: dict[str, list[Batch]] = {}
    for batch in ledger:
        releases.setdefault(batch.release, []).append(batch)
    link = ""
    for release in sorted(releases):
        link = chained(link, releases[release])
    return link
