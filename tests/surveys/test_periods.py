"""Quarters: what they read, how they count, and that nothing finer than a quarter exists."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.periods import Period

periods = st.builds(Period, st.integers(1000, 2900), st.integers(1, 4))


def test_a_quarter_is_written_as_people_write_it():
    assert str(Period.parse("2026Q3")) == "2026Q3"
    assert repr(Period(2026, 3)) == "Period(2026Q3)"


@pytest.mark.parametrize(
    "text", ["", "2026", "2026Q5", "2026Q0", "2026-Q3", "26Q3", "2026q3", " 2026Q3", "2026Q3\n"]
)
def test_a_text_that_is_no_quarter_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="is not a quarter; write it like 2026Q3"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        ((2026, 1, 1), "2026Q1"),
        ((2026, 3, 31), "2026Q1"),
        ((2026, 4, 1), "2026Q2"),
        ((2026, 12, 31), "2026Q4"),
    ],
)
def test_a_day_belongs_to_one_quarter(day, quarter):
    assert str(Period.of(dt.date(*day))) == quarter


@pytest.mark.parametrize(
    ("quarter", "last"),
    [
        ("2026Q1", (2026, 3, 31)),
        ("2026Q2", (2026, 6, 30)),
        ("2026Q3", (2026, 9, 30)),
        ("2026Q4", (2026, 12, 31)),
    ],
)
def test_a_quarter_ends_on_its_last_day(quarter, last):
    assert Period.parse(quarter).ends == dt.date(*last)


def test_the_fourth_quarter_is_followed_by_a_new_year():
    assert Period(2026, 4) + 1 == Period(2027, 1)
    assert Period(2027, 1) + -1 == Period(2026, 4)


@pytest.mark.parametrize(
    ("quarter", "words"),
    [
        ("2026Q3", "July to September 2026, FY 2026-27 Q1"),
        ("2026Q4", "October to December 2026, FY 2026-27 Q2"),
        ("2027Q1", "January to March 2027, FY 2026-27 Q3"),
        ("2027Q2", "April to June 2027, FY 2026-27 Q4"),
        ("1999Q3", "July to September 1999, FY 1999-00 Q1"),
    ],
)
def test_a_quarter_is_named_by_its_months_and_by_the_county_s_fiscal_year(quarter, words):
    assert Period.parse(quarter).in_words == words


def test_a_quarter_is_no_text():
    assert Period(2026, 3) != "2026Q3"


def test_a_quarter_remembers_no_day():
    assert Period.of(dt.date(2026, 7, 1)) == Period.of(dt.date(2026, 9, 30))
    assert Period.__slots__ == ("_index",)


@given(periods)
def test_a_quarter_that_is_written_reads_back(period):
    assert Period.parse(str(period)) == period
    assert hash(Period.parse(str(period))) == hash(period)
    assert Period(period.year, period.quarter) == period


@pytest.mark.slow
@given(periods, st.integers(-400, 400))
def test_quarters_added_and_taken_away_again_count_the_same(period, quarters):
    later = period + quarters
    assert later - period == quarters
    assert later + -quarters == period
    assert (later > period) == (quarters > 0)
    assert (later <= period) == (quarters <= 0)


@given(st.dates(dt.date(1000, 1, 1), dt.date(9000, 12, 31)))
def test_every_day_lies_between_the_ends_of_two_quarters(day):
    period = Period.of(day)
    assert (period + -1).ends < day <= period.ends


@pytest.mark.parametrize(
    ("quarter", "year", "number"),
    [("2026Q1", "2025-26", 3), ("2026Q2", "2025-26", 4), ("2026Q3", "2026-27", 1), ("1999Q4", "1999-00", 2)],
)
def test_the_fiscal_year_of_the_county_begins_in_july(quarter, year, number):
    period = Period.parse(quarter)
    assert (period.fiscal_year, period.fiscal_quarter) == (year, number)
