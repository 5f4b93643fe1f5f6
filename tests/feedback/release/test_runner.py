"""A release lets answers out safely, or not at all."""

import asyncio
import gc
import itertools
import shutil
import sqlite3
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from nacl.public import PrivateKey
from sqlalchemy import select, update

from analysis.counting import Asking
from analysis.kept_answers import KeptAnswers
from analysis.parameters import Parameters
from analysis.reading import ReadingRegistry
from analysis.text.themes import shipped_codebook
from feedback.comments.waiting import COMMENT_BYTES, Loose, written
from feedback.fieldwork.instruments import add_instrument
from feedback.inbox import sealing
from feedback.inbox.sealing import SEAL_BYTES, is_empty, seal
from feedback.inbox.unsealing import Opener
from feedback.release.passes import ReleaseInputs, kept_bytes
from feedback.release.runner import ReleaseRefused
from feedback.storage import database, keys
from feedback.storage.facts import Fact, read_fact
from feedback.storage.tables import BatchedRow, CommentRow, InboxRow
from surveys.answers import Response
from surveys.instruments import Option, Question, shipped_instruments
from surveys.periods import Period
from tests.support.sandbox import DOMAINS, Sandbox
from tests.support.stored import waiting_rows


def test_eleven_people_become_one_batch_and_ten_wait(sandbox):
    sandbox.answer(11)
    sandbox.answer(10, program="syz")
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.period, outcome.batches) == ("2026Q3", 1)
    (batch,) = sandbox.ledger()
    assert (batch.owner, batch.audience, batch.origin, batch.n) == ("frp", "youth", "live", 11)


def test_a_release_never_runs_twice(sandbox):
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()
    before = sandbox.ledger(), sandbox.tables()
    with pytest.raises(ReleaseRefused, match="2026Q4 has not ended yet"):
        sandbox.release()
    with pytest.raises(ReleaseRefused, match="2026Q3 was released already"):
        sandbox.release("2026Q3")
    assert (sandbox.ledger(), sandbox.tables()) == before


def test_two_releases_at_once_are_one_release(sandbox):
    sandbox.answer(12)
    sandbox.on("2026-10-15")

    def attempt(_number):
        try:
            return sandbox.release().period
        except ReleaseRefused as refused:
            return str(refused)

    with ThreadPoolExecutor(2) as people:
        ends = list(people.map(attempt, range(2)))
    assert "2026Q3" in ends
    assert any("moment ago" in end or "2026Q4 has not ended yet" in end for end in ends)
    assert [batch.n for batch in sandbox.ledger()] == [12]


def test_releases_run_in_order_and_only_after_the_quarter(sandbox):
    with pytest.raises(ReleaseRefused, match="2026Q3 has not ended yet"):
        sandbox.release()
    sandbox.on("2027-01-15")
    with pytest.raises(ReleaseRefused, match="2026Q3 comes first"):
        sandbox.release("2026Q4")
    assert [sandbox.release().period for _ in range(2)] == ["2026Q3", "2026Q4"]


@pytest.mark.slow
def test_the_very_first_release_may_name_an_earlier_quarter(sandbox):
    sandbox.answer(11, period="2026Q1")
    assert sandbox.release("2026Q1").batches == 1
    assert sandbox.release("2026Q2").batches == 0


def test_a_wrong_key_opens_nothing_and_changes_nothing(sandbox, tmp_path):
    sandbox.answer(11)
    rows = sandbox.in_transaction(waiting_rows)
    other = keys.ReleaseKey(PrivateKey.generate(), bytes(32))
    sandbox.on("2026-10-15")
    with pytest.raises(ReleaseRefused, match="not the release key"):
        sandbox.release(key=other)
    assert sandbox.in_transaction(waiting_rows) == rows
    assert sandbox.release().batches == 1


def test_a_dry_run_says_how_many_would_close_and_closes_none(sandbox):
    sandbox.answer(11)
    sandbox.on("2026-10-15")
    assert sandbox.release(dry=True).batches == 1
    assert sandbox.ledger() == []
    assert sandbox.tables() == []
    assert sandbox.release().batches == 1


def test_a_damaged_row_stays_and_holds_up_nobody(sandbox):
    sandbox.answer(12)

    async def damage(session):
        key = (await session.execute(select(InboxRow.key))).scalars().first()
        await session.execute(update(InboxRow).where(InboxRow.key == key).values(sealed=b"x" * 8_240))

    sandbox.in_transaction(damage)
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.unreadable) == (1, 1)
    assert [batch.n for batch in sandbox.ledger()] == [11]


