"""Every command that shows results or changes something leaves one entry, and it says nothing of answers."""

import json

import click
import msgspec
import pytest
from sqlalchemy import select

from feedback import cli
from feedback.results.queries import read_releases
from feedback.storage.staff_tables import AuditRow
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs
from surveys.toml_text import write_instrument
from tests.support.catalogs import catalog

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about commands, one database is enough."""
LATER = {"TODAY": "2027-01-15"}
SILENT = {
    "init": "before it there is no log (with --upgrade it leaves an entry)",
    "serve": "opens the doors; what is done there is in the log",
    "demo": "makes a deployment of its own",
    "bench": "makes a deployment of its own",
    "doctor": "shows no answer and no figure, and may run every hour",
    "redact": "opens no deployment",
    "themes": "opens no deployment",
    "programs list": "shows what we ask about",
    "user list": "shows who may sign in",
    "reading list": "shows who reads what is written",
    "survey list": "shows what we ask",
    "survey show": "shows what we ask",
    "survey check": "shows what we ask",
    "survey import-xlsform": "opens no deployment",
    "survey export-xlsform": "shows what we ask",
    "languages alone": "shows words of the product and who stands behind them",
}
"""Commands that leave no entry, and why."""


def programs(folder):
    program = msgspec.structs.replace(shipped_programs().programs[0], id="night-bus", public_slug="night-bus")
    (folder / "programs.json").write_bytes(msgspec.json.encode({"programs": [program]}))
    return folder / "programs.json"


def instrument(folder):
    own = msgspec.structs.replace(shipped_instruments()["protocol-youth"], id="vista-visit")
    (folder / "own.toml").write_text(write_instrument(own), encoding="utf-8")
    return folder / "own.toml"


def responses(folder):
    row = "frp,youth,en,2026Q2,5\n"
    (folder / "answers.csv").write_text(f"program,audience,language,period,core-safety\n{row}{row}")
    return folder / "answers.csv"


def words(folder):
    safe = {"Police, probation and court": "Policía y corte"}
    (folder / "es.po").write_bytes(catalog("es", {"Send": "Mandar", **safe}))
    return folder / "es.po"


LINK = ("--program", "frp", "--audience", "youth", "--place", "=cmd|calc, by the door")
VIEW = ("--viewer", "ctlt")
LEAVES = {
    "backup": (lambda to: [to / "heard.zip"], "backup", "heard.zip"),
    "programs import": (lambda to: [programs(to)], "programs.import", "1 programs from programs.json"),
    "user add": (
        lambda _: ["dana@county.example", "--role", "reviewer"],
        "user.add",
        "dana@county.example as reviewer",
    ),
    "user invite": (lambda _: ["carla@county.example"], "user.invite", "carla@county.example"),
    "user disable": (lambda _: ["carla@county.example"], "user.disable", "carla@county.example"),
    "link add": (lambda _: LINK, "link.add", "{made} frp youth"),
    "link close": (lambda _: ["{slug}"], "link.close", "{slug}"),
    "reading record": (
        lambda _: ["frp", "--readers", "Two advisers", "--days", "9", "--danger", "They call 988."],
        "reading.record",
        "frp, 9 days after the results",
    ),
    "reading end": (lambda _: ["frp"], "reading.end", "frp"),
    "survey add": (lambda to: [instrument(to)], "survey.add", "vista-visit version 1"),
    "responses import": (
        lambda to: [responses(to), "--instrument", "protocol-youth"],
        "responses.import",
        "protocol-youth from answers.csv",
    ),
    "release": (lambda _: [], "release", "2026Q4, fingerprint {chain}"),
    "release --dry-run": (lambda _: [], "release.dry-run", "2026Q4"),
    "init --upgrade": (lambda _: [], "upgrade", "database"),
    "ledger": (lambda _: [], "view", "ledger"),
    "tables": (lambda _: VIEW, "view", "tables of ctlt, every release"),
    "tables --json": (lambda _: [*VIEW, "--release", "2026Q3"], "view", "tables of ctlt, release 2026Q3"),
    "measures": (lambda _: VIEW, "view", "measures of ctlt, every release"),
    "measures --json": (lambda _: [*VIEW, "--release", "2026Q3"], "view", "measures of ctlt, release 2026Q3"),
    "export": (
        lambda to: [*VIEW, "--format", "csv", "--out", to / "out.csv"],
        "export",
        "out.csv of ctlt, every release",
    ),
    "languages export": (
        lambda to: ["es", "--format", "po", "--out", to / "es.po"],
        "words.export",
        "es po to es.po",
    ),
    "languages import": (lambda to: ["es", words(to)], "words.import", "es {count} messages from es.po"),
}
"""What to add to a command, and the entry it leaves."""


def every_command(group=cli.feedback, above=""):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, f"{above}{name} ")
        else:
            yield f"{above}{name}"


def entries(sandbox):
    async def read(session):
        rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
        return [(row.who, row.action, row.object) for row in rows]

    return sandbox.in_transaction(read)


def test_every_command_leaves_an_entry_or_says_why_not():
    names = {*SILENT, *LEAVES, "restore"}
    missing = [it for it in every_command() if it not in names]
    assert missing == [], "say in LEAVES which entry it leaves, or in SILENT why it leaves none"


@pytest.fixture
def lived_in(sandbox):
    sandbox.tell("made_up = true")
    sandbox.user("carla@county.example")
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()
    return sandbox


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.parametrize("name", LEAVES)
def test_a_command_leaves_one_entry_with_who_what_and_object(lived_in, feedback, tmp_path, name):
    more, action, subject = LEAVES[name]
    slug = lived_in.link()
    before = entries(lived_in)
    arguments = [slug if it == "{slug}" else it for it in more(tmp_path)]
    outcome = feedback(*name.split(), *arguments, **LATER)
    assert outcome.status == 0, outcome.err
    ((who, what, about),) = entries(lived_in)[len(before) :]
    fields = {
        "slug": slug,
        "made": outcome.out.strip().rpartition("/")[2],
        "count": outcome.out.partition(" ")[0],
        "chain": lived_in.in_transaction(read_releases)[0].chain_sha256,
    }
    assert who.startswith("command line: ")
    assert (what, about) == (action, subject.format(**fields))
    assert "cmd" not in about, "what somebody typed is not written as it is"


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.parametrize("name", ["doctor", "programs list", "survey list", "survey check", "languages"])
def test_what_shows_no_result_leaves_no_entry(lived_in, feedback, name):
    before = entries(lived_in)
    feedback(*name.split())
    assert entries(lived_in) == before


@pytest.mark.slow
@ON_SQLITE
def test_a_restore_is_an_entry_of_what_was_restored(lived_in, feedback, tmp_path):
    assert feedback("backup", tmp_path / "heard.zip").status == 0
    elsewhere = {"HOME": str(tmp_path / "elsewhere")}
    assert feedback("restore", tmp_path / "heard.zip", **elsewhere).status == 0
    lived_in.settings = msgspec.structs.replace(lived_in.settings, home=tmp_path / "elsewhere")
    assert [it[1:] for it in entries(lived_in)] == [
        ("release", f"2026Q3, fingerprint {lived_in.in_transaction(read_releases)[0].chain_sha256}"),
        ("backup", "heard.zip"),
        ("restore", "heard.zip, not checked"),
    ]


@ON_SQLITE
def test_an_import_says_nothing_of_how_many_it_stored(lived_in, feedback, tmp_path):
    """Fewer than eleven are never told of; whoever reads the log would be told."""
    feedback("responses", "import", responses(tmp_path), "--instrument", "protocol-youth")
    assert "2" not in json.dumps(entries(lived_in)[-1][2])
