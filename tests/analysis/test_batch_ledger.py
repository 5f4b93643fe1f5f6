"""The rows of the ledger, what is added up from them, and the chain that shows a changed one."""

from fractions import Fraction

import msgspec
import pytest

from analysis.batch_ledger import (
    EXPERT,
    NOTHING,
    OWN,
    PARTNER,
    Batch,
    Sort,
    Sum,
    add_up,
    batch_id,
    chained,
    class_of,
    family,
    fingerprint,
    sort_of,
    survey_class,
)
from surveys.instruments import shipped_instruments

PULSE = Batch(
    id="B00012",
    kind="pulse",
    scope="program",
    owner="frp",
    audience="youth",
    class_=OWN,
    wave=None,
    origin="live",
    first="2026Q1",
    last="2026Q3",
    release="2026Q3",
    n=27,
    of=(),
    rule="2",
    variances={"score": "7840000/9", "spread": "7840000/81"},
    values={"score": 17_640, "spread": 4_210},
    contract="vista/2025Q1",
)
OTHER = msgspec.structs.replace(
    PULSE, id="B00013", n=11, release="2026Q4", values={"score": -20}, contract=None
)


def test_a_row_reads_as_the_command_prints_it():
    assert msgspec.to_builtins(PULSE) == {
        "id": "B00012",
        "kind": "pulse",
        "scope": "program",
        "owner": "frp",
        "audience": "youth",
        "class": "own experience",
        "wave": None,
        "origin": "live",
        "first": "2026Q1",
        "last": "2026Q3",
        "release": "2026Q3",
        "n": 27,
        "of": (),
        "rule": "2",
        "variances": {"score": "7840000/9", "spread": "7840000/81"},
        "values": {"score": 17640, "spread": 4210},
        "contract": "vista/2025Q1",
    }
    assert msgspec.json.decode(msgspec.json.encode(PULSE), type=Batch) == PULSE


def test_a_batch_belongs_to_the_contractor_under_whose_contract_its_people_were_served():
    assert (PULSE.contractor, OTHER.contractor) == ("vista", None)


def test_values_are_added_with_their_people_and_their_noise_and_may_be_under_zero():
    sums = add_up([PULSE, OTHER])
    assert sums == {
        "score": Sum(17_620, 38, 2 * Fraction(7_840_000, 9), 2),
        "spread": Sum(4_210, 27, Fraction(7_840_000, 81), 1),
    }
    assert add_up([]) == {}
    assert sums.get("theme:housing", NOTHING).people == 0


@pytest.mark.parametrize(
    ("name", "drawn_like"),
    [
        ("score", "score"),
        ("spread", "spread"),
        ("theme:housing", "theme"),
        ("how-heard:option:flyer", "option"),
        ("core-safety:favourable", "scale"),
        ("core-safety:other", "scale"),
    ],
)
def test_a_value_is_drawn_like_its_family(name, drawn_like):
    assert family(name) == drawn_like


def test_a_survey_without_core_questions_is_a_class_for_each_audience():
    alone = sort_of("live", survey_class("before-class"), "youth", "before")
    assert alone == Sort(origin="live", class_="survey:before-class", alone="youth", wave="before")
    assert alone.is_survey
    assert PULSE.sort == Sort(origin="live", class_=OWN, alone="", wave="")
    assert not PULSE.sort.is_survey


def test_ids_of_batches_count_up():
    assert [batch_id(number) for number in (1, 12)] == ["B00001", "B00012"]


@pytest.mark.parametrize(
    "change", [{"values": {"score": 17_641, "spread": 4_210}}, {"n": 28}, {"rule": "3"}, {"contract": None}]
)
def test_a_changed_row_breaks_the_chain_of_its_release_and_of_every_later_one(change):
    changed = msgspec.structs.replace(PULSE, **change)
    assert fingerprint([PULSE]) != fingerprint([changed])
    assert fingerprint([PULSE, OTHER]) != fingerprint([changed, OTHER])


def test_the_chain_grows_release_by_release_in_whatever_order_rows_are_read():
    first = chained("", [PULSE])
    assert fingerprint([OTHER, PULSE]) == chained(first, [OTHER]) != chained("", [OTHER])
    assert fingerprint([]) == ""


def test_a_class_is_decided_by_survey_and_audience():
    youth, course = shipped_instruments()["protocol-youth"], shipped_instruments()["event"]
    blank = msgspec.structs.replace(course, id="before-class", questions=course.questions[:1])
    classes = [class_of(it, a) for it, a in ((youth, "youth"), (course, "expert"), (course, "partner"))]
    assert classes == [OWN, EXPERT, PARTNER]
    assert class_of(blank, "expert") == survey_class("before-class")
