"""The first pass: where a row belongs, and what is done with one that makes no sense."""

import msgspec
import pytest

from analysis.batch_ledger import EXPERT, OWN, survey_class
from analysis.closing import Pending
from analysis.reading import Reading, at_hand, read
from surveys.periods import Period
from surveys.registry import Contract
from tests.support.ledger.county import PROGRAMS, County, Q, program, registry, response

CLOSING = Q + 4


def read_row(it, **more):
    return read(b"key", it, registry(CLOSING), **more)


def test_a_row_is_told_by_where_it_belongs_and_nothing_it_says():
    it = response("ada", "youth", Q + 2, language="es", wave="after")
    assert read_row(it, place="pool", since="2026Q4") == Reading(
        Pending(
            key=b"key",
            program="ada",
            contract=None,
            audience="youth",
            origin="live",
            class_=OWN,
            wave="after",
            collected=Q + 2,
            counted=Q + 2,
            language="es",
            place="pool",
            since=Period(2026, 4),
        )
    )


def test_survey_and_audience_make_the_class():
    assert read_row(response("ada", "expert", Q)).pending.class_ == EXPERT
    before = response("dov", "partner", Q, instrument="before-class")
    assert read_row(before).pending.class_ == survey_class("before-class")


@pytest.mark.parametrize(
    "nonsense",
    [
        {"program": "zed"},
        {"instrument": "left-the-product"},
        {"audience": "elder"},
        {"period": "2026Q9"},
        {"entered": "soon"},
    ],
)
def test_a_row_that_makes_no_sense_is_left_where_it_is(nonsense):
    assert read_row(msgspec.structs.replace(response(), **nonsense)) == Reading(None)
    assert read_row(response(), since="2026Q0") == Reading(None)


@pytest.mark.parametrize("stamp", ["1971Q1", "2025Q4", "2027Q3", "2036Q1"])
def test_a_clock_that_was_wrong_destroys_nothing_and_holds_nothing_back(stamp):
    reading = read_row(response(quarter=stamp))
    assert reading.restamped
    assert (reading.pending.collected, reading.pending.counted) == (CLOSING, CLOSING)


@pytest.mark.parametrize("stamp", [Q, CLOSING, CLOSING + 1])
def test_any_quarter_from_the_first_to_the_releases_own_day_stands(stamp):
    reading = read_row(response(quarter=stamp))
    assert not reading.restamped
    assert reading.pending.counted == stamp


def test_an_entered_answer_waits_from_when_it_was_typed_and_was_given_no_later():
    reading = read_row(response(quarter=Q + -1, origin="entered", entered=str(Q + 1)))
    assert (reading.pending.collected, reading.pending.counted, reading.restamped) == (Q + -1, Q + 1, False)
    reading = read_row(response(quarter=Q + 3, origin="entered", entered="1971Q1"))
    assert (reading.pending.collected, reading.pending.counted, reading.restamped) == (Q + 3, CLOSING, True)
    reading = read_row(response(quarter=Q + 30, origin="entered", entered=str(Q)))
    assert (reading.pending.collected, reading.pending.counted) == (Q, Q)


def test_a_response_falls_under_the_contract_of_its_quarter():
    contracts = (
        Contract(program="ada", contractor="casa-luz", first=Q, last=Q + 1),
        Contract(program="ada", contractor="olive", first=Q + 2, last=None),
    )
    with_contracts = registry(CLOSING, contracts=contracts)
    under = [
        read(b"", response("ada", quarter=Q + step), with_contracts).pending.contract for step in range(4)
    ]
    assert under == ["casa-luz/2026Q1", "casa-luz/2026Q1", "olive/2026Q3", "olive/2026Q3"]
    assert read(b"", response("ben"), with_contracts).pending.contract is None


def test_programs_and_contracts_are_over_after_their_last_quarter():
    contracts = (
        Contract(program="ada", contractor="casa-luz", first=Q, last=CLOSING),
        Contract(program="ben", contractor="olive", first=Q, last=CLOSING + 1),
    )
    programs = {**PROGRAMS, "cleo": program("cleo", "2027Q1"), "dov": program("dov", "2027Q2")}
    endings = registry(CLOSING, contracts=contracts, programs=programs).endings()
    assert endings.programs == {"cleo"}
    assert endings.contracts == {("ada", "casa-luz/2026Q1")}
    assert endings.pools["dov"] == "families"


def test_a_text_that_many_rows_share_is_in_memory_once():
    one, other = (
        read(key, msgspec.json.decode(msgspec.json.encode(response()), type=type(response())), registry())
        for key in (b"1", b"2")
    )
    for name in ("program", "audience", "class_", "language", "counted"):
        assert getattr(one.pending, name) is getattr(other.pending, name)


def test_kept_rows_are_counted_by_batch_and_language():
    ledger = County().send(110).release(Q)
    rows = [("B00001", "en"), ("B00001", "es"), ("B00001", "en"), ("B00002", "en"), ("B99999", "en")]
    assert at_hand(rows, ledger) == {"B00001": {"en": 2, "es": 1}}
