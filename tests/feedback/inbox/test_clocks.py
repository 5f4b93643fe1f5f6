"""A clock that is wrong loses nobody's answer, opens no survey door and lets nothing out before its time."""

import asyncio

import msgspec
import pytest
from sqlalchemy import delete

from feedback import serving
from feedback.deployment import NotReady
from feedback.inbox.sealing import is_empty
from feedback.operations import doctor
from feedback.release.releases import ReleaseRefused
from feedback.results.schedule import REHEARSAL
from feedback.storage.tables import DeploymentRow

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about the calendar, one database is enough."""


def open_survey_door(rehearsal, day):
    asyncio.run(serving._check_ready(rehearsal.on(day).settings))


def make_real(rehearsal):
    """As if it had been made with a passphrase."""
    made = delete(DeploymentRow).where(DeploymentRow.name == REHEARSAL)
    rehearsal.in_transaction(lambda session: session.execute(made))


def to_do(rehearsal):
    return [finding.sentence for finding in rehearsal.run(doctor.examine) if not finding.well]


@pytest.mark.slow
@pytest.mark.parametrize("stamp", ["1971Q1", "2036Q3", "2026Q2", "2027Q1"])
def test_an_answer_with_a_quarter_that_cannot_be_counts_as_the_closing_one(rehearsal, stamp):
    rehearsal.answer(10)
    rehearsal.answer(1, period=stamp)
    outcome = rehearsal.on("2026-10-15").release()
    assert (outcome.batches, outcome.restamped) == (1, True)
    assert [(it.n, it.first, it.last) for it in rehearsal.ledger()] == [(11, "2026Q3", "2026Q3")]
    assert rehearsal.in_transaction(is_empty)


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.parametrize("stamp", ["1971Q1", "2036Q3"])
def test_so_does_what_was_typed_in_under_such_a_clock_and_keeps_when_it_was_filled_in(rehearsal, stamp):
    rehearsal.answer(11, period="2025Q4", origin="entered", entered=stamp)
    assert rehearsal.on("2026-10-15").release().batches == 1
    assert [(it.n, it.first) for it in rehearsal.ledger()] == [(11, "2025Q4")]


@ON_SQLITE
def test_what_came_after_the_quarter_and_before_the_release_waits_for_the_next(rehearsal):
    rehearsal.answer(11)
    rehearsal.answer(11, period="2026Q4")
    outcome = rehearsal.on("2026-10-15").release()
    assert (outcome.batches, outcome.restamped) == (1, False)
    assert not rehearsal.in_transaction(is_empty)


@ON_SQLITE
def test_what_waits_with_such_a_quarter_waits_from_the_closing_one(rehearsal):
    """One stamped 1971 would have been destroyed unread."""
    rehearsal.answer(3, period="1971Q1")
    rehearsal.on("2026-10-15").release()
    rehearsal.answer(8, period="2026Q4")
    assert rehearsal.on("2027-01-15").release().batches == 1
    assert [batch.n for batch in rehearsal.ledger() if batch.kind == "pulse"] == [11]


@ON_SQLITE
def test_no_survey_door_opens_before_the_first_quarter_or_the_end_of_what_was_released(rehearsal):
    for day in ("2026-06-30", "1970-01-01"):
        with pytest.raises(
            NotReady, match=f"2026Q3 is this deployment's first quarter, and it is said .* {day}"
        ):
            open_survey_door(rehearsal, day)
    open_survey_door(rehearsal, "2026-07-01")
    rehearsal.on("2026-10-15").release()
    with pytest.raises(NotReady, match="2026Q3 was released already, and it is said to be 2026-09-30"):
        open_survey_door(rehearsal, "2026-09-30")
    assert any("no survey door opens" in sentence for sentence in to_do(rehearsal))
    open_survey_door(rehearsal, "2026-10-01")


@ON_SQLITE
def test_a_release_that_is_late_closes_no_survey_door(rehearsal):
    open_survey_door(rehearsal, "2029-12-31")


@pytest.mark.slow
@pytest.mark.parametrize("dry", [False, True])
def test_nothing_is_released_on_a_pretended_day_unless_that_is_meant(rehearsal, dry):
    make_real(rehearsal)
    rehearsal.answer(11)
    rehearsal.on("2026-10-15")
    with pytest.raises(ReleaseRefused, match="The date is pretended") as refused:
        rehearsal.release(dry=dry)
    assert "--pretended-date" in str(refused.value)
    assert "The date is pretended, 2026-10-15" in " ".join(to_do(rehearsal))
    assert rehearsal.ledger() == []
    assert rehearsal.release(pretended=True).batches == 1


@ON_SQLITE
def test_a_rehearsal_and_made_up_answers_may_pretend_the_day(rehearsal):
    rehearsal.answer(11)
    assert not any("pretended" in sentence for sentence in to_do(rehearsal))
    assert rehearsal.on("2026-10-15").release().batches == 1
    make_real(rehearsal)
    rehearsal.settings = msgspec.structs.replace(rehearsal.settings, made_up=True)
    assert rehearsal.on("2027-01-15").release().period == "2026Q4"
    assert not any("pretended" in sentence for sentence in to_do(rehearsal))
