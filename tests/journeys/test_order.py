"""Who came before whom is in no place that anybody can read, not even with every private key.

A hundred people answer in a known order through the survey door, again and again: 5 times in `make test`, 20
in `make thorough`. By chance alone the rank correlation of a hundred people with their arrival is above 0.2
in 4.6 % of all looks (its deviation is 0.1), so a promise of “never above 0.2” could not be kept by a perfect
shuffle. For each place we ask instead that the mean of its looks (with their signs) is within 4.5 deviations
of a mean, where chance stays but for one time in 100,000 (of twenty: within 0.1), and that no more of them
are above 0.2 than chance has but for one time in 500,000 (of twenty: 7, of five: 4). What follows arrival by
as little as 0.3 has a mean of 0.3, and 17 of twenty above 0.2. Over all places together one run of these
tests in some 2,000 fails by chance.
"""

import base64
import datetime as dt
import json
import math
import statistics
import time
from collections import defaultdict
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from feedback.operations.backups import write_backup
from feedback.settings import Settings
from feedback.storage.facts import Fact
from feedback.storage.staff_tables import EVERY_TABLE
from feedback.storage.tables import DeploymentRow
from tests.support.databases import new_address
from tests.support.files.reading import exported
from tests.support.order.rank_correlation import (
    HIDDEN,
    OnPostgresql,
    OnSqlite,
    Table,
    follows,
    order_of,
    rows_of_backup,
    unzipped,
)
from tests.support.order.respondents import PEOPLE, Insider, Respondents, wish
from tests.support.sandbox import Sandbox
from tests.support.stored import waiting_rows

DEVIATION, ABOVE = 0.1, 0.2
CHANCE_ABOVE = 0.0465
"""How often a look is above 0.2 by chance alone."""
RARELY = 2e-6
SEALED = ("inbox", "batched", "comments", "used_keys")
pytestmark = pytest.mark.slow


