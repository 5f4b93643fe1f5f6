"""The process metrics of measures.md that today's data allow, frozen at each release.

A measure about answers is read off published rows, so it can say nothing that a table does not. A measure
about the work comes from what contractors report. Where the plan's data do not exist yet, there is no row.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from analysis import items
from analysis.definitions import DEFINITIONS, Definition
from analysis.disclosure import Figure, response_rate, share_of_items, unanswered
from analysis.ledger import Batch, add_up
from analysis.policy import Policy
from analysis.published import ORIGINS, Published, Registry, Row, may_read
from surveys.answers import Origin
from surveys.domains import CORE_DOMAINS
from surveys.instruments import AUDIENCES, YES_NO_CODES
from surveys.registry import WorkTotal

VERSION = 1
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "FRP": ("frp",),
    "Detention": ("detention",),
    "Victim Witness": ("victim-witness",),
    "SYZ": ("syz",),
    "courts and units": ("star-court", "dream-court", "ctu", "dream-unit"),
}
"""The protocols and specialized services that Strategy 7.8(c) names."""


_KNOWN = {definition.id: definition for definition in DEFINITIONS}


class Measure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One process metric at one release. `n` is the people (or things) the value rests on, exact."""

    measure: str
    release: str
    scope: dict[str, str]
    origin: Origin
    display: str
    n: int | None = None
    value: int | None = None
    low: int | None = None
    high: int | None = None
    bound: str | None = None
    numerator: int | None = None
    denominator: int | None = None
    version: int = VERSION

    @property
    def definition(self) -> Definition:
        return _KNOWN[self.measure]


class Measuring(msgspec.Struct, frozen=True):
    """One release being measured for one viewer, from what that viewer may read and nothing else.

    `ledger` and `totals` are the viewer's: a contractor's hold its own contracts' batches and work.
    """

    release: str
    published: Sequence[Published]
    ledger: Sequence[Batch]
    totals: Sequence[WorkTotal]
    registry: Registry
    policy: Policy
    viewer: str = "ctlt"

    def measures(self) -> list[Measure]:
        """Return every measure that this release's rows and totals allow."""
        own = [*self._work(), *self._answers()]
        return [*self._heard(), *own, *self._choices()] if self.viewer == "ctlt" else own

    @property
    def rows(self) -> list[Row]:
        return [it.row for it in self.published if may_read(it, self.viewer)]

    def _heard(self) -> Iterator[Measure]:
        live = [row for row in self.rows if row.table == "T2" and row.origin == "live"]
        yield self._ratio("reach-programs", sum(row.n is not None for row in live), len(live))
        covered = sum(self._is_covered(members) for members in FAMILIES.values())
        yield self._ratio("protocol-coverage", covered, len(FAMILIES))
        cells = [row for row in self.rows if row.table == "T1" and row.origin == "live"]
        yield self._ratio("withheld", sum(row.n is None for row in cells), len(cells))
        yield from self._balance()

    def _is_covered(self, family: Sequence[str]) -> bool:
        live = [b for b in self.ledger if (b.kind, b.origin) == ("program", "live")]
        return {"youth", "caregiver"} <= {batch.audience for batch in live if batch.owner in family}

    def _balance(self) -> Iterator[Measure]:
        rows = [row for row in self.rows if row.table == "T6" and row.origin == "live"]
        heard = {a: sum(row.n or 0 for row in rows if row.filters["audience"] == a) for a in AUDIENCES[:3]}
        everyone = sum(heard.values())
        if everyone:
            off = max(abs(people / everyone - 1 / len(heard)) for people in heard.values())
            value = round(100 * (1 - off))
            yield self._measure(
                "audience-balance", {"county": "county"}, f"{value} %", n=everyone, value=value
            )

    def _work(self) -> Iterator[Measure]:
        served: dict[str, int] = defaultdict(int)
        for total in self.totals:
            if total.period <= self.release:
                served[total.program] += total.served
            if total.period == self.release:
                scope = {"program": total.program}
                yield self._ratio("offered", total.offered, total.served, scope)
                monthly = round(total.minutes / 3)
                yield self._measure("burden", scope, f"{monthly} minutes", value=monthly, n=total.offered)
        for row in self.rows:
            if row.table == "T3" and row.n is not None:
                yield from self._of_served(row, row.n, served.get(row.filters["program"]))

    def _of_served(self, row: Row, people: int, served: int | None) -> Iterator[Measure]:
        if served is None:
            return
        scope = {"program": row.filters["program"]}
        if people > served:
            yield self._measure(
                "over-answered", scope, "more answers than people served", row.origin, n=people
            )
        elif (rate := response_rate(people, served, self.policy.k)) is not None:
            yield self._measure("answered", scope, f"about {rate} %", row.origin, n=people, value=rate)

    def _answers(self) -> Iterator[Measure]:
        """Measures that are one figure of one published row."""
        for row in self.rows:
            if row.filters.get("scope") == "release":
                continue
            for measure, source in _READ_OFF.items():
                if (figure := row.figure(source)) and _speaks_for(measure, row):
                    yield self._from_figure(measure, row, figure)
            yield from self._silences(row)

    def _silences(self, row: Row) -> Iterator[Measure]:
        """How many people a question did not hear, by program and for the county."""
        if row.table not in ("T3", "T7") or row.n is None:
            return
        sums = add_up(self._batches_of(row), core_only=True)
        for domain in CORE_DOMAINS:
            name = f"core-{domain}"
            silences = {"declined": row.figure(f"declined:{name}"), "unanswered": unanswered(sums, name)}
            for measure, figure in silences.items():
                if figure:
                    yield self._from_figure(measure, row, figure, question=name)

    def _batches_of(self, row: Row) -> list[Batch]:
        wanted = row.filters.get("program")
        return [
            batch
            for batch in self.ledger
            if batch.kind != "language"
            and batch.audience != "partner"
            and batch.origin == row.origin
            and (wanted is None or (batch.kind == "program" and batch.owner == wanted))
        ]

    def _choices(self) -> Iterator[Measure]:
        """Measures that are a share of chosen options: per audience, since only its batches were asked."""
        for origin in ORIGINS:
            for audience in AUDIENCES:
                batches = [
                    b
                    for b in self.ledger
                    if (b.origin, b.audience, b.kind) == (origin, audience, "program")
                    and b.release == self.release
                ]
                sums = add_up(batches)
                for measure, base in _CHOSEN.items():
                    yes = items.option(measure, "yes")
                    figure = share_of_items(measure, sums, yes, base)
                    if figure and measure in self.registry.questions:
                        yield self._shown(measure, {"audience": audience}, figure, origin, sums.people(yes))

    def _from_figure(self, measure: str, row: Row, figure: Figure, **more: str) -> Measure:
        return self._shown(measure, {**_scope(row), **more}, figure, row.origin, row.n)

    def _shown(
        self, measure: str, scope: dict[str, str], figure: Figure, origin: Origin, people: int | None
    ) -> Measure:
        return Measure(
            measure,
            self.release,
            scope,
            origin,
            figure.display,
            people,
            figure.value,
            figure.low,
            figure.high,
            figure.bound,
        )

    def _ratio(
        self, measure: str, numerator: int, denominator: int, scope: dict[str, str] | None = None
    ) -> Measure:
        value = round(100 * numerator / denominator) if denominator else None
        return self._measure(
            measure,
            scope or {"county": "county"},
            f"{numerator} of {denominator}",
            value=value,
            n=denominator,
            numerator=numerator,
            denominator=denominator,
        )

    def _measure(
        self, measure: str, scope: dict[str, str], display: str, origin: Origin = "live", **more: Any
    ) -> Measure:
        return Measure(measure, self.release, scope, origin, display, **more)


