"""The ledger adds up as disclosure.md says, and its fingerprint shows every change."""

import hashlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.ledger import COUNTY, MIXED, PARTNER, Batch, add_up, fingerprint
from surveys.instruments import AUDIENCES

YOUTH = Batch(
    "B00001",
    "program",
    "frp",
    "youth",
    "live",
    "2026Q1",
    "2026Q3",
    "2026Q3",
    12,
    {"core-safety:favourable": 9, "core-safety:other": 2, "bus:favourable": 5, "theme:housing": 3},
    None,
    "frozen-batches-1",
)
CAREGIVERS = Batch(
    "B00002",
    "program",
    "frp",
    "caregiver",
    "live",
    "2026Q2",
    "2026Q3",
    "2026Q3",
    15,
    {"core-safety:favourable": 4, "core-safety:other": 8, "confidence:option:yes": 6, "theme:housing": 0},
    "olive-crest",
    "frozen-batches-1",
)
ROOM = Batch(
    "B00003",
    "pool",
    "protocols",
    MIXED,
    "live",
    "2025Q1",
    "2026Q1",
    "2026Q3",
    11,
    {"core-safety:favourable": 11, "core-safety:other": 0},
)


def test_partners_are_an_audience_and_mixed_and_county_are_not():
    assert PARTNER in AUDIENCES
    assert not {MIXED, COUNTY} & set(AUDIENCES)


def test_sums_are_the_ones_computed_by_hand():
    sums = add_up([YOUTH, CAREGIVERS, ROOM])
    assert (sums.n, sums.batches) == (12 + 15 + 11, 3)
    item = "core-safety:favourable"
    assert (sums.count(item), sums.people(item), sums.draws(item)) == (9 + 4 + 11, 38, 3)


def test_a_question_only_some_were_asked_is_compared_with_the_people_of_those_batches_alone():
    sums = add_up([YOUTH, CAREGIVERS, ROOM])
    assert (sums.count("bus:favourable"), sums.people("bus:favourable"), sums.draws("bus:favourable")) == (
        5,
        12,
        1,
    )
    assert (sums.count("theme:housing"), sums.people("theme:housing"), sums.draws("theme:housing")) == (
        3,
        27,
        2,
    )


def test_a_tally_of_nobody_is_not_a_question_nobody_was_asked():
    sums = add_up([CAREGIVERS])
    assert (sums.count("theme:housing"), sums.people("theme:housing"), sums.draws("theme:housing")) == (
        0,
        15,
        1,
    )
    assert (sums.count("bus:other"), sums.people("bus:other"), sums.draws("bus:other")) == (0, 0, 0)


def test_a_total_over_audiences_has_core_questions_and_themes_and_nothing_else():
    assert set(add_up([YOUTH, CAREGIVERS], core_only=True).held) == {
        "core-safety:favourable",
        "core-safety:other",
        "theme:housing",
    }


def test_no_batches_add_up_to_nobody():
    sums = add_up([])
    assert (sums.n, sums.batches, sums.held) == (0, 0, {})


BATCHES = st.lists(
    st.builds(
        msgspec.structs.replace,
        st.sampled_from([YOUTH, CAREGIVERS, ROOM]),
        id=st.integers(0, 10**5).map("B{:05}".format),
        n=st.integers(11, 90),
        items=st.dictionaries(
            st.sampled_from(["core-safety:other", "core-trust:other", "bus:other", "theme:housing"]),
            st.integers(0, 90),
        ),
    ),
    max_size=8,
    unique_by=lambda batch: batch.id,
)


@pytest.mark.slow
@given(batches=BATCHES, cut=st.integers(0, 8), core_only=st.booleans())
def test_a_sum_of_two_sums_is_the_sum_of_all(batches, cut, core_only):
    whole = add_up(batches, core_only=core_only)
    parts = [add_up(part, core_only=core_only) for part in (batches[:cut], batches[cut:])]
    assert whole.n == sum(part.n for part in parts)
    assert whole.batches == sum(part.batches for part in parts)
    for item in ("core-safety:other", "core-trust:other", "bus:other", "theme:housing"):
        for asked in ("count", "people", "draws"):
            assert getattr(whole, asked)(item) == sum(getattr(part, asked)(item) for part in parts)


def by_hand(batches):
    """Return SHA-256 over one line of sorted JSON a batch, written with the standard library alone."""
    lines = [
        json.dumps(msgspec.to_builtins(batch), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        for batch in sorted(batches, key=lambda batch: batch.id)
    ]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


@given(batches=BATCHES)
def test_the_fingerprint_can_be_checked_without_this_program(batches):
    assert fingerprint(batches) == by_hand(batches)


def test_the_fingerprint_of_an_empty_ledger_is_that_of_nothing():
    assert fingerprint([]) == hashlib.sha256(b"").hexdigest()


def test_the_order_of_batches_and_items_does_not_change_the_fingerprint():
    turned = msgspec.structs.replace(YOUTH, items=dict(reversed(YOUTH.items.items())))
    assert fingerprint([ROOM, CAREGIVERS, turned]) == fingerprint(iter([YOUTH, CAREGIVERS, ROOM]))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "B00009"},
        {"kind": "pool"},
        {"owner": "syz"},
        {"audience": "expert"},
        {"origin": "entered"},
        {"first": "2026Q2"},
        {"last": "2026Q2"},
        {"release": "2026Q4"},
        {"n": 13},
        {"items": {**YOUTH.items, "theme:housing": 4}},
        {"items": {**YOUTH.items, "theme:staff": 0}},
        {"contractor": "olive-crest"},
        {"contractor": ""},
        {"rule": "frozen-batches-2"},
    ],
    ids=str,
)
def test_every_change_of_a_batch_changes_the_fingerprint(change):
    assert fingerprint([msgspec.structs.replace(YOUTH, **change)]) != fingerprint([YOUTH])


def test_a_batch_more_or_less_changes_the_fingerprint():
    assert len({fingerprint(found) for found in ([YOUTH], [YOUTH, ROOM], [ROOM], [])}) == 4
