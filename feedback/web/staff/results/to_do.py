"""What waits for somebody: only that, each with the page where it is done."""

from collections.abc import Sequence

import msgspec

from analysis.publishing.changes import WINDOW
from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row
from feedback.fieldwork.links import Link
from feedback.staff.access import may
from feedback.web.staff.results.view import ReleaseView
from feedback.web.staff.results.who_was_heard import ProgramHearings
from surveys.registry import Program


class ToDo(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that waits, and where."""

    sentence: str
    address: str


def to_do(
    view: ReleaseView,
    *,
    flags: Sequence[Measure],
    programs: Sequence[Program],
    links: Sequence[Link],
    unreported: Sequence[Program],
    hearings: Sequence[ProgramHearings] = (),
) -> list[ToDo]:
    """What waits for whoever reads these programs. A reader can do none of it, and nothing waits there.

    `links` are those that are open today, `unreported` the programs whose work in the last quarter nobody
    reported, `hearings` who was heard, for whoever may read that. An earlier release is as it was: nothing of
    it waits any more.
    """
    if not (view.is_latest and view.sees_whole):
        return []
    names = {program.id: program.name for program in programs}
    waiting = []
    if view.upcoming.is_due:
        sentence = f"The release of {view.next_name} is due since {view.upcoming.due_on}."
        waiting.append(ToDo(sentence=sentence, address="/releases"))
    if unreported:
        count = "One program has" if len(unreported) == 1 else f"{len(unreported)} programs have"
        sentence = f"{count} not reported the work of the last quarter."
        waiting.append(ToDo(sentence=sentence, address="/served"))
    waiting += [
        ToDo(
            sentence=f"{names[it]} has more answers than people served: somebody should look before its"
            " figures are used.",
            address=f"/programs/{it}",
        )
        for it in dict.fromkeys(flag.scope["program"] for flag in flags)
        if it in names
    ]
    if silent_ones := _silent_for_a_year(view, hearings):
        count = "One audience" if silent_ones == 1 else f"{silent_ones} audiences"
        sentence = (
            f"{count} of programs {'was' if silent_ones == 1 else 'were'} not heard for a year or more."
        )
        waiting.append(ToDo(sentence=sentence, address="/who-was-heard"))
    open_links = {(it.program.id, str(it.audience)) for it in links}
    without = [
        it.name for it in programs if any((it.id, audience) not in open_links for audience in it.audiences)
    ]
    if without:
        count = "One program has" if len(without) == 1 else f"{len(without)} programs have"
        address = "/who-was-heard" if may(view.account, "read measures") else "/links"
        waiting.append(ToDo(sentence=f"{count} an audience without an open link.", address=address))
    return waiting


def _silent_for_a_year(view: ReleaseView, programs: Sequence[ProgramHearings]) -> int:
    """How many audiences of active programs came in none of the last four releases, alone or with others."""
    return sum(
        hearing.state == "silent" and hearing.silent >= WINDOW
        for it in programs
        if it.program.ends is None or it.program.ends >= str(view.period)
        for hearing in it.hearings
    )


def silent(rows: Sequence[Row]) -> tuple[int, int]:
    """How many pairs of a program and an audience were not heard on their own in a release, of how many."""
    own = [row for row in rows if row.table == "T1" and row.is_own]
    pairs = {(row.filters["program"], row.filters["audience"]) for row in own}
    heard = {(row.filters["program"], row.filters["audience"]) for row in own if row.n is not None}
    return len(pairs - heard), len(pairs)
