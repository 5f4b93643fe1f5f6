"""A release that is killed at any point leaves none or all of it, and the next run completes."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections import defaultdict

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from feedback.deployment import open_deployment
from feedback.release.ledgerfiles import ledger_path, read_ledger_file
from feedback.release.ledgers import read_ledger
from surveys.answers import Response
from tests.support.doors import command, environment, run
from tests.support.loops import finish
from tests.support.sandbox import DOMAINS, Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture
def full(sandbox) -> Sandbox:
    """Six batches' worth of answers in the fourth quarter, so that what joins them is at stake too."""
    sandbox.on("2026-11-15")
    for number, program in enumerate(("frp", "syz", "ctu", "dream-unit", "advocacy-vista", "community")):
        sandbox.link(program, "youth", instrument="youth-experience")
        sandbox.store([_made_up(program, person) for person in range(14 + 9 * number)])
    return sandbox.on("2027-01-15")


def _made_up(program: str, person: int) -> Response:
    answers = {f"core-{domain}": "12345"[(person + at) % 5] for at, domain in enumerate(DOMAINS)}
    answers["should-change"] = "A shorter wait and a ride home."
    language = "es" if person % 3 == 0 else "en"
    return Response(
        program=program,
        audience="youth",
        instrument="youth-experience",
        language=language,
        period="2026Q4",
        origin="live",
        answers=answers,
    )


def test_kills_leave_none_or_all_of_a_release(full, how_many):
    full.shut()
    kills = how_many(2, thorough=10)
    original = _copy(full.settings, "whole")
    # The first quarter of the deployment is 2026Q3: it is released first, and has nothing to let out.
    assert run(original, "release").stdout.startswith("2026Q3: 0 batches closed.\n")
    before = _state(original)
    assert before["ledger"] == []
    undisturbed = _copy(original, "undisturbed")
    started = time.perf_counter()
    assert run(undisturbed, "release").returncode == 0
    seconds = time.perf_counter() - started
    complete = _state(undisturbed)
    _assert_complete(complete)
    ends = set()
    for number in range(kills):
        settings = _copy(original, f"killed{number}")
        # A random point in each part of the run, the first before anything is written.
        _kill_after(settings, seconds * (0.1 + (number + random.random()) / kills))
        state = _state(settings)
        if state["ledger"]:
            ends.add("all")
            assert state == complete
        else:
            ends.add("none")
            assert state == before
            assert run(settings, "release").returncode == 0
            # The same noise, too: what a killed release may have drawn is nothing to average with.
            assert _state(settings) == complete
        finished = run(settings, "release")
        assert finished.returncode == 1
        assert "2027Q1 has not ended yet" in finished.stderr
        file = read_ledger_file(ledger_path(settings, "2026Q4"))
        assert msgspec.to_builtins(file.ledger) == complete["ledger"]
    assert "none" in ends


def _assert_complete(state) -> None:
    people = defaultdict(list)
    for batch in state["ledger"]:
        people[batch["kind"]].append(batch["n"])
    everybody = 14 + 23 + 32 + 41 + 50 + 59
    assert sorted(people["pulse"]) == [14, 23, 32, 41, 50, 59]
    assert people["fields"] == [everybody]
    # Three programs with 38 and more, one with 30 and more as mixed; two are too few, of too few programs.
    assert sorted(people["detail"]) == [32, 41, 50, 59]
    assert sorted(people["themes"]) == [32, 41, 50, 59, everybody]
    assert sum(people["language"]) == everybody
    assert len(people["language"]) == 2
    assert (state["inbox"], state["batched"], state["used_keys"]) == (0, 0, everybody)
    assert state["comments"] == 2 * everybody, "a row for each text box, whoever wrote"
    assert state["releases"] == 2


def _kill_after(settings, seconds: float) -> None:
    process = subprocess.Popen(
        command("release"),
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _state(settings):
    return {**finish(_counts(settings)), "ledger": finish(_ledger(settings))}


async def _ledger(settings):
    async with open_deployment(settings) as deployment, deployment.database.snapshot() as session:
        return msgspec.to_builtins(await read_ledger(session))


async def _counts(settings) -> dict[str, int]:
    engine = create_async_engine(settings.url)
    names = ("inbox", "batched", "used_keys", "comments")
    async with engine.connect() as connection:
        counts = {
            name: (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar() for name in names
        }
        counts["releases"] = (await connection.execute(text("SELECT count(*) FROM releases"))).scalar()
    await engine.dispose()
    return counts


def _copy(settings, name: str):
    """Return the settings of a copy of a deployment, database and all."""
    home = settings.home.parent / name
    shutil.copytree(settings.home, home)
    if not settings.database_url:
        return msgspec.structs.replace(settings, home=home)
    address, _, folder = settings.database_url.partition("?host=")
    server, _, template = address.rpartition("/")
    database = f"{template.split('_')[0]}_{name}"

    async def create():
        engine = create_async_engine(f"{server}/postgres?host={folder}", isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {database} TEMPLATE {template}"))
        await engine.dispose()

    finish(create())
    return msgspec.structs.replace(settings, home=home, database_url=f"{server}/{database}?host={folder}")
