"""The inbox is rewritten once a day, whatever waits in it; nobody's answer is lost over it."""

import asyncio
import datetime as dt
import itertools
import random
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, select, text

from feedback.inbox import shuffle
from feedback.inbox.sealing import Envelope, SendOutcome
from feedback.inbox.shuffle import daily_rewriting, rewrite
from feedback.inbox.unsealing import Opener
from feedback.storage import keys
from feedback.storage.facts import Fact, note
from feedback.storage.tables import DeploymentRow, InboxRow
from surveys.answers import Response
from tests.support.doors import environment, open_doors
from tests.support.stored import waiting_rows

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
SUNDAY, MONDAY = dt.date(2026, 8, 16), dt.date(2026, 8, 17)
KILLS = 6
FOREVER = """
import asyncio, datetime, itertools, os
from feedback.deployment import open_deployment
from feedback.inbox.shuffle import rewrite
from feedback.settings import read_settings

async def run():
    async with open_deployment(read_settings(os.environ)) as deployment:
        for day in itertools.count():
            await rewrite(deployment.database, datetime.date(2027, 1, 1) + datetime.timedelta(day))
            print(day, flush=True)

asyncio.run(run())
"""


def response(number: int) -> Response:
    return Response(
        program="frp",
        audience="youth",
        instrument="protocol-youth",
        language="en",
        period="2026Q3",
        origin="live",
        answers={"core-safety": str(number)},
    )


async def facts(database):
    async with database.snapshot() as session:
        rows = await session.execute(select(DeploymentRow.name, DeploymentRow.value))
        return {name: value for name, value in rows if name in (Fact.INBOX_REWRITTEN, Fact.COMPACTION_DUE)}


async def fill(database, number=50):
    rows = [{"key": bytes([at] * 32), "sealed": random.randbytes(8_240)} for at in range(number)]
    async with database.transaction() as session:
        await session.execute(insert(InboxRow), rows)
    return [(row["key"], row["sealed"]) for row in rows]


async def rows(database):
    async with database.snapshot() as session:
        return await waiting_rows(session)


def test_rewriting_keeps_every_row_as_it_is(sandbox):
    async def work(deployment):
        before = await fill(deployment.database)
        await rewrite(deployment.database, SUNDAY)
        return before, await rows(deployment.database), await facts(deployment.database)

    before, after, notes = sandbox.run(work)
    assert after == before
    assert notes == {Fact.INBOX_REWRITTEN: "2026-08-16"}


def test_the_inbox_is_rewritten_once_a_day_whether_anything_waits_or_not(sandbox):
    async def work(deployment):
        database, runs = deployment.database, []

        async def count():
            runs.append(1)

        database.overwrite_freed_pages = count
        notes = [await facts(database)]
        for day in (dt.date(2026, 8, 15), SUNDAY, SUNDAY, MONDAY):
            await rewrite(database, day)
            notes.append((len(runs), (await facts(database))[Fact.INBOX_REWRITTEN]))
        return notes

    assert sandbox.run(work) == [
        {Fact.INBOX_REWRITTEN: "2026-08-15"},  # `init` made an empty inbox, in which nothing has an order
        (0, "2026-08-15"),
        (1, "2026-08-16"),
        (1, "2026-08-16"),
        (2, "2026-08-17"),
    ]


def test_of_several_doors_one_rewrites_the_inbox(sandbox):
    async def work(deployment):
        async def claim():
            async with deployment.database.transaction() as session:
                return await note(session, Fact.INBOX_REWRITTEN, "2026-08-16")

        return sorted(await asyncio.gather(*(claim() for _ in range(5))))

    assert sandbox.run(work) == [False, False, False, False, True]


