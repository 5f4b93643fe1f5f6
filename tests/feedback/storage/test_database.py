"""The database: all or nothing, durable before we thank, and nothing left of what was deleted."""

import asyncio
import secrets

import pytest
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from feedback.deployment import migrate
from feedback.storage import database as module
from feedback.storage.database import Database
from feedback.storage.tables import BatchedRow, DeploymentRow, InboxRow

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

ONE, TWO = (insert(DeploymentRow).values(name=name, value="") for name in ("one", "two"))


@pytest.fixture
def run(settings):
    """Run `await work(database)` on an open, migrated database."""
    settings.home.mkdir(exist_ok=True)

    def run_work(work, *, ready=migrate):
        async def running():
            database = Database(settings.url)
            try:
                await ready(database)
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(running())

    return run_work


async def facts(database):
    async with database.transaction() as session:
        names = select(DeploymentRow.name).order_by(DeploymentRow.name)
        return list((await session.execute(names)).scalars())


async def keep(database, *names):
    async with database.transaction() as session:
        session.add_all(DeploymentRow(name=name, value="") for name in names)


async def fail_after(database, *statements):
    """A transaction that is interrupted after its last statement."""
    async with database.transaction() as session:
        for statement in statements:
            await session.execute(statement)
        raise InterruptedError


def test_a_transaction_stores_everything(run):
    async def work(database):
        await keep(database, "one", "two")
        return await facts(database)

    assert run(work) == ["one", "two"]


def test_a_transaction_that_fails_stores_nothing(run):
    async def work(database):
        with pytest.raises(InterruptedError):
            await fail_after(database, ONE, TWO)
        return await facts(database)

    assert run(work) == []


def test_even_a_table_is_made_wholly_or_not_at_all(run):
    async def work(database):
        statement = text("CREATE TABLE half (id INTEGER)")
        with pytest.raises(InterruptedError):
            await fail_after(database, ONE, statement)
        async with database.transaction() as session:
            await session.execute(statement)  # it would be there already
        return await facts(database)

    assert run(work) == []


def test_a_snapshot_is_of_one_moment(run):
    async def work(database):
        await keep(database, "before")
        async with database.snapshot() as session:
            count = select(DeploymentRow.name)
            first = (await session.execute(count)).scalars().all()
            await keep(database, "meanwhile")
            second = (await session.execute(count)).scalars().all()
        return first, second, await facts(database)

    assert run(work) == (["before"], ["before"], ["before", "meanwhile"])


@ON_SQLITE
def test_sqlite_writes_through_to_the_disk_and_wipes_what_it_deletes(run):
    async def work(database):
        async with database.transaction() as session:
            return {
                name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
                for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "busy_timeout")
            }

    assert run(work) == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 20_000,
    }


@ON_SQLITE
def test_every_connection_is_prepared_also_after_the_database_was_compacted(run):
    async def work(database):
        await database.overwrite_freed_pages()
        async with database.snapshot() as session, database.snapshot() as other:
            wipes = [(await it.execute(text("PRAGMA secure_delete"))).scalar_one() for it in (session, other)]
        with pytest.raises(InterruptedError):
            await fail_after(database, ONE)
        return wipes, await facts(database)

    assert run(work) == ([1, 1], [])


@ON_SQLITE
def test_no_file_of_the_home_holds_a_byte_of_what_was_deleted(run, settings):
    answers = {secrets.token_bytes(32): secrets.token_bytes(8_240) for _ in range(20)}
    stays = (b"s" * 32, secrets.token_bytes(8_240))

    def is_on_disk(content):
        files = [path.read_bytes() for path in settings.home.rglob("*") if path.is_file()]
        return any(content[at : at + 24] in file for file in files for at in range(0, len(content) - 24, 500))

    async def work(database):
        async with database.transaction() as session:
            rows = [{"key": key, "sealed": sealed} for key, sealed in [*answers.items(), stays]]
            await session.execute(insert(InboxRow), rows)
            await session.execute(insert(BatchedRow), rows)
        assert all(is_on_disk(sealed) for sealed in answers.values())
        async with database.transaction() as session:
            for table in (InboxRow, BatchedRow):
                await session.execute(delete(table).where(table.key.in_(list(answers))))
        assert any(is_on_disk(sealed) for sealed in answers.values())  # in the write-ahead log
        await database.overwrite_freed_pages()
        assert (settings.home / "feedback.db-wal").stat().st_size == 0
        async with database.transaction() as session:
            assert (await session.execute(text("PRAGMA freelist_count"))).scalar_one() == 0
        assert not any(is_on_disk(key) or is_on_disk(sealed) for key, sealed in answers.items())
        assert is_on_disk(stays[1])

    run(work)
    assert not any(is_on_disk(sealed) for sealed in answers.values())


