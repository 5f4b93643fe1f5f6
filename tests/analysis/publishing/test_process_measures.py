"""The process metrics: read off rows, n and n_details with their quarters, no `declined`."""

import msgspec
import pytest

from analysis import tally
from analysis.parameters import Parameters
from analysis.publishing.metrics import METRICS
from analysis.publishing.process_measures import VERSION, Measure, Measuring, unanswered
from analysis.publishing.publication import Publication
from analysis.publishing.registry import Registry
from analysis.publishing.tables import published_rows
from analysis.publishing.viewers import CTLT, PUBLIC, parse
from surveys.domains import CORE_DOMAINS
from surveys.instruments import shipped_instruments
from surveys.registry import Contract, WorkTotal
from tests.support.ledger.county import INSTRUMENTS, PROGRAMS, SURVEYS, County, Q, asking, content

WINTER = Q + 3
CONTRACTS = (
    Contract(program="ada", contractor="casa-luz", first=Q, last=Q + 1),
    Contract(program="ada", contractor="olive", first=Q + 2, last=None),
)
ASKS = {
    name: [INSTRUMENTS[it] for (owner, _), names in SURVEYS.items() if owner == name for it in names]
    for name in PROGRAMS
}
FRP = msgspec.structs.replace(PROGRAMS["ben"], id="frp", strategies=("4.3", "7.8"))
PROGRAMS_SEEN = [PROGRAMS["ada"], FRP, PROGRAMS["cleo"]]
REGISTRY = Registry(PROGRAMS_SEEN, {"ada": ["casa-luz", "olive"]}, {**ASKS, "frp": ASKS["ben"]}, ("en",))


@pytest.fixture(scope="module")
def ledger():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "noise", lambda *_: 0)
        asks = asking(
            surveys_of={**SURVEYS, **{("frp", a): SURVEYS["ben", a] for a in ("youth", "caregiver")}}
        )
        lot = County(contracts=CONTRACTS, asks=asks)
        patch.setitem(PROGRAMS, "frp", FRP)
        for quarter in range(4):
            now = {"quarter": Q + quarter}
            lot.send(40, **now).send(10, answers={}, **now).send(13, audience="expert", **now)
            lot.send(40, audience="caregiver", answers=content(**{"caregiver-confidence": "5"}), **now)
            lot.send(12, "cleo", wave="before", **now)
            lot.inbox |= {b"frp%d" % n: it for n, it in frp(quarter).items()}
            lot.release(Q + quarter)
        return lot.ledger


def frp(quarter):
    lot = County().send(12, "ben", quarter=Q + quarter).send(12, "ben", "caregiver", quarter=Q + quarter)
    rows = enumerate(lot.inbox.values(), start=100 * quarter)
    return {number: msgspec.structs.replace(row, program="frp") for number, row in rows}


def work(program, period, served, offered=20, minutes=90):
    return WorkTotal(program=program, period=str(period), served=served, offered=offered, minutes=minutes)


TOTALS = [
    work("ada", Q, 300),
    work("ada", WINTER, 200),
    work("frp", WINTER, 90),
    work("cleo", WINTER, 10),
    work("ada", WINTER + 1, 9_999),
]


def rows_of(ledger, release=WINTER):
    return published_rows(
        Publication(ledger=ledger, release=str(release), released_on="2027-01-15", registry=REGISTRY)
    )


def measured(ledger, viewer=CTLT, release=WINTER, totals=TOTALS):
    rows = rows_of(ledger, release)
    own = ledger
    if viewer != CTLT:
        own = [batch for batch in ledger if batch.contractor == viewer.contractor]
    return Measuring(
        release=str(release),
        published=rows,
        ledger=own,
        totals=totals,
        parameters=Parameters(),
        viewer=viewer,
    ).measures()


def displays(ledger, measure, **more):
    return {tuple(it.scope.values()): it.display for it in measured(ledger, **more) if it.measure == measure}


@pytest.mark.slow
def test_measures_of_the_county_say_who_was_heard(ledger):
    assert displays(ledger, "reach-programs") == {("county",): "3 of 3"}
    assert displays(ledger, "protocol-coverage") == {("county",): "1 of 5"}
    assert displays(ledger, "withheld") == {("county",): "6 of 12"}
    (balance,) = [it for it in measured(ledger) if it.measure == "audience-balance"]
    assert (balance.n, balance.display) == (127, "77 %")
    assert displays([], "audience-balance") == {}
    # Two audiences in equal shares are no two thirds of anything: whoever is missing is named.
    silent = [it for it in ledger if it.audience != "expert"]
    assert displays(silent, "audience-balance") == {("county",): "not heard: lived experience experts"}


@pytest.mark.slow
def test_measures_of_the_work_come_from_what_programs_reported(ledger):
    assert displays(ledger, "offered") == {
        ("ada",): "20 of 200",
        ("frp",): "20 of 90",
        ("cleo",): "20 of 10",
    }
    assert displays(ledger, "burden")["ada",] == "30 minutes"
    assert displays(ledger, "answered") == {("ada",): "about 70 %"}
    assert displays(ledger, "over-answered") == {("frp",): "more answers than people served"}
    # Nobody is told of a rate that would say how fewer than eleven people did not answer.
    assert displays(ledger, "answered", totals=[work("frp", WINTER, 100)]) == {}
    assert displays(ledger, "answered", totals=[work("frp", WINTER, 107)]) == {("frp",): "about 90 %"}


