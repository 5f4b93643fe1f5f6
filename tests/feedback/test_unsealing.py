"""Opening a sealed row: the right key opens it, and nothing else says anything about what is inside."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import sodium_pad
from nacl.public import PrivateKey, SealedBox

from feedback.inbox import ROW_BYTES, Envelope, seal, waiting_rows
from feedback.tables import InboxRow
from feedback.unsealing import CannotOpen, Opener
from surveys.answers import Response

ROSAS_KEY = PrivateKey(bytes(range(32)))
OPENER = Opener(ROSAS_KEY)
HER_WORDS = "the van came late and nobody told me"
SENT = Envelope(
    Response("frp", "youth", "protocol-youth", "es", "2026Q3", "live", {"going-well": HER_WORDS}),
    "pool",
    "2026Q2",
)


def sealed_by_hand(content):
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


@given(st.binary(max_size=300))
def test_whatever_somebody_sealed_to_our_public_key_is_refused_with_one_sentence(content):
    with pytest.raises(CannotOpen, match=r"^A sealed row cannot be opened with this key\.$"):
        OPENER.open(sealed_by_hand(sodium_pad(content, ROW_BYTES)), Envelope)


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
        OPENER.open(sealed_by_hand(content), Envelope)
    assert str(refused.value) == "A sealed row cannot be opened with this key."
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_row_of_another_kind_is_not_taken_for_this_one():
    with pytest.raises(CannotOpen):
        OPENER.open(seal(OPENER.public, SENT.response, ROW_BYTES), Envelope)
    with pytest.raises(CannotOpen):
        OPENER.open(seal(OPENER.public, SENT, 1_024), Envelope)


def test_a_damaged_row_holds_nobody_up_and_is_left_where_it_is(rehearsal):
    rehearsal.answer(11)

    async def damage(deployment):
        row = {"key": b"d" * 32, "sealed": sealed_by_hand(b"\x81\xa1z" + b"\x91" * 8_000)}
        async with deployment.database.transaction() as session:
            await session.execute(InboxRow.__table__.insert(), [row])

    rehearsal.run(damage)
    outcome = rehearsal.on("2026-10-15").release()
    assert (outcome.batches, outcome.left) == (1, 1)
    assert [key for key, _ in rehearsal.in_transaction(waiting_rows)] == [b"d" * 32]