@pytest.mark.slow
def test_who_waits_too_long_is_heard_with_others_of_the_pool(sandbox):
    for program in ("star-court", "dream-court", "dream-unit"):
        sandbox.answer(4, program, instrument="youth-experience")
    for year, month in ((2026, 10), (2027, 1), (2027, 4), (2027, 7), (2027, 10)):
        sandbox.on(f"{year}-{month:02}-15").release()
        assert sandbox.ledger() == []
    sandbox.on("2028-01-15").release()
    (batch,) = sandbox.ledger()
    description = (batch.kind, batch.scope, batch.owner, batch.audience, batch.n)
    assert description == ("pulse", "pool", "courts and units", "mixed", 12)
    assert batch.first == "2026Q3"
    assert set(batch.values) == {"score", "spread"}


@pytest.mark.slow
def test_what_waited_two_years_is_destroyed_unread(sandbox):
    sandbox.answer(3, "pep", "caregiver", instrument="caregiver-experience")
    sandbox.on("2028-10-15")
    for _ in range(8):
        sandbox.release()
    assert not sandbox.in_transaction(is_empty)
    sandbox.release()
    assert sandbox.in_transaction(is_empty)
    assert sandbox.ledger() == []


@pytest.mark.slow
def test_live_and_entered_answers_never_share_a_batch(sandbox):
    sandbox.answer(10)
    sandbox.answer(10, origin="entered", entered="2026Q3")
    assert sandbox.on("2026-10-15").release().batches == 0


@pytest.mark.slow
def test_questions_themes_and_languages_come_once_a_year_and_nothing_is_kept_after(sandbox):
    sandbox.on("2026-11-15").answer(44, period="2026Q4")
    sandbox.answer(33, language="es", period="2026Q4")
    sandbox.on("2027-01-15").release("2026Q3")
    outcome = sandbox.release("2026Q4")
    # The program's questions, its themes and the county's, and two languages, which name no batch.
    assert (outcome.batches, outcome.joined) == (1, 5)
    unions = [it for it in sandbox.ledger() if it.kind != "pulse"]
    assert {(it.kind, it.scope, it.owner, it.n, it.of) for it in unions} == {
        ("detail", "program", "frp", 77, ("B00001",)),
        ("themes", "program", "frp", 77, ("B00001",)),
        ("themes", "county", "county", 77, ("B00001",)),
        ("language", "county", "en", 44, ()),
        ("language", "county", "es", 33, ()),
    }
    assert kept_rows(sandbox) == {}


@pytest.mark.slow
def test_between_the_yearly_releases_closed_answers_wait_sealed_and_no_word_with_them(sandbox):
    words = {"going-well": "The food.", "should-change": "A bed."}
    sandbox.on("2026-04-15").answer(12, period="2026Q1", answers=words, language="es")
    sandbox.release("2026Q1")
    rows = list(kept_rows(sandbox).values())
    assert len(rows) == 12
    for it in rows:
        assert it.answers == {f"core-{domain}": "5" for domain in DOMAINS}
        assert (it.batch, it.language, it.score) == ("B00001", "es", 840)
    before = sealed_kept_rows(sandbox)
    sandbox.on("2026-07-15").release()
    assert {it.key for it in rows} == set(kept_rows(sandbox))
    assert sorted(kept_rows(sandbox).values(), key=lambda it: it.key) == sorted(rows, key=lambda it: it.key)
    assert not set(before) & set(sealed_kept_rows(sandbox)), "sealed anew, so that no row stands out as old"


@pytest.mark.slow
def test_an_audience_whose_questions_came_sooner_keeps_no_closed_answers(sandbox):
    sandbox.answer(100)
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.joined) == (1, 2)
    assert [(it.kind, it.n) for it in sandbox.ledger()] == [
        ("pulse", 100),
        ("fields", 100),
        ("detail", 100),
    ]
    assert {(it.answers, it.language, it.score) for it in kept_rows(sandbox).values()} == {(None, "en", 840)}


@pytest.mark.slow
def test_after_the_year_only_experts_closed_answers_stay_and_for_eight_quarters_at_most(sandbox):
    sandbox.on("2026-12-15").answer(20, period="2026Q4", language="es")
    sandbox.answer(20, audience="expert", instrument="expert-review", period="2026Q4", language="es")
    sandbox.on("2027-01-15").release("2026Q3")
    assert sandbox.release().batches == 2
    expert = next(it.id for it in sandbox.ledger() if it.audience == "expert")
    for year in (2027, 2028):
        rows = kept_rows(sandbox).values()
        assert [it.batch for it in rows] == [expert] * 20
        assert {(it.language, it.score, it.themes) for it in rows} == {("", None, ())}
        assert all(it.answers for it in rows)
        sandbox.on(f"{year + 1}-01-15")
        for _ in range(4):
            assert kept_rows(sandbox)
            sandbox.release()
    assert kept_rows(sandbox) == {}
    assert not [it for it in sandbox.ledger() if it.kind == "detail" and it.audience == "expert"]


