"""The process metrics that today's data allow, frozen at each release.

A measure about answers is read off published rows, so it can say nothing that a table does not; only how
many a question did not hear is arithmetic of its own on the ledger. A measure about the work comes from what
programs report. Where the plan's data do not exist yet, there is no row.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from analysis import values
from analysis.batch_ledger import NOTHING, OWN, PARTNER, Batch, add_up
from analysis.figures import Figure, Share, Sums, question
from analysis.parameters import Parameters
from analysis.publishing.metrics import METRICS, Metric
from analysis.publishing.publication import LAST_FOUR, RELEASE
from analysis.publishing.rows import GuardedRow, Row, may_read
from analysis.publishing.viewers import CTLT, PUBLIC, Viewer
from surveys.answers import Origin
from surveys.domains import CORE_DOMAINS
from surveys.instruments import AUDIENCES
from surveys.registry import WorkTotal

VERSION = 3
_IN_WORDS = {
    "youth": "young people",
    "caregiver": "parents and caregivers",
    "expert": "lived experience experts",
}
_UNTOLD = 2
"""Of which version a measure is that was stored without one."""
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "FRP": ("frp",),
    "Detention": ("detention",),
    "Victim Witness": ("victim-witness",),
    "SYZ": ("syz",),
    "courts and units": ("star-court", "dream-court", "ctu", "dream-unit"),
}
"""The protocols and specialized services that Strategy 7.8(c) names."""
_METRICS = {metric.id: metric for metric in METRICS}
_STEPS = 20
"""A response rate is told in twentieths."""


class Measure(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One process metric at one release.

    `n` is the people (or things) it is about, exact; `n_details` those in the batches that single questions
    rest on, with their quarters.
    """

    measure: str
    release: str
    scope: dict[str, str]
    origin: Origin
    display: str
    n: int | None = None
    value: int | None = None
    low: int | None = None
    high: int | None = None
    n_details: int | None = None
    periods: tuple[str, ...] = ()
    detail_periods: tuple[str, ...] = ()
    numerator: int | None = None
    denominator: int | None = None
    version: int = _UNTOLD

    @property
    def metric(self) -> Metric:
        return _METRICS[self.measure]


