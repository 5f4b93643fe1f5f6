"""Every measure of measures.md that today's data allow, by hand, from rows, ledger and work totals alone."""

import msgspec
import pytest

from analysis.definitions import DEFINITIONS
from analysis.ledger import MIXED, PARTNER, Batch
from analysis.measures import Measure, Measuring
from analysis.policy import Policy
from analysis.published import Publishing, Registry
from surveys.domains import CORE_DOMAINS
from surveys.instruments import AUDIENCES, shipped_instruments
from surveys.registry import Program, WorkTotal, county_plan

QUESTIONS = {q.id: q for instrument in shipped_instruments().values() for q in instrument.questions}
CORE = tuple(f"core-{domain}" for domain in CORE_DOMAINS)
Q2, Q3 = "2026Q2", "2026Q3"
COUNTY = {"county": "county"}


def program(name, pool, strategies=("7.8",), contractor=None):
    audiences = AUDIENCES[:3]
    return Program(name, name, name, "protocol", pool, name, strategies, audiences,
                   dict.fromkeys(audiences, name), contractor_id=contractor)  # fmt: skip


PROGRAMS = (
    program("frp", "protocols", ("6.4", "7.8")),
    program("detention", "protocols", ("6.5",)),
    program("vista", "services", ("4.3",), "vista-del-mar"),
    program("star-court", "courts", ("6.1",)),
    program("ctu", "courts", ("6.1",)),
)
REGISTRY = Registry(PROGRAMS, {"vista": ["vista-del-mar"]}, QUESTIONS, ("en", "es"))


