"""One set of migrations for both databases: what the code says is what the database has."""

import asyncio
import shutil
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, inspect, select, text

from feedback.deployment import NotReady, check_migrated, migrate
from feedback.fieldwork.totals import work_totals
from feedback.storage import migrations
from feedback.storage.database import Database
from feedback.storage.staff_tables import EVERY_TABLE
from surveys.answers import Response
from tests.support.commands import does, refuses
from tests.support.forms.pages import Page
from tests.support.stored import put_sealed_before, sealed_rows

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

    def run_work(work):
        async def running():
            database = Database(settings.url)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(running())

    return run_work


async def ask(database, question):
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
        return await ask(database, migrations.differences), await ask(database, tables)

    differences, names = run(work)
    assert differences == []
    assert names == {*EVERY_TABLE.tables, "alembic_version"}


def test_a_column_that_only_the_database_has_is_noticed(run):
    async def work(database):
        await migrate(database)
        async with database.transaction() as session:
            await session.execute(text("ALTER TABLE inbox ADD COLUMN sent_at TIMESTAMP"))
        return await ask(database, migrations.differences)

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
        assert "instruments" not in await ask(database, tables)
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO contractors VALUES ('vista', 'Vista')"))
        await migrate(database)
        assert await ask(database, migrations.differences) == []
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
        before = await ask(database, migrations.is_current)
        with pytest.raises(NotReady, match="run `feedback init --upgrade` first"):
            await check_migrated(database)
        await migrate(database)
        await check_migrated(database)
        return before, await ask(database, migrations.is_current)

    assert run(work) == (False, True)


def test_a_migration_that_fails_leaves_nothing_half_done(run, with_a_failing_migration):
    async def work(database):
        await migrate(database)
        before = await ask(database, tables)
        with_a_failing_migration()
        assert not await ask(database, migrations.is_current)
        with pytest.raises(Exception, match="no_such_table"):
            await migrate(database)
        assert await ask(database, lambda connection: columns(connection, "contractors")) == {"id", "name"}
        return before, await ask(database, tables)

    before, after = run(work)
    assert after == before


def test_a_first_migration_that_fails_leaves_no_table_at_all(run, with_a_failing_migration):
    async def work(database):
        with_a_failing_migration()
        with pytest.raises(Exception, match="no_such_table"):
            await migrate(database)
        return await ask(database, tables)

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


# From version 1 of the release rule to version 2.


GOOD = Response(
    program="frp",
    audience="youth",
    instrument="protocol-youth",
    language="es",
    period="2026Q3",
    origin="live",
    answers={"core-safety": "5"},
)
OF_VERSION_1 = (
    """INSERT INTO releases (period, released_at, released_on, operator, rule, policy, batches, entered,
       ledger_sha256) VALUES ('2026Q3', '2026-10-15 12:00:00', '2026-10-15', 'Rosa', 'frozen-batches-1', '{}',
       '[]', 0, '')""",
    """INSERT INTO batches (id, kind, owner, audience, origin, first, last, release, n, rule) VALUES
       ('B00001', 'program', 'frp', 'youth', 'live', '2026Q3', '2026Q3', '2026Q3', 11, 'frozen-batches-1')""",
    "INSERT INTO tallies VALUES ('B00001', 'core-safety:favourable', 7)",
    "INSERT INTO published VALUES ('2026Q3', 0, 'T1', NULL, '{}')",
)


def change(sandbox, work):
    """Change the database's tables, with nothing else open."""

    async def run():
        database = Database(sandbox.settings.url)
        try:
            async with database.engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await database.close()

    sandbox.shut()
    return asyncio.run(run())


def back_to_version_1(connection):
    command.downgrade(migrations._config(connection), "0007")


YOUNGER = {
    ("programs", "reading"),
    ("inbox", "version"),
    ("used_keys", "thrown_away"),
    ("tries", "unnoted"),
    ("tries", "noted_on"),
    ("users", "seen_release"),
    ("work_totals", "partners_served"),
    ("work_totals", "partners_offered"),
}
"""Columns that version 1 did not have."""


def everything(connection):
    """Every table there is, with its columns and rows, as far as version 1 knew them."""
    metadata = MetaData()
    metadata.reflect(connection)
    by_name = {
        table.name: [it for it in table.columns if (table.name, it.name) not in YOUNGER]
        for table in metadata.sorted_tables
    }
    return {
        name: (
            {it.name: str(it.type) for it in columns},
            sorted(map(repr, connection.execute(select(*columns)))),
        )
        for name, columns in by_name.items()
    }


def files(home):
    return {it: it.read_bytes() for it in home.rglob("*") if it.is_file() and "feedback.db" not in it.name}


@pytest.mark.slow
def test_version_1_is_what_its_migrations_made(sandbox):
    """Where the tests below go back, the tables are those of that version."""

    change(sandbox, back_to_version_1)
    downgraded = change(sandbox, shapes)

    def make_anew(connection):
        metadata = MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP FUNCTION audit_refuses"))
        command.upgrade(migrations._config(connection), "0007")

    change(sandbox, make_anew)
    assert change(sandbox, shapes) == downgraded


