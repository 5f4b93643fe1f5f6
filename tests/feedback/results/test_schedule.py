"""When a release may run: the calendar alone decides, the oldest missed quarter first."""

import datetime as dt

import pytest

from feedback.release.runner import ReleaseRefused
from feedback.results.schedule import days_of_releases, schedule
from surveys.periods import Period


def schedule_of(sandbox):
    async def read(session):
        return await schedule(session, sandbox.settings)

    return sandbox.in_transaction(read)


def test_the_first_release_is_of_the_quarter_of_init(sandbox):
    now = schedule_of(sandbox)
    assert (now.next_period, now.latest, now.today) == (Period(2026, 3), None, dt.date(2026, 8, 15))
    assert (now.opens_on, now.due_on) == (dt.date(2026, 10, 1), dt.date(2026, 10, 15))


def test_a_release_opens_after_the_quarter_and_is_due_fifteen_days_after_its_end(sandbox):
    days = {
        "2026-08-15": (False, False),
        "2026-09-30": (False, False),
        "2026-10-01": (True, False),
        "2026-10-14": (True, False),
        "2026-10-15": (True, True),
        "2029-01-01": (True, True),
    }
    schedules = {day: schedule_of(sandbox.on(day)) for day in days}
    assert {day: (now.may_run, now.is_due) for day, now in schedules.items()} == days


def test_after_a_release_the_next_quarter_follows_over_the_years_end(sandbox):
    sandbox.on("2026-10-15").release()
    assert schedule_of(sandbox).next_period == Period(2026, 4)
    sandbox.on("2027-01-20").release()
    now = schedule_of(sandbox)
    assert (now.latest, now.next_period) == (Period(2026, 4), Period(2027, 1))
    assert (now.opens_on, now.due_on) == (dt.date(2027, 4, 1), dt.date(2027, 4, 15))
    assert (now.may_run, now.is_due) == (False, False)


@pytest.mark.slow
def test_the_oldest_missed_quarter_comes_first(sandbox):
    sandbox.on("2027-08-01")
    with pytest.raises(ReleaseRefused, match="2026Q3 comes first"):
        sandbox.release("2027Q1")
    assert [sandbox.release().period for _ in range(4)] == ["2026Q3", "2026Q4", "2027Q1", "2027Q2"]
    assert schedule_of(sandbox).next_period == Period(2027, 3)
    with pytest.raises(ReleaseRefused, match=r"2027Q3 has not ended yet; .* after 2027-09-30"):
        sandbox.release()


def test_the_schedule_says_the_same_however_many_have_answered(sandbox):
    before = schedule_of(sandbox)
    sandbox.answer(12)
    assert schedule_of(sandbox) == before


def test_the_day_of_each_release_is_known_in_their_order(sandbox):
    assert sandbox.in_transaction(days_of_releases) == {}
    sandbox.on("2027-01-20").release("2026Q3")
    sandbox.on("2027-02-01").release("2026Q4")
    assert list(sandbox.in_transaction(days_of_releases).items()) == [
        (Period(2026, 3), dt.date(2027, 1, 20)),
        (Period(2026, 4), dt.date(2027, 2, 1)),
    ]
