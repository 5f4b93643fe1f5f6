"""Facts of a deployment: noted, read, held and forgotten, whoever else is at them."""

import asyncio

import pytest
from sqlalchemy import select

from feedback.storage.facts import Fact, forget, hold, note, read_fact
from feedback.storage.tables import DeploymentRow


def test_what_was_noted_is_read_and_is_new_only_when_it_changes(sandbox):
    async def work(session):
        before = await read_fact(session, Fact.RESTORED)
        changes = [await note(session, Fact.RESTORED, day) for day in ("monday", "monday", "tuesday")]
        return before, changes, await read_fact(session, Fact.RESTORED)

    assert sandbox.in_transaction(work) == (None, [True, False, True], "tuesday")


def test_a_fact_is_forgotten_only_as_long_as_it_is_the_one_that_was_meant(sandbox):
    async def work(session):
        await note(session, Fact.COMPACTION_DUE, "tuesday")
        await forget(session, Fact.COMPACTION_DUE, "monday")
        stays = await read_fact(session, Fact.COMPACTION_DUE)
        await forget(session, Fact.COMPACTION_DUE, "tuesday")
        return stays, await read_fact(session, Fact.COMPACTION_DUE)

    assert sandbox.in_transaction(work) == ("tuesday", None)


@pytest.mark.parametrize("is_there", [False, True])
def test_of_two_who_hold_a_fact_the_second_waits_though_it_was_never_noted(sandbox, is_there):
    order = []

    async def one(deployment, name, entered, leave):
        async with deployment.database.transaction() as session:
            await hold(session, Fact.AUDIT_TURN)
            order.append(f"{name} in")
            entered.set()
            await leave.wait()
            order.append(f"{name} out")

    async def work(deployment):
        if is_there:
            async with deployment.database.transaction() as session:
                await hold(session, Fact.AUDIT_TURN)
        entered, leave, done = asyncio.Event(), asyncio.Event(), asyncio.Event()
        done.set()
        first = asyncio.create_task(one(deployment, "first", entered, leave))
        await entered.wait()
        second = asyncio.create_task(one(deployment, "second", asyncio.Event(), done))
        await asyncio.sleep(0.05)
        leave.set()
        await asyncio.gather(first, second)

    sandbox.run(work)
    assert order == ["first in", "first out", "second in", "second out"]


def test_every_row_of_a_deployment_is_a_fact_with_a_name(sandbox):
    names = sandbox.in_transaction(lambda session: session.execute(select(DeploymentRow.name)))
    assert set(names.scalars()) <= set(Fact)
