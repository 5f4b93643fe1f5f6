"""Published results: who reads which tables and measures, and that one contractor never reads another's."""

import pytest

from analysis.publishing.viewers import CTLT, parse
from feedback.fieldwork.totals import report_work
from feedback.results.queries import last_heard, read_measures, read_releases, read_tables
from surveys.periods import Period
from surveys.registry import WorkTotal, shipped_programs

VERA, OLGA = "contractor:vista-del-mar", "contractor:olive-crest"
SHIPPED = shipped_programs()


def answer(sandbox, program):
    sandbox.answer(11, program=program, instrument="youth-experience")


def report(sandbox, program, period, served):
    total = WorkTotal(program=program, period=period, served=served, offered=10, minutes=90)
    sandbox.in_transaction(lambda s: report_work(s, total))


def measures(sandbox, viewer, release):
    rows = sandbox.in_transaction(lambda s: read_measures(s, parse(viewer), release))
    return {(it.measure, it.scope.get("program")) for it in rows}


def batches_of(rows, table):
    return [(row.batch, row.filters["program"], row.n) for row in rows if row.table == table and row.n]


def test_the_public_reads_flags_and_no_other_measure(sandbox):
    answer(sandbox, "advocacy-vista")
    answer(sandbox, "isfc-olive-crest")
    report(sandbox, "advocacy-vista", "2026Q3", 10)
    report(sandbox, "isfc-olive-crest", "2026Q3", 11)
    sandbox.on("2026-10-15").release()
    assert measures(sandbox, "public", "2026Q3") == {("over-answered", "advocacy-vista")}
    assert measures(sandbox, "reader", "2026Q3") == set()


@pytest.mark.slow
def test_of_each_audience_the_latest_release_that_heard_it_is_known(sandbox):
    answer(sandbox, "advocacy-vista")
    sandbox.on("2026-10-15").release()
    sandbox.answer(11, program="advocacy-vista", instrument="youth-experience", period="2026Q4")
    answer(sandbox.on("2026-12-15"), "isfc-olive-crest")
    sandbox.on("2027-01-15").release()
    releases = sandbox.in_transaction(read_releases)
    heard = {it.period: sandbox.in_transaction(lambda s, it=it: last_heard(s, it.period)) for it in releases}
    vista, olive = ("advocacy-vista", "youth"), ("isfc-olive-crest", "youth")
    first, second = Period(2026, 3), Period(2026, 4)
    assert heard == {"2026Q3": {vista: first}, "2026Q4": {vista: second, olive: second}}


@pytest.mark.slow
def test_measures_are_found_by_their_id_and_by_program_and_those_of_none_apart(sandbox):
    answer(sandbox, "advocacy-vista")
    report(sandbox, "advocacy-vista", "2026Q3", 10)
    sandbox.on("2026-10-15").release()

    def ids(*measures, program=None):
        reading = lambda s: read_measures(s, CTLT, "2026Q3", measures=measures, program=program)  # noqa: E731
        return {(it.measure, it.scope.get("program")) for it in sandbox.in_transaction(reading)}

    assert ids("offered", "withheld") == {("offered", "advocacy-vista"), ("withheld", None)}
    assert {program for _, program in ids(program="advocacy-vista")} == {"advocacy-vista"}
    assert {program for _, program in ids(program="")} == {None}
    assert ids() == ids(program="advocacy-vista") | ids(program="")


def test_everyone_reads_their_own_tables_and_no_other(sandbox):
    answer(sandbox, "advocacy-vista")
    answer(sandbox, "isfc-olive-crest")
    sandbox.on("2026-10-15").release()

    ctlt = sandbox.tables("ctlt")
    assert {row.table for row in ctlt} == {"T1", "T1d", "T2", "T3", "T4", "T5", "T6", "T7"}
    assert batches_of(ctlt, "T1") == [("B00001", "advocacy-vista", 11), ("B00002", "isfc-olive-crest", 11)]

    public = sandbox.tables("public")
    assert {row.table for row in public} == {"T3", "T4", "T7"}
    assert {row.filters["scope"] for row in public if row.table == "T4"} == {"cumulative"}
    assert len([row for row in public if row.table == "T3"]) == 17

    for row in (*ctlt, *public):
        assert "contractor" not in row.filters

    vera, olga = sandbox.tables(VERA), sandbox.tables(OLGA)
    for viewer, rows, program, batch in (
        (VERA, vera, "advocacy-vista", "B00001"),
        (OLGA, olga, "isfc-olive-crest", "B00002"),
    ):
        assert {row.table for row in rows} == {"T1", "T1d", "T2", "T3", "T5"}
        assert {it.filters.get("contractor") for it in rows if it.table in ("T2", "T3")} == {
            viewer.removeprefix("contractor:")
        }, "a whole program's rows would be read twice"
        assert {row.filters["program"] for row in rows if row.table != "T5"} == {program}
        assert batches_of(rows, "T1") == [(batch, program, 11)]

    assert sandbox.in_transaction(lambda session: read_tables(session, None)) == []
    assert sandbox.tables("contractor:nobody") == [], "whoever has no program has no pool either"

    for row in sandbox.tables("ctlt", release="2026Q3", tables=("T1", "T7")):
        assert (row.release, row.table) in {("2026Q3", "T1"), ("2026Q3", "T7")}
    assert sandbox.tables("ctlt", release="2026Q2") == []


