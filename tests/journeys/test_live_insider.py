"""The insider on the real service: everything that leaves a deployment, and what it tells of one answer.

docs/disclosure.md, “Attacks it must meet”. Whatever leaves follows from the ledger alone; and of the ledger a
reader who knows everybody else makes no more than the rule says.
"""

import datetime as dt
import math
import random
import shutil

import msgspec
import pytest
from sqlalchemy import delete

from analysis import tally
from analysis.batch_ledger import Batch
from analysis.parameters import GRAIN, Parameters
from analysis.tally import Tally
from feedback.fieldwork.programs import store_programs
from feedback.fieldwork.totals import report_work
from feedback.inbox.sealing import is_empty, new_submission_key
from feedback.operations import doctor
from feedback.operations.doctor import Finding
from feedback.settings import Settings
from feedback.storage.tables import InboxRow
from surveys.answers import Response
from surveys.registry import Programs, WorkTotal, shipped_programs
from tests.support.attack.ways_out import WaysOut
from tests.support.commands import run_here
from tests.support.ledger.insider import most_right
from tests.support.sandbox import DOMAINS, Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.uncounted]
VISTA = {"program": "advocacy-vista", "instrument": "youth-experience"}
WELL = {f"core-{domain}": "5" for domain in DOMAINS} | {
    "should-change": "A bed in a shelter, and shorter waits."
}
BADLY = {f"core-{domain}": "1" for domain in DOMAINS} | {"going-well": "Nothing. They lost my file."}
QUARTERS = ("2026Q3", "2026Q4")
DAYS = ("2026-10-15", "2027-01-15")
COPIES = 1_000


class SandboxCopy(Sandbox):
    """The same deployment again, in a folder of its own."""

    def __init__(self, sandbox: Sandbox, home) -> None:
        sandbox.shut()
        shutil.copytree(sandbox.settings.home, home)
        self.settings = msgspec.structs.replace(sandbox.settings, home=home)


@pytest.fixture
def two_worlds(tmp_path):
    """A deployment with ten answers of an insider; and twice more, with one more answer in two ways."""
    sandbox = Sandbox(Settings(home=tmp_path / "home", today_is=dt.date(2026, 9, 15)))
    sandbox.answer(10, answers={"should-change": "Shorter waits."}, **VISTA)
    staff = (
        sandbox.user(),
        sandbox.user("stella@county.example", "reader"),
        sandbox.user("vera@vista.example", "contractor", "vista-del-mar"),
    )
    work = WorkTotal(program="advocacy-vista", period="2026Q3", served=40, offered=30, minutes=60)
    sandbox.in_transaction(lambda session: report_work(session, work))
    slug = sandbox.link(**VISTA)
    program = next(it for it in shipped_programs().programs if it.id == VISTA["program"])

    def world(name: str, answers) -> WaysOut:
        copy = SandboxCopy(sandbox, tmp_path / name / "home")
        response = Response(
            program=VISTA["program"],
            audience="youth",
            instrument=VISTA["instrument"],
            language="en",
            period="2026Q3",
            origin="live",
            answers=answers,
        )
        copy.run(lambda d: _store(d, "her-page", response))
        copy.on(DAYS[0])
        return WaysOut(copy, program.id, program.public_slug, slug, staff, QUARTERS[0])

    number = new_submission_key()

    async def _store(deployment, slug, response):
        async with deployment.database.transaction() as session:
            await deployment.inbox.store(session, slug, number, response)

    return lambda: (world("one", WELL), world("other", BADLY))


def _differing(one: WaysOut, other: WaysOut) -> list[str]:
    """Which ways out tell the two worlds apart."""
    texts, other_texts = one.read(), other.read()
    assert texts.keys() == other_texts.keys()
    return [name for name in texts if texts[name] != other_texts[name]]


def _let_out(*worlds: WaysOut) -> None:
    """The commands say the same in both."""
    endings = [run_here(world.sandbox.settings, "release") for world in worlds]
    assert all(it.out.startswith("2026Q3: 1 batch closed.") for it in endings)
    assert len({it.err for it in endings}) == 1


def test_before_a_release_no_way_out_tells_what_somebody_answered(two_worlds):
    assert _differing(*two_worlds()) == []


def test_after_a_release_whatever_leaves_follows_from_the_ledger_alone(two_worlds, monkeypatch):
    """With the same ledger in both worlds nothing else may differ: not a page, not a file, not a row."""
    monkeypatch.setattr(Tally, "close", _the_same)
    worlds = two_worlds()
    _let_out(*worlds)
    assert _differing(*worlds) == []


