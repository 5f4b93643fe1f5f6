"""What is new since an account last looked: told once, in whatever order pages and releases come."""

import pytest
from sqlalchemy import select

from feedback.results.news import News, note_looked, read_news
from feedback.storage.staff_tables import UserRow

CARLA, VERA = "carla@county.example", "vera@vista.example"


@pytest.fixture
def people(sandbox):
    sandbox.user(CARLA)
    sandbox.user(VERA, "contractor", "vista-del-mar")
    return sandbox


def number_of(sandbox, email):
    query = select(UserRow.id).where(UserRow.email == email)
    return sandbox.in_transaction(lambda s: s.scalar(query))


def ask(sandbox, email=CARLA) -> News:
    number = number_of(sandbox, email)
    return sandbox.in_transaction(lambda s: read_news(s, number))


def show(sandbox, news, email=CARLA) -> None:
    number = number_of(sandbox, email)
    sandbox.in_transaction(lambda s: note_looked(s, number, news))


def look(sandbox, email=CARLA):
    """Open the overview: the quarters it calls new."""
    news = ask(sandbox, email)
    show(sandbox, news, email)
    return [str(it.period) for it in news.releases]


def release(sandbox, day):
    sandbox.on(day).release()


def test_who_looked_before_any_release_is_told_of_the_first_and_once(people):
    assert look(people) == []
    release(people, "2026-10-15")
    assert look(people) == ["2026Q3"]
    assert look(people) == []


def test_who_looks_for_the_first_time_has_missed_nothing(people):
    release(people, "2026-10-15")
    assert look(people) == []
    release(people, "2027-01-15")
    assert look(people) == ["2026Q4"]


@pytest.mark.slow
def test_several_releases_are_told_together_with_their_days_oldest_first(people):
    look(people)
    for day in ("2026-10-15", "2027-01-20"):
        release(people, day)
    news = ask(people)
    assert [(str(it.period), it.released_on) for it in news.releases] == [
        ("2026Q3", "2026-10-15"),
        ("2026Q4", "2027-01-20"),
    ]
    assert news.latest == "2026Q4"


def test_each_account_is_told_by_itself(people):
    look(people)
    look(people, VERA)
    release(people, "2026-10-15")
    assert look(people) == ["2026Q3"]
    assert look(people, VERA) == ["2026Q3"]


def test_two_tabs_opened_at_once_are_both_told_and_no_later_one_is(people):
    look(people)
    release(people, "2026-10-15")
    one, other = ask(people), ask(people)
    show(people, one)
    show(people, other)
    assert one == other
    assert len(one.releases) == 1
    assert look(people) == []


def test_a_page_that_was_asked_for_before_a_release_never_takes_back_what_was_seen_after_it(people):
    look(people)
    slow = ask(people)
    release(people, "2026-10-15")
    assert look(people) == ["2026Q3"]
    show(people, slow)
    assert look(people) == [], "told twice"


def test_a_release_between_a_page_and_its_note_is_told_the_next_time(people):
    look(people)
    news = ask(people)
    release(people, "2026-10-15")
    show(people, news)
    assert look(people) == ["2026Q3"]
