"""One link takes a burst and then a few answers a minute; nobody's clock is waited for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.inbox.rate_limit import RateLimit


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def evenly(a_second):
    """As if the next token came when it comes on average."""
    return 1 / a_second


@pytest.fixture
def rate_limit(clock):
    return RateLimit(240, 12, clock, evenly)


def send(rate_limit, clock, slug, times, seconds):
    """Send so many times, evenly over so many seconds; return how many were taken."""
    n_taken = 0
    for _ in range(times):
        n_taken += rate_limit.takes(slug)
        clock.now += seconds / times
    return n_taken


def test_of_two_thousand_in_a_minute_one_link_takes_252_at_most(rate_limit, clock):
    assert 240 < send(rate_limit, clock, "flooded", 2_000, 60) <= 252


@pytest.mark.parametrize("seconds", [0, 1, 600])
def test_forty_people_behind_one_address_all_get_through(rate_limit, clock, seconds):
    assert send(rate_limit, clock, "a-room", 40, seconds) == 40


def test_a_flood_of_one_link_never_slows_another(rate_limit, clock):
    assert send(rate_limit, clock, "flooded", 2_000, 60) < 2_000
    assert send(rate_limit, clock, "quiet", 240, 1) == 240


def test_an_empty_bucket_takes_the_next_answer_after_five_seconds_and_only_one(rate_limit, clock):
    send(rate_limit, clock, "flooded", 240, 0)
    clock.now += 4.9
    assert not rate_limit.takes("flooded")
    clock.now += 0.2
    assert [rate_limit.takes("flooded") for _ in range(2)] == [True, False]


def test_after_twenty_quiet_minutes_the_bucket_is_full_again_and_never_fuller(rate_limit, clock):
    send(rate_limit, clock, "flooded", 240, 0)
    clock.now += 1_200
    assert send(rate_limit, clock, "flooded", 600, 0) == 240
    clock.now += 86_400
    assert send(rate_limit, clock, "flooded", 600, 0) == 240


def test_a_refused_send_costs_no_token(rate_limit, clock):
    send(rate_limit, clock, "flooded", 5_000, 0)
    clock.now += 60.001
    assert send(rate_limit, clock, "flooded", 100, 0) == 12


def test_all_a_rate_limit_remembers_is_a_number_and_a_moment_to_come_for_each_link(rate_limit, clock):
    send(rate_limit, clock, "flooded", 500, 10)
    send(rate_limit, clock, "quiet", 1, 0)
    assert rate_limit._buckets == {
        "flooded": (pytest.approx(1, abs=1), pytest.approx(clock.now + 2.5, abs=2.6)),
        "quiet": (239, clock.now + 5),
    }


@pytest.mark.slow
def test_whoever_keeps_a_link_empty_does_not_see_in_the_gaps_that_somebody_else_sent(clock):
    """Every second one asks for the next token; in every second world somebody else takes one too."""
    gaps = {True: [], False: []}
    for number in range(4_000):
        rate_limit = RateLimit(1, 12, clock)
        rate_limit.takes("flooded")
        began, others = clock.now, number % 2 == 0
        while not rate_limit.takes("flooded"):
            clock.now += 1
        if others:
            while not rate_limit.takes("flooded"):
                clock.now += 1
        gaps[others].append(clock.now - began)
    # A gap of ten seconds tells hardly more than one of five: both come with and without somebody.
    long = {it: sum(gap > 9 for gap in lengths) / len(lengths) for it, lengths in gaps.items()}
    assert 0.1 < long[False] < 0.25
    assert long[True] < 0.55


def test_tokens_come_as_often_as_the_settings_say(clock):
    rate_limit = RateLimit(240, 12, clock)
    send(rate_limit, clock, "flooded", 240, 0)
    n_taken = send(rate_limit, clock, "flooded", 36_000, 36_000)
    assert abs(n_taken - 7_200) < 5 * 7_200**0.5


@given(
    st.integers(40, 400),
    st.integers(1, 240),
    st.lists(st.floats(0, 90), min_size=1, max_size=300),
)
def test_whatever_the_rhythm_no_more_is_taken_than_the_settings_say(at_once, a_minute, pauses):
    clock = Clock()
    rate_limit = RateLimit(at_once, a_minute, clock, evenly)
    began, n_taken = clock.now, 0
    for pause in pauses:
        clock.now += pause
        n_taken += sum(rate_limit.takes("flooded") for _ in range(at_once))
        assert n_taken <= at_once + (clock.now - began) * a_minute / 60 + 1e-6
