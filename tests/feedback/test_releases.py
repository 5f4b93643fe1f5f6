"""A release lets answers out safely, or not at all."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from nacl.public import PrivateKey
from sqlalchemy import func, select, update

from feedback import database, keys
from feedback.comments import COMMENT_BYTES, Loose, written
from feedback.inbox import SEAL_BYTES, is_empty
from feedback.releases import ReleaseRefused
from feedback.rewriting import COMPACTION_DUE
from feedback.tables import BatchedRow, CommentRow, DeploymentRow, InboxRow
from feedback.unsealing import Opener


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


def test_two_releases_at_once_are_one_release(rehearsal):
    rehearsal.answer(12)
    rehearsal.on("2026-10-15")

    def attempt(_number):
        try:
            return rehearsal.release().period
        except ReleaseRefused as refused:
            return str(refused)

    with ThreadPoolExecutor(2) as people:
        ends = list(people.map(attempt, range(2)))
    assert "2026Q3" in ends
    assert any("moment ago" in end or "2026Q4 has not ended yet" in end for end in ends)
    assert [batch.n for batch in rehearsal.ledger()] == [12]


def test_releases_run_in_order_and_only_after_the_quarter(rehearsal):
    with pytest.raises(ReleaseRefused, match="2026Q3 has not ended yet"):
        rehearsal.release()
    rehearsal.on("2027-01-15")
    with pytest.raises(ReleaseRefused, match="2026Q3 comes first"):
        rehearsal.release("2026Q4")
    assert [rehearsal.release().period for _ in range(2)] == ["2026Q3", "2026Q4"]


def test_the_very_first_release_may_name_an_earlier_quarter(rehearsal):
    rehearsal.answer(11, period="2026Q1")
    assert rehearsal.release("2026Q1").batches == 1
    assert rehearsal.release("2026Q2").batches == 0


def test_a_wrong_key_opens_nothing_and_changes_nothing(rehearsal, tmp_path):
    rehearsal.answer(11)
    other = PrivateKey.generate()
    rehearsal.on("2026-10-15")
    with pytest.raises(ReleaseRefused, match="not the release key"):
        rehearsal.release(key=other)
    assert rehearsal.release().batches == 1


def test_a_dry_run_says_how_many_would_close_and_closes_none(rehearsal):
    rehearsal.answer(11)
    rehearsal.on("2026-10-15")
    assert rehearsal.release(dry=True).batches == 1
    assert rehearsal.ledger() == []
    assert rehearsal.tables() == []
    assert rehearsal.release().batches == 1


def test_a_damaged_row_stays_and_holds_up_nobody(rehearsal):
    rehearsal.answer(12)

    async def damage(session):
        key = (await session.execute(select(InboxRow.key))).scalars().first()
        await session.execute(update(InboxRow).where(InboxRow.key == key).values(sealed=b"x" * 8_240))

    rehearsal.in_transaction(damage)
    outcome = rehearsal.on("2026-10-15").release()
    assert (outcome.batches, outcome.left) == (1, 1)
    assert [batch.n for batch in rehearsal.ledger()] == [11]


@pytest.mark.slow
def test_who_waits_too_long_is_heard_with_others_of_the_pool(rehearsal):
    for program in ("star-court", "dream-court", "dream-unit"):
        rehearsal.answer(4, program, instrument="youth-experience")
    for year, month in ((2026, 10), (2027, 1), (2027, 4), (2027, 7), (2027, 10)):
        rehearsal.on(f"{year}-{month:02}-15").release()
        assert rehearsal.ledger() == []
    rehearsal.on("2028-01-15").release()
    (batch,) = [it for it in rehearsal.ledger() if it.kind != "language"]
    assert (batch.kind, batch.owner, batch.audience, batch.n) == ("pool", "courts and units", "mixed", 12)
    assert batch.first == "2026Q3"
    assert {item for item in batch.items if not item.startswith(("core-", "theme:"))} == set()


@pytest.mark.slow
def test_what_waited_two_years_is_destroyed_unread(rehearsal):
    rehearsal.answer(3, "pep", "caregiver", instrument="caregiver-experience")
    rehearsal.on("2028-10-15")
    for _ in range(8):
        rehearsal.release()
    assert not rehearsal.in_transaction(is_empty)
    rehearsal.release()
    assert rehearsal.in_transaction(is_empty)
    assert rehearsal.ledger() == []


@pytest.mark.slow
def test_live_and_entered_answers_never_share_a_batch(rehearsal):
    rehearsal.answer(10)
    rehearsal.answer(10, origin="entered", entered="2026Q3")
    assert rehearsal.on("2026-10-15").release().batches == 0


def test_the_language_close_comes_once_a_year_and_destroys_what_it_counted(rehearsal):
    rehearsal.on("2026-11-15").answer(24, period="2026Q4")
    rehearsal.answer(13, language="es", period="2026Q4")
    rehearsal.on("2027-01-15").release("2026Q3")
    outcome = rehearsal.release("2026Q4")
    assert (outcome.batches, outcome.language_batches) == (1, 2)
    named = {(it.owner, it.n) for it in rehearsal.ledger() if it.kind == "language"}
    assert named == {("en", 24), ("es", 13)}
    assert rehearsal.in_transaction(lambda s: s.scalar(select(func.count()).select_from(BatchedRow))) == 0


def test_what_a_release_stores_of_a_comment_opens_only_with_the_review_key(rehearsal):
    rehearsal.answer(11, answers={"should-change": "Call me at 213-555-0142, my name is Lupe."})
    rehearsal.on("2026-10-15").release()
    sealed = rehearsal.in_transaction(lambda s: s.execute(select(CommentRow.sealed))).scalars().all()
    assert {len(it) for it in sealed} == {COMMENT_BYTES + SEAL_BYTES}
    key = keys.read_private(rehearsal.settings.keys / keys.REVIEW_PRIVATE, None)
    opened = [(b"", Opener(key).open(it, Loose)) for it in sealed]
    (_, batch, comment), *_ = written(opened)
    assert batch == "B00001"
    assert (comment.question, comment.language, comment.consent) == ("should-change", "en", "private")
    assert "213" not in comment.text
    assert "Lupe" not in comment.text
    assert "[phone]" in comment.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_who_stays_is_told_of_and_the_next_run_overwrites(rehearsal, monkeypatch):
    impatient = tuple("PRAGMA busy_timeout=50" if "busy" in it else it for it in database._SQLITE)
    monkeypatch.setattr(database, "_SQLITE", impatient)
    rehearsal.answer(11)
    rehearsal.on("2026-10-15")

    with sqlite3.connect(rehearsal.settings.home / "feedback.db") as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM programs").fetchone()
        assert rehearsal.release().overwritten is False
        reader.rollback()
    reader.close()
    with pytest.raises(ReleaseRefused, match="2026Q4 has not ended yet"):
        rehearsal.release()
    assert not rehearsal.in_transaction(lambda session: session.get(DeploymentRow, COMPACTION_DUE))
