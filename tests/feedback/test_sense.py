"""Anybody may seal a row with the public key, and a disk may damage one: it holds up nobody and is told."""

import msgspec
import pytest
from sqlalchemy import delete, func, insert, select, update

from analysis.kept import Kept
from feedback import keys
from feedback.inbox import ROW_BYTES, Envelope, seal, waiting_rows
from feedback.releases import KEPT_BYTES
from feedback.tables import BatchedRow, InboxRow
from feedback.unsealing import Opener, Reader
from surveys.answers import Response

GOOD = Response("frp", "youth", "protocol-youth", "en", "2026Q3", "live", {"core-safety": "5"})
KEPT = Kept("B00001", "en", {"core-safety": "5"})
ASTRAY = b"a" * 32


def response(**changed):
    return Envelope(msgspec.structs.replace(GOOD, **changed))


NONSENSE = {
    "a quarter that never was": response(period="2026Q9"),
    "a quarter of entry that never was": response(origin="entered", entered="soon"),
    "a quarter of waiting that never was": Envelope(GOOD, "pool", "1999"),
    "a program nobody knows": response(program="night-bus"),
    "an instrument nobody knows": response(instrument="night-bus"),
    "a language that is a name": response(language="Lupe"),
    "a question nobody asks": response(answers={"core-lupe": "5"}),
    "an option nobody offers": response(answers={"core-safety": "6"}),
    "several of one": response(answers={"core-safety": ("4", "5")}),
    "several texts": response(answers={"going-well": ("a", "b")}),
    "a text that fits no row of comments": response(answers={"going-well": "あ" * 2_000}),
}


def put(rehearsal, table, key, content, size):
    async def store(deployment):
        row = {"key": key, "sealed": seal(deployment.inbox.public, content, size)}
        async with deployment.database.transaction() as session:
            await session.execute(insert(table), [row])

    rehearsal.run(store)


def count(rehearsal, table):
    return rehearsal.in_transaction(lambda s: s.scalar(select(func.count()).select_from(table)))


def test_rows_without_meaning_are_left_counted_and_hold_up_nobody(rehearsal):
    rehearsal.answer(11)
    for number, content in enumerate(NONSENSE.values()):
        put(rehearsal, InboxRow, bytes([number]) * 32, content, ROW_BYTES)
    outcome = rehearsal.on("2026-10-15").release()
    assert (outcome.batches, outcome.left) == (1, len(NONSENSE))
    assert [batch.n for batch in rehearsal.ledger()] == [11]
    assert [key[0] for key, _ in rehearsal.in_transaction(waiting_rows)] == list(range(len(NONSENSE)))


@pytest.mark.slow
@pytest.mark.parametrize("what", NONSENSE)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_of_them_alone_holds_up_nobody(rehearsal, what):
    put(rehearsal, InboxRow, ASTRAY, NONSENSE[what], ROW_BYTES)
    assert rehearsal.on("2026-10-15").release().left == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [Kept("B99999", "en", {}), Kept("B00001", "Lupe", {}), Kept("B00001", "en", {"core-safety": "6"}), None],
    ids=["no such batch", "no such language", "no such option", "damaged"],
)
def test_what_is_kept_of_somebody_let_out_is_read_as_carefully(rehearsal, content):
    rehearsal.answer(11)
    rehearsal.on("2026-10-15").release()
    put(rehearsal, BatchedRow, ASTRAY, content or KEPT, KEPT_BYTES)
    if content is None:
        damaged = update(BatchedRow).where(BatchedRow.key == ASTRAY).values(sealed=b"x" * 1_072)
        rehearsal.in_transaction(lambda session: session.execute(damaged))
    outcome = rehearsal.on("2027-01-15").release()
    assert outcome.left == 1
    assert count(rehearsal, BatchedRow) == 0, "after the year nothing of anybody is kept, damaged or not"


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["damaged", "gone"])
def test_a_year_that_lost_a_kept_row_has_no_table_by_language(rehearsal, loss):
    """Subtracted from the tables by program, it would be about the one who is missing."""
    rehearsal.answer(24)
    rehearsal.answer(13, language="es")
    rehearsal.on("2026-10-15").release()

    async def lose(session):
        key = (await session.execute(select(BatchedRow.key))).scalars().first()
        lost = update(BatchedRow).values(sealed=b"x" * 1_072) if loss == "damaged" else delete(BatchedRow)
        await session.execute(lost.where(BatchedRow.key == key))

    rehearsal.in_transaction(lose)
    outcome = rehearsal.on("2027-01-15").release()
    assert (outcome.languages_lost, outcome.language_batches) == (True, 0)
    assert [batch.kind for batch in rehearsal.ledger()] == ["program"]


@pytest.mark.slow
def test_an_answer_that_comes_again_when_its_used_key_is_forgotten_is_nobody_s_second_answer(rehearsal):
    rehearsal.on("2026-01-15").answer(11, period="2026Q1")
    rehearsal.on("2026-04-15").release("2026Q1")
    key = rehearsal.in_transaction(lambda s: s.execute(select(BatchedRow.key))).scalars().first()
    for day in ("2026-07-15", "2026-10-15"):
        rehearsal.on(day).release()
    put(rehearsal, InboxRow, key, response(period="2026Q4"), ROW_BYTES)
    rehearsal.answer(11, period="2026Q4")
    outcome = rehearsal.on("2027-01-15").release()
    assert (outcome.batches, outcome.left) == (1, 1)
    assert [it.n for it in rehearsal.ledger() if it.kind == "program"] == [11, 11]


def test_a_table_of_sealed_rows_is_read_past_what_does_not_open(rehearsal):
    opener = Opener(keys.read_private(rehearsal.settings.keys / keys.REVIEW_PRIVATE, None))
    reader = Reader(opener, Kept, KEPT_BYTES, lambda _, it: it.language == "en")
    strange = msgspec.structs.replace(KEPT, language="Lupe")
    rows = [(b"1", seal(opener.public, KEPT, KEPT_BYTES)), (b"2", b"x"), (b"3", b"")]
    rows.append((b"4", seal(opener.public, strange, KEPT_BYTES)))
    assert (list(reader.read(rows)), reader.left) == ([(b"1", KEPT)], 3)
