"""Anybody may seal a row with the public key, and a disk may damage one: it holds up nobody and is told."""

import msgspec
import pytest
from sqlalchemy import delete, func, insert, select, update

from analysis.kept_answers import KeptAnswers
from feedback.fieldwork.instruments import add_instrument
from feedback.inbox.sealing import ROW_BYTES, Envelope, seal
from feedback.inbox.unsealing import Opener
from feedback.storage import keys
from feedback.storage.tables import BatchedRow, InboxRow
from surveys.answers import Response
from surveys.instruments import Question, shipped_instruments
from tests.support.stored import put_sealed_before, waiting_rows

GOOD = Response(
    program="frp",
    audience="youth",
    instrument="protocol-youth",
    language="en",
    period="2026Q3",
    origin="live",
    answers={"core-safety": "5"},
)
ASTRAY = b"a" * 32
KEPT_ROW = KeptAnswers(
    key=ASTRAY, digest=b"d" * 32, batch="B00001", answers={"core-safety": "5"}, language="en", score=840
)
KEPT_BYTES = 1_024
DAMAGED = b"x" * 8_240


def response(**changes):
    return Envelope(response=msgspec.structs.replace(GOOD, **changes))


def kept_row(**changes):
    return msgspec.structs.replace(KEPT_ROW, **changes)


NONSENSE = {
    "a quarter that never was": response(period="2026Q9"),
    "a quarter of entry that never was": response(origin="entered", entered="soon"),
    "a quarter of waiting that never was": Envelope(response=GOOD, place="pool", since="1999"),
    "a place that is none": Envelope(response=GOOD, place="waiting room", since="2026Q3"),
    "a program nobody knows": response(program="night-bus"),
    "an audience that is none": response(audience="Lupe"),
    "an instrument nobody knows": response(instrument="night-bus"),
    "a language that is a name": response(language="Lupe"),
    "a question nobody asks": response(answers={"core-lupe": "5"}),
    "an option nobody offers": response(answers={"core-safety": "6"}),
    "several of one": response(answers={"core-safety": ("4", "5")}),
    "several texts": response(answers={"going-well": ("a", "b")}),
    "a text that fits no row of comments": response(answers={"going-well": "あ" * 2_000}),
    "random bytes cut short": Envelope(response=GOOD, salt=b"s" * 15),
    "a digest cut short": Envelope(response=GOOD, digest=b"d" * 31),
    "a digest too long": Envelope(response=GOOD, digest=b"d" * 33),
}
KEPT_NONSENSE = {
    "another key inside": kept_row(key=b"b" * 32),
    "a digest cut short": kept_row(digest=b"d" * 31),
    "no digest": kept_row(digest=b""),
    "a batch nobody knows": kept_row(batch="B99999"),
    "a language that is a name": kept_row(language="Lupe"),
    "a question nobody asks": kept_row(answers={"core-lupe": "5"}),
    "an option nobody offers": kept_row(answers={"core-safety": "6"}),
    "a score beyond all": kept_row(score=841),
    "a score below none": kept_row(score=-1),
    "three themes": kept_row(themes=("housing", "food", "staff")),
    "one theme twice": kept_row(themes=("housing", "housing")),
    "a row of the inbox": Envelope(response=GOOD, salt=b"s" * 16),
}


def store_row(sandbox, table, key, content, size):
    async def insert_it(deployment):
        sealed = content if isinstance(content, bytes) else seal(deployment.inbox.public, content, size)
        async with deployment.database.transaction() as session:
            await session.execute(insert(table), [{"key": key, "sealed": sealed}])

    sandbox.run(insert_it)


def store_kept_row(sandbox, key, content):
    """A row whose own key is inside, unless that is what is wrong with it."""
    if isinstance(content, KeptAnswers) and content.key == ASTRAY:
        content = msgspec.structs.replace(content, key=key)
    store_row(sandbox, BatchedRow, key, content, KEPT_BYTES)


def count(sandbox, table):
    return sandbox.in_transaction(lambda s: s.scalar(select(func.count()).select_from(table)))


def kinds(sandbox, release):
    return sorted({batch.kind for batch in sandbox.ledger() if batch.release == release})