@pytest.mark.slow
def test_whoever_takes_a_program_over_reads_what_came_after_and_not_before(sandbox):
    answer(sandbox, "advocacy-vista")
    report(sandbox, "advocacy-vista", "2026Q3", served=40)
    sandbox.on("2026-10-15")
    sandbox.hand_over("advocacy-vista", "olive-crest")
    sandbox.release("2026Q3")
    answer(sandbox, "advocacy-vista")
    report(sandbox, "advocacy-vista", "2026Q4", served=30)
    sandbox.on("2027-01-15").release("2026Q4")

    vera, olga = sandbox.tables(VERA, tables=("T1", "T3")), sandbox.tables(OLGA, tables=("T1", "T3"))
    assert batches_of(vera, "T1") == [("B00001", "advocacy-vista", 11)]
    assert batches_of(olga, "T1") == [("B00002", "advocacy-vista", 11)]
    last = [row for row in sandbox.tables("ctlt", release="2026Q4", tables=("T3",)) if row.n]
    assert [(row.filters["program"], row.n) for row in last] == [("advocacy-vista", 22)]
    assert {row.n for row in (*vera, *olga)} <= {11, None}

    measure = ("offered", "advocacy-vista")
    assert measure in measures(sandbox, VERA, "2026Q3")
    assert measure not in measures(sandbox, OLGA, "2026Q3")
    assert measure not in measures(sandbox, VERA, "2026Q4")
    assert measure in measures(sandbox, OLGA, "2026Q4")


def test_measures_are_read_by_ctlt_whole_and_by_a_contractor_of_its_own_programs_alone(sandbox):
    for program in ("advocacy-vista", "isfc-olive-crest", "frp"):
        report(sandbox, program, "2026Q3", served=20)
    sandbox.on("2026-10-15").release()
    everything = measures(sandbox, "ctlt", "2026Q3")
    assert {("offered", "frp"), ("offered", "advocacy-vista"), ("reach-programs", None)} <= everything
    assert measures(sandbox, VERA, "2026Q3") == {
        ("offered", "advocacy-vista"),
        ("burden", "advocacy-vista"),
    }
    assert measures(sandbox, OLGA, "2026Q3") == {
        ("offered", "isfc-olive-crest"),
        ("burden", "isfc-olive-crest"),
    }
    assert sandbox.in_transaction(lambda session: read_measures(session, None, "2026Q3")) == []
    for stranger in ("public", "reader", "contractor:nobody"):
        assert measures(sandbox, stranger, "2026Q3") == set()
    assert measures(sandbox, "ctlt", "2026Q2") == set()


@pytest.mark.slow
@pytest.mark.slow
def test_the_log_counts_batches_as_the_release_itself_did(sandbox):
    for program in ("advocacy-vista", "isfc-olive-crest"):
        sandbox.answer(120, program=program, instrument="youth-experience")
    outcome = sandbox.on("2026-10-15").release()
    (release,) = sandbox.in_transaction(read_releases)
    assert (release.batches, release.joined) == (outcome.batches, outcome.joined)
    assert outcome.joined > 0


def test_releases_are_listed_latest_first(sandbox):
    assert sandbox.in_transaction(read_releases) == []
    answer(sandbox, "advocacy-vista")
    sandbox.on("2026-10-15").release()
    sandbox.on("2027-01-20").release()
    releases = sandbox.in_transaction(read_releases)
    assert [(it.period, it.released_on, it.operator) for it in releases] == [
        ("2026Q4", "2027-01-20", "Rosa"),
        ("2026Q3", "2026-10-15", "Rosa"),
    ]
    assert (releases[1].batches, releases[1].joined) == (1, 0)
    assert len(releases[1].ledger_sha256) == 64