def batch(
    number, owner="frp", audience="youth", n=30, release=Q3, *, origin="live", kind="program", **counts
):
    """Return a batch; of every core question two thirds are favourable and one third is not."""
    items = {}
    for name in CORE:
        items |= {f"{name}:favourable": 2 * n // 3, f"{name}:other": n // 3, f"{name}:declined": 0}
    items |= {name.replace("_", "-").replace("--", ":"): count for name, count in counts.items()}
    contractor = "vista-del-mar" if owner == "vista" else None
    return Batch(
        f"B{number:05d}", kind, owner, audience, origin, release, release, release, n, items, contractor
    )


def measured(ledger, totals=(), release=Q3, registry=REGISTRY):
    published = Publishing(ledger, release, "2026-10-15", registry).rows()
    return Measuring(release, published, ledger, totals, registry, Policy()).measures()


def only(measures, name, **scope):
    """Return the one measure of that name and scope, or None."""
    found = [it for it in measures if it.measure == name and it.scope == (scope or COUNTY)]
    assert len(found) <= 1
    return found[0] if found else None


def number(it):
    return (it.numerator, it.denominator, it.value, it.display)


# --- Who was heard.


def test_programs_heard_from_are_those_with_a_live_release_in_the_period():
    ledger = [
        batch(1),
        batch(2, "vista", release=Q2),
        batch(3, "ctu", origin="entered"),
        batch(4, "frp", "expert"),
    ]
    it = only(measured(ledger), "reach-programs")
    assert number(it) == (1, 5, 20, "1 of 5")
    assert (it.n, it.version, it.origin, it.release) == (5, 1, "live", Q3)


def test_a_protocol_family_is_covered_by_youth_and_caregivers_of_any_release():
    ledger = [
        batch(1, "frp", "youth", release=Q2),
        batch(2, "frp", "caregiver"),
        batch(3, "star-court", "youth"),
        batch(4, "ctu", "caregiver"),
        batch(5, "detention", "youth"),
        batch(6, "detention", MIXED),
    ]
    assert number(only(measured(ledger), "protocol-coverage")) == (2, 5, 40, "2 of 5")


def test_entered_caregivers_and_live_youth_together_cover_nothing():
    ledger = [batch(1, "frp", "youth"), batch(2, "frp", "caregiver", origin="entered")]
    assert number(only(measured(ledger), "protocol-coverage")) == (0, 5, 0, "0 of 5")


def test_cells_withheld_are_the_live_cells_without_a_batch():
    # Five programs, three audiences each; Frp's mixed batch is a sixteenth cell.
    ledger = [batch(1), batch(2, audience=MIXED), batch(3, "vista", origin="entered")]
    assert number(only(measured(ledger), "withheld")) == (14, 16, 88, "14 of 16")


def test_audiences_are_balanced_when_each_is_a_third_without_mixed_partners_or_entered_answers():
    ledger = [
        batch(1, n=50),
        batch(2, audience="caregiver", n=30),
        batch(3, audience="expert", n=20),
        batch(4, audience=MIXED, n=90),
        batch(5, audience=PARTNER, n=90),
        batch(6, audience="expert", n=90, origin="entered"),
        batch(7, audience="expert", n=90, release=Q2),
    ]
    it = only(measured(ledger), "audience-balance")
    # Shares 50, 30 and 20 %; the largest deviation from a third is 16.7 points.
    assert (it.value, it.display, it.n) == (83, "83 %", 100)
    assert only(measured([batch(1, audience=MIXED)]), "audience-balance") is None


# --- The work.

TOTALS = (
    WorkTotal("frp", Q2, served=60, offered=50, minutes=100),
    WorkTotal("frp", Q3, served=40, offered=30, minutes=200),
    WorkTotal("frp", "2026Q4", served=999, offered=999, minutes=999),
    WorkTotal("vista", Q3, served=20, offered=0, minutes=0),
    WorkTotal("ctu", Q3, served=40, offered=10, minutes=10),
    WorkTotal("detention", Q3, served=0, offered=0, minutes=0),
)


def test_offered_and_burden_are_this_quarters_reports():
    measures = measured([], TOTALS)
    assert number(only(measures, "offered", program="frp")) == (30, 40, 75, "30 of 40")
    assert number(only(measures, "offered", program="detention")) == (0, 0, None, "0 of 0")
    burden = only(measures, "burden", program="frp")
    assert (burden.value, burden.display, burden.n) == (67, "67 minutes", 30)
    assert only(measures, "offered", program="star-court") is None


def test_the_response_rate_is_of_everyone_served_so_far_in_steps_of_five():
    ledger = [batch(1, n=12, release=Q2), batch(2, n=20), batch(3, n=17, origin="entered")]
    rates = [it for it in measured(ledger, TOTALS) if it.measure == "answered"]
    # 32 of 60 + 40 live, 17 of them entered, never added up.
    assert [(it.scope, it.origin, it.value, it.display, it.n) for it in rates] == [
        ({"program": "frp"}, "live", 30, "about 30 %", 32),
        ({"program": "frp"}, "entered", 15, "about 15 %", 17),
    ]


@pytest.mark.parametrize(
    ("n", "expected"),
    [(29, ["answered"]), (30, []), (40, []), (41, ["over-answered"])],
)
def test_fewer_than_eleven_silent_people_have_no_rate_and_more_answers_than_people_raise_a_flag(n, expected):
    found = [
        it for it in measured([batch(1, "ctu", n=n)], TOTALS) if it.measure in ("answered", "over-answered")
    ]
    assert [it.measure for it in found] == expected
    assert all(it.value in (None, 70) for it in found)
    assert not [it for it in measured([batch(1, "star-court")], TOTALS) if it.measure == "answered"]


# --- Answers.


def test_the_overall_and_domain_measures_are_the_figures_of_programs_and_the_county():
    ledger = [batch(1, n=30, release=Q2), batch(2, n=30)]
    measures = measured(ledger)
    for scope in ({"program": "frp"}, COUNTY):
        for name in ("overall", *(f"domain-{domain}" for domain in CORE_DOMAINS)):
            it = only(measures, name, **scope)
            assert (it.value, it.n, it.origin) == (67, 60, "live")
            assert it.low < 67 < it.high
    assert {tuple(it.scope) for it in measures if it.measure == "overall"} == {("program",), ("county",)}


@pytest.mark.parametrize(
    ("name", "item", "tables"),
    [
        ("language-understood", "core_language", ["frp", "county"]),
        ("voice-choice", "core_voice", ["frp", "county"]),
        ("felt-safe", "core_safety", ["frp", "protocols", "county"]),
        ("advocacy-helpful", "core_helpfulness", []),
    ],
)
def test_a_measure_of_one_core_question_is_read_off_its_rows(name, item, tables):
    ledger = [batch(1, **{f"{item}__favourable": 24, f"{item}__other": 6})]
    found = [it for it in measured(ledger) if it.measure == name]
    assert [next(iter(it.scope.values())) for it in found] == tables
    assert {(it.value, it.n) for it in found} <= {(80, 30)}


def test_advocacy_is_read_off_its_strategy_since_the_beginning():
    share = {"core_helpfulness__favourable": 27, "core_helpfulness__other": 9}
    ledger = [batch(1, "vista", n=36, release=Q2, **share), batch(2, "vista", n=36, **share), batch(3)]
    (it,) = [it for it in measured(ledger) if it.measure == "advocacy-helpful"]
    assert (it.scope, it.value, it.n) == ({"strategy": "4.3"}, 75, 72)


@pytest.mark.parametrize(
    ("name", "audience"),
    [
        ("answered-freely", "youth"),
        ("transit-safety", "youth"),
        ("caregiver-confidence", "caregiver"),
        ("understood-court", "caregiver"),
    ],
)
def test_a_measure_of_one_audience_is_read_off_its_batches_and_the_countys_audience(name, audience):
    item = name.replace("-", "_")
    ledger = [batch(1, audience=audience, n=40, **{f"{item}__favourable": 15, f"{item}__other": 5})]
    found = [it for it in measured(ledger) if it.measure == name]
    assert [(it.scope, it.value, it.n) for it in found] == [
        ({"program": "frp", "audience": audience}, 75, 40),
        ({"audience": audience}, 75, 40),
    ]
    few = [batch(1, audience=audience, n=40, **{f"{item}__favourable": 15, f"{item}__other": 4})]
    assert not [it for it in measured(few) if it.measure == name]


def test_silences_are_told_for_programs_and_the_county_and_bounded_like_every_figure():
    counts = {
        "core_trust__favourable": 20,
        "core_trust__other": 10,
        "core_trust__declined": 6,
        "core_voice__favourable": 31,
        "core_voice__other": 10,
    }
    measures = measured([batch(1, n=40, **counts), batch(2, n=15, origin="entered")])
    for scope in ({"program": "frp"}, COUNTY):
        it = only(measures, "unanswered", **scope, question="core-trust")
        assert (it.value, it.bound, it.n, it.origin) == (25, None, 40, "live")
        assert (it.low, it.high) != (None, None)
        assert only(measures, "declined", **scope, question="core-trust").value == 15
        # One more counted than there are people: the adjustment. “Nobody was silent” is never said.
        assert only(measures, "unanswered", **scope, question="core-voice").display == "at most 8 %"
    assert {it.origin for it in measures if it.measure == "unanswered"} == {"live"}


@pytest.mark.parametrize("name", ["knew-where", "connected"])
def test_a_yes_is_a_share_of_all_who_answered(name):
    item = f"{name.replace('-', '_')}__option__"
    counts = {f"{item}yes": 12, f"{item}no": 5, f"{item}not_sure": 3}
    it = only(measured([batch(1, **counts)]), name, audience="youth")
    # 12 of 20; Wilson is 38.7 to 78.1, and 13 points more.
    assert (it.value, it.low, it.high, it.n) == (60, 25, 92, 30)


def test_help_without_a_case_is_a_share_of_those_who_know():
    counts = {f"no_case_needed__option__{code}": n for code, n in (("yes", 15), ("no", 5), ("not_sure", 9))}
    assert only(measured([batch(1, **counts)]), "no-case-needed", audience="youth").value == 75


def test_a_need_met_in_a_week_is_a_share_of_all_who_were_asked():
    """Of 24 who needed something 12 said yes, 4 no and 8 said nothing: half, not three quarters."""
    counts = {
        "needed_something__option__yes": 24,
        "need_in_a_week__option__yes": 12,
        "need_in_a_week__option__no": 4,
    }
    assert only(measured([batch(1, **counts)]), "need-in-a-week", audience="youth").value == 50


def test_options_are_measured_by_origin_and_audience_of_this_release_alone():
    yes = {"connected__option__yes": 15, "connected__option__no": 10}
    ledger = [
        batch(1, **yes),
        batch(2, audience="caregiver", origin="entered", **yes),
        batch(3, release=Q2, **yes),
        batch(4, "protocols", MIXED, kind="pool", **yes),
    ]
    found = [it for it in measured(ledger) if it.measure == "connected"]
    assert [(it.origin, it.scope, it.n) for it in found] == [
        ("live", {"audience": "youth"}, 30),
        ("entered", {"audience": "caregiver"}, 30),
    ]


def test_a_question_that_left_the_product_is_measured_no_more():
    without = {name: question for name, question in QUESTIONS.items() if name != "connected"}
    ledger = [batch(1, connected__option__yes=15, connected__option__no=10)]
    registry = msgspec.structs.replace(REGISTRY, questions=without)
    assert only(measured(ledger, registry=registry), "connected", audience="youth") is None


# --- All of them.

EVERYTHING = measured(
    [
        batch(
            1,
            "vista",
            n=60,
            connected__option__yes=30,
            knew_where__option__yes=30,
            no_case_needed__option__yes=30,
            needed_something__option__yes=40,
            need_in_a_week__option__yes=30,
            answered_freely__favourable=40,
            transit_safety__favourable=40,
            caregiver_confidence__favourable=40,
            understood_court__favourable=40,
        ),
        batch(2, "ctu", n=50),
    ],
    [WorkTotal("vista", Q3, 90, 80, 70), WorkTotal("ctu", Q3, 40, 30, 20)],
)


def test_every_measure_has_a_definition_and_every_definition_a_measure():
    assert {it.measure for it in EVERYTHING} == {definition.id for definition in DEFINITIONS}
    assert all(it.definition.id == it.measure for it in EVERYTHING)
    assert len({definition.id for definition in DEFINITIONS}) == len(DEFINITIONS)


def test_every_definition_informs_strategies_of_the_plan():
    known = {strategy.number for strategy in county_plan().strategies}
    for definition in DEFINITIONS:
        assert definition.name
        assert definition.formula
        assert set(definition.strategies) <= known
        assert definition.strategies


def test_every_percent_about_answers_has_its_people_and_its_interval():
    of_the_work = {"reach-programs", "protocol-coverage", "withheld", "audience-balance", "offered", "burden"}
    rates = {"answered", "over-answered"}
    for it in EVERYTHING:
        if it.measure not in of_the_work | rates:
            assert it.n >= 11
            assert it.low <= it.value <= it.high
        assert it.version == 1
        assert it.release == Q3


def test_a_contractor_can_be_shown_the_measures_of_its_programs_by_their_scope():
    own = {it.measure for it in EVERYTHING if it.scope.get("program") == "vista"}
    assert {"offered", "burden", "answered", "overall", "answered-freely"} <= own
    assert not own & {"reach-programs", "withheld", "audience-balance", "over-answered", "knew-where"}


def test_measures_come_from_rows_ledger_and_totals_alone():
    given = ("release", "published", "ledger", "totals", "registry", "policy", "viewer")
    assert Measuring.__struct_fields__ == given
    nothing = measured([])
    assert {it.measure for it in nothing} == {"reach-programs", "protocol-coverage", "withheld"}
    assert all(it.numerator in (0, 15) for it in nothing)


def test_a_contractors_slice_of_a_program_is_never_measured_beside_the_program():
    found = [it.scope for it in EVERYTHING if it.measure == "overall"]
    assert found.count({"program": "vista"}) == 1


def test_partners_languages_and_entered_answers_are_never_measured_with_the_county():
    ours = {"core_trust__favourable": 20, "core_trust__other": 10}
    silent = {"core_trust__favourable": 0, "core_trust__other": 0}
    ledger = [
        batch(1, n=40, **ours),
        batch(2, "en", MIXED, 40, kind="language", **silent),
        batch(3, audience=PARTNER, n=40, **silent),
        batch(4, n=40, origin="entered", **silent),
    ]
    live, entered = [
        it
        for it in measured(ledger)
        if it.measure == "unanswered" and it.scope == {**COUNTY, "question": "core-trust"}
    ]
    assert (live.value, live.n, entered.display, entered.n) == (25, 40, "at least 92 %", 40)


def test_a_measure_as_json_leaves_out_what_it_has_not():
    assert msgspec.to_builtins(Measure("withheld", Q3, COUNTY, "live", "1 of 2")) == {
        "measure": "withheld",
        "release": Q3,
        "scope": COUNTY,
        "origin": "live",
        "display": "1 of 2",
    }