_READ_OFF: Mapping[str, str] = {
    "overall": "overall",
    **{f"domain-{domain}": f"domain:{domain}" for domain in CORE_DOMAINS},
    "answered-freely": "item:answered-freely",
    "language-understood": "item:core-language",
    "advocacy-helpful": "item:core-helpfulness",
    "felt-safe": "item:core-safety",
    "voice-choice": "item:core-voice",
    "transit-safety": "item:transit-safety",
    "caregiver-confidence": "item:caregiver-confidence",
    "understood-court": "item:understood-court",
}
_CHOSEN: Mapping[str, tuple[str, ...]] = {
    "knew-where": tuple(items.option("knew-where", code) for code in YES_NO_CODES),
    "no-case-needed": tuple(items.option("no-case-needed", code) for code in ("yes", "no")),
    "connected": tuple(items.option("connected", code) for code in YES_NO_CODES),
    "need-in-a-week": (items.option("needed-something", "yes"),),
}
"""Yes/no questions that are measures by their own id, and the items their “yes” is a share of."""
_ADVOCACY = "4.3"


def _speaks_for(measure: str, row: Row) -> bool:
    """Which rows a measure is read off: programs, the county, pools for settings, 4.3 for advocacy."""
    if measure == "advocacy-helpful":
        return row.table == "T4" and row.filters["strategy"] == _ADVOCACY
    if measure in ("transit-safety", "caregiver-confidence", "understood-court", "answered-freely"):
        return row.table in ("T1", "T6")
    return row.table in ("T3", "T7") or (measure == "felt-safe" and row.table == "T5")


def _scope(row: Row) -> dict[str, str]:
    named = ("program", "audience", "strategy", "pool", "county")
    return {name: row.filters[name] for name in named if name in row.filters}
