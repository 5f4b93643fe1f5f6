"""A clock that is wrong loses nobody's answer, opens no survey door and lets nothing out before its time."""

import asyncio

import msgspec
import pytest
from sqlalchemy import delete

from feedback import serving
from feedback.deployment import NotReady
from feedback.inbox.sealing import is_empty
from feedback.operations import doctor
from feedback.release.runner import ReleaseRefused
from feedback.storage.facts import Fact
from feedback.storage.tables import DeploymentRow

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about the calendar, one database is enough."""


def open_survey_door(sandbox, day):
    asyncio.run(serving._check_ready(sandbox.on(day).settings))


def make_real(sandbox):
    """As if it had been made with a passphrase."""
    query = delete(DeploymentRow).where(DeploymentRow.name == Fact.REHEARSAL)
    sandbox.in_transaction(lambda session: session.execute(query))


def to_do(sandbox):
    return [finding.sentence for finding in sandbox.run(doctor.examine) if not finding.well]


@pytest.mark.slow
@pytest.mark.parametrize("stamp", ["1971Q1", "2036Q3", "2026Q2", "2027Q1"])
def test_an_answer_with_a_quarter_that_cannot_be_counts_as_the_closing_one(sandbox, stamp):
    sandbox.answer(10)
    sandbox.answer(1, period=stamp)
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.restamped) == (1, True)
    assert [(it.n, it.first, it.last) for it in sandbox.ledger()] == [(11, "2026Q3", "2026Q3")]
    assert sandbox.in_transaction(is_empty)


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.parametrize("stamp", ["1971Q1", "2036Q3"])
def test_what_was_typed_in_under_a_wrong_clock_counts_and_keeps_the_quarter_it_was_filled_in(sandbox, stamp):
    sandbox.answer(11, period="2025Q4", origin="entered", entered=stamp)
    assert sandbox.on("2026-10-15").release().batches == 1
    assert [(it.n, it.first) for it in sandbox.ledger()] == [(11, "2025Q4")]


@ON_SQLITE
def test_what_came_after_the_quarter_and_before_the_release_waits_for_the_next(sandbox):
    sandbox.answer(11)
    sandbox.answer(11, period="2026Q4")
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.restamped) == (1, False)
    assert not sandbox.in_transaction(is_empty)


@ON_SQLITE
def test_what_waits_with_a_quarter_that_cannot_be_waits_from_the_closing_one(sandbox):
    """One stamped 1971 would have been destroyed unread."""
    sandbox.answer(3, period="1971Q1")
    sandbox.on("2026-10-15").release()
    sandbox.answer(8, period="2026Q4")
    assert sandbox.on("2027-01-15").release().batches == 1
    assert [batch.n for batch in sandbox.ledger() if batch.kind == "pulse"] == [11]


@ON_SQLITE
def test_no_survey_door_opens_before_the_first_quarter_or_the_end_of_what_was_released(sandbox):
    for day in ("2026-06-30", "1970-01-01"):
        with pytest.raises(
            NotReady, match=f"2026Q3 is this deployment's first quarter, and it is said .* {day}"
        ):
            open_survey_door(sandbox, day)
    open_survey_door(sandbox, "2026-07-01")
    sandbox.on("2026-10-15").release()
    with pytest.raises(NotReady, match="2026Q3 was released already, and it is said to be 2026-09-30"):
        open_survey_door(sandbox, "2026-09-30")
    assert any("no survey door opens" in sentence for sentence in to_do(sandbox))
    open_survey_door(sandbox, "2026-10-01")


@ON_SQLITE
def test_a_release_that_is_late_closes_no_survey_door(sandbox):
    open_survey_door(sandbox, "2029-12-31")


@pytest.mark.slow
@pytest.mark.parametrize("dry", [False, True])
def test_nothing_is_released_on_a_pretended_day_unless_that_is_meant(sandbox, dry):
    make_real(sandbox)
    sandbox.answer(11)
    sandbox.on("2026-10-15")
    with pytest.raises(ReleaseRefused, match="The date is pretended") as refused:
        sandbox.release(dry=dry)
    assert "--pretended-date" in str(refused.value)
    assert "The date is pretended, 2026-10-15" in " ".join(to_do(sandbox))
    assert sandbox.ledger() == []
    assert sandbox.release(pretended=True).batches == 1


@ON_SQLITE
def test_a_rehearsal_and_made_up_answers_may_pretend_the_day(sandbox):
    sandbox.answer(11)
    assert not any("pretended" in sentence for sentence in to_do(sandbox))
    assert sandbox.on("2026-10-15").release().batches == 1
    make_real(sandbox)
    sandbox.settings = msgspec.structs.replace(sandbox.settings, made_up=True)
    assert sandbox.on("2027-01-15").release().period == "2026Q4"
    assert not any("pretended" in sentence for sentence in to_do(sandbox))
