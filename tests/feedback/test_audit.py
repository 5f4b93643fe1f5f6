"""The audit log: who did what to what, when, in a chain that shows a change."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import delete, select, update

from feedback.audit import first_broken, record
from feedback.deployment import open_deployment
from feedback.tables import AuditRow


@pytest.fixture
def log(rehearsal):
    """Rosa released, Alice made a link and Ben closed it."""

    async def write(session):
        await record(session, "Rosa", "release", "2026Q2")
        await record(session, "Alice", "link.add", "k3mw9xab frp youth")
        await record(session, "Ben", "link.close", "k3mw9xab")

    rehearsal.in_transaction(write)
    return rehearsal


def broken(log):
    return log.in_transaction(first_broken)


def broken_after(log, *changes):
    """Where the chain would break after some changes, which are then undone."""
    found = []

    async def run(session):
        for change in changes:
            await session.execute(change)
        found.append(await first_broken(session))
        raise InterruptedError

    with pytest.raises(InterruptedError):
        log.in_transaction(run)
    assert broken(log) is None
    return found[0]


async def entries(session):
    rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
    return [(row.id, row.who, row.action, row.object) for row in rows]


def test_an_empty_log_is_whole(rehearsal):
    assert broken(rehearsal) is None


def test_entries_are_kept_in_order_with_who_what_and_object(log):
    assert log.in_transaction(entries) == [
        (1, "Rosa", "release", "2026Q2"),
        (2, "Alice", "link.add", "k3mw9xab frp youth"),
        (3, "Ben", "link.close", "k3mw9xab"),
    ]
    assert broken(log) is None


def test_an_entry_is_timed_to_the_second_in_universal_time(log):
    async def times(session):
        return list((await session.execute(select(AuditRow.at))).scalars())

    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for at in log.in_transaction(times):
        assert at.microsecond == 0
        assert dt.timedelta(0) <= now - at < dt.timedelta(minutes=5)


def test_a_changed_entry_is_found(log):
    for values in (
        {"who": "Carla"},
        {"action": "link.close"},
        {"object": "k3mw9xab syz youth"},
        {"at": dt.datetime(2026, 1, 1)},  # noqa: DTZ001 - as the column holds it
        {"hash": "0" * 64},
    ):
        assert broken_after(log, update(AuditRow).where(AuditRow.id == 2).values(values)) == 2


def test_an_entry_deleted_before_others_is_found(log):
    assert broken_after(log, delete(AuditRow).where(AuditRow.id == 1)) == 2
    assert broken_after(log, delete(AuditRow).where(AuditRow.id == 2)) == 3


def test_two_entries_that_swap_places_are_found(log):
    moves = [
        update(AuditRow).where(AuditRow.id == old).values(id=new) for old, new in ((1, 9), (2, 1), (9, 2))
    ]
    assert broken_after(log, *moves) == 1


def test_words_cannot_be_moved_from_one_field_to_the_next(log):
    moved = update(AuditRow).where(AuditRow.id == 3).values(who="Benlink", action=".close")
    assert broken_after(log, moved) == 3


def test_an_entry_is_not_kept_when_what_it_tells_of_failed(log):
    async def fail(session):
        await record(session, "Alice", "link.add", "never made")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        log.in_transaction(fail)
    assert len(log.in_transaction(entries)) == 3
    assert broken(log) is None


def test_entries_written_at_the_same_moment_follow_one_another(log):
    async def many():
        async with open_deployment(log.settings) as deployment:

            async def one(number):
                async with deployment.database.transaction() as session:
                    await record(session, f"person {number}", "sign-in", "")

            await asyncio.gather(*map(one, range(8)))

    asyncio.run(many())
    assert len(log.in_transaction(entries)) == 11
    assert broken(log) is None


def test_answering_leaves_no_entry(log):
    log.answer(3)
    assert len(log.in_transaction(entries)) == 3
