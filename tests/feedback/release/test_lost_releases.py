"""Restored from an older backup: what was let out since comes back as it was, or not at all."""

import asyncio
import shutil

import msgspec
import pytest
from sqlalchemy import select

from feedback.operations.backups import read_backup, write_backup
from feedback.release import runner
from feedback.release.ledgerfiles import NEVER_RELEASED, LedgerFileRefused, ledger_path, read_ledger_file
from feedback.release.lost_releases import LostReleases
from feedback.release.runner import ReleaseRefused, ReleaseRunner
from feedback.settings import Settings
from feedback.storage.tables import UsedKeyRow
from tests.support.sandbox import Sandbox
from tests.support.stored import waiting_rows

pytestmark = pytest.mark.slow
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class RestoredCopy(Sandbox):
    """A deployment that was not made but restored, with the private keys brought back."""

    def __init__(self, backup, home, keys_of, day):
        self.settings = Settings(home=home)
        asyncio.run(read_backup(self.settings, backup, "Rosa"))
        for name in ("release.private", "review.private"):
            shutil.copy(keys_of / name, self.settings.keys)
        self.on(day)


@pytest.fixture
def restore(sandbox, tmp_path):
    """Backed up in October, released twice since; the restored deployment knows of no release."""
    sandbox.answer(14)
    sandbox.answer(12, "syz", period="2026Q4")
    sandbox.on("2026-10-10")
    backup = tmp_path / "october.zip"
    sandbox.run(lambda deployment: write_backup(deployment, backup, "Rosa"))
    sandbox.on("2026-10-15").release()
    sandbox.on("2027-01-15").release()
    return lambda name="restored": RestoredCopy(backup, tmp_path / name, sandbox.settings.keys, "2027-01-20")


def newest(sandbox, release="2026Q4"):
    return read_ledger_file(ledger_path(sandbox.settings, release))


def published_rows(sandbox, **filters):
    """What a reader sees, without the day it was released on."""
    return [msgspec.structs.replace(row, released_on="") for row in sandbox.tables(**filters)]


@ON_SQLITE
def test_lost_releases_that_run_again_come_out_as_they_did(sandbox, restore):
    restored = restore()
    outcome = restored.release(newest=newest(sandbox))
    assert (outcome.again, outcome.taken_over) == (("2026Q3", "2026Q4"), ())
    assert restored.ledger() == sandbox.ledger()
    assert published_rows(restored) == published_rows(sandbox)
    assert restored.in_transaction(waiting_rows) == []


@ON_SQLITE
def test_where_somebody_answered_in_between_what_was_let_out_is_taken_over(sandbox, restore):
    restored = restore()
    restored.answer(3, period="2026Q3")
    restored.answer(2, period="2027Q1")
    outcome = restored.release(newest=newest(sandbox))
    assert (outcome.again, outcome.taken_over) == ((), ("2026Q3", "2026Q4"))
    assert restored.ledger() == sandbox.ledger()
    assert published_rows(restored) == published_rows(sandbox)
    assert len(restored.in_transaction(waiting_rows)) == 2, "who answered later waits for a later release"


@ON_SQLITE
def test_a_lost_release_that_comes_out_as_it_was_stands_though_the_next_does_not(sandbox, restore):
    restored = restore()
    restored.answer(3, "syz", period="2026Q4")
    outcome = restored.release(newest=newest(sandbox))
    assert (outcome.again, outcome.taken_over) == (("2026Q3",), ("2026Q4",))
    assert restored.ledger() == sandbox.ledger()
    assert restored.in_transaction(waiting_rows) == []


@ON_SQLITE
def test_a_destroyed_answer_sent_again_is_no_second_answer(sandbox, restore):
    restored = restore()
    restored.answer(3, period="2026Q3")
    rows = restored.in_transaction(waiting_rows)
    restored.release(newest=newest(sandbox))
    assert restored.in_transaction(waiting_rows) == []
    used_keys = restored.run(_used_keys)
    assert {key for key, _ in rows} <= used_keys


async def _used_keys(deployment):
    async with deployment.database.snapshot() as session:
        return set((await session.execute(select(UsedKeyRow.key))).scalars())


@ON_SQLITE
def test_mutant_a_restore_that_lets_out_again_is_caught(sandbox, restore, monkeypatch):
    """The same people with one more: from both figures it follows what that one said, but for the noise."""
    restored = restore()
    monkeypatch.setattr(runner, "lost_releases", _nothing_lost)
    restored.answer(1, period="2026Q3")
    restored.release()
    once, again = sandbox.ledger()[0], restored.ledger()[0]
    assert (once.id, once.n, again.n) == (again.id, 14, 15)
    assert restored.ledger() != sandbox.ledger()[:1]


