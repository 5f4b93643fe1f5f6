"""How many of a batch wrote something is about each of them, and nothing that is stored says it."""

import pytest
from sqlalchemy import select, text

from feedback.comments.waiting import COMMENT_BYTES, Loose, written
from feedback.inbox.sealing import SEAL_BYTES
from feedback.inbox.unsealing import Opener
from feedback.storage import keys
from feedback.storage.tables import CommentRow

HERS = {"should-change": "More rides at night.", "going-well": "The food."}


def sealed_comments(sandbox):
    rows = select(CommentRow.id, CommentRow.sealed)
    return sandbox.in_transaction(lambda s: s.execute(rows)).all()


def open_comments(sandbox):
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.REVIEW_PRIVATE, None))
    rows = [(row, opener.open(sealed, Loose)) for row, sealed in sealed_comments(sandbox)]
    return [(it.batch, it.text) for _, it in written(rows)]


@pytest.mark.slow
@pytest.mark.parametrize("writers", [0, 1, 11])
def test_a_release_stores_as_many_rows_of_one_size_however_many_wrote(sandbox, writers):
    sandbox.answer(11 - writers)
    sandbox.answer(writers, answers=HERS)
    sandbox.on("2026-10-15").release()
    rows = sealed_comments(sandbox)
    assert len(rows) == 11 * 2
    assert {len(sealed) for _, sealed in rows} == {COMMENT_BYTES + SEAL_BYTES}
    assert sorted(open_comments(sandbox)) == sorted(
        ("B00001", words) for words in HERS.values() for _ in range(writers)
    )


def test_nothing_about_a_comment_lies_in_the_clear(sandbox):
    assert {column.name for column in CommentRow.__table__.columns} == {"id", "sealed"}
    columns = sandbox.in_transaction(lambda s: s.execute(text("SELECT * FROM comments"))).keys()
    assert set(columns) == {"id", "sealed"}


def test_each_comment_says_its_batch_to_whoever_may_open_it(sandbox):
    sandbox.answer(11, answers=HERS)
    sandbox.answer(11, program="syz", answers={"going-well": "The ride."})
    sandbox.on("2026-10-15").release()
    owners = {batch.id: batch.owner for batch in sandbox.ledger()}
    assert {(owners[batch], words) for batch, words in open_comments(sandbox)} == {
        ("frp", HERS["should-change"]),
        ("frp", HERS["going-well"]),
        ("syz", "The ride."),
    }
