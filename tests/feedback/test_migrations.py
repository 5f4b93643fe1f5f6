"""One set of migrations for both databases: what the code says is what the database has."""

import asyncio
import shutil
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from feedback import migrations
from feedback.database import Database
from feedback.deployment import NotReady, check_migrated, migrate
from feedback.tables import Base

FAILING = '''"""Makes a table, then fails."""

from alembic import op
import sqlalchemy as sa

revision, down_revision = "9999", "{head}"


def upgrade() -> None:
    op.create_table("half_done", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("contractors", sa.Column("phone", sa.Text(), nullable=True))
    op.execute("INSERT INTO no_such_table VALUES (1)")
'''


@pytest.fixture
def run(settings):
    settings.home.mkdir(exist_ok=True)

    def opened(work):
        async def running():
            database = Database(settings.url)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(running())

    return opened


async def asked(database, question):
    async with database.engine.connect() as connection:
        return await connection.run_sync(question)


def tables(connection):
    return set(inspect(connection).get_table_names())


def columns(connection, table):
    return {column["name"] for column in inspect(connection).get_columns(table)}


@pytest.fixture
def with_a_failing_migration(tmp_path, monkeypatch):
    """The shipped migrations and one more, which fails half way."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = max(path.name[:4] for path in (folder / "versions").glob("*.py"))
    (folder / "versions" / "9999_failing.py").write_text(FAILING.format(head=head), encoding="utf-8")

    def put_in_place():
        monkeypatch.setattr(migrations, "__file__", str(folder / "__init__.py"))

    return put_in_place


@pytest.mark.slow
def test_the_migrated_database_has_exactly_the_tables_of_the_code(run):
    async def work(database):
        await migrate(database)
        return await asked(database, migrations.differences), await asked(database, tables)

    differences, found = run(work)
    assert differences == []
    assert found == {*Base.metadata.tables, "alembic_version"}


def test_a_column_that_only_the_database_has_is_noticed(run):
    async def work(database):
        await migrate(database)
        async with database.transaction() as session:
            await session.execute(text("ALTER TABLE inbox ADD COLUMN sent_at TIMESTAMP"))
        return await asked(database, migrations.differences)

    ((kind, _, table, column),) = run(work)
    assert (kind, table, column.name) == ("remove_column", "inbox", "sent_at")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rows_in_no_order_of_arrival_have_no_hidden_number(run):
    """Without a row number of its own, SQLite keeps sealed rows in the order of their random keys."""

    async def work(database):
        await migrate(database)
        async with database.transaction() as session:
            rows = await session.execute(text("SELECT name FROM pragma_table_list WHERE wr = 1"))
            return set(rows.scalars())

    assert run(work) == {"inbox", "used_keys", "batched", "comments"}


def test_a_database_of_the_first_version_keeps_what_it_holds(run):
    async def work(database):
        async with database.engine.begin() as connection:
            await connection.run_sync(lambda it: command.upgrade(migrations._config(it), "0001"))
        assert "instruments" not in await asked(database, tables)
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO contractors VALUES ('vista', 'Vista')"))
        await migrate(database)
        assert await asked(database, migrations.differences) == []
        async with database.transaction() as session:
            return (await session.execute(text("SELECT id FROM contractors"))).scalars().all()

    assert run(work) == ["vista"]


def test_migrating_twice_changes_nothing(run):
    async def work(database):
        await migrate(database)
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO contractors VALUES ('vista', 'Vista')"))
        await migrate(database)
        async with database.transaction() as session:
            return (await session.execute(text("SELECT id FROM contractors"))).scalars().all()

    assert run(work) == ["vista"]


def test_an_empty_database_is_not_current_and_a_migrated_one_is(run):
    async def work(database):
        before = await asked(database, migrations.is_current)
        with pytest.raises(NotReady, match="run `feedback init --upgrade` first"):
            await check_migrated(database)
        await migrate(database)
        await check_migrated(database)
        return before, await asked(database, migrations.is_current)

    assert run(work) == (False, True)


def test_a_migration_that_fails_leaves_nothing_half_done(run, with_a_failing_migration):
    async def work(database):
        await migrate(database)
        before = await asked(database, tables)
        with_a_failing_migration()
        assert not await asked(database, migrations.is_current)
        with pytest.raises(Exception, match="no_such_table"):
            await migrate(database)
        assert await asked(database, lambda connection: columns(connection, "contractors")) == {"id", "name"}
        return before, await asked(database, tables)

    before, after = run(work)
    assert after == before


def test_a_first_migration_that_fails_leaves_no_table_at_all(run, with_a_failing_migration):
    async def work(database):
        with_a_failing_migration()
        with pytest.raises(Exception, match="no_such_table"):
            await migrate(database)
        return await asked(database, tables)

    assert run(work) == set()


def test_a_database_of_a_newer_version_is_left_alone_with_a_sentence(run):
    async def work(database):
        await migrate(database)
        async with database.transaction() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '9998'"))
        with pytest.raises(NotReady, match="newer version than this program; update the program"):
            await migrate(database)
        with pytest.raises(NotReady, match="another version"):
            await check_migrated(database)

    run(work)