async def _nothing_lost(*_):
    return LostReleases()


@ON_SQLITE
def test_without_the_newest_ledger_no_release_runs_after_a_restore(restore):
    restored = restore()
    for dry in (False, True):
        with pytest.raises(ReleaseRefused, match=r"restored on .*--newest-ledger FILE"):
            restored.release(dry=dry)
    assert restored.ledger() == []
    assert len(restored.in_transaction(waiting_rows)) == 26


@ON_SQLITE
def test_once_a_release_was_given_the_newest_ledger_the_next_does_not_ask(sandbox, restore):
    restored = restore()
    restored.release(newest=newest(sandbox))
    restored.answer(11, period="2027Q1")
    assert restored.on("2027-04-15").release().batches == 1


@ON_SQLITE
def test_a_release_stopped_between_two_lost_ones_goes_on_asking_for_the_ledger(sandbox, restore, monkeypatch):
    restored = restore()
    store = ReleaseRunner._store

    async def stop_at_the_second(self, session, closing, *arguments):
        if str(closing) == "2026Q4":
            raise OSError("The lights went out.")
        await store(self, session, closing, *arguments)

    monkeypatch.setattr(ReleaseRunner, "_store", stop_at_the_second)
    with pytest.raises(OSError, match="The lights went out"):
        restored.release(newest=newest(sandbox))
    monkeypatch.undo()
    with pytest.raises(ReleaseRefused, match="--newest-ledger FILE"):
        restored.release()
    assert restored.release(newest=newest(sandbox)).again == ("2026Q4",)
    assert restored.ledger() == sandbox.ledger()


@ON_SQLITE
def test_an_older_ledger_is_refused_where_a_newer_lies_beside(sandbox, restore):
    restored = restore()
    restored.release(newest=newest(sandbox))
    with pytest.raises(ReleaseRefused, match="ends with 2026Q3, and 2026Q4 was released since"):
        restored.on("2027-04-15").release(newest=newest(sandbox, "2026Q3"))


@ON_SQLITE
def test_a_ledger_of_another_deployment_is_refused(sandbox, restore):
    restored = restore()
    restored.release(newest=newest(sandbox))
    another = newest(sandbox)
    another.ledger[0] = msgspec.structs.replace(another.ledger[0], n=15)
    with pytest.raises(ReleaseRefused, match="another deployment's, or one of the two was changed"):
        restored.on("2027-04-15").release(newest=another)


@ON_SQLITE
def test_a_ledger_of_a_quarter_that_has_not_ended_is_refused(sandbox, restore):
    restored = restore().on("2026-12-31")
    with pytest.raises(ReleaseRefused, match="has not ended yet"):
        restored.release(newest=newest(sandbox))


@ON_SQLITE
def test_after_a_restore_who_never_released_says_so(sandbox, tmp_path):
    sandbox.answer(14)
    backup = tmp_path / "backup.zip"
    sandbox.run(lambda deployment: write_backup(deployment, backup, "Rosa"))
    restored = RestoredCopy(backup, tmp_path / "restored", sandbox.settings.keys, "2026-10-15")
    assert restored.release(newest=NEVER_RELEASED).batches == 1


@ON_SQLITE
def test_an_older_database_put_back_beside_its_ledger_is_noticed(sandbox):
    sandbox.answer(14)
    sandbox.on("2026-10-15")
    sandbox.shut()
    older = (sandbox.settings.home / "feedback.db").read_bytes()
    sandbox.release()
    sandbox.shut()
    (sandbox.settings.home / "feedback.db").write_bytes(older)
    with pytest.raises(ReleaseRefused, match=r"ledger-2026Q3\.json lies beside the database"):
        sandbox.release()
    assert sandbox.release(newest=newest(sandbox, "2026Q3")).again == ("2026Q3",)


def test_a_file_that_is_no_ledger_is_refused_by_name(tmp_path):
    for content in (b"", b"{}", b"[1]", b'{"release": "2026Q9", "fingerprint": "", "ledger": []}'):
        (tmp_path / "ledger.json").write_bytes(content)
        with pytest.raises(LedgerFileRefused, match=r"ledger\.json is not a ledger"):
            read_ledger_file(tmp_path / "ledger.json")
    with pytest.raises(LedgerFileRefused, match="cannot be read"):
        read_ledger_file(tmp_path / "nowhere.json")
