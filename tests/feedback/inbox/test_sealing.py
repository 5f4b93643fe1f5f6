"""The inbox: rows that say nothing, of one size, found again by a second Send."""

import hashlib
import itertools
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey
from sqlalchemy import select

from feedback.comments.waiting import Loose
from feedback.inbox import sealing as module
from feedback.inbox.sealing import ROW_BYTES, Envelope, Inbox, SendOutcome, is_empty, new_submission_key, seal
from feedback.inbox.unsealing import Opener
from feedback.release.passes import Passes
from feedback.release.timing import ReleaseRefused
from feedback.storage import keys
from feedback.storage.tables import Base, CommentRow, InboxRow, UsedKeyRow
from surveys.answers import LONGEST_TEXT, LONGEST_TEXT_BYTES, Response
from surveys.instruments import shipped_instruments
from tests.support.stored import waiting_rows

KEY = PrivateKey(bytes(range(32)))
SECRET = b"s" * 32
INBOX = Inbox(KEY.public_key, SECRET)
HER_WORDS = "the van came late and nobody told me"


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about keys and words, one database is enough."""


def response(going_well="", language="es"):
    answers = {"core-safety": "4", **({"going-well": going_well} if going_well else {})}
    return Response(
        program="frp",
        audience="youth",
        instrument="protocol-youth",
        language=language,
        period="2026Q3",
        origin="live",
        answers=answers,
    )


def send(sandbox, slug="k3mw9xab", number="Mia's page", submission=None, version=None):
    async def store(deployment):
        async with deployment.database.transaction() as session:
            it = submission or response(HER_WORDS)
            return await deployment.inbox.store(session, slug, number, it, version)

    return sandbox.run(store)


def rows(sandbox):
    return sandbox.in_transaction(waiting_rows)


def used_keys(sandbox):
    return sandbox.in_transaction(_used_keys)


async def _used_keys(session):
    return list((await session.execute(select(UsedKeyRow.key))).scalars())


@given(st.text(max_size=LONGEST_TEXT), st.sampled_from(["en", "zh-Hant", "fil"]))
def test_every_row_is_as_long_as_every_other(text, language):
    sealed = seal(INBOX.public, Envelope(response=response(text, language)), ROW_BYTES)
    assert len(sealed) == 8_240  # 8,192 bytes and a seal of 48
    assert Opener(KEY).open(sealed, Envelope).response == response(text, language)


@pytest.mark.parametrize("instrument", shipped_instruments().values(), ids=lambda it: it.id)
def test_the_longest_answer_anyone_can_give_fits(instrument):
    letters = "\N{HANGUL SYLLABLE GAG}" * (LONGEST_TEXT_BYTES // 3)
    longest = {
        it.id: letters if it.is_text else tuple(it.codes) if it.kind == "multiple" else max(it.codes, key=len)
        for it in instrument.questions
    }
    longest_response = Response(
        program="p" * 80,
        audience="caregiver",
        instrument=instrument.id,
        language="zh-Hant",
        period="2026Q3",
        origin="entered",
        answers=longest,
        consent="as-written",
        entered="2026Q4",
    )
    first = Envelope(response=longest_response, salt=b"s" * 16)
    later = Envelope(response=longest_response, place="program", since="2026Q3", digest=b"d" * 32)
    for it in (first, later):
        assert len(seal(INBOX.public, it, ROW_BYTES)) == 8_240


def test_a_row_is_full_at_one_byte_less_than_its_size_and_refuses_the_next():
    empty = len(module.msgspec.msgpack.encode(Envelope(response=response("x" * 5_000)))) - 5_000
    assert len(seal(INBOX.public, Envelope(response=response("x" * (8_191 - empty))), ROW_BYTES)) == 8_240
    with pytest.raises(ValueError, match="8192 bytes do not fit a sealed row of 8192") as refused:
        seal(INBOX.public, Envelope(response=response("x" * (8_192 - empty))), ROW_BYTES)
    assert "xxx" not in str(refused.value)


def test_the_same_answers_are_never_the_same_row():
    first, second = (seal(INBOX.public, Envelope(response=response(HER_WORDS)), ROW_BYTES) for _ in range(2))
    assert first != second


def test_the_key_of_a_row_is_keyed_with_the_deployments_secret():
    key = INBOX.row_key("k3mw9xab", "abc")
    assert key == hashlib.blake2b(b"k3mw9xab/abc", key=SECRET, digest_size=32).digest()
    assert key != Inbox(KEY.public_key, b"t" * 32).row_key("k3mw9xab", "abc")
    assert key != hashlib.blake2b(b"k3mw9xab/abc", digest_size=32).digest()


@given(st.text(), st.text())
def test_another_link_or_another_page_is_another_row(number, other):
    same = INBOX.row_key("k3mw9xab", number) == INBOX.row_key("k3mw9xab", other)
    assert same == (number == other)
    assert INBOX.row_key("k3mw9xab", number) != INBOX.row_key("k3mw9xac", number)


def test_a_submission_key_cannot_be_guessed():
    numbers = {new_submission_key() for _ in range(1_000)}
    assert len(numbers) == 1_000
    assert {len(number) for number in numbers} == {22}  # 128 random bits


def test_a_second_send_finds_the_first(sandbox):
    assert sandbox.in_transaction(is_empty)
    assert send(sandbox) is SendOutcome.NEW
    before = rows(sandbox)
    assert send(sandbox) is SendOutcome.UNCHANGED
    assert rows(sandbox) == before
    assert len(before) == 1
    assert not sandbox.in_transaction(is_empty)


def test_two_pages_of_one_link_are_two_people(sandbox):
    assert send(sandbox, number="Mia's page") is SendOutcome.NEW
    assert send(sandbox, number="Noor's page") is SendOutcome.NEW
    assert len(rows(sandbox)) == 2


@ON_SQLITE
def test_nothing_in_a_row_can_be_read(sandbox):
    send(sandbox)
    ((key, sealed),) = rows(sandbox)
    assert (len(key), len(sealed)) == (32, 8_240)
    for word in ("frp", "youth", "protocol", "core-safety", "2026", "live", "going-well", "nobody told me"):
        assert word.encode() not in key + sealed


def test_a_row_holds_its_key_its_seal_and_a_veiled_version_and_nothing_else():
    columns = Base.metadata.tables["inbox"].columns
    assert [column.name for column in columns] == ["key", "sealed", "version"]


def test_rows_are_read_in_the_order_of_their_random_keys(sandbox):
    for person in range(12):
        send(sandbox, number=f"page {person}")
    row_keys = [key for key, _ in rows(sandbox)]
    assert row_keys == sorted(row_keys)
    assert len(row_keys) == 12


@pytest.mark.parametrize("at_once", [1, 5, 6, 12, 13])
def test_reading_some_rows_at_a_time_reads_each_once(sandbox, monkeypatch, at_once):
    for person in range(12):
        send(sandbox, number=f"page {person}")
    all_rows = rows(sandbox)
    monkeypatch.setattr(module, "CHUNK", at_once)
    assert rows(sandbox) == all_rows
    some_rows = dict(all_rows[2:9])

    async def read(session):
        return [rows async for rows in module.rows_of(session, InboxRow, list(some_rows))]

    chunks = sandbox.in_transaction(read)
    assert max(map(len, chunks)) <= at_once
    read_rows = [row for rows in chunks for row in rows]
    assert len(read_rows) == 7
    assert dict(read_rows) == some_rows


@ON_SQLITE
def test_every_first_seal_holds_random_bytes_of_its_own_and_no_digest(sandbox):
    """Who guesses an answer could otherwise try whether its noise fits."""
    for person in range(12):
        send(sandbox, number=f"page {person}")
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
    envelopes = [opener.open(sealed, Envelope) for _, sealed in rows(sandbox)]
    assert len({it.salt for it in envelopes}) == 12
    assert {(len(it.salt), it.digest, it.place, it.since) for it in envelopes} == {(16, b"", "program", None)}


@pytest.mark.slow
def test_a_used_key_is_recognised_after_its_release_and_for_two_more(sandbox):
    silent = response()
    sandbox.answer(10)
    send(sandbox, submission=silent)
    assert sandbox.on("2026-10-15").release().batches == 1
    assert len(used_keys(sandbox)) == 11
    for day in ("2027-01-15", "2027-04-15"):
        assert send(sandbox, submission=silent) is SendOutcome.LET_OUT
        assert rows(sandbox) == []
        sandbox.on(day).release()
        assert len(used_keys(sandbox)) == 11
    sandbox.on("2027-07-15").release()
    assert used_keys(sandbox) == []
    assert send(sandbox, submission=silent) is SendOutcome.NEW


def test_who_still_waits_is_still_recognised_after_a_release(sandbox):
    send(sandbox)
    ((key, before),) = rows(sandbox)
    sandbox.on("2026-10-15").release()
    ((same, after),) = rows(sandbox)
    assert same == key
    assert after != before  # sealed anew, so that no row stands out as old
    assert send(sandbox) is SendOutcome.UNCHANGED


def test_a_send_that_is_too_long_stores_nothing(sandbox):
    with pytest.raises(ValueError, match="do not fit a sealed row"):
        send(sandbox, submission=response("x" * 9_000))
    assert sandbox.in_transaction(is_empty)


@ON_SQLITE
def test_a_serving_process_holds_nothing_that_opens_a_row(sandbox):
    async def get_inbox(deployment):
        return deployment.inbox

    inbox = sandbox.run(get_inbox)
    private = keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None)
    assert inbox.public == private.public_key
    assert inbox.secret != bytes(private)
    assert module.Inbox.__struct_fields__ == ("public", "secret")


@ON_SQLITE
def test_a_stolen_table_does_not_say_whether_a_page_was_sent(sandbox):
    send(sandbox, "k3mw9xab", "a page the thief saw")
    ((key, _),) = rows(sandbox)
    thief = Inbox(KEY.public_key, secrets.token_bytes(32))
    assert thief.row_key("k3mw9xab", "a page the thief saw") != key


# What was last meant


def words(sandbox):
    """What is stored of the one page, opened."""
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
    ((_, sealed),) = rows(sandbox)
    return opener.open(sealed, Envelope).response.answers.get("going-well")


@pytest.mark.parametrize("order", list(itertools.permutations([0, 1, 2])))
def test_whatever_the_order_of_arrival_the_version_that_was_meant_last_is_kept(sandbox, order):
    for version in order:
        outcome = send(sandbox, submission=response(f"version {version}"), version=version)
        assert outcome in (SendOutcome.NEW, SendOutcome.REPLACED, SendOutcome.UNCHANGED)
    assert words(sandbox) == "version 2"


def test_of_two_sends_that_no_script_counted_the_later_to_arrive_is_kept(sandbox):
    assert send(sandbox, submission=response("first"), version=0) is SendOutcome.NEW
    assert send(sandbox, submission=response("second"), version=0) is SendOutcome.REPLACED
    assert words(sandbox) == "second"


def test_a_version_is_kept_over_a_release_in_which_it_waits(sandbox):
    send(sandbox, submission=response("third"), version=3)
    sandbox.on("2026-10-15").release()
    assert send(sandbox, submission=response("second"), version=2) is SendOutcome.UNCHANGED
    assert words(sandbox) == "third"
    assert send(sandbox, submission=response("fourth"), version=4) is SendOutcome.REPLACED
    assert words(sandbox) == "fourth"


def test_nobody_reads_from_the_table_which_pages_were_edited(sandbox):
    for person in range(40):
        send(sandbox, number=f"page {person}", version=0)
    veiled = set(sandbox.in_transaction(lambda s: s.execute(select(InboxRow.version))).scalars())
    assert len(veiled) > 30, "forty times version 0 are forty different numbers"
    assert max(veiled) <= module.MOST_VERSIONS


def test_what_was_let_out_is_not_replaced_and_the_sender_can_be_told(sandbox):
    sandbox.answer(10)
    send(sandbox, version=0)
    assert sandbox.on("2026-10-15").release().batches == 1
    assert send(sandbox, submission=response("too late"), version=1) is SendOutcome.LET_OUT
    assert rows(sandbox) == []


@pytest.mark.slow
def test_what_is_edited_while_a_release_adds_up_is_in_that_release(sandbox, monkeypatch):
    """Else the first words would be let out, and the last ones thanked for and lost."""
    sandbox.answer(10)
    send(sandbox, submission=response("The first words.", "en"), version=0)
    sandbox.on("2026-10-15")
    second, outcomes = Passes.second, []

    async def second_with_an_edit(self, *arguments):
        new_rows = await second(self, *arguments)
        if not outcomes:
            outcomes.append(send(sandbox, submission=response("The last words.", "en"), version=1))
        return new_rows

    monkeypatch.setattr(Passes, "second", second_with_an_edit)
    assert sandbox.release().batches == 1
    assert outcomes == [SendOutcome.REPLACED]
    assert rows(sandbox) == []
    sealed = sandbox.in_transaction(lambda s: s.execute(select(CommentRow.sealed))).scalars().all()
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.REVIEW_PRIVATE, None))
    texts = {it.comment.text for it in (opener.open(it, Loose) for it in sealed) if it.comment}
    assert texts == {"The last words."}


@pytest.mark.slow
def test_a_release_that_people_keep_changing_says_so_and_changes_nothing(sandbox, monkeypatch):
    sandbox.answer(10)
    send(sandbox, version=0)
    sandbox.on("2026-10-15")
    second = Passes.second

    async def second_with_an_edit(self, *arguments):
        new_rows = await second(self, *arguments)
        send(sandbox, version=1)
        return new_rows

    monkeypatch.setattr(Passes, "second", second_with_an_edit)
    with pytest.raises(ReleaseRefused, match="5 times somebody changed what they had sent"):
        sandbox.release()
    assert len(rows(sandbox)) == 11
    assert sandbox.ledger() == []


# Taken back


def throw_away(sandbox, number="Mia's page", slug="k3mw9xab"):
    async def work(deployment):
        async with deployment.database.transaction() as session:
            return await deployment.inbox.throw_away(session, slug, number, deployment.settings.period)

    return sandbox.run(work)


def test_what_is_thrown_away_is_gone_and_no_version_of_it_comes_back(sandbox):
    send(sandbox, version=0)
    assert throw_away(sandbox)
    assert rows(sandbox) == []
    for version in (None, 0, 1, module.MOST_VERSIONS):
        assert send(sandbox, version=version) is SendOutcome.THROWN_AWAY
    assert rows(sandbox) == []
    assert throw_away(sandbox), "a second press says the same"
    assert send(sandbox, number="another page", version=0) is SendOutcome.NEW


def test_what_was_thrown_away_is_known_as_long_as_its_page_is_good(sandbox):
    throw_away(sandbox)
    for day in ("2026-10-15", "2027-01-15"):
        sandbox.on(day).release()
        assert send(sandbox, version=0) is SendOutcome.THROWN_AWAY


def test_what_was_let_out_cannot_be_thrown_away(sandbox):
    sandbox.answer(10)
    send(sandbox, version=0)
    assert sandbox.on("2026-10-15").release().batches == 1
    assert not throw_away(sandbox)
    assert send(sandbox, version=1) is SendOutcome.LET_OUT


@pytest.mark.slow
def test_what_is_thrown_away_while_a_release_runs_is_not_let_out(sandbox, monkeypatch):
    sandbox.answer(11)
    send(sandbox, submission=response("The first words.", "en"), version=0)
    sandbox.on("2026-10-15")
    second, outcomes = Passes.second, []

    async def second_with_throwing_away(self, *arguments):
        new_rows = await second(self, *arguments)
        if not outcomes:
            outcomes.append(throw_away(sandbox))
        return new_rows

    monkeypatch.setattr(Passes, "second", second_with_throwing_away)
    assert sandbox.release().batches == 1
    assert outcomes == [True]
    assert [it.n for it in sandbox.ledger()] == [11]
    assert send(sandbox, version=0) is SendOutcome.THROWN_AWAY