@pytest.mark.slow
def test_the_public_is_told_of_flags_alone_and_of_no_total(ledger):
    (flag,) = measured(ledger, viewer=PUBLIC)
    assert (flag.measure, flag.scope, flag.origin) == ("over-answered", {"program": "frp"}, "live")
    row = next(
        it.row for it in rows_of(ledger) if (it.row.table, it.row.filters.get("program")) == ("T3", "frp")
    )
    assert flag.n == row.n, "exact and public already"
    assert (flag.value, flag.numerator, flag.denominator) == (None, None, None)
    assert measured(ledger, viewer=PUBLIC, totals=[]) == []


@pytest.mark.slow
def test_a_measure_of_answers_is_the_figure_of_a_row_with_its_people_and_quarters(ledger):
    overall = {tuple(it.scope.items()): it for it in measured(ledger) if it.measure == "overall"}
    assert set(overall) == {(("program", "ada"),), (("program", "frp"),), (("county", "county"),)}
    ada = overall[("program", "ada"),]
    assert (ada.n, ada.periods) == (360, ("2026Q1", "2026Q2", "2026Q3", "2026Q4"))
    assert ada.value == 94
    safe = next(it for it in measured(ledger) if (it.measure, it.scope) == ("felt-safe", {"program": "ada"}))
    assert (safe.n, safe.n_details, len(safe.detail_periods)) == (360, 360, 4)
    assert ("everyone", "4.3") in displays(ledger, "advocacy-helpful")
    assert set(displays(ledger, "caregiver-confidence")) == {("caregiver",)}


def test_how_many_a_question_did_not_hear_is_told_by_program(ledger):
    silent = [it for it in measured(ledger) if it.measure == "unanswered"]
    by_program = {it.scope["program"]: it.value for it in silent if it.scope["question"] == "core-safety"}
    assert by_program == {"ada": 11, "frp": 3}
    early = [batch for batch in ledger if batch.release == str(Q)]
    assert displays(early, "unanswered", release=Q) == {}
    assert unanswered({}, "core-safety") is None


@pytest.mark.slow
def test_would_rather_not_say_is_no_measure_any_more(ledger):
    assert "declined" not in {it.measure for it in measured(ledger)}
    assert {it.measure for it in measured(ledger)} <= {it.id for it in METRICS}
    assert all(it.metric.id == it.measure for it in measured(ledger))


def test_what_a_metric_is_read_off_is_asked_by_an_instrument_that_ships():
    questions = {it.id for instrument in shipped_instruments().values() for it in instrument.questions}
    figures = [metric.read_off.figure for metric in METRICS if metric.read_off]
    single = [it.split(":") for it in figures if it.startswith(("item:", "option:"))]
    assert [name for _, name, *_ in single if name not in questions] == []
    assert len(single) == 12
    assert {it for it in figures if it.startswith("domain:")} == {f"domain:{it}" for it in CORE_DOMAINS}


def test_a_contractor_is_measured_by_its_own_contract_and_nothing_of_the_county(ledger):
    measures = measured(ledger, parse("contractor:olive"), totals=[work("ada", WINTER, 200)])
    assert {it.measure for it in measures} >= {"overall", "offered", "burden", "unanswered"}
    assert not {"reach-programs", "audience-balance", "withheld"} & {it.measure for it in measures}
    assert {it.n for it in measures if it.measure == "overall"} == {180}


def test_partners_served_are_in_no_number_of_anybody_else():
    told_apart = msgspec.structs.replace(work("ada", WINTER, 24, 20), partners_served=90, partners_offered=80)
    measures = {(it.measure, *it.scope.values()): it for it in measured([], totals=[told_apart])}
    assert measures["offered", "ada"].display == "20 of 24"
    assert measures["offered", "ada", "partner"].display == "80 of 90"
    assert measures["burden", "ada"].n is None, "minutes are of both, and no number is"
    assert measured([], totals=[work("ada", WINTER, 24, 20)])[-1].n == 20


def test_a_year_without_work_is_a_ratio_of_nothing(ledger):
    measures = measured([], totals=[work("ada", WINTER, 0, 0)])
    (offered,) = [it for it in measures if it.measure == "offered"]
    assert (offered.display, offered.value) == ("0 of 0", None)


def test_a_measure_says_of_which_version_it_is_and_one_stored_without_is_of_the_second():
    report = WorkTotal(program="ada", period=str(Q), served=9, offered=8, minutes=60)
    measuring = Measuring(
        release=str(Q),
        published=(),
        ledger=(),
        totals=[report],
        parameters=Parameters(),
        viewer=parse("keeper:x"),
    )
    assert {it.version for it in measuring.measures()} == {VERSION}
    stored = msgspec.to_builtins(measuring.measures()[0])
    assert msgspec.convert(stored, Measure).version == VERSION == 3
    del stored["version"]
    assert msgspec.convert(stored, Measure).version == 2