def shapes(connection):
    inspector = inspect(connection)
    return {
        name: (
            {(it["name"], str(it["type"]), it["nullable"]) for it in inspector.get_columns(name)},
            inspector.get_pk_constraint(name)["constrained_columns"],
            {(*it["constrained_columns"], it["referred_table"]) for it in inspector.get_foreign_keys(name)},
        )
        for name in inspector.get_table_names()
    }


@pytest.mark.slow
def test_a_deployment_that_never_released_goes_on_under_version_2(sandbox, feedback):
    """Links hang, somebody has an account, and what waits was sealed before there were random bytes."""
    slug, carla = sandbox.link(), sandbox.user()
    put_sealed_before(sandbox, [GOOD] * 11)
    change(sandbox, back_to_version_1)
    before = change(sandbox, everything)
    assert before["alembic_version"][1] == ["('0007',)"]
    with pytest.raises(NotReady, match="run `feedback init --upgrade` first"):
        sandbox.run(lambda deployment: check_migrated(deployment.database))
    assert does(feedback("init", "--upgrade")) == "The database is of this version.\n"
    after = change(sandbox, everything)
    assert change(sandbox, migrations.differences) == []
    redone = {"alembic_version", "audit", "batches", "batch_values", "tallies", "published", "measures"}
    assert after.pop("proposals")[1] == [], "nothing waited before there was a second person"
    # The upgrade is an entry of the audit log, and whoever writes one makes the row to wait at.
    after["deployment"][1].remove("('audit_turn', '')")
    assert {name: it for name, it in after.items() if name not in redone} == {
        name: it for name, it in before.items() if name not in redone
    }
    with sandbox.survey_door() as door, sandbox.staff_door(carla) as staff:
        assert door.get(f"/s/{slug}").status_code == 200
        assert staff.get("/account").status_code == 200
    assert list(sealed_rows(sandbox).values()) == [GOOD] * 11
    outcome = sandbox.on("2026-10-15").release()
    assert (outcome.batches, outcome.unreadable) == (1, 0)
    assert [(it.owner, it.n, it.rule) for it in sandbox.ledger()] == [("frp", 11, "2")]


@pytest.mark.slow
def test_what_was_reported_and_who_has_an_account_stay_when_partners_and_news_come(sandbox):
    """Nobody can tell by now who was a partner, nor which release anybody saw."""
    sandbox.user()
    change(sandbox, lambda connection: command.downgrade(migrations._config(connection), "0012"))
    row = text("INSERT INTO work_totals VALUES ('training-cast', '2026Q3', 60, 40, 90)")
    change(sandbox, lambda connection: connection.execute(row))
    sandbox.run(lambda deployment: migrate(deployment.database))
    (total,) = sandbox.in_transaction(work_totals)
    assert (total.served, total.offered, total.minutes) == (60, 40, 90)
    assert (total.partners_served, total.partners_offered) == (None, None)
    with sandbox.staff_door("carla@county.example") as door:
        assert "New since" not in door.get("/").text
        assert "60 40 not told apart not told apart 90" in Page(door.get("/served/training-cast").text).text


@pytest.mark.slow
def test_rows_published_before_they_said_whose_they_are_say_so_afterwards(sandbox):
    sandbox.answer(11, program="frp", instrument="protocol-youth")
    sandbox.on("2026-10-15").release()
    rows = text("SELECT position, name, subject FROM published ORDER BY position")
    before = change(sandbox, lambda connection: connection.execute(rows).all())
    change(sandbox, lambda connection: command.downgrade(migrations._config(connection), "0013"))
    sandbox.run(lambda deployment: migrate(deployment.database))
    assert change(sandbox, lambda connection: connection.execute(rows).all()) == before
    subjects = {name: subject for _, name, subject in before}
    assert (subjects["T3"] != "", subjects["T4"] != "", subjects["T7"]) == (True, True, "")


@pytest.mark.parametrize("holds", [1, len(OF_VERSION_1)], ids=["a release of nothing", "a ledger"])
def test_a_deployment_with_a_release_under_version_1_is_refused_and_nothing_is_changed(
    sandbox, feedback, holds
):
    sandbox.link()
    put_sealed_before(sandbox, [GOOD] * 5)
    change(sandbox, back_to_version_1)

    def release(connection):
        for line in OF_VERSION_1[:holds]:
            connection.execute(text(line))

    change(sandbox, release)
    before = change(sandbox, everything), files(sandbox.settings.home)
    assert refuses(feedback("init", "--upgrade")) == (
        "This deployment released answers under version 1 of the release rule, and no ledger of version 1 can"
        " be brought to version 2: it was drawn with less noise than is promised now. Nothing was changed."
        " Make a new deployment with `feedback init` in an empty folder."
    )
    assert (change(sandbox, everything), files(sandbox.settings.home)) == before
    assert len(before[0]["releases"][1]) == 1
    sentence = refuses(feedback("release", "--dry-run"))
    assert "run `feedback init --upgrade` first" in sentence
