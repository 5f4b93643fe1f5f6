"""Change: four releases against four, told only where chance alone would hardly make it."""

import msgspec

from analysis.batch_ledger import OWN, Batch
from analysis.publishing.changes import changes
from surveys.periods import Period

FIRST = Period(2024, 1)


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
            first=str(FIRST + step),
            last=str(FIRST + step),
            release=str(FIRST + step),
            n=n,
            variances={"score": "7840000/9", "spread": "7840000/81"},
            values={"score": round(840 * n * mean), "spread": 0},
        )
        for step, mean in enumerate(means)
        if mean is not None
    ]


def points_by_window(batches, release):
    return {it.against: it.points for it in changes(batches, str(FIRST + release), str(FIRST), 0.5)}


def test_nothing_is_compared_before_there_are_eight_releases():
    assert points_by_window(pulses(*[0.5] * 7), 6) == {}


def test_a_large_change_is_told_against_the_four_before_and_against_the_first_four():
    batches = pulses(*[0.8] * 4, *[0.7] * 4, *[0.55] * 4)
    assert points_by_window(batches, 11) == {"the four releases before": -15, "the first four releases": -25}
    assert points_by_window(batches, 7) == {"the four releases before": None, "the first four releases": None}
    (one, other) = changes(batches, str(FIRST + 11), str(FIRST), 0.5)
    assert one.display == "lower than in the four releases before, by about 15 points"
    assert other.points == -25


def test_a_small_change_is_not_told():
    (one, *_) = changes(pulses(*[0.6] * 4, *[0.62] * 4), str(FIRST + 7), str(FIRST), 0.5)
    assert one.points is None
    assert one.display == "no change that can be told from chance, against the four releases before"


def test_a_rise_is_told_as_higher():
    (one, *_) = changes(pulses(*[0.5] * 4, *[0.9] * 4), str(FIRST + 7), str(FIRST), 0.5)
    assert one.display == "higher than in the four releases before, by about 40 points"


def test_who_was_not_heard_then_or_now_is_not_compared():
    assert points_by_window(pulses(*[None] * 4, *[0.5] * 4, *[0.5] * 4), 11) == {
        "the four releases before": None
    }
    assert points_by_window(pulses(*[0.5] * 4), 7) == {}
    mute = [msgspec.structs.replace(it, values={}) for it in pulses(*[0.5] * 8)]
    assert points_by_window(mute, 7) == {}
