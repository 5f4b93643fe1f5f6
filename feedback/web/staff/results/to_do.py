"""What waits for somebody: only that, each with the page where it is done."""

from collections.abc import Sequence

import msgspec

from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row
from feedback.fieldwork.links import Link
from feedback.web.staff.results.view import ReleaseView
from surveys.registry import Program


class ToDo(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that waits, and where."""

    sentence: str
    address: str


def to_do(
    view: ReleaseView, flags: Sequence[Measure], programs: Sequence[Program], links: Sequence[Link]
) -> list[ToDo]:
    """A release that is due, programs with more answers than people served, audiences without an open link.

    `links` are those that are open today. An earlier release is as it was: nothing of it waits any more.
    """
    if not view.is_latest:
        return []
    names = {program.id: program.name for program in programs}
    waiting = []
    if view.upcoming.is_due:
        sentence = f"The release of {view.next_name} is due since {view.upcoming.due_on}."
        waiting.append(ToDo(sentence=sentence, address="/releases"))
    waiting += [
        ToDo(
            sentence=f"{names[it]} has more answers than people served: somebody should look before its"
            " figures are used.",
            address=f"/programs/{it}",
        )
        for it in dict.fromkeys(flag.scope["program"] for flag in flags)
        if it in names
    ]
    open_links = {(it.program.id, str(it.audience)) for it in links}
    without = [
        it.name for it in programs if any((it.id, audience) not in open_links for audience in it.audiences)
    ]
    if without:
        count = "One program has" if len(without) == 1 else f"{len(without)} programs have"
        waiting.append(ToDo(sentence=f"{count} an audience without an open link.", address="/who-was-heard"))
    return waiting


def silent(rows: Sequence[Row]) -> tuple[int, int]:
    """How many pairs of a program and an audience were not heard on their own in a release, of how many."""
    own = [row for row in rows if row.table == "T1" and row.is_own]
    pairs = {(row.filters["program"], row.filters["audience"]) for row in own}
    heard = {(row.filters["program"], row.filters["audience"]) for row in own if row.n is not None}
    return len(pairs - heard), len(pairs)