class Run:
    """One deployment: a hundred answer, it is rewritten, another hundred answer, the first are released."""

    def __init__(self, settings: Settings) -> None:
        self.sandbox = Sandbox(settings)
        self.place = (OnPostgresql if settings.database_url else OnSqlite)(self.sandbox)
        self.looks: dict[str, float] = {}
        self.released, self.waiting = (
            Respondents.of(self.sandbox.link(), self.sandbox.settings) for _ in range(2)
        )
        self.insider = Insider(self.sandbox, self.released, self.waiting)

    def live(self) -> "Run":
        with self.sandbox.survey_door() as door:
            self.released.send(door)
        self.look("arrived", self.insider.inbox)
        with self.rewriting_door("2026-08-16"):
            self.look("rewritten", self.insider.inbox)
        # Some of the next quarter have answered when the release runs: they are taken out and put back.
        with self.rewriting_door("2026-10-15"):
            self.waiting.store(self.sandbox)
            assert self.sandbox.release().batches == 1
            for table in self.insider.after:
                self.look("released", table)
            self.back_up()
        return self

    @contextmanager
    def rewriting_door(self, day: str):
        """A survey door of another day, which has rewritten the inbox and is still open."""
        with self.sandbox.on(day).survey_door():
            for _ in range(600):
                facts = self.sandbox.run(self._facts)
                if facts.get(Fact.INBOX_REWRITTEN) == day and Fact.COMPACTION_DUE not in facts:
                    break
                time.sleep(0.1)
            else:
                raise AssertionError("The door did not rewrite the inbox within a minute.")
            yield

    @staticmethod
    async def _facts(deployment) -> dict[str, str]:
        async with deployment.database.snapshot() as session:
            rows = await session.execute(select(DeploymentRow.name, DeploymentRow.value))
            return {row.name: row.value for row in rows}

    def look(self, moment: str, table: Table) -> None:
        self.sandbox.shut()
        rows = self.place.rows(table)
        ordered = table.by_arrival(rows)
        assert len(ordered) == PEOPLE
        if table.name == "inbox":
            cells = [(name, it) for row in ordered for name, it in row.items() if name not in HIDDEN]
            assert {name for name, _ in cells} == {"key", "sealed", "version"}
            sizes = {(name, len(it)) for name, it in cells if name != "version"}
            assert sizes == {("key", 32), ("sealed", 8_240)}
        looks = table.look(rows) | self.place.on_disk(table, rows)
        if table.name == "inbox":
            inbox = [{"key": key, "sealed": it} for key, it in self.sandbox.in_transaction(waiting_rows)]
            looks["as the product reads it"] = follows(order_of(map(table.person, inbox)))
        self.looks |= {f"{moment}: {table.name} {place}": value for place, value in looks.items()}

    def back_up(self) -> None:
        file = self.sandbox.settings.home.parent / "backup.zip"
        self.sandbox.run(lambda deployment: write_backup(deployment, file, "Rosa"))
        for table in self.insider.after:
            looks = table.look(rows_of_backup(file, table.name))
            self.looks[f"backup: {table.name} as it comes"] = looks["as it comes"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def runs(request, tmp_path_factory, how_many):
    """Several deployments, one after another."""
    base = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    all_runs = [
        Run(
            Settings(
                home=tmp_path_factory.mktemp("order") / "home",
                database_url=base and new_address(base),
                today_is=dt.date(2026, 8, 15),
                offer_draft_languages=True,
            )
        ).live()
        for _ in range(how_many(3, thorough=20))
    ]
    for place, looks in _by_place(all_runs).items():
        above = f"{_above(looks):2} of {len(looks)}"
        print(f"{statistics.mean(looks):+.3f} {max(map(abs, looks)):.3f} {above}  {place}")
    return all_runs


def _by_place(runs, *beginnings: str) -> dict[str, list[float]]:
    places = defaultdict(list)
    for run in runs:
        for place, look in run.looks.items():
            if place.startswith(beginnings or ("",)):
                places[place].append(look)
    assert places
    assert {len(look) for look in places.values()} == {len(runs)}
    return places


def _above(looks) -> int:
    return sum(abs(it) > ABOVE for it in looks)


def _is_chance(looks) -> bool:
    widest = 4.5 * DEVIATION / math.sqrt(len(looks))
    return abs(statistics.mean(looks)) < widest and _above(looks) <= _most_above(len(looks))


def _most_above(looks: int) -> int:
    """The most of so many looks that are above 0.2 by chance, but for one time in 500,000."""
    exactly = [
        math.comb(looks, at) * CHANCE_ABOVE**at * (1 - CHANCE_ABOVE) ** (looks - at)
        for at in range(looks + 1)
    ]
    return next(at for at in range(looks + 1) if sum(exactly[at + 1 :]) < RARELY)


def _that_follow(places) -> list[str]:
    return [place for place, looks in places.items() if not _is_chance(looks)]


def test_before_a_release_the_inbox_shows_ciphertexts_of_one_size_in_no_order(runs):
    """That there are two columns of one size each was looked at in every run."""
    places = _by_place(
        runs, "arrived: inbox by key", "arrived: inbox by sealed", "arrived: inbox as the product"
    )
    assert len(places) == 3
    assert _that_follow(places) == []


def test_after_the_daily_rewriting_no_byte_or_hidden_column_follows_arrival(runs):
    places = _by_place(runs, "rewritten: ")
    # Where the order was until then (the control below) is among the places.
    assert "rewritten: inbox copy 1 of its sealed ends in the file" in places
    assert _that_follow(places) == []


def test_after_a_release_no_place_follows_arrival_even_with_every_private_key(runs):
    places = _by_place(runs, "released: ", "backup: ")
    assert {place.split()[1] for place in places} == set(SEALED)
    assert _that_follow(places) == []


def test_before_the_daily_rewriting_the_order_of_arrival_is_found(runs):
    """The control: what lies in order of arrival until the next day is found, and at its full strength."""
    places = _by_place(runs, "arrived: ")
    if runs[0].sandbox.settings.database_url:
        telling = ("inbox as it comes", "inbox by ctid", "inbox by xmin", "inbox its pieces by number")
    else:
        telling = ("inbox copy 1 of its sealed ends in the file",)
    for what in telling:
        assert statistics.mean(places[f"arrived: {what}"]) > 0.9
    assert {f"arrived: {what}" for what in telling} <= set(_that_follow(places))


def test_the_measure_is_spearmans_and_tells_order_from_chance():
    assert follows(range(100)) == pytest.approx(1)
    assert follows(range(100, 0, -1)) == pytest.approx(-1)
    assert follows([7] * 100) == 0
    assert follows([1, 2, 2, 4]) == pytest.approx(0.9486832980505138)
    assert follows([2, 1, 4, 3, 5]) == pytest.approx(0.8)
    assert _is_chance([0.05, -0.25, 0.1, -0.02] * 5)
    assert not _is_chance([0.15] * 20)
    assert not _is_chance([0.3] * 5)
    assert not _is_chance([0.5, -0.5, 0.5, -0.5, 0.5])
    assert (_most_above(5), _most_above(20)) == (4, 7)
    assert not _is_chance([0.3, -0.3] * 10)


def test_nobody_can_be_recognised_in_what_is_published(runs):
    """Nor in the ledger, the audit log, an export or a page: what shows nobody has no order of people."""
    run = runs[0]
    canaries = [canary for person in range(PEOPLE) for canary in _canaries(run, person)]
    for name, content in _readable(run).items():
        assert b"frp" in content or b"FRP" in content, name
        assert not [canary for canary in canaries if canary in content], name


def _canaries(run, person: int) -> list[bytes]:
    key = {at: key for key, at in run.insider.used_keys.items()}[person]
    number = run.released.numbers[person]
    return [wish(person).encode(), number.encode(), key.hex().encode(), base64.b64encode(key)]


def _readable(run) -> dict[str, bytes]:
    """Every table that is not sealed, every export, and the pages of whoever may read most."""
    sandbox = run.sandbox

    async def plain(session):
        tables = [it for it in EVERY_TABLE.sorted_tables if it.name not in SEALED]
        return {it.name: [dict(row._mapping) for row in await session.execute(select(it))] for it in tables}

    rows = sandbox.in_transaction(plain)
    kinds = ("results.csv", "measures.csv", "results.xlsx", "results.zip")
    files = {kind: exported(sandbox, "ctlt", kind) for kind in kinds}
    with sandbox.staff_door(sandbox.user()) as door:
        pages = {address: door.get(address).content for address in ("/", "/programs/frp")}
    return {
        "tables": json.dumps(
            rows, default=lambda it: it.hex() if isinstance(it, bytes) else str(it)
        ).encode(),
        **{kind: it if kind.endswith("csv") else unzipped(it) for kind, it in files.items()},
        **pages,
    }