@pytest.mark.slow
def test_whoever_sends_during_the_rewriting_is_stored_once(sandbox):
    """And a second Send finds the first, although its row is out at that moment."""

    async def work(deployment):
        days = itertools.count(1)

        async def send(number):
            await asyncio.sleep(random.random() / 2)
            async with deployment.database.transaction() as session:
                return await deployment.inbox.store(
                    session, "k3mw9xab", str(number), response(number % 5 + 1)
                )

        async def rewrite_often():
            for _ in range(8):
                await rewrite(deployment.database, SUNDAY + dt.timedelta(next(days)))

        await fill(deployment.database, 40)
        first = await asyncio.gather(*map(send, range(60)), rewrite_often())
        second = await asyncio.gather(*map(send, range(60)), rewrite_often())
        sent_keys = {deployment.inbox.row_key("k3mw9xab", str(number)) for number in range(60)}
        return first[:-1], second[:-1], sent_keys, await rows(deployment.database)

    first, second, sent_keys, all_rows = sandbox.run(work)
    assert (set(first), set(second)) == ({SendOutcome.NEW}, {SendOutcome.UNCHANGED})
    assert len(all_rows) == 100
    assert sent_keys < {key for key, _ in all_rows}
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
    envelopes = [opener.open(sealed, Envelope) for key, sealed in all_rows if key in sent_keys]
    answers = sorted(it.response.answers["core-safety"] for it in envelopes)
    assert answers == sorted(str(number % 5 + 1) for number in range(60))


@pytest.mark.slow
def test_a_release_during_the_rewriting_lets_everybody_out_once(sandbox, monkeypatch):
    """Rows that it has read and wants to take out are out at that moment."""
    sandbox.answer(12)
    sandbox.on("2026-10-15")
    taken_out, go_on = asyncio.Event(), asyncio.Event()

    class Slow:
        """The database while the rewriting holds its rows in its hands."""

        is_sqlite = bool(not sandbox.settings.database_url)

        def __init__(self, database):
            self.database = database
            self.snapshot = database.snapshot
            self.overwrite_freed_pages = database.overwrite_freed_pages

        @asynccontextmanager
        async def transaction(self):
            async with self.database.transaction() as session:
                yield session
                taken_out.set()
                await go_on.wait()

    async def work(deployment):
        from feedback.release.runner import ReleaseRunner

        private = keys.read_release(sandbox.settings.keys / keys.RELEASE_PRIVATE, None)
        release = ReleaseRunner(
            deployment.database, sandbox.settings, deployment.inbox.public, deployment.review_public, "Rosa"
        )
        slow = asyncio.create_task(rewrite(Slow(deployment.database), SUNDAY))
        await taken_out.wait()
        task = asyncio.create_task(release.run(private))
        await asyncio.sleep(1)
        assert not task.done()
        go_on.set()
        outcome, _ = await asyncio.gather(task, slow)
        return outcome.batches, await rows(deployment.database)

    assert sandbox.run(work) == (1, [])