@ON_SQLITE
def test_a_reader_who_keeps_the_log_from_being_emptied_is_not_passed_over_in_silence(run, monkeypatch):
    impatient = tuple("PRAGMA busy_timeout=50" if "busy" in it else it for it in module._SQLITE)
    monkeypatch.setattr(module, "_SQLITE", impatient)

    async def work(database):
        await keep(database, "one")
        async with database.snapshot() as reader:
            await reader.execute(select(DeploymentRow))
            with pytest.raises(TimeoutError, match="what was deleted is not overwritten yet"):
                await database.overwrite_freed_pages()
        await database.overwrite_freed_pages()

    run(work)


def test_a_lock_that_somebody_does_not_let_go_is_waited_for_with_an_end(run, monkeypatch):
    """Whoever sends waits behind the one who waits."""
    impatient = tuple("PRAGMA busy_timeout=50" if "busy" in it else it for it in module._SQLITE)
    monkeypatch.setattr(module, "_SQLITE", impatient)
    monkeypatch.setattr(module, "PATIENCE_MS", 50)

    async def work(database):
        async with database.transaction() as writer:
            await writer.execute(insert(InboxRow), [{"key": b"k" * 32, "sealed": b"s" * 8_240}])
            with pytest.raises(TimeoutError, match="what was deleted is not overwritten yet"):
                await database.overwrite_freed_pages()
        await database.overwrite_freed_pages()

    run(work)


@ON_POSTGRESQL
def test_a_compaction_that_fails_otherwise_is_not_said_to_meet_somebody_reading(run):
    async def work(database):
        async with database.transaction() as session:
            await session.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
        with pytest.raises(DBAPIError):
            await database.overwrite_freed_pages()

    run(work)


def test_compaction_keeps_every_row_that_stays(run):
    async def work(database):
        await keep(database, "one", "two")
        async with database.transaction() as session:
            await session.execute(insert(InboxRow), [{"key": b"k" * 32, "sealed": b"s" * 8_240}])
        await database.overwrite_freed_pages()
        async with database.transaction() as session:
            rows = [tuple(row) for row in await session.execute(select(InboxRow.key, InboxRow.sealed))]
        return await facts(database), rows

    assert run(work) == (["one", "two"], [(b"k" * 32, b"s" * 8_240)])


@ON_POSTGRESQL
def test_postgresql_rewrites_the_tables_that_held_answers(run):
    """Its table files are new ones afterwards; the old ones are gone."""
    files = text("SELECT pg_relation_filenode('inbox'), pg_relation_filenode('batched')")

    async def work(database):
        async with database.transaction() as session:
            before = (await session.execute(files)).one()
        await database.overwrite_freed_pages()
        async with database.transaction() as session:
            after = (await session.execute(files)).one()
        return before, after

    before, after = run(work)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_someone_who_read_first_can_still_write_after_another_has_written(sandbox):
    async def two_at_once(deployment):
        database = deployment.database
        started = asyncio.Event()

        async def slow():
            async with database.transaction() as session:
                await session.execute(select(DeploymentRow))
                started.set()
                await asyncio.sleep(0.2)
                session.add(DeploymentRow(name="slow", value="1"))

        async def quick():
            await started.wait()
            async with database.transaction() as session:
                session.add(DeploymentRow(name="quick", value="1"))

        await asyncio.gather(slow(), quick())
        async with database.snapshot() as session:
            return set((await session.execute(select(DeploymentRow.name))).scalars())

    assert {"slow", "quick"} <= sandbox.run(two_at_once)


def test_reading_keeps_nobody_from_writing(sandbox):
    async def read_and_write(deployment):
        async with deployment.database.snapshot() as reader:
            before = (await reader.execute(select(func.count()).select_from(DeploymentRow))).scalar()
            async with deployment.database.transaction() as writer:
                writer.add(DeploymentRow(name="meanwhile", value="1"))
            after = (await reader.execute(select(func.count()).select_from(DeploymentRow))).scalar()
        return before, after

    before, after = sandbox.run(read_and_write)
    assert before == after
