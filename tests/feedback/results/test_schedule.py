"""When a release may run: the calendar alone decides, the oldest missed quarter first."""

import datetime as dt

import pytest

from feedback.release.releases import ReleaseRefused
from feedback.results.schedule import schedule
from surveys.periods import Period


def seen(rehearsal):
    async def read(session):
        return await schedule(session, rehearsal.settings)

    return rehearsal.in_transaction(read)


def test_the_first_release_is_of_the_quarter_of_init(rehearsal):
    now = seen(rehearsal)
    assert (now.next_period, now.latest, now.today) == (Period(2026, 3), None, dt.date(2026, 8, 15))
    assert (now.opens_on, now.due_on) == (dt.date(2026, 10, 1), dt.date(2026, 10, 15))


def test_a_release_opens_after_the_quarter_and_is_due_fifteen_days_after_its_end(rehearsal):
    days = {
        "2026-08-15": (False, False),
        "2026-09-30": (False, False),
        "2026-10-01": (True, False),
        "2026-10-14": (True, False),
        "2026-10-15": (True, True),
        "2029-01-01": (True, True),
    }
    seen_on = {day: seen(rehearsal.on(day)) for day in days}
    assert {day: (now.may_run, now.is_due) for day, now in seen_on.items()} == days


def test_after_a_release_the_next_quarter_follows_over_the_years_end(rehearsal):
    rehearsal.on("2026-10-15").release()
    assert seen(rehearsal).next_period == Period(2026, 4)
    rehearsal.on("2027-01-20").release()
    now = seen(rehearsal)
    assert (now.latest, now.next_period) == (Period(2026, 4), Period(2027, 1))
    assert (now.opens_on, now.due_on) == (dt.date(2027, 4, 1), dt.date(2027, 4, 15))
    assert (now.may_run, now.is_due) == (False, False)


@pytest.mark.slow
def test_the_oldest_missed_quarter_comes_first(rehearsal):
    rehearsal.on("2027-08-01")
    with pytest.raises(ReleaseRefused, match="2026Q3 comes first"):
        rehearsal.release("2027Q1")
    assert [rehearsal.release().period for _ in range(4)] == ["2026Q3", "2026Q4", "2027Q1", "2027Q2"]
    assert seen(rehearsal).next_period == Period(2027, 3)
    with pytest.raises(ReleaseRefused, match=r"2027Q3 has not ended yet; .* after 2027-09-30"):
        rehearsal.release()


def test_the_schedule_says_the_same_however_many_have_answered(rehearsal):
    before = seen(rehearsal)
    rehearsal.answer(12)
    assert seen(rehearsal) == before