def test_rows_without_meaning_are_left_counted_and_hold_up_nobody(sandbox):
    sandbox.answer(11)
    strange = [*NONSENSE.values(), DAMAGED]
    for number, content in enumerate(strange):
        store_row(sandbox, InboxRow, bytes([number]) * 32, content, ROW_BYTES)
    before = dict(sandbox.in_transaction(waiting_rows))
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.unreadable) == (1, len(strange))
    assert [batch.n for batch in sandbox.ledger()] == [11]
    after = sandbox.in_transaction(waiting_rows)
    assert [key[0] for key, _ in after] == list(range(len(strange)))
    assert {key: before[key] for key, _ in after} == dict(after), "each is left as it is"


@pytest.mark.slow
@pytest.mark.parametrize("what", NONSENSE)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_row_without_meaning_holds_up_nobody_by_itself(sandbox, what):
    store_row(sandbox, InboxRow, ASTRAY, NONSENSE[what], ROW_BYTES)
    assert sandbox.on("2026-10-15").release().unreadable == 1


@pytest.mark.slow
@pytest.mark.parametrize("dry", [True, False])
def test_kept_rows_without_meaning_are_left_counted_and_hold_up_nobody(sandbox, dry):
    """Left and counted in a release of any quarter; and after the year nothing of anybody is kept."""
    sandbox.on("2026-04-15").answer(44, period="2026Q1")
    sandbox.on("2026-07-15").release("2026Q1")
    strange = [*KEPT_NONSENSE.values(), DAMAGED]
    for number, content in enumerate(strange):
        store_kept_row(sandbox, bytes([number]) * 32, content)
    sandbox.answer(11, period="2026Q2")
    outcome = sandbox.release(dry=dry)
    assert (outcome.period, outcome.batches, outcome.unreadable) == ("2026Q2", 1, len(strange))
    assert count(sandbox, BatchedRow) == 44 + len(strange) + (0 if dry else 11)
    if dry:
        return
    sandbox.on("2027-01-15").release()
    outcome = sandbox.release()
    assert (outcome.period, outcome.unreadable, outcome.languages_lost) == ("2026Q4", len(strange), False)
    assert kinds(sandbox, "2026Q4") == ["detail", "themes"]
    assert count(sandbox, BatchedRow) == 0, "damaged or not"


@pytest.mark.slow
@pytest.mark.parametrize("what", KEPT_NONSENSE)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_kept_row_without_meaning_is_left_by_itself(sandbox, what):
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()
    store_kept_row(sandbox, ASTRAY, KEPT_NONSENSE[what])
    outcome = sandbox.on("2027-01-15").release()
    assert (outcome.unreadable, outcome.languages_lost) == (1, False)
    assert count(sandbox, BatchedRow) == 0


LOSSES = {
    "damaged": update(BatchedRow).values(sealed=DAMAGED),
    "gone": delete(BatchedRow),
    "one too many": None,
}


@pytest.mark.slow
@pytest.mark.parametrize("loss", [None, *LOSSES])
def test_a_year_that_lost_a_kept_row_has_no_table_by_language_and_its_batch_no_details(sandbox, loss):
    """Subtracted from the tables by program, it would be about the one who is missing."""
    sandbox.answer(24)
    sandbox.answer(30, language="es")
    sandbox.answer(40, program="syz")
    sandbox.on("2026-10-15").release()

    async def lose(session):
        frp_batch = next(batch.id for batch in sandbox.ledger() if batch.owner == "frp")
        opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
        rows = await session.execute(select(BatchedRow.key, BatchedRow.sealed))
        key = next(key for key, sealed in rows if opener.open(sealed, KeptAnswers).batch == frp_batch)
        await session.execute(LOSSES[loss].where(BatchedRow.key == key))

    if loss == "one too many":
        store_kept_row(sandbox, ASTRAY, KEPT_ROW)
    elif loss:
        sandbox.in_transaction(lose)
    outcome = sandbox.on("2027-01-15").release()
    yearly = [batch for batch in sandbox.ledger() if batch.release == "2026Q4"]
    assert outcome.languages_lost == bool(loss)
    assert outcome.unreadable == (1 if loss == "damaged" else 0)
    assert kinds(sandbox, "2026Q4") == (["detail", "themes"] if loss else ["detail", "language", "themes"])
    batches = {name for batch in yearly for name in batch.of}
    assert batches == ({"B00002"} if loss else {"B00001", "B00002"})
    assert count(sandbox, BatchedRow) == 0


