"""What changed: programs and the county by name, strategies through the programs that moved them."""

import pytest

from analysis.figures import TOO_FEW, Figure
from analysis.publishing.changes import BEFORE, FIRST, HIGHER, NONE
from analysis.publishing.rows import Row
from feedback.web.staff.results.what_changed import what_changed
from surveys.registry import county_plan, shipped_programs

PROGRAMS = [it for it in shipped_programs().programs if it.id in ("frp", "community", "dream-unit")]
STRATEGIES = county_plan().strategies


def row(table, display, **filters):
    change = [Figure(measure=BEFORE, display=display), Figure(measure=FIRST, display=NONE)]
    if display == HIGHER:
        change[0] = Figure(measure=BEFORE, display=HIGHER, value=13, low=4, high=22)
    return Row(
        table=table,
        release="2026Q3",
        released_on="2026-10-15",
        filters={**filters, "scope": "cumulative", "periods": ["2024Q4", "2026Q3"]},
        origin="live",
        n=400,
        status="released",
        figures=tuple(change) if display else (),
    )


def of_strategy(number, display):
    strategy = next(it for it in STRATEGIES if it.number == number)
    return row("T4", display, strategy=number, strategy_id=strategy.id, audience="everyone")


def test_a_program_that_changed_is_named_with_its_sentence_and_the_others_are_counted():
    rows = [
        row("T3", HIGHER, program="community"),
        row("T3", NONE, program="frp"),
        row("T7", NONE, county="county"),
    ]
    changes = what_changed(rows, PROGRAMS, STRATEGIES, "")
    assert [(it.name, it.address) for it in changes.changed] == [
        (next(it.name for it in PROGRAMS if it.id == "community"), "/programs/community")
    ]
    assert changes.changed[0].sentence.startswith(
        "clearly higher, and so better, than in the four releases before"
    )
    assert (changes.compared, changes.unchanged, changes.too_few) == (True, 1, 0)


def test_the_county_stands_first_when_it_changed():
    rows = [row("T3", HIGHER, program="community"), row("T7", HIGHER, county="county")]
    assert what_changed(rows, PROGRAMS, STRATEGIES, "").changed[0].name == "The whole County"


def test_a_strategy_that_moved_is_said_to_have_moved_through_the_program_that_did():
    rows = [row("T3", HIGHER, program="community"), of_strategy("2.3", HIGHER), of_strategy("6.4", NONE)]
    (through,) = what_changed(rows, PROGRAMS, STRATEGIES, "").through
    assert through.programs == next(it.name for it in PROGRAMS if it.id == "community")
    assert [it.number for it in through.strategies] == ["2.3"]


@pytest.mark.parametrize("display", [TOO_FEW, ""])
def test_what_could_not_be_compared_is_no_change(display):
    changes = what_changed([row("T3", display, program="frp")], PROGRAMS, STRATEGIES, "")
    assert (changes.changed, changes.through, changes.unchanged) == ([], [], int(bool(display)))
    assert changes.compared is bool(display)


def test_answers_that_a_program_collected_and_experts_change_nothing_here():
    entered = row("T3", HIGHER, program="frp")
    other = [Row(**{**{f: getattr(entered, f) for f in entered.__struct_fields__}, "origin": "entered"})]
    other.append(row("T3", HIGHER, program="frp", **{"class": "expert"}))
    assert what_changed(other, PROGRAMS, STRATEGIES, "").changed == []