class Measuring(msgspec.Struct, frozen=True, kw_only=True):
    """One release being measured for one viewer, from what that viewer may read and nothing else.

    `ledger` and `totals` are the viewer's: a contractor's hold its own contracts' batches and work.
    """

    release: str
    published: Sequence[GuardedRow]
    ledger: Sequence[Batch]
    totals: Sequence[WorkTotal]
    parameters: Parameters
    viewer: Viewer = CTLT

    def measures(self) -> list[Measure]:
        """Return every measure that this release's rows and totals allow."""
        own = [*self._work(), *self._answers()]
        if self.viewer == PUBLIC:
            # That somebody should look is no secret; how many were served is for the program and the County.
            return [it for it in own if it.metric.direction == "flag"]
        return [*self._heard(), *own] if self.viewer == CTLT else own

    @property
    def readable(self) -> list[Row]:
        return [it.row for it in self.published if may_read(it, self.viewer)]

    @property
    def rows(self) -> list[Row]:
        """The viewer's rows about own experience without a wave: measures are comparable over years."""
        own = (row for row in self.readable if row.is_own)
        return [row for row in own if self._is_mine(row)]

    def _is_mine(self, row: Row) -> bool:
        """A whole program's row is the County's; its contractor's is what was answered under its contract."""
        return row.table not in ("T2", "T3") or row.filters.get("contractor") == self.viewer.contractor

    def _heard(self) -> Iterator[Measure]:
        live = [row for row in self.readable if row.origin == "live"]
        program_rows = [row for row in live if row.table == "T2" and row.filters["scope"] == RELEASE]
        programs = {row.filters["program"] for row in program_rows}
        heard = {row.filters["program"] for row in program_rows if row.n is not None}
        yield self._ratio("reach-programs", len(heard), len(programs))
        covered = sum(self._is_covered(members) for members in FAMILIES.values())
        yield self._ratio("protocol-coverage", covered, len(FAMILIES))
        cells = [row for row in live if row.table == "T1"]
        yield self._ratio("withheld", sum(row.n is None for row in cells), len(cells))
        yield from self._balance()

    def _is_covered(self, family: Sequence[str]) -> bool:
        live = [b for b in self.ledger if (b.kind, b.scope, b.origin) == ("pulse", "program", "live")]
        return {"youth", "caregiver"} <= {batch.audience for batch in live if batch.owner in family}

    def _balance(self) -> Iterator[Measure]:
        rows = [r for r in self.readable if (r.table, r.origin) == ("T6", "live") and "wave" not in r.filters]
        people_heard = {
            a: sum(row.n or 0 for row in rows if row.filters["audience"] == a) for a in AUDIENCES[:3]
        }
        everyone = sum(people_heard.values())
        silent = [_IN_WORDS[audience] for audience, people in people_heard.items() if not people]
        if everyone and silent:
            # Two of three in equal shares would be 67 %, and read as if nobody were missing.
            display = f"not heard: {', '.join(silent)}"
            yield self._measure("audience-balance", {"county": "county"}, display, n=everyone)
        elif everyone:
            off = max(abs(people / everyone - 1 / len(people_heard)) for people in people_heard.values())
            value = round(100 * (1 - off))
            yield self._measure(
                "audience-balance", {"county": "county"}, f"{value} %", n=everyone, value=value
            )

    def _work(self) -> Iterator[Measure]:
        served: dict[tuple[str, str], int] = defaultdict(int)
        for total in self.totals:
            for who, people, offered in _apart(total):
                if total.period <= self.release:
                    served[total.program, who] += people
                if total.period == self.release:
                    yield self._ratio("offered", offered, people, _whose(total.program, who))
            if total.period == self.release:
                yield self._burden(total)
        for row in (*self.rows, *self._partner_rows()):
            key = row.filters.get("program", ""), row.filters.get("class", OWN)
            if row.table == "T3" and row.n is not None and key in served:
                yield from self._of_served(row, row.n, served[key])

    def _burden(self, total: WorkTotal) -> Measure:
        """Minutes are of everybody who was asked; where partners are apart, no number is of both."""
        monthly, people = round(total.minutes / 3), total.offered if total.partners_offered is None else None
        return self._measure(
            "burden", {"program": total.program}, f"{monthly} minutes", value=monthly, n=people
        )

    def _partner_rows(self) -> list[Row]:
        rows = (row for row in self.readable if row.filters.get("class") == PARTNER)
        return [row for row in rows if "wave" not in row.filters and self._is_mine(row)]

    def _of_served(self, row: Row, people: int, served: int) -> Iterator[Measure]:
        scope = _whose(row.filters["program"], row.filters.get("class", OWN))
        if people > served:
            yield self._measure(
                "over-answered", scope, "more answers than people served", row.origin, n=people
            )
        elif served - people >= self.parameters.k:
            rate = 100 // _STEPS * round(_STEPS * people / served)
            yield self._measure("answered", scope, f"about {rate} %", row.origin, n=people, value=rate)

    def _answers(self) -> Iterator[Measure]:
        """Measures that are one figure of one published row, and how many a question did not hear."""
        for row in self.rows:
            if row.n is None or row.filters.get("scope") in (RELEASE, LAST_FOUR):
                continue
            for metric in METRICS:
                if (
                    (source := metric.read_off)
                    and source.applies_to(row)
                    and (figure := row.figure(source.figure))
                ):
                    yield self._from_figure(metric.id, row, figure)
            if row.table == "T3":
                yield from self._silences(row)

    def _silences(self, row: Row) -> Iterator[Measure]:
        sums = add_up(
            b
            for b in self.ledger
            if (b.kind, b.scope, b.owner, b.origin)
            == ("detail", "program", row.filters["program"], row.origin)
            and (b.class_, b.wave) == (OWN, None)
        )
        for domain in CORE_DOMAINS:
            if share := unanswered(sums, f"core-{domain}"):
                yield self._from_figure("unanswered", row, share.figure(), question=f"core-{domain}")

    def _from_figure(self, measure: str, row: Row, figure: Figure, **more: str) -> Measure:
        return Measure(
            measure=measure,
            release=self.release,
            scope={**_scope(row), **more},
            origin=row.origin,
            display=figure.display,
            n=row.n,
            value=figure.value,
            low=figure.low,
            high=figure.high,
            n_details=row.n_details,
            periods=tuple(row.filters["periods"]),
            detail_periods=row.detail_periods,
            version=VERSION,
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
        return Measure(
            measure=measure,
            release=self.release,
            scope=scope,
            origin=origin,
            display=display,
            version=VERSION,
            **more,
        )


def _apart(total: WorkTotal) -> Iterator[tuple[str, int, int]]:
    """Who was served and offered the survey: partners are never added up with anybody."""
    yield OWN, total.served, total.offered
    if total.partners_served is not None:
        yield PARTNER, total.partners_served, total.partners_offered or 0


def _whose(program: str, who: str) -> dict[str, str]:
    return {"program": program} if who == OWN else {"program": program, "audience": who}


def unanswered(sums: Sums, name: str) -> Share | None:
    """Return 1 - (F + U) / N_d, whatever the reason of a silence. None where noise would drown it."""
    if question("unanswered", sums, [name]) is None:
        return None
    good, bad = sums[values.favourable(name)], sums.get(values.other(name), NOTHING)
    silent = good.people - good.value - bad.value
    return Share("unanswered", silent, good.people, float(good.variance + bad.variance), 1.0)


def _scope(row: Row) -> dict[str, str]:
    names = ("program", "audience", "strategy", "pool", "county")
    return {name: row.filters[name] for name in names if name in row.filters}