@pytest.mark.slow
@pytest.mark.uncounted  # a process killed leaves half a file of what it ran
def test_whoever_kills_the_rewriting_in_the_middle_loses_no_row(sandbox):
    async def fill_inbox(deployment):
        return await fill(deployment.database, 200)

    async def read_rows(deployment):
        return await rows(deployment.database)

    before = sandbox.run(fill_inbox)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", FOREVER],
            env=environment(sandbox.settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with process:
            process.stdout.readline()
            time.sleep(random.random() / 5)
            process.send_signal(signal.SIGKILL)
        assert sandbox.run(read_rows) == before
    sandbox.run(lambda deployment: rewrite(deployment.database, SUNDAY))
    assert sandbox.run(read_rows) == before
    assert sandbox.run(lambda deployment: facts(deployment.database)) == {Fact.INBOX_REWRITTEN: "2026-08-16"}


def test_the_survey_door_rewrites_the_inbox_when_it_opens(sandbox):
    with sandbox.on("2026-08-16").survey_door() as door:
        assert door.get("/help").status_code == 200
    assert sandbox.run(lambda deployment: facts(deployment.database)) == {Fact.INBOX_REWRITTEN: "2026-08-16"}


@pytest.mark.slow
@pytest.mark.uncounted  # what counts lines prints some of its own
def test_doors_that_are_told_to_stop_at_once_end_well_and_have_rewritten_the_inbox(sandbox, tmp_path):
    with open_doors(sandbox.on("2026-08-16").settings, tmp_path) as doors:
        pass
    assert sandbox.run(lambda deployment: facts(deployment.database)) == {Fact.INBOX_REWRITTEN: "2026-08-16"}
    assert len(doors.output.read_text().splitlines()) == 1


def test_the_staff_door_leaves_the_inbox_alone(sandbox):
    with sandbox.on("2026-08-16").staff_door() as door:
        assert door.get("/sign-in").status_code == 200
    assert sandbox.run(lambda deployment: facts(deployment.database)) == {Fact.INBOX_REWRITTEN: "2026-08-15"}


def test_a_door_that_could_not_rewrite_is_open_and_tries_again_within_the_hour(sandbox, monkeypatch, capfd):
    monkeypatch.setattr(shuffle, "HOUR", 0.05)
    refusals = iter([ConnectionRefusedError("Mia's address"), TimeoutError()])
    original = shuffle.rewrite

    async def refuse(database, today):
        for refusal in refusals:
            raise refusal
        await original(database, today)

    monkeypatch.setattr(shuffle, "rewrite", refuse)
    with sandbox.on("2026-08-16").survey_door() as door:
        for _ in range(200):
            assert door.get("/help").status_code == 200
            if (
                sandbox.run(lambda deployment: facts(deployment.database))[Fact.INBOX_REWRITTEN]
                == "2026-08-16"
            ):
                break
    assert sandbox.run(lambda deployment: facts(deployment.database)) == {Fact.INBOX_REWRITTEN: "2026-08-16"}
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_door_that_is_told_to_stop_finishes_what_it_began(sandbox):
    async def work(deployment):
        begun = asyncio.Event()
        original = deployment.database.overwrite_freed_pages

        async def slow():
            begun.set()
            await asyncio.sleep(0.2)
            await original()

        deployment.database.overwrite_freed_pages = slow
        async with daily_rewriting(deployment.database, sandbox.settings):
            await begun.wait()
        return await facts(deployment.database)

    sandbox.on("2026-08-16")
    assert sandbox.run(work) == {Fact.INBOX_REWRITTEN: "2026-08-16"}


def test_what_could_not_be_overwritten_stays_due_and_is_overwritten_at_the_next_look(sandbox):
    async def work(deployment):
        database = deployment.database
        original = database.overwrite_freed_pages

        async def busy():
            raise TimeoutError

        database.overwrite_freed_pages = busy
        with pytest.raises(TimeoutError):
            await rewrite(database, SUNDAY)
        before = [await facts(database)]
        database.overwrite_freed_pages = original
        await rewrite(database, SUNDAY)
        return [*before, await facts(database)]

    assert sandbox.run(work) == [
        {Fact.INBOX_REWRITTEN: "2026-08-16", Fact.COMPACTION_DUE: "2026-08-16"},
        {Fact.INBOX_REWRITTEN: "2026-08-16"},
    ]


def test_what_a_release_frees_during_the_rewriting_stays_due(sandbox):
    async def work(deployment):
        database = deployment.database

        async def slow():
            async with database.transaction() as session:
                await note(session, Fact.COMPACTION_DUE, "2026Q3")

        database.overwrite_freed_pages = slow
        await rewrite(database, SUNDAY)
        return await facts(database)

    assert sandbox.run(work)[Fact.COMPACTION_DUE] == "2026Q3"


@pytest.mark.slow
@ON_POSTGRESQL
def test_on_postgresql_no_hidden_column_is_left_as_it_was(sandbox):
    hidden = text("SELECT count(DISTINCT xmin::text), count(DISTINCT cmin::text), array_agg(key) FROM inbox")

    async def read_hidden(database):
        async with database.snapshot() as session:
            return tuple((await session.execute(hidden)).one())

    async def work(deployment):
        for number in range(30):
            async with deployment.database.transaction() as session:
                await deployment.inbox.store(session, "k3mw9xab", str(number), response(1))
        arrived = await read_hidden(deployment.database)
        await rewrite(deployment.database, SUNDAY)
        once = await read_hidden(deployment.database)
        await rewrite(deployment.database, MONDAY)
        return arrived, once, await read_hidden(deployment.database)

    arrived, once, twice = sandbox.run(work)
    assert (arrived[0], once[:2], twice[:2]) == (30, (1, 1), (1, 1))
    assert len({tuple(it[2]) for it in (arrived, once, twice)}) == 3
    assert {frozenset(it[2]) for it in (arrived, once, twice)} == {frozenset(arrived[2])}
