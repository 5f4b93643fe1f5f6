"""The audit log: who did what to what, when, in a chain that shows a change."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from feedback.deployment import migrate, open_deployment
from feedback.staff.audit import (
    LONGEST,
    PAGE,
    VIEWS,
    LogFilter,
    people_and_actions,
    read_chain,
    read_log_page,
    record,
)
from feedback.storage import migrations
from feedback.storage.staff_tables import AuditRow
from tests.support.unguarded import unguard


@pytest.fixture
def log(sandbox):
    """Rosa released, Alice made a link and Ben closed it."""

    async def write(session):
        await record(session, "Rosa", "release", "2026Q2")
        await record(session, "Alice", "link.add", "k3mw9xab frp youth")
        await record(session, "Ben", "link.close", "k3mw9xab")

    sandbox.in_transaction(write)
    return sandbox


def broken(log):
    return log.in_transaction(read_chain).broken


def broken_after(log, *changes):
    """Where the chain would break after what somebody with the database's password does; it is undone."""
    breaks = []

    async def run(session):
        await unguard(session)
        for change in changes:
            await session.execute(change)
        breaks.append((await read_chain(session)).broken)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        log.in_transaction(run)
    assert broken(log) is None
    return breaks[0]


async def entries(session):
    rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
    return [(row.id, row.who, row.action, row.object) for row in rows]


def test_an_empty_log_is_whole(sandbox):
    assert broken(sandbox) is None


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


CHANGES = [
    update(AuditRow).values(who="Carla"),
    update(AuditRow).where(AuditRow.id == 2).values(object="syz"),
    delete(AuditRow),
    delete(AuditRow).where(AuditRow.id == 3),
]
_ROW = "(id, at, who, action, object, hash) VALUES (2, '2026-01-01 00:00:00', 'Ben', 'view', 'measures', 'x')"
SLY = {
    "sqlite": [
        f"INSERT OR REPLACE INTO audit {_ROW}",
        f"REPLACE INTO audit {_ROW}",
        f"INSERT INTO audit {_ROW} ON CONFLICT (id) DO UPDATE SET who = 'Ben'",
        "UPDATE OR REPLACE audit SET id = 1 WHERE id = 2",
    ],
    "postgresql": [
        "TRUNCATE audit",
        "TRUNCATE audit, measures CASCADE",
        f"INSERT INTO audit {_ROW} ON CONFLICT (id) DO UPDATE SET who = 'Ben'",
        "WITH gone AS (DELETE FROM audit RETURNING id) SELECT * FROM gone",
    ],
}


def sly(sandbox):
    return [text(it) for it in SLY["postgresql" if sandbox.settings.database_url else "sqlite"]]


def test_the_database_refuses_to_change_or_delete_an_entry(log):
    before = log.in_transaction(entries)
    for change in [*CHANGES, *sly(log)]:

        async def run(session, change=change):
            await session.execute(change)

        with pytest.raises(DBAPIError, match="append-only"):
            log.in_transaction(run)
    assert log.in_transaction(entries) == before
    assert log.in_transaction(read_chain).guarded


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_session_that_calls_itself_a_replica_is_refused_too(log):
    async def run(session):
        await session.execute(text("SET session_replication_role = replica"))
        await session.execute(delete(AuditRow))

    with pytest.raises(DBAPIError, match="append-only"):
        log.in_transaction(run)


def test_compacting_and_upgrading_change_no_entry_and_keep_the_refusal(log):
    before = log.in_transaction(entries)

    async def compact(deployment):
        await deployment.database.overwrite_freed_pages()
        async with deployment.database.engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM FULL audit" if log.settings.database_url else "VACUUM"))
        await migrate(deployment.database)

    log.run(compact)
    assert log.in_transaction(entries) == before
    assert log.in_transaction(read_chain).guarded
    log.in_transaction(lambda session: record(session, "Rosa", "view", "measures"))
    assert len(log.in_transaction(entries)) == 4


def test_a_log_without_its_guard_says_so(log):
    async def run(session):
        await unguard(session)
        return await read_chain(session)

    assert not log.in_transaction(run).guarded


def test_a_log_of_an_older_version_is_guarded_after_the_upgrade(log):
    async def older_and_back(deployment):
        async with deployment.database.engine.begin() as connection:
            await connection.run_sync(lambda it: migrations.command.downgrade(migrations._config(it), "0004"))
            await connection.execute(text("UPDATE audit SET who = 'Rosa' WHERE id = 1"))
        await migrate(deployment.database)

    log.run(older_and_back)
    chain = log.in_transaction(read_chain)
    assert (chain.entries, chain.broken, chain.guarded) == (3, None, True)


def test_a_log_whose_end_was_cut_off_looks_whole_but_for_its_number_and_last_hash(log):
    whole = log.in_transaction(read_chain)

    async def cut(session):
        await unguard(session)
        await session.execute(delete(AuditRow).where(AuditRow.id == 3))
        return await read_chain(session)

    short = log.in_transaction(cut)
    assert short.broken is None
    assert (whole.entries, short.entries) == (3, 2)
    assert whole.last != short.last