def test_two_worlds_with_ledgers_of_their_own_are_told_apart_by_the_ledger(two_worlds):
    """The eyes can see: with values of their own the two worlds are told apart, and only by those."""
    worlds = two_worlds()
    _let_out(*worlds)
    assert "ledger --json" in _differing(*worlds)


def test_mutant_a_live_counter_is_caught(two_worlds, monkeypatch):
    one, other = two_worlds()
    response = Response(
        program=VISTA["program"],
        audience="youth",
        instrument=VISTA["instrument"],
        language="en",
        period="2026Q3",
        origin="live",
        answers=WELL,
    )
    other.sandbox.store([response])
    assert set(_differing(one, other)) <= {"rows of inbox", "backup"}
    examine = doctor.examine

    async def counting(deployment):
        async with deployment.database.snapshot() as session:
            waits = "somebody waits" if not await is_empty(session) else "nobody waits"
        return [*await examine(deployment), Finding(True, waits)]

    monkeypatch.setattr("feedback.commands.deployment.doctor.examine", counting)
    other.sandbox.in_transaction(_empty_inbox)
    assert "doctor" in _differing(one, other), "nobody left is told from twelve who wait"


async def _empty_inbox(session):
    await session.execute(delete(InboxRow))


def _the_same(self: Tally, _secret: bytes) -> Batch:
    values = {it.name: 37 * len(it.name) for it in self._definitions}
    return msgspec.structs.replace(self.head, variances=tally.variances(self._definitions), values=values)


# --- What is made of the ledger.


def test_from_two_releases_an_insider_is_right_about_one_answer_as_seldom_as_the_rule_says(
    tmp_path, how_many
):
    """Ten answers of an insider's own beside one other person's, in every program and both quarters."""
    programs = how_many(90, thorough=COPIES)
    sandbox = Sandbox(Settings(home=tmp_path / "home", today_is=dt.date(2026, 9, 15)))
    names = _many_programs(sandbox, programs)
    truth = {}
    for quarter, day in zip(QUARTERS, DAYS, strict=True):
        for name in names:
            truth[name, quarter] = random.random() < 0.5
            _answer(sandbox, name, quarter, well=truth[name, quarter])
        sandbox.on(day)
        assert sandbox.release().batches == programs
    pulses = [batch for batch in sandbox.ledger() if batch.kind == "pulse"]
    guesses = {(it.owner, it.release): _guess(it) for it in pulses}
    right = sum(guesses[it] == well for it, well in truth.items()) / len(truth)
    print(len(truth), right)
    luck = 3.3 * math.sqrt(0.25 / len(truth))
    assert abs(right - most_right(Parameters().mu_pulse)) <= luck
    assert len(truth) < 2 * COPIES or right <= 0.71
    assert _from_what_is_shown(sandbox, truth) <= most_right(Parameters().mu_pulse) + luck


def _many_programs(sandbox, number: int) -> list[str]:
    model = next(it for it in shipped_programs().programs if it.id == "frp")
    programs = [
        msgspec.structs.replace(
            model, id=f"made-up-{n}", name=f"Made up {n}", short=f"Made up {n}", public_slug=f"made-up-{n}",
            audiences=("youth",), respondent_names={"youth": f"made-up {n}"},
        )
        for n in range(number)
    ]  # fmt: skip
    file = Programs(tuple(programs), shipped_programs().contractors)
    sandbox.in_transaction(lambda session: store_programs(session, file, sandbox.settings.period))
    for it in programs:
        sandbox.link(it.id, instrument="protocol-youth")
    return [it.id for it in programs]


def _answer(sandbox, program: str, quarter: str, *, well: bool) -> None:
    answers = [WELL if number % 2 else BADLY for number in range(10)]
    answers.append(WELL if well else BADLY)
    sandbox.store(
        [
            Response(
                program=program,
                audience="youth",
                instrument="protocol-youth",
                language="en",
                period=quarter,
                origin="live",
                answers=it,
            )
            for it in answers
        ]
    )


def _guess(batch: Batch) -> bool:
    """Five of the insider's ten answered well: six did if she did too. The likelier of the two."""
    return batch.values["score"] > 5.5 * GRAIN


def _from_what_is_shown(sandbox, truth) -> float:
    """The same from the percent that is published, as a contractor reads it."""
    rows = [row for row in sandbox.tables() if row.table == "T1" and row.n]
    right = 0
    for row in rows:
        overall = row.figure("overall")
        middle = overall.value if overall and overall.value is not None else 50
        guess = middle > 50 or (middle == 50 and random.random() < 0.5)
        right += guess == truth[row.filters["program"], row.release]
    return right / len(rows)
