"""What changed: programs, strategies and the county whose last four releases differ from those before.

A strategy has no answers of its own: where it moved because a program did, it is said through which.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.figures import TOO_FEW
from analysis.publishing.changes import AGAINST, HIGHER, LOWER, NONE
from analysis.publishing.publication import CUMULATIVE, EVERYONE, RELEASE
from analysis.publishing.rows import Row
from feedback.web.staff.results import words
from feedback.web.staff.results.charts import Chart, charts
from feedback.web.staff.results.view import ReleaseView
from surveys.registry import Program, Strategy


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A program, or the county, that clearly changed, and how."""

    name: str
    address: str
    sentence: str
    program: str = ""
    """Its id; empty for the County."""


class ThroughPrograms(msgspec.Struct, frozen=True, kw_only=True):
    """Strategies that moved with a program that is part of them."""

    programs: str
    strategies: Sequence[Strategy]


class WhatChanged(msgspec.Struct, frozen=True, kw_only=True):
    """All of it in one look; nothing is compared before the eighth release."""

    compared: bool
    changed: Sequence[Changed]
    through: Sequence[ThroughPrograms]
    unchanged: int
    too_few: int


def what_changed(
    rows: Iterable[Row], programs: Sequence[Program], strategies: Sequence[Strategy], query: str
) -> WhatChanged:
    """From rows of all so far (T3, T4, T7), live answers of own experience alone."""
    own = [
        row for row in rows if row.is_own and row.origin == "live" and row.filters.get("scope") == CUMULATIVE
    ]
    of_programs = {row.filters["program"]: row for row in own if row.table == "T3"}
    county = next((row for row in own if row.table == "T7"), None)
    clear = {name: row for name, row in of_programs.items() if _is_clear(row)}
    changed = [
        Changed(
            name=program.name,
            program=program.id,
            address=f"/programs/{program.id}{query}",
            sentence=words.change(clear[program.id].figures),
        )
        for program in programs
        if program.id in clear
    ]
    if county and _is_clear(county):
        whole = Changed(
            name="The whole County", address=f"/county{query}", sentence=words.change(county.figures)
        )
        changed.insert(0, whole)
    displays = [_displays(of_programs[it.id]) for it in programs if it.id in of_programs]
    return WhatChanged(
        compared=any(_displays(row) for row in of_programs.values()),
        changed=changed,
        through=_through(own, programs, strategies, set(clear)),
        unchanged=sum(NONE in it and not it & {HIGHER, LOWER} for it in displays),
        too_few=sum(it == {TOO_FEW} for it in displays),
    )


def _through(
    own: Sequence[Row], programs: Sequence[Program], strategies: Sequence[Strategy], clear: set[str]
) -> list[ThroughPrograms]:
    moved = {
        row.filters["strategy_id"]
        for row in own
        if row.table == "T4" and row.filters["audience"] == EVERYONE and _is_clear(row)
    }
    by_programs: dict[str, list[Strategy]] = {}
    for strategy in strategies:
        if strategy.id in moved:
            own_programs = [it for it in programs if strategy.number in it.strategies]
            names = [it.name for it in own_programs if it.id in clear] or [it.name for it in own_programs]
            by_programs.setdefault(" and ".join(names), []).append(strategy)
    return [ThroughPrograms(programs=names, strategies=group) for names, group in by_programs.items()]


def _displays(row: Row) -> set[str]:
    return {it.display for it in row.figures if it.measure in AGAINST}


def _is_clear(row: Row) -> bool:
    return bool(_displays(row) & {HIGHER, LOWER})


Trends = Mapping[str, Chart]
"""Of each that changed its overall, release by release; by program, empty for the County."""


async def trends_of(session: AsyncSession, view: ReleaseView, changes: WhatChanged) -> Trends:
    """Draw what changed, from the rows that its reader may read: nobody but the public reads none."""
    trends: dict[str, Chart] = {}
    for it in changes.changed:
        about = {"program": it.program} if it.program else {}
        rows = await view.history(session, "T2" if it.program else "T7", scope=RELEASE, **about)
        own = [row for row in rows if row.is_own and row.origin == "live" and view.is_mine(row)]
        trends.update((it.program, chart) for chart in charts(own)[:1])
    return trends