@pytest.mark.slow
def test_experts_of_two_years_are_asked_about_together_once_they_are_enough(sandbox):
    for year in (2026, 2027):
        period = f"{year}Q4"
        sandbox.on(f"{year}-12-15").answer(20, audience="expert", instrument="expert-review", period=period)
        sandbox.on(f"{year + 1}-01-15")
        while sandbox.release().period != period:
            pass
    detail = [(it.owner, it.n, it.of) for it in sandbox.ledger() if it.kind == "detail"]
    assert detail == [("county", 40, ("B00001", "B00002"))]
    assert kept_rows(sandbox) == {}


def sealed_kept_rows(sandbox):
    return sandbox.in_transaction(lambda s: s.execute(select(BatchedRow.sealed))).scalars().all()


def kept_rows(sandbox):
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
    rows = sandbox.in_transaction(lambda s: s.execute(select(BatchedRow.key, BatchedRow.sealed)))
    return {key: opener.open(sealed, KeptAnswers) for key, sealed in rows}


LONG = Question(
    id="rides",
    kind="multiple",
    text="How?",
    options=tuple(Option(code=f"way-{n}", text="Some way") for n in range(200)),
)


@pytest.mark.slow
def test_all_kept_rows_are_of_one_size_that_no_answer_decides(sandbox):
    """A length that follows the content would tell who answered little."""
    sandbox.on("2026-04-15").answer(11, period="2026Q1")
    sandbox.release("2026Q1")
    assert {len(it) for it in sealed_kept_rows(sandbox)} == {1_024 + SEAL_BYTES}
    youth = shipped_instruments()["protocol-youth"]
    own = msgspec.structs.replace(youth, id="rides", questions=(*youth.questions, LONG))
    sandbox.in_transaction(lambda session: add_instrument(session, own, sandbox.settings.today))
    everything = {"rides": tuple(LONG.codes), "should-change": "the shelter", "going-well": "the staff"}
    for answers in ({}, everything):
        sandbox.answer(6, "syz", instrument="rides", period="2026Q2", answers=answers)
    assert sandbox.on("2026-07-15").release().batches == 1
    assert len(sealed_kept_rows(sandbox)) == 11 + 12
    assert {len(it) for it in sealed_kept_rows(sandbox)} == {4_096 + SEAL_BYTES}
    assert max(len(it.answers) for it in kept_rows(sandbox).values()) == 9


@pytest.mark.parametrize("instrument", shipped_instruments().values(), ids=lambda it: it.id)
@pytest.mark.parametrize("more", [None, LONG], ids=["as shipped", "with 200 options"])
def test_the_longest_closed_answers_fit_the_size_of_kept_rows(instrument, more):
    instrument = msgspec.structs.replace(
        instrument, questions=(*instrument.questions, *([more] if more else []))
    )
    longest = {
        it.id: tuple(it.codes) if it.kind == "multiple" else max(it.codes, key=len)
        for it in instrument.questions
        if not it.is_text
    }
    codebook = shipped_codebook()
    themes = tuple(sorted((it.id for it in codebook.themes), key=len)[-2:])
    row = KeptAnswers(
        key=b"k" * 32,
        digest=b"d" * 32,
        batch="B" + "9" * 11,
        answers=longest,
        language="zh-Hant",
        score=840,
        themes=themes,
    )
    instruments = {instrument.id: instrument}
    quarter = Period(2026, 3)
    size = kept_bytes(
        ReleaseInputs(
            [],
            ReadingRegistry({}, (), instruments, quarter, quarter, quarter),
            Asking({}, {}, instruments, codebook, Parameters()),
            (),
        )
    )
    assert len(seal(PrivateKey.generate().public_key, row, size)) == size + SEAL_BYTES
    assert size == (4_096 if more else 1_024)


