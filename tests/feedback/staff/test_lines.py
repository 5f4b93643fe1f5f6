"""Work with passwords waits in short lines of its own, and slows nobody who is in or answers."""

import asyncio
import threading
import time

import pytest
from sqlalchemy import func, select

from feedback.staff import lines
from feedback.staff.lines import INSIDE, KNOWN, STRANGERS, Crowded, WaitingLine
from feedback.staff.signing_in import SigningIn
from feedback.storage.staff_tables import SessionRow, TriesRow
from tests.support.people import Person
from tests.support.sandbox import PASSWORD


@pytest.fixture
def carla(sandbox, monkeypatch):
    monkeypatch.setattr(lines, "PATIENCE", 0.05)
    return Person(sandbox)


def is_empty(sandbox, table):
    async def count(session):
        return (await session.execute(select(func.count()).select_from(table))).scalar_one() == 0

    return sandbox.in_transaction(count)


def in_a_crowd(carla, line, work):
    """What somebody gets who comes while a line has no place free."""

    async def come(deployment):
        async with line.place(), line.place():
            assert INSIDE == 2
            return await work(lambda device="": SigningIn(deployment.database, carla.keys, device))

    return carla.sandbox.run(come)


def test_whoever_waits_too_long_is_told_so_and_nothing_of_theirs_is_counted(sandbox, carla):
    for email in (carla.email, "nobody@county.example"):
        with pytest.raises(Crowded, match="Many people are signing in at this moment"):
            in_a_crowd(carla, STRANGERS, lambda door, it=email: door().with_password(it, PASSWORD))
    assert is_empty(sandbox, TriesRow)
    assert is_empty(sandbox, SessionRow)


def test_a_crowd_of_strangers_keeps_nobody_out_who_is_in_or_on_a_device_they_used_before(carla):
    device = carla.sign_in().device
    assert in_a_crowd(carla, STRANGERS, lambda door: door(device).with_password(carla.email, PASSWORD))
    assert in_a_crowd(carla, STRANGERS, lambda door: door().is_password_of(carla.email, PASSWORD))
    with pytest.raises(Crowded):
        in_a_crowd(carla, STRANGERS, lambda door: door(f"{device}x").with_password(carla.email, PASSWORD))
    with pytest.raises(Crowded):
        in_a_crowd(carla, KNOWN, lambda door: door(device).with_password(carla.email, PASSWORD))


def test_a_place_in_a_line_is_given_back_whatever_happens_and_whoever_waits_gets_it():
    line = WaitingLine("test")

    async def fail():
        async with line.place():
            await asyncio.sleep(0)
            raise ValueError("no password")

    async def come(_):
        with pytest.raises(ValueError, match="no password"):
            await fail()

    async def many():
        await asyncio.gather(*map(come, range(9 * INSIDE)))

    asyncio.run(many())
    asyncio.run(many())


def test_a_line_works_for_one_at_a_time_and_the_loop_goes_on_beside():
    line, inside, most = WaitingLine("test"), [], []

    def work(number):
        inside.append(number)
        most.append(len(inside))
        time.sleep(0.01)
        inside.remove(number)
        return threading.get_ident()

    async def many():
        return await asyncio.gather(*(line.work(work, str(number)) for number in range(8)))

    threads = asyncio.run(many())
    assert max(most) == 1
    assert set(threads) != {threading.get_ident()}
    assert len(set(threads)) == 1


def test_the_page_of_sign_in_says_that_many_are_signing_in_and_keeps_the_address(sandbox, carla, monkeypatch):
    monkeypatch.setattr(lines, "INSIDE", 0)
    monkeypatch.setattr("feedback.staff.signing_in.STRANGERS", WaitingLine("full"))
    with sandbox.staff_door() as door:
        answer = sandbox.submit(door, "/sign-in", "/sign-in", email=carla.email, password=PASSWORD)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert f'value="{carla.email}"' in answer.text
    assert "Many people are signing in" in answer.text
