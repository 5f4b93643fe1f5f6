"""Change: four releases against four, told only where chance alone would hardly make it."""

import msgspec

from analysis.batch_ledger import OWN, Batch
from analysis.figures import TOO_FEW
from analysis.publishing.changes import BEFORE, FIRST, HIGHER, LOWER, NONE, changes
from analysis.publishing.publication import CUMULATIVE, Publication
from analysis.publishing.registry import Registry
from analysis.publishing.tables import published_rows
from surveys.periods import Period
from tests.support.ledger.county import PROGRAMS, County, Q

FIRST_RELEASE = Period(2024, 1)
START = str(FIRST_RELEASE)


def pulses(*means, n=40):
    """One pulse a release; None is a release without one."""
    return [
        Batch(
            id=f"B{step:05d}",
            kind="pulse",
            scope="program",
            owner="ada",
            audience="youth",
            class_=OWN,
            wave=None,
            origin="live",
            first=str(FIRST_RELEASE + step),
            last=str(FIRST_RELEASE + step),
            release=str(FIRST_RELEASE + step),
            n=n,
            variances={"score": "7840000/9", "spread": "7840000/81"},
            values={"score": round(840 * n * mean), "spread": 0},
        )
        for step, mean in enumerate(means)
        if mean is not None
    ]


def points(batches, release):
    return {it.measure: it.value for it in changes(batches, str(FIRST_RELEASE + release), START, 0.5)}


def displays(batches, release):
    return [it.display for it in changes(batches, str(FIRST_RELEASE + release), START, 0.5)]


def test_nothing_is_compared_before_there_are_eight_releases():
    assert points(pulses(*[0.5] * 7), 6) == {}


def test_a_large_change_is_told_against_the_four_before_and_against_the_first_four():
    batches = pulses(*[0.8] * 4, *[0.7] * 4, *[0.55] * 4)
    assert points(batches, 11) == {BEFORE: -15, FIRST: -25}
    assert displays(batches, 11) == [LOWER, LOWER]
    assert points(batches, 7) == {BEFORE: None, FIRST: None}


def test_a_clear_change_has_the_interval_of_its_points():
    (change, _) = changes(pulses(*[0.5] * 4, *[0.9] * 4), str(FIRST_RELEASE + 7), START, 0.5)
    assert change.display == HIGHER
    assert 0 < change.low < change.value == 40 < change.high < 60


def test_a_small_change_is_not_told():
    batches = pulses(*[0.6] * 4, *[0.62] * 4)
    assert displays(batches, 7) == [NONE, NONE]
    assert points(batches, 7) == {BEFORE: None, FIRST: None}


def test_who_was_not_heard_then_or_now_is_not_compared():
    assert displays(pulses(*[None] * 4, *[0.5] * 4, *[0.5] * 4), 11) == [NONE, TOO_FEW]
    assert displays(pulses(*[0.5] * 4), 7) == [TOO_FEW, TOO_FEW]
    mute = [msgspec.structs.replace(it, values={}) for it in pulses(*[0.5] * 8)]
    assert displays(mute, 7) == [TOO_FEW, TOO_FEW]


def test_from_answers_too_few_to_show_no_change_is_not_said_to_be_none():
    few = pulses(0.5, *[None] * 3, 0.6, *[None] * 3, n=3)
    assert displays(few, 7) == [TOO_FEW, TOO_FEW]


def test_a_release_publishes_changes_of_all_so_far_of_programs_strategies_and_the_county():
    deployment = County()
    for step in range(8):
        deployment.send(14, quarter=Q + step)
        deployment.release(Q + step)
    for release, compared in ((Q + 6, 0), (Q + 7, 2)):
        publication = Publication(
            ledger=[batch for batch in deployment.ledger if batch.release <= str(release)],
            release=str(release),
            released_on="2027-01-15",
            registry=Registry(list(PROGRAMS.values()), {}, {}, ("en",)),
        )
        rows = [it.row for it in published_rows(publication)]
        changing = {(row.table, row.filters.get("scope")) for row in rows if row.figure(BEFORE)}
        assert changing == ({(table, CUMULATIVE) for table in ("T3", "T4", "T7")} if compared else set())