class Copy(Sandbox):
    """The same deployment once more."""

    def __init__(self, sandbox, name):
        sandbox.shut()
        home = sandbox.settings.home.with_name(name)
        shutil.copytree(sandbox.settings.home, home)
        self.settings = msgspec.structs.replace(sandbox.settings, home=home)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_rows_and_secret_give_the_same_ledger_and_another_secret_another(sandbox):
    """A release that is run again draws nothing new that could be averaged."""
    sandbox.answer(12)
    sandbox.answer(40, "syz", answers={"should-change": "the shelter"})
    sandbox.answer(40, "ctu", language="es", instrument="youth-experience")
    copies = [Copy(sandbox, name) for name in ("one", "two", "three")]
    own = keys.read_release(sandbox.settings.keys / keys.RELEASE_PRIVATE, None)
    other = msgspec.structs.replace(own, noise=bytes(32))
    ledgers = []
    for copy, key in zip(copies, (own, own, other), strict=True):
        copy.on("2026-10-15").release(key=key)
        copy.on("2027-01-15").release(key=key)
        ledgers.append(copy.ledger())
    first, second, third = ledgers
    assert first == second
    assert {it.kind for it in first} == {"pulse", "fields", "detail", "themes", "language"}
    unlike = [
        (one.id, item)
        for one, its in zip(first, third, strict=True)
        for item in one.values
        if one.values[item] != its.values[item]
    ]
    assert {name for name, _ in unlike} == {it.id for it in first}
    assert len(unlike) > 0.7 * sum(len(it.values) for it in first)
    plain = [msgspec.structs.replace(it, values={}) for it in first]
    assert plain == [msgspec.structs.replace(it, values={}) for it in third]


def count_open():
    """How many responses, whole or as they are kept, are in memory."""
    gc.collect()
    return sum(isinstance(it, Response | KeptAnswers) for it in gc.get_objects())


@pytest.fixture
def some_at_a_time(monkeypatch):
    """Twenty rows are read, sealed or stored at once."""
    monkeypatch.setattr(sealing, "CHUNK", 20)


WORDS = {"should-change": "A shorter wait. " * 20}


@pytest.mark.slow
@pytest.mark.uncounted
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_release_has_some_rows_open_and_never_all(sandbox, some_at_a_time, monkeypatch):
    counts, before, turns = [], count_open(), itertools.count()
    decode = Opener._decode

    def watch(content, kind):
        if next(turns) % 25 == 0:
            counts.append(count_open() - before)
        return decode(content, kind)

    async def at_once(work, *arguments):
        return work(*arguments)

    for program in ("frp", "syz"):
        sandbox.answer(150, program, answers=WORDS)
    monkeypatch.setattr(Opener, "_decode", staticmethod(watch))
    # Whoever looks at all objects breaks a tuple that another thread is just making.
    monkeypatch.setattr(asyncio, "to_thread", at_once)
    assert sandbox.on("2026-10-15").release().batches == 2
    assert len(counts) > 10
    assert max(counts) <= 6 * 20, "some opened ahead, some being counted, some being sealed"


@pytest.mark.slow
@pytest.mark.uncounted  # what is measured is memory, and counting lines takes some
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_release_holds_of_each_row_a_place_and_a_digest(sandbox, some_at_a_time):
    """Neither opened nor sealed: 300 rows more take far less than they are long."""
    most = []
    for day, period, people in (("2026-07-15", "2026Q2", 100), ("2026-10-15", "2026Q3", 400)):
        for program in ("frp", "syz"):
            sandbox.on(day).answer(people // 2, program, period=period, answers=WORDS)
        gc.collect()
        tracemalloc.start()
        assert sandbox.release(period).batches == 2
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    sealed = 8_192 + 1_024 + 2 * COMMENT_BYTES
    assert (most[1] - most[0]) / 300 < sealed / 6


def test_what_a_release_stores_of_a_comment_opens_only_with_the_review_key(sandbox):
    sandbox.answer(11, answers={"should-change": "Call me at 213-555-0142, my name is Lupe."})
    sandbox.on("2026-10-15").release()
    sealed = sandbox.in_transaction(lambda s: s.execute(select(CommentRow.sealed))).scalars().all()
    assert {len(it) for it in sealed} == {COMMENT_BYTES + SEAL_BYTES}
    key = keys.read_private(sandbox.settings.keys / keys.REVIEW_PRIVATE, None)
    rows = [(b"", Opener(key).open(it, Loose)) for it in sealed]
    (_, comment), *_ = written(rows)
    assert comment.batch == "B00001"
    assert (comment.question, comment.language, comment.consent) == ("should-change", "en", "private")
    assert "213" not in comment.text
    assert "Lupe" not in comment.text
    assert "[phone]" in comment.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_who_stays_is_told_of_and_the_next_run_overwrites(sandbox, monkeypatch):
    impatient = tuple("PRAGMA busy_timeout=50" if "busy" in it else it for it in database._SQLITE)
    monkeypatch.setattr(database, "_SQLITE", impatient)
    sandbox.answer(11)
    sandbox.on("2026-10-15")

    with sqlite3.connect(sandbox.settings.home / "feedback.db") as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM programs").fetchone()
        assert sandbox.release().overwritten is False
        reader.rollback()
    reader.close()
    with pytest.raises(ReleaseRefused, match="2026Q4 has not ended yet"):
        sandbox.release()
    assert not sandbox.in_transaction(lambda session: read_fact(session, Fact.COMPACTION_DUE))