def test_what_would_end_a_line_or_turn_it_round_is_not_written_as_it_is(sandbox):
    hostile = "a\nb\tc\rd\0e\x1bf\u202eg\u2028h\udcffi"
    long = "x" * 5_000
    sandbox.in_transaction(lambda session: record(session, hostile, "backup", long))
    ((_, who, _, subject),) = sandbox.in_transaction(entries)
    assert who == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh\ufffdi"
    assert subject == f"{'x' * (LONGEST - 1)}…"
    assert broken(sandbox) is None


def log_page(log, before=None, after=None, **fields):
    page = log.in_transaction(lambda it: read_log_page(it, LogFilter(**fields), before=before, after=after))
    return [it.id for it in page.entries], page.older, page.newer


@pytest.mark.slow
def test_a_page_is_the_newest_hundred_and_leads_to_those_beside_it(log):
    async def more(session):
        for number in range(2 * PAGE):
            await record(session, "Rosa", "view", f"program {number}")

    log.in_transaction(more)
    assert log_page(log) == (list(range(203, 103, -1)), 104, None)
    assert log_page(log, before=104) == (list(range(103, 3, -1)), 4, 103)
    assert log_page(log, before=4) == ([3, 2, 1], None, 3)
    assert log_page(log, after=3) == (list(range(103, 3, -1)), 4, 103)
    assert log_page(log, after=103) == (list(range(203, 103, -1)), 104, None)
    assert log_page(log, after=203) == ([], None, None)


def test_entries_are_found_by_person_by_what_was_done_and_by_object(log):
    assert log_page(log, who="Ben") == ([3], None, None)
    assert log_page(log, action="link.add") == ([2], None, None)
    assert log_page(log, object="K3MW") == ([3, 2], None, None)
    assert log_page(log, object="2026", who="Ben") == ([], None, None)
    assert log_page(log, object="%") == ([], None, None), "a percent sign is a percent sign"
    assert log.in_transaction(people_and_actions) == (
        ["Alice", "Ben", "Rosa"],
        ["link.add", "link.close", "release"],
    )


def test_what_only_looked_or_came_and_went_is_a_view_and_everything_else_a_change(log):
    changes = ["link.add", "export", "release.dry-run", "sign-in.failed", "sign-in.slowed", "user.disable",
               "account.set-up", "words.export", "something.new"]  # fmt: skip
    views = ["view", "sign-in", "sign-out"]
    assert set(views) == set(VIEWS)

    async def write(session):
        for action in (*changes, *views):
            await record(session, "Ada", action, "it")

    log.in_transaction(write)

    def actions(show):
        page = log.in_transaction(lambda it: read_log_page(it, LogFilter(who="Ada", show=show)))
        return [it.action for it in reversed(page.entries)]

    assert actions("changes") == changes
    assert actions("views") == views
    assert actions("everything") == [*changes, *views]


DAYS = [
    # In universal time: the ends of two usual days, of one with 25 hours and of one with 23.
    ("2026-11-30", "2026-11-30 08:00:00", "2026-12-01 07:59:59"),
    ("2026-07-04", "2026-07-04 07:00:00", "2026-07-05 06:59:59"),
    ("2026-11-01", "2026-11-01 07:00:00", "2026-11-02 07:59:59"),
    ("2026-03-08", "2026-03-08 08:00:00", "2026-03-09 06:59:59"),
]


@pytest.mark.parametrize(("day", "first", "last"), DAYS)
def test_a_day_is_that_of_los_angeles_from_midnight_to_midnight(sandbox, day, first, last):
    second = dt.timedelta(seconds=1)
    begins, ends = dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last)

    async def write(session):
        for number, at in enumerate((begins - second, begins, ends, ends + second), start=1):
            session.add(AuditRow(id=number, at=at, who="Ada", action="view", object="it", hash="x"))

    sandbox.in_transaction(write)
    it = dt.date.fromisoformat(day)
    assert log_page(sandbox, first=it, last=it) == ([3, 2], None, None)
    assert log_page(sandbox, first=it) == ([4, 3, 2], None, None)
    assert log_page(sandbox, last=it) == ([3, 2, 1], None, None)
    assert log_page(sandbox, first=it, last=it, before=3) == ([2], None, 2), "kept beside older and newer"


def test_half_past_eleven_at_night_belongs_to_the_day_that_ends(sandbox):
    async def write(session):
        late = dt.datetime(2026, 12, 1, 7, 30)  # noqa: DTZ001 - as the column holds it
        session.add(AuditRow(id=1, at=late, who="Ada", action="view", object="it", hash="x"))

    sandbox.in_transaction(write)
    november, december = dt.date(2026, 11, 30), dt.date(2026, 12, 1)
    assert log_page(sandbox, last=november)[0] == [1]
    assert log_page(sandbox, first=december)[0] == []


def test_the_first_and_the_last_day_that_can_be_written_are_days(log):
    assert log_page(log, first=dt.date.min, last=dt.date.max)[0] == [3, 2, 1]
    assert log_page(log, first=dt.date.max)[0] == []
    assert log_page(log, last=dt.date.min)[0] == []


def test_words_cannot_be_moved_from_one_field_to_the_next(log):
    move = update(AuditRow).where(AuditRow.id == 3).values(who="Benlink", action=".close")
    assert broken_after(log, move) == 3


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
