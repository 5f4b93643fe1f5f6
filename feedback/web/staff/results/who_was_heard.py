"""Who was heard, and who was not: programs by audiences, languages by years, places with their links.

Silence is counted in releases and never in answers: how many wait is nobody's to know. A blank is not good
news, so every blank says what helps.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from analysis.publishing.rows import Row
from feedback.fieldwork.links import Link
from feedback.results.naming import AUDIENCE_NAMES
from surveys.instruments import AUDIENCES
from surveys.periods import Period
from surveys.registry import Program

_TOGETHER = "mixed"
"""Batches of young people and caregivers in one: each of them was heard, and not alone."""


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """One audience of one program: since when it was not heard, and what helps."""

    audience: str
    state: str
    """heard, heard with others, silent, or not asked."""
    silent: int = 0
    """Releases since it was last heard, alone or with others; of one never heard, all there were."""
    helps: str = ""


class ProgramHearings(msgspec.Struct, frozen=True):
    """A program with each audience, in the plan's order: nothing is ranked by silence."""

    program: Program
    hearings: Sequence[Hearing]


def hearings(
    programs: Sequence[Program],
    last_heard: Mapping[tuple[str, str], Period],
    links: Sequence[Link],
    *,
    first: Period,
    latest: Period | None,
) -> list[ProgramHearings]:
    """`last_heard` is up to `latest`, by program and audience; the open links of today stand beside it.

    Before the first release nobody can have been heard, and nobody is said to be silent.
    """
    if latest is None:
        return []
    open_links: set[tuple[str, str]] = {(it.program.id, it.audience) for it in links}
    return [
        ProgramHearings(
            program,
            [
                _hearing(program, audience, last_heard, open_links, first=first, latest=latest)
                for audience in AUDIENCES
            ],
        )
        for program in programs
    ]


def _hearing(
    program: Program,
    audience: str,
    last_heard: Mapping[tuple[str, str], Period],
    open_links: set[tuple[str, str]],
    *,
    first: Period,
    latest: Period,
) -> Hearing:
    name = AUDIENCE_NAMES[audience]
    if audience not in program.audiences:
        return Hearing(audience=name, state="not asked")
    helps = "" if (program.id, audience) in open_links else "No link is open."
    own, with_others = last_heard.get((program.id, audience)), None
    if audience in ("youth", "caregiver"):
        with_others = last_heard.get((program.id, _TOGETHER))
    if own == latest:
        return Hearing(audience=name, state="heard", helps=helps)
    if with_others == latest:
        return Hearing(audience=name, state="heard with others", helps=helps)
    releases = [it for it in (own, with_others) if it]
    silent = latest - max(releases) if releases else latest - first + 1
    return Hearing(audience=name, state="silent", silent=silent, helps=helps or "Its link is open.")


class LanguageLine(msgspec.Struct, frozen=True, kw_only=True):
    """One language by years: the answers of each year in which it could be told apart."""

    name: str
    answers: Sequence[int | None]


def languages(rows: Iterable[Row], names: Mapping[str, str]) -> tuple[Sequence[int], list[LanguageLine]]:
    """The years there were, and for each language the live answers of each; None was not told apart."""
    answers: Counter[tuple[str, int]] = Counter()
    years, tags = set[int](), dict[str, None]()
    for row in rows:
        if row.origin == "live" and row.is_own:
            year = Period.parse(row.release).year
            years.add(year)
            tags[row.filters["language"]] = None
            answers[row.filters["language"], year] += row.n or 0
    in_order = sorted(years)
    return in_order, [
        LanguageLine(name=names.get(tag, tag), answers=[answers[tag, year] or None for year in in_order])
        for tag in tags
    ]


class PlaceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One place where links hang, as staff called it: how many are open, for whom. Never an answer."""

    place: str
    programs: Sequence[str]
    audiences: Sequence[str]
    links: int


def places(links: Sequence[Link]) -> list[PlaceLine]:
    by_place: dict[str, list[Link]] = {}
    for link in links:
        by_place.setdefault(link.place, []).append(link)
    return [
        PlaceLine(
            place=place or "no place was written down",
            programs=sorted({it.program.short for it in group}),
            audiences=[AUDIENCE_NAMES[it] for it in AUDIENCES if it in {link.audience for link in group}],
            links=len(group),
        )
        for place, group in sorted(by_place.items())
    ]
