"""What the release rule costs, on made-up histories of three years: docs/disclosure.md, “What it costs”."""

import math

import pytest

from analysis.parameters import Parameters
from feedback.demo.traits import traits_of
from tests.support.ledger.histories import FIRST, PROGRAMS, QUARTERS, History, costs

pytestmark = [pytest.mark.slow, pytest.mark.uncounted]
BETTER, WORSE = "dream-unit", "community"
"""Where the demonstration plants a lasting change."""
STEADY = [name for name, it in PROGRAMS.items() if not traits_of(it).change and not traits_of(it).drift]
MANY = 40
LAST = FIRST + (QUARTERS - 1)
JUDGED = [LAST + -step for step in range(QUARTERS - 7)]
"""Releases at which four can be compared with the four before."""


@pytest.fixture(scope="module")
def histories(how_many):
    return [History(seed) for seed in range(how_many(2, thorough=MANY))]


def test_the_noise_moves_an_overall_as_far_as_the_rule_says(histories):
    """Of every pulse of every size: by a deviation of one person in nine tenths."""
    steps = [
        points / 100 * people * Parameters().mu_pulse
        for history in histories
        for people, points in history.errors()
    ]
    assert sum(it**2 for it in steps) / len(steps) == pytest.approx(1, abs=4 * math.sqrt(2 / len(steps)))
    print(costs(histories))


def test_nearly_everybody_is_heard_in_figures_of_their_own_program(histories):
    cost = costs(histories)
    assert cost.heard["pulse"] > 0.95
    assert cost.heard["detail"] > 0.88
    assert cost.heard["themes"] > 0.9
    assert max(cost.months.values()) <= 9, "a year's first quarter waits three more"


def test_both_planted_changes_are_found_against_the_first_four(histories):
    changes = [history.changes(LAST) for history in histories]
    rates = [
        sum((it[name][1] or 0) * sign > 0 for it in changes) / len(changes)
        for name, sign in ((BETTER, 1), (WORSE, -1))
    ]
    print(rates)
    assert min(rates) >= 0.95


def test_false_alarms_are_rare(histories):
    """At most one in five releases, for each of the two comparisons."""
    alarms = [0, 0]
    for history in histories:
        for release in JUDGED:
            changes = history.changes(release)
            for against in (0, 1):
                alarms[against] += sum(
                    changes[name][against] is not None for name in STEADY if len(changes[name]) == 2
                )
    rates = [it / len(histories) / len(JUDGED) for it in alarms]
    print(rates)
    # Five releases in a row share their answers: what is a false alarm in one is often one in all.
    luck = 0 if len(histories) == MANY else 3 * math.sqrt(0.2 / len(histories))
    assert max(rates) <= 0.2 + luck


def test_intervals_hold_the_truth_as_often_as_they_say(histories, how_many):
    shares = [it for history in histories for it in history.covered(how_many(8, thorough=6), 400)]
    single, compared = (sum(it) / len(shares) for it in zip(*shares, strict=True))
    print(len(shares), single, compared)
    luck = 3 * (0.05 * 0.95 / len(shares)) ** 0.5
    assert 0.94 - luck <= single <= compared
