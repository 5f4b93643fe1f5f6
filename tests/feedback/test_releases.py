"""A release lets answers out safely, or not at all."""

import pytest

from feedback.releases import ReleaseRefused


def test_eleven_people_become_one_batch_and_ten_wait(rehearsal):
    rehearsal.answer(11)
    rehearsal.answer(10, program="syz")
    outcome = rehearsal.on("2026-10-15").release()
    assert (outcome.period, outcome.batches) == ("2026Q3", 1)
    (batch,) = rehearsal.ledger()
    assert (batch.owner, batch.audience, batch.origin, batch.n) == ("frp", "youth", "live", 11)


def test_a_release_never_runs_twice(rehearsal):
    rehearsal.answer(11)
    rehearsal.on("2026-10-15").release()
    before = rehearsal.ledger(), rehearsal.tables()
    with pytest.raises(ReleaseRefused, match="2026Q4 has not ended yet"):
        rehearsal.release()
    with pytest.raises(ReleaseRefused, match="2026Q3 was released already"):
        rehearsal.release("2026Q3")
    assert (rehearsal.ledger(), rehearsal.tables()) == before