@pytest.mark.slow
def test_an_answer_that_comes_again_when_its_used_key_is_forgotten_is_nobody_s_second_answer(sandbox):
    sandbox.on("2026-01-15").answer(11, period="2026Q1")
    sandbox.on("2026-04-15").release("2026Q1")
    key = sandbox.in_transaction(lambda s: s.execute(select(BatchedRow.key))).scalars().first()
    for day in ("2026-07-15", "2026-10-15"):
        sandbox.on(day).release()
    store_row(sandbox, InboxRow, key, response(period="2026Q4"), ROW_BYTES)
    sandbox.answer(11, period="2026Q4")
    outcome = sandbox.on("2027-01-15").release()
    assert (outcome.batches, outcome.unreadable) == (1, 1)
    assert [it.n for it in sandbox.ledger() if it.kind == "pulse"] == [11, 11]


CROWDED = {
    "one digest twice": (InboxRow, [Envelope(response=GOOD, digest=b"d" * 32)] * 2),
    "words among what is kept": (BatchedRow, [kept_row(answers={"going-well": "a" * 2_000})]),
    "a theme that is a text": (BatchedRow, [kept_row(themes=("a" * 2_000,))]),
}


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", CROWDED)
def test_what_opens_and_cannot_be_counted_or_sealed_anew_holds_up_nobody(sandbox, what):
    table, rows = CROWDED[what]
    sandbox.on("2026-07-01").answer(11, period="2026Q2")
    sandbox.release("2026Q2")
    for number, content in enumerate(rows):
        key = bytes([number]) * 32
        changes = {"key": key} if table is BatchedRow else {}
        store_row(sandbox, table, key, msgspec.structs.replace(content, **changes), ROW_BYTES)
    sandbox.answer(11, period="2026Q3")
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.unreadable) == (1, 1)


def test_a_row_so_full_that_it_cannot_be_moved_holds_up_nobody(sandbox):
    """With its digest in it, which it gets when it is moved, it would be longer than a row."""
    youth = shipped_instruments()["protocol-youth"]
    boxes = [Question(id=name, kind="long-text", text="What else?") for name in ("one", "two", "three")]
    own = msgspec.structs.replace(youth, id="long", questions=(*youth.questions, *boxes))
    sandbox.in_transaction(lambda session: add_instrument(session, own, sandbox.settings.today))
    answers = {"one": "a" * 3_000, "two": "a" * 3_000, "three": "a" * 300}
    empty = len(msgspec.msgpack.encode(response(answers=answers)))
    answers["three"] += "a" * (ROW_BYTES - 1 - empty)
    store_row(sandbox, InboxRow, ASTRAY, response(answers=answers), ROW_BYTES)
    assert sandbox.on("2026-10-15").release().unreadable == 1


@pytest.mark.slow
@pytest.mark.parametrize("sealed_as", ["now", "before"])
def test_copies_of_somebody_s_row_under_other_keys_are_no_batch_of_her_alone(sandbox, sealed_as):
    """Whoever writes the database opens no row, and could still have her answers let out by themselves."""
    if sealed_as == "now":
        sandbox.answer(1)
    else:
        put_sealed_before(sandbox, [GOOD])
    ((_, sealed),) = sandbox.in_transaction(waiting_rows)
    for number in range(100, 110):
        store_row(sandbox, InboxRow, bytes([number]) * 32, sealed, ROW_BYTES)
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.unreadable) == (0, 10)


@pytest.mark.slow
def test_words_that_grow_when_names_are_taken_out_are_cut_and_hold_up_nobody(sandbox):
    sandbox.answer(11, answers={"going-well": "@a.b " * 600})
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.unreadable) == (1, 0)
