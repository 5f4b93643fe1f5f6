"""Making a deployment once, opening it ever after, and refusing what is half there."""

import asyncio
import datetime as dt
import stat
from types import SimpleNamespace

import msgspec
import pytest
from sqlalchemy import select, text

from feedback import deployment as module
from feedback.deployment import (
    NotReady,
    Secrets,
    check_migrated,
    make_deployment,
    open_deployment,
    read_deployment,
)
from feedback.fieldwork.programs import all_programs
from feedback.settings import FILE, Settings
from feedback.staff.passwords import PasswordRefused
from feedback.storage import keys
from feedback.storage.database import Database
from feedback.storage.facts import Fact, read_fact
from feedback.storage.tables import DeploymentRow
from surveys.registry import shipped_programs
from tests.support.loops import finish

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about files and words, one database is enough."""


def make(settings, **options):
    return asyncio.run(make_deployment(settings, None, **options))


def files(home):
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not path.name.startswith("feedback.db")
    }


def test_init_makes_keys_settings_and_the_plans_seventeen_programs(sandbox):
    assert set(files(sandbox.settings.home)) == {
        "settings.toml",
        "keys/release.public",
        "keys/release.private",
        "keys/review.public",
        "keys/review.private",
        "keys/inbox.secret",
        "keys/staff.secret",
    }
    programs = sandbox.in_transaction(all_programs)
    assert len(programs) == 17
    assert programs == list(shipped_programs().programs)


@ON_SQLITE
def test_the_first_quarter_is_the_one_of_init(sandbox):
    async def first_period(session):
        return await read_fact(session, Fact.FIRST_PERIOD)

    assert sandbox.on("2028-01-01").in_transaction(first_period) == "2026Q3"


@ON_SQLITE
def test_only_the_owner_enters_the_home_and_the_keys(sandbox):
    for folder in (sandbox.settings.home, sandbox.settings.keys):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@ON_SQLITE
def test_a_home_that_others_could_enter_is_closed_to_them(settings):
    settings.home.mkdir(mode=0o755)
    make(settings)
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700


@ON_SQLITE
def test_each_private_key_has_a_paper_copy_of_its_own(sandbox, tmp_path):
    from_paper = {}
    for name, paper in sandbox.new_keys.papers.items():
        (tmp_path / name).write_text(paper)
        from_paper[name] = keys.read_private(tmp_path / name, None)
    assert from_paper == {
        it.name: keys.read_private(sandbox.settings.keys / it.private, None) for it in keys.PAIRS
    }
    assert len(set(sandbox.new_keys.papers.values())) == 2
    release = keys.read_release(sandbox.settings.keys / keys.RELEASE_PRIVATE, None)
    assert keys.read_release(tmp_path / "release", None) == release
    assert len(release.noise) == 32


@ON_SQLITE
def test_the_secret_of_the_noise_lies_beside_the_release_key_and_nowhere_else(sandbox):
    folder = sandbox.settings.keys
    contents = ((folder / name).read_bytes() for name in keys.PRIVATE)
    release, review = (msgspec.json.decode(it, type=keys.WrappedKey).sealed for it in contents)
    assert (len(release), len(review)) == (32 + 32, 32)
    noise = keys.read_release(folder / keys.RELEASE_PRIVATE, None).noise
    assert release[32:] == noise
    sandbox.shut()
    others = [it for it in sandbox.settings.home.rglob("*") if it.is_file() and it.name != "release.private"]
    assert {"feedback.db", "review.private", "inbox.secret"} <= {it.name for it in others}
    for content in (it.read_bytes() for it in others):
        assert noise not in content
        assert noise.hex().encode() not in content


def secrets_of(settings):
    """Everything that nobody but the deployment may know."""
    release = keys.read_release(settings.keys / keys.RELEASE_PRIVATE, None)
    review = keys.read_private(settings.keys / keys.REVIEW_PRIVATE, None)
    texts = [(settings.keys / name).read_text().strip() for name in (keys.INBOX_SECRET, keys.STAFF_SECRET)]
    return {bytes(release.private), release.noise, bytes(review), *map(bytes.fromhex, texts)}


@pytest.mark.slow
@ON_SQLITE
def test_no_two_real_deployments_share_a_secret(settings, tmp_path):
    homes = [msgspec.structs.replace(settings, home=tmp_path / name) for name in ("one", "two", "three")]
    for it in homes:
        make(it)
    assert len(set.union(*map(secrets_of, homes))) == 3 * 5


@ON_SQLITE
def test_nobody_chooses_the_secrets_of_a_real_deployment(settings):
    secrets = Secrets(noise=b"n" * 32, inbox=b"i" * 32)
    with pytest.raises(ValueError, match="nobody chooses the secrets of a deployment"):
        make(settings, made_up=secrets)
    assert not settings.home.exists()
    made_up = msgspec.structs.replace(settings, made_up=True)
    make(made_up, made_up=secrets)
    assert {secrets.noise, secrets.inbox} < secrets_of(made_up)
    assert len(secrets_of(made_up)) == 5


@ON_SQLITE
@pytest.mark.parametrize(
    "passphrase", ["short", "password1234", "heardfeedback", "vistadelmar2026!", "aaaaaaaaaaaaaaaa", ""]
)
def test_a_passphrase_that_the_staff_door_would_refuse_makes_nothing(settings, passphrase):
    with pytest.raises(PasswordRefused, match=r"passphrase (has 12 characters|is easy to guess)"):
        asyncio.run(make_deployment(settings, passphrase))
    assert not settings.home.exists()


@ON_SQLITE
def test_a_deployment_is_never_made_over_another(sandbox):
    before = files(sandbox.settings.home)
    with pytest.raises(NotReady, match=r"There is a deployment in .* already; nothing was changed"):
        make(sandbox.settings)
    assert files(sandbox.settings.home) == before


def test_a_database_that_has_its_keys_elsewhere_gets_no_second_set(sandbox, tmp_path):
    """Answers sealed to other keys could never be released together with the first ones."""
    url = sandbox.settings.url
    second = msgspec.structs.replace(sandbox.settings, home=tmp_path / "second", database_url=url)
    with pytest.raises(NotReady, match="belongs to a deployment already"):
        make(second)
    assert files(second.home) == {}


def test_init_that_could_not_reach_its_database_leaves_no_keys_and_can_be_run_again(tmp_path):
    """Nobody would have seen the paper copy of those keys."""
    reachable = Settings(home=tmp_path / "home", today_is=dt.date(2026, 8, 15))
    nobody_there = f"postgresql+asyncpg://heard@/heard?host={tmp_path}"
    with pytest.raises(OSError, match="No such file"):
        make(msgspec.structs.replace(reachable, database_url=nobody_there))
    assert files(reachable.home) == {}
    assert {name: len(paper) for name, paper in make(reachable).papers.items()} == {
        "release": 27 * 4 + 26,
        "review": 14 * 4 + 13,
    }


def test_init_whose_keys_cannot_be_written_claims_no_database(settings, monkeypatch):
    def fail(_folder, _name):
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(keys, "make_secret", fail)
        with pytest.raises(OSError, match="No space left"):
            make(settings)

    async def first_row():
        database = Database(settings.url)
        async with database.transaction() as session:
            row = (await session.execute(select(DeploymentRow))).first()
        await database.close()
        return row

    assert asyncio.run(first_row()) is None


@ON_SQLITE
def test_the_settings_file_is_begun_with_the_lines_given_and_never_replaced(settings):
    settings.home.mkdir()
    make(settings, lines="made_up = true\n")
    assert (settings.home / FILE).read_text() == "# Every setting: docs/operating.md\nmade_up = true\n"


@ON_SQLITE
def test_a_settings_file_that_is_there_stays(settings):
    settings.home.mkdir()
    (settings.home / FILE).write_text("release_after_days = 20\n")
    make(settings, lines="made_up = true\n")
    assert (settings.home / FILE).read_text() == "release_after_days = 20\n"


@ON_SQLITE
def test_an_open_deployment_holds_the_public_halves_and_is_closed_again(sandbox, monkeypatch):
    calls = []
    monkeypatch.setattr(module, "Database", lambda url: SimpleNamespace(url=url, close=close))

    async def close():
        calls.append("closed")

    async def work():
        async with module.open_deployment(sandbox.settings) as deployment:
            assert calls == []
            return deployment

    deployment = finish(work())
    folder = sandbox.settings.keys
    assert deployment.inbox.public == keys.read_private(folder / keys.RELEASE_PRIVATE, None).public_key
    assert deployment.review_public == keys.read_private(folder / keys.REVIEW_PRIVATE, None).public_key
    assert deployment.inbox.secret.hex() == (folder / keys.INBOX_SECRET).read_text().strip()
    assert deployment.database.url == sandbox.settings.url
    assert calls == ["closed"]


@ON_SQLITE
def test_without_any_of_its_files_a_deployment_is_not_ready(sandbox):
    for name in (keys.RELEASE_PUBLIC, keys.REVIEW_PUBLIC, keys.INBOX_SECRET):
        aside = (sandbox.settings.keys / name).rename(sandbox.settings.home / name)
        with pytest.raises(NotReady, match="run `feedback init` first"):
            read_deployment(sandbox.settings)
        aside.rename(sandbox.settings.keys / name)
    assert read_deployment(sandbox.settings).settings == sandbox.settings


@ON_SQLITE
def test_a_door_needs_no_private_key(sandbox):
    for name in keys.PRIVATE:
        (sandbox.settings.keys / name).unlink()
    sandbox.answer(1)


@ON_SQLITE
def test_a_release_key_named_in_the_settings_comes_before_the_file(sandbox):
    (sandbox.settings.keys / keys.RELEASE_PUBLIC).unlink()
    settings = msgspec.structs.replace(sandbox.settings, release_public_key="0A" * 32)
    assert bytes(read_deployment(settings).inbox.public) == b"\x0a" * 32


@ON_SQLITE
def test_an_empty_inbox_secret_is_refused(sandbox):
    (sandbox.settings.keys / keys.INBOX_SECRET).write_text("")
    with pytest.raises(keys.KeyRefused, match=r"inbox\.secret should hold 64"):
        read_deployment(sandbox.settings)


def test_a_database_of_another_version_is_not_ready(sandbox):
    async def age(session):
        await session.execute(text("DELETE FROM alembic_version"))

    async def check(deployment):
        await check_migrated(deployment.database)

    sandbox.run(check)
    sandbox.in_transaction(age)
    with pytest.raises(NotReady, match="run `feedback init --upgrade` first"):
        sandbox.run(check)


@ON_SQLITE
def test_a_deployment_is_closed_also_when_the_work_fails(sandbox, monkeypatch):
    databases = []
    real = Database.close

    async def close(database):
        databases.append(database)
        await real(database)

    monkeypatch.setattr(Database, "close", close)

    async def work():
        async with open_deployment(sandbox.settings):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(work())
    assert len(databases) == 1
