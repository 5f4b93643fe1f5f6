"""Opening a sealed row: the right key opens it, and nothing else says anything about what is inside."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import sodium_pad
from nacl.public import PrivateKey, SealedBox
from sqlalchemy import select

from analysis.kept_answers import KeptAnswers
from feedback.inbox.sealing import ROW_BYTES, Envelope, seal
from feedback.inbox.unsealing import CannotOpen, Opener
from feedback.storage import keys
from feedback.storage.tables import BatchedRow, InboxRow
from surveys.answers import Response
from tests.support.stored import SealedBefore, put_sealed_before, seal_before, waiting_rows

ROSAS_KEY = PrivateKey(bytes(range(32)))
OPENER = Opener(ROSAS_KEY)
HER_WORDS = "the van came late and nobody told me"
SENT = Envelope(
    response=Response(
        program="frp",
        audience="youth",
        instrument="protocol-youth",
        language="es",
        period="2026Q3",
        origin="live",
        answers={"going-well": HER_WORDS},
    ),
    place="pool",
    since="2026Q2",
)


def seal_by_hand(content):
    return SealedBox(ROSAS_KEY.public_key).encrypt(content)


def test_what_was_sealed_opens_as_it_was():
    assert OPENER.open(seal(OPENER.public, SENT, ROW_BYTES), Envelope) == SENT
    assert OPENER.public == ROSAS_KEY.public_key


def test_another_key_opens_nothing():
    with pytest.raises(CannotOpen):
        Opener(PrivateKey.generate()).open(seal(OPENER.public, SENT, ROW_BYTES), Envelope)


@given(st.integers(0, 8_239), st.integers(1, 255))
def test_one_changed_byte_anywhere_closes_a_row(at, change):
    row = bytearray(seal(OPENER.public, SENT, ROW_BYTES))
    row[at] ^= change
    with pytest.raises(CannotOpen):
        OPENER.open(bytes(row), Envelope)


@given(st.integers(0, 8_239))
def test_a_row_cut_short_does_not_open(length):
    with pytest.raises(CannotOpen):
        OPENER.open(seal(OPENER.public, SENT, ROW_BYTES)[:length], Envelope)


REFUSED = (
    "A sealed row cannot be opened with this key.",
    "What a sealed row holds was not sealed here.",
)
"""Fixed sentences: no part of what was inside is in them."""


@given(st.binary(max_size=300))
def test_whatever_somebody_sealed_to_our_public_key_is_refused_with_a_sentence_that_repeats_none_of_it(
    content,
):
    for opening in (
        lambda row: OPENER.open(row, Envelope),
        lambda row: OPENER.open_first(b"k" * 32, row),
        lambda row: OPENER.open(row, KeptAnswers),
    ):
        with pytest.raises(CannotOpen) as refused:
            opening(seal_by_hand(sodium_pad(content, ROW_BYTES)))
        assert str(refused.value) in REFUSED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(ROW_BYTES),
        sodium_pad(b"\x81\xa1z" + b"\x91" * 8_000 + b"\xc0", ROW_BYTES),
        sodium_pad(b"\xdd\xff\xff\xff\xff", ROW_BYTES),
        sodium_pad(b"\x81\xa8response\xa2\xff\xff", ROW_BYTES),
        sodium_pad(msgspec.msgpack.encode({"response": {"program": HER_WORDS}}), ROW_BYTES),
    ],
    ids=["empty", "no padding", "lists in lists", "a list of billions", "no text", "half a response"],
)
def test_a_row_made_to_stop_a_release_is_only_a_row_that_does_not_open(content):
    with pytest.raises(CannotOpen) as refused:
        OPENER.open_first(b"k" * 32, seal_by_hand(content))
    assert str(refused.value) in REFUSED
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_row_of_another_kind_does_not_open():
    kept_row = KeptAnswers(
        key=b"k" * 32,
        digest=b"d" * 32,
        batch="B00001",
        answers={"core-safety": "5"},
        language="en",
        score=840,
    )
    for other in (SENT.response, kept_row):
        with pytest.raises(CannotOpen):
            OPENER.open_first(b"k" * 32, seal(OPENER.public, other, ROW_BYTES))
    with pytest.raises(CannotOpen):
        OPENER.open(seal(OPENER.public, SENT, ROW_BYTES), KeptAnswers)


FIRST = Envelope(response=SENT.response, salt=b"s" * 16)
KEY = b"k" * 32


def digest_by_hand(key, salt, content):
    """docs/disclosure.md, “Values”: each response as first sealed, with its key and 16 random bytes."""
    parts = (len(key).to_bytes(8) + key, salt, len(content).to_bytes(8) + content)
    return hashlib.sha256(b"".join(parts)).digest()


def test_a_response_has_the_digest_of_its_first_bytes_its_key_and_its_random_bytes():
    _, digest = OPENER.open_first(KEY, seal(OPENER.public, FIRST, ROW_BYTES))
    assert digest == digest_by_hand(KEY, b"s" * 16, msgspec.msgpack.encode(FIRST))
    _, again = OPENER.open_first(KEY, seal(OPENER.public, FIRST, ROW_BYTES))
    assert again == digest, "the seal itself decides nothing: a response keeps its noise"
    others = (
        (b"K" * 32, FIRST),
        (KEY, msgspec.structs.replace(FIRST, salt=b"S" * 16)),
        (KEY, msgspec.structs.replace(FIRST, response=msgspec.structs.replace(SENT.response, answers={}))),
    )
    digests = {OPENER.open_first(key, seal(OPENER.public, it, ROW_BYTES))[1] for key, it in others}
    assert len(digests | {digest}) == 4


def test_what_was_sealed_before_there_were_random_bytes_opens_and_shares_its_digest_with_no_other_seal():
    rows = [seal_before(OPENER.public, SENT.response) for _ in range(2)]
    pairs = [OPENER.open_first(KEY, row) for row in (*rows, rows[0])]
    assert all(it == Envelope(response=SENT.response) for it, _ in pairs)
    first, second, again = (digest for _, digest in pairs)
    assert again == first != second
    salt = hashlib.sha256(rows[0]).digest()[:16]
    assert first == digest_by_hand(KEY, salt, msgspec.msgpack.encode(SealedBefore(SENT.response)))


def test_a_row_that_was_moved_has_the_digest_that_it_carries():
    envelope = msgspec.structs.replace(SENT, digest=b"d" * 32)
    assert OPENER.open_first(KEY, seal(OPENER.public, envelope, ROW_BYTES)) == (envelope, b"d" * 32)


@pytest.mark.parametrize("length", [1, 15, 17, 32])
def test_a_row_whose_random_bytes_are_of_another_length_does_not_open(length):
    row = seal(OPENER.public, msgspec.structs.replace(FIRST, salt=b"s" * length), ROW_BYTES)
    with pytest.raises(CannotOpen, match="was not sealed here"):
        OPENER.open_first(KEY, row)


def first_digests(sandbox, rows):
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
    return {key: opener.open_first(key, sealed) for key, sealed in rows}


def kept_rows(sandbox):
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
    rows = sandbox.in_transaction(lambda s: s.execute(select(BatchedRow.key, BatchedRow.sealed)))
    return {key: opener.open(sealed, KeptAnswers) for key, sealed in rows}


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False], ids=["sealed before", "sealed now"])
def test_a_response_keeps_its_digest_through_every_release(sandbox, before):
    """With another one its noise would be drawn anew, and two draws tell more than one."""
    if before:
        response = msgspec.structs.replace(SENT.response, answers={"core-safety": "5"})
        put_sealed_before(sandbox, [response] * 5)
    else:
        sandbox.answer(5)
    first = first_digests(sandbox, sandbox.in_transaction(waiting_rows))
    digests = {key: digest for key, (_, digest) in first.items()}
    assert len(set(digests.values())) == 5
    assert {len(it.salt) for it, _ in first.values()} == {0 if before else 16}
    for day in ("2026-10-15", "2027-01-15"):
        sandbox.on(day).release()
        later = first_digests(sandbox, sandbox.in_transaction(waiting_rows))
        assert {key: digest for key, (_, digest) in later.items()} == digests
        assert {(it.digest == digests[key], it.salt) for key, (it, _) in later.items()} == {(True, b"")}
    sandbox.answer(6)
    assert sandbox.on("2027-04-15").release().batches == 1
    rows = kept_rows(sandbox)
    assert len(rows) == 11
    assert {key: rows[key].digest for key in digests} == digests
    assert len({it.digest for it in rows.values()}) == 11


def test_a_damaged_row_holds_nobody_up_and_is_left_where_it_is(sandbox):
    sandbox.answer(11)

    async def damage(deployment):
        row = {"key": b"d" * 32, "sealed": seal_by_hand(b"\x81\xa1z" + b"\x91" * 8_000)}
        async with deployment.database.transaction() as session:
            await session.execute(InboxRow.__table__.insert(), [row])

    sandbox.run(damage)
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.unreadable) == (1, 1)
    assert [key for key, _ in sandbox.in_transaction(waiting_rows)] == [b"d" * 32]
