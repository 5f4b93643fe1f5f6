"""Each release leaves its ledger in a file: whoever restores an older backup knows what was let out."""

import stat

import msgspec
import pytest

from feedback.operations import doctor
from feedback.release.ledgerfiles import LedgerFile, ledger_path
from feedback.results.queries import read_releases


def doctor_says(sandbox, well):
    return " ".join(it.sentence for it in sandbox.run(doctor.examine) if it.well is well)


@pytest.mark.slow
def test_each_release_leaves_its_whole_ledger_for_its_owner_alone(sandbox):
    for day in ("2026-10-15", "2027-01-15"):
        sandbox.answer(11)
        outcome = sandbox.on(day).release()
        path = ledger_path(sandbox.settings, outcome.period)
        assert outcome.ledger_file == path
        ledger_file = msgspec.json.decode(path.read_bytes(), type=LedgerFile)
        assert ledger_file.ledger == sandbox.ledger()
        assert ledger_file.fingerprint == sandbox.in_transaction(read_releases)[0].chain_sha256
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {it.name for it in sandbox.settings.home.glob("ledger-*")} == {
        "ledger-2026Q3.json",
        "ledger-2026Q4.json",
    }


def test_a_dry_run_leaves_no_ledger_file(sandbox):
    sandbox.answer(11)
    assert sandbox.on("2026-10-15").release(dry=True).ledger_file is None
    assert not list(sandbox.settings.home.glob("ledger-*"))


def test_doctor_names_the_newest_ledger_file_and_says_when_it_is_missing(sandbox):
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()
    assert "The newest ledger file is ledger-2026Q3.json" in doctor_says(sandbox, well=True)
    ledger_path(sandbox.settings, "2026Q3").unlink()
    assert "ledger-2026Q3.json is missing" in doctor_says(sandbox, well=False)


def test_the_next_release_writes_the_ledger_file_of_one_that_was_killed_before_it_wrote_its_own(sandbox):
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()
    path = ledger_path(sandbox.settings, "2026Q3")
    path.rename(path.with_suffix(".half"))
    sandbox.on("2027-01-15").release(dry=True)
    assert len(msgspec.json.decode(path.read_bytes(), type=LedgerFile).ledger) == 1
