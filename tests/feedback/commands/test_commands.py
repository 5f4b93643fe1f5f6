"""The operator's commands: each says what it is, and does its work or refuses in a sentence."""

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter

import click
import msgspec
import pytest
from asyncpg import PostgresError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from analysis.figures import TOO_FEW
from feedback import cli, serving
from feedback.commands import deployment, errors, running
from feedback.fieldwork.links import open_link
from feedback.fieldwork.programs import all_programs, store_programs
from feedback.fieldwork.totals import report_work
from feedback.storage.staff_tables import AuditRow
from feedback.storage.tables import InboxRow
from surveys.instruments import shipped_instruments
from surveys.registry import Programs, WorkTotal, shipped_programs
from tests.support.commands import does, refuses
from tests.support.files.reading import csv_lines, xlsx_lines, zipped


def every_command(group=cli.feedback, path=()):
    yield path
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            yield from every_command(group.get_command(context, name), (*path, name))


def release_eleven_answers(sandbox):
    """Eleven answers about the First Responder Protocol are out."""
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()


def rows(sandbox, table):
    async def read(session):
        return (await session.execute(select(table))).scalars().all()

    return sandbox.in_transaction(read)


def keys_of(objects):
    return {frozenset(it) for it in objects}


# What every command has.


def test_every_command_of_the_interface_is_there():
    assert {" ".join(path) for path in every_command()} >= {
        "init", "serve", "demo", "doctor", "backup", "restore", "programs import", "user add", "link add",
        "survey list", "survey show", "survey check", "responses import", "release", "ledger", "tables",
        "measures", "export", "redact", "themes", "languages", "bench",
    }  # fmt: skip


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_every_command_says_what_it_is_in_a_sentence(command, path):
    help_text = does(command(*path, "--help"))
    assert help_text.startswith(f"Usage: {' '.join(['feedback', *path])}")
    first = help_text.split("\n\n")[1].strip()
    assert re.match(r"[A-Z]", first)
    assert first.endswith((".", "languages."))
    assert command(*path, "-h").out == help_text


@pytest.mark.slow
def test_a_command_in_a_process_of_its_own_speaks_and_refuses_as_well(tmp_path):
    def run(*arguments, **more):
        environment = {**os.environ, "FEEDBACK_HOME": str(tmp_path / "home")}
        line = [sys.executable, "-m", "feedback", *arguments]
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=False, **more)

    process = run("--version")
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.startswith("feedback, version ")
    refusal = run("ledger", "--json")
    assert (refusal.returncode, refusal.stdout) == (1, "")
    assert refusal.stderr == f"There is no deployment in {tmp_path / 'home'}; run `feedback init` first.\n"


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_gets_no_complaint():
    line = f"{sys.executable} -m feedback survey list --json | head -c 1"
    process = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert (process.stdout, process.stderr) == ("[", "")


def test_feedback_without_a_word_lists_the_commands(command):
    outcome = command()
    assert outcome.status != 0
    assert outcome.err.startswith("Usage: feedback")
    assert "Let a quarter's answers out safely." in outcome.err


# Refusals that need no deployment.


@pytest.mark.parametrize(
    "arguments",
    [
        ("ledger",),
        ("doctor",),
        ("serve",),
        ("programs", "list"),
        ("user", "add", "carla@county.example", "--role", "ctlt"),
        ("link", "add", "--program", "frp", "--audience", "youth"),
        ("link", "close", "22222222"),
        ("tables", "--viewer", "ctlt", "--json"),
        ("export", "--viewer", "ctlt", "--format", "csv", "--out", "x.csv"),
        ("backup", "x.zip"),
    ],
)
def test_without_a_deployment_a_command_says_how_to_make_one(command, arguments):
    assert re.fullmatch(
        r"There is no deployment in .*/home; run `feedback init` first\.", refuses(command(*arguments))
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nosuch",), "No such command 'nosuch'."),
        (("ledger", "--nosuch"), "--nosuch"),
        (("release", "--period", "2026"), "“2026” is not a quarter; write it like 2026Q3."),
        (("release", "--key", "/nonexistent/key"), "The key file /nonexistent/key cannot be read."),
        (("tables", "--viewer", "boss"), "“boss” is not public, reader, ctlt, contractor:ID or keeper:ID."),
        (
            ("tables", "--viewer", "contractor:"),
            "“contractor:” is not public, reader, ctlt, contractor:ID or",
        ),
        (
            ("export", "--viewer", "keeper:", "--format", "csv", "--out", "x"),
            "“keeper:” is not public, reader",
        ),
        (("tables", "--viewer", "ctlt", "--release", "Q3"), "“Q3” is not a quarter"),
        (
            ("export", "--viewer", "ctlt", "--format", "pdf", "--out", "x"),
            "'pdf' is not one of 'csv', 'xlsx'",
        ),
        (("link", "add", "--program", "frp"), "Missing option '--audience'. Choose from: youth, caregiver"),
        (("user", "add", "carla@county.example", "--role", "boss"), "'boss' is not one of"),
        (("survey", "show", "nosuch"), "There is no instrument “nosuch”; `feedback survey list` names them."),
        (("survey", "check", "/nonexistent"), "File '/nonexistent' does not exist."),
        (("programs", "import", "/nonexistent"), "File '/nonexistent' does not exist."),
        (
            ("responses", "import", "/nonexistent", "--instrument", "event"),
            "File '/nonexistent' does not exist.",
        ),
        (("themes", "--codebook", "/nonexistent"), "File '/nonexistent' does not exist."),
        (("restore", "/nonexistent"), "/nonexistent: No such file or directory."),
        (("init",), "There is no terminal to ask for the passphrase; use --passphrase-file."),
        (("init", "--passphrase-file", "/nonexistent"), "/nonexistent: No such file or directory."),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence_that_names_it(command, arguments, sentence):
    assert sentence in refuses(command(*arguments))


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"TODAY": "yesterday"}, "today_is"),
        ({"SURVEY_URL": "example"}, "survey_url: “example” should be an http or https address."),
        ({"OFFER_DRAFT_LANGUAGES": "perhaps"}, "offer_draft_languages"),
        ({"DATABASE_URL": "mysql://somewhere"}, "database_url: should start with"),
        ({"DATABASE_URL": "sqlite+aiosqlite:////nonexistent/x.db"}, "database"),
        ({"DATABASE_URL": "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"}, "Connect call failed"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(command, environment, sentence):
    assert sentence in refuses(command("init", "--no-passphrase", **environment))


def test_a_settings_file_that_cannot_be_read_is_refused(command, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings.toml").write_text("made_up = perhaps")
    assert "settings.toml cannot be read" in refuses(command("languages"))


# init, serve, doctor, backup, restore.


def test_a_deployment_is_made_once_and_its_key_is_printed_for_paper(command, tmp_path):
    text = does(command("init", "--no-passphrase"))
    assert f"A deployment was made in {tmp_path / 'home'}." in text
    assert len(re.findall(r"\b[A-Z2-7]{4}\b", text)) == 27 + 14  # with the secret of the noise, and without
    assert "There is a deployment" in refuses(command("init", "--no-passphrase"))
    assert does(command("init", "--upgrade")) == "The database is of this version.\n"
    assert json.loads(does(command("ledger", "--json"))) == []


@pytest.mark.slow
def test_a_passphrase_from_a_file_wraps_the_key_and_another_does_not_open_it(command, tmp_path):
    right, wrong, empty = tmp_path / "right", tmp_path / "wrong", tmp_path / "empty"
    right.write_text("four words for rosa\n")
    wrong.write_text("four words for mallory\n")
    empty.write_text("\n")
    assert refuses(command("init", "--passphrase-file", empty)) == f"{empty} holds no passphrase."
    does(command("init", "--passphrase-file", right))
    assert "passphrase" in refuses(command("release", "--passphrase-file", wrong))
    assert "There is no terminal" in refuses(command("release"))
    assert "The date is pretended" in refuses(command("release", "--passphrase-file", right))
    outcome = command("release", "--pretended-date", "--passphrase-file", right)
    assert refuses(outcome) == "2026Q3 has not ended yet; its release may run after 2026-09-30."
    report = command("doctor")
    for name in ("release", "review"):
        assert f"ok The private {name} key is on this machine, wrapped" in report.out


def test_on_a_terminal_a_passphrase_is_asked_for(monkeypatch):
    prompts = []

    def prompt(words, **options):
        prompts.append((words, options))
        return "four words for rosa"

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(click, "prompt", prompt)
    assert running.read_passphrase(None, "New passphrase", new=True) == "four words for rosa"
    assert prompts == [("New passphrase", {"hide_input": True, "confirmation_prompt": True})]


def test_stopping_a_question_is_no_fault(command, monkeypatch):
    def stop(*_, **__):
        raise click.Abort

    monkeypatch.setattr(deployment, "read_passphrase", stop)
    assert refuses(command("init")) == "Stopped."


def test_serve_opens_both_doors_where_it_is_told(feedback, monkeypatch):
    port_pairs = []
    monkeypatch.setattr(serving, "serve", lambda _settings, *ports: port_pairs.append(ports[:2]) or 0)
    does(feedback("serve"))
    does(feedback("serve", "--survey-port", "9001", "--staff-port", "9002"))
    assert port_pairs == [(8001, 8002), (9001, 9002)]


def test_doctor_says_what_is_well_and_what_needs_somebody(feedback, sandbox):
    sandbox.end_reading()
    report = feedback("doctor")
    assert (report.status, report.err) == (1, "")
    lines = report.out.splitlines()
    assert "ok The next release is 2026Q3, due on 2026-10-15." in lines
    for name in ("release", "review"):
        assert f"TO DO The private {name} key has no passphrase: for rehearsals and tests only." in lines
        (sandbox.settings.keys / f"{name}.private").unlink()
    assert does(feedback("doctor")).count("TO DO") == 0


@pytest.mark.slow
def test_a_backup_makes_the_same_deployment_somewhere_else(feedback, tmp_path, sandbox):
    release_eleven_answers(sandbox)
    before = does(feedback("ledger", "--json"))
    file = tmp_path / "backup.zip"
    text = does(feedback("backup", file))
    assert "No private key is in it" in text
    fingerprint = re.search(r"fingerprint down: ([0-9a-f ]{27})\.", text)[1]
    release_key = re.search(r"the release key ([0-9a-f ]{27})", feedback("doctor").out)[1]
    checked = {"HOME": str(tmp_path / "checked"), "DATABASE_URL": ""}
    text = does(feedback("restore", file, "--fingerprint", fingerprint, **checked))
    assert "The backup is as it was written." in text
    assert f"the release key {release_key}: compare with the paper copy." in text
    again = {"HOME": str(tmp_path / "again"), "DATABASE_URL": ""}
    assert "does not have this" in refuses(feedback("restore", file, "--fingerprint", "ab12", **again))
    at_home = {"HOME": str(sandbox.settings.home), "DATABASE_URL": sandbox.settings.database_url}
    assert "is there already" in refuses(feedback("backup", file, **at_home))
    elsewhere = {"HOME": str(tmp_path / "elsewhere"), "DATABASE_URL": ""}
    text = does(feedback("restore", file, **elsewhere))
    assert "The deployment was restored" in text
    assert "NOT CHECKED" in text
    assert does(feedback("ledger", "--json", **elsewhere)) == before
    assert not (tmp_path / "elsewhere" / "keys" / "release.private").exists()
    (tmp_path / "broken.zip").write_bytes(b"no zip")
    assert "is not a backup" in refuses(
        feedback("restore", tmp_path / "broken.zip", HOME=str(tmp_path / "third"))
    )


# programs, user, link.


def test_programs_are_imported_and_listed(feedback, tmp_path, sandbox):
    program = msgspec.structs.replace(shipped_programs().programs[0], id="night-bus", public_slug="night-bus")
    file = tmp_path / "programs.json"
    file.write_bytes(msgspec.json.encode({"programs": [program]}))
    assert does(feedback("programs", "import", file)) == "1 program is as the file says.\n"
    programs = json.loads(does(feedback("programs", "list", "--json")))
    assert [program["id"] for program in programs][-1] == "night-bus"
    assert does(feedback("programs", "list")).splitlines()[-1].split() == [
        "night-bus", "protocol", "youth,", "caregiver,", "expert",
    ]  # fmt: skip
    file.write_text("[]")
    assert "Expected `object`" in refuses(feedback("programs", "import", file))
    assert [(it.action, it.object) for it in rows(sandbox, AuditRow)] == [
        ("programs.import", "1 programs from programs.json")
    ]


def test_an_upgrade_brings_the_names_for_results(feedback, sandbox):
    shipped = shipped_programs()
    bare = [msgspec.structs.replace(it, public_name="") for it in shipped.programs]
    period = sandbox.settings.period
    sandbox.in_transaction(lambda session: store_programs(session, Programs(tuple(bare)), period))
    does(feedback("init", "--upgrade"))
    programs = json.loads(does(feedback("programs", "list", "--json")))
    assert [it["public_name"] for it in programs] == [it.public_name for it in shipped.programs]


def test_a_person_gets_a_one_time_address(feedback, sandbox):
    address = does(
        feedback("user", "add", "vera@vista.example", "--role", "contractor", "--contractor", "vista-del-mar")
    )
    assert re.fullmatch(r"http://localhost:8002/welcome/[\w-]{43}\n", address)
    again = feedback("user", "add", "vera@vista.example", "--role", "ctlt")
    assert refuses(again) == "vera@vista.example has an account already."
    assert "is not an email address" in refuses(feedback("user", "add", "vera", "--role", "ctlt"))
    assert "needs its contractor" in refuses(
        feedback("user", "add", "o@olive.example", "--role", "contractor")
    )
    (entry,) = rows(sandbox, AuditRow)
    assert (entry.action, entry.object) == ("user.add", "vera@vista.example as contractor")
    assert address.rpartition("/")[2].strip() not in str(entry.object)


def test_a_link_is_made_with_everything_said_about_it_and_closed(feedback, sandbox):
    options = ("--program", "community", "--audience", "expert", "--instrument", "expert-review")
    more = (
        "--language",
        "es",
        "--place",
        "room 4",
        "--embed",
        "https://a.example",
        "--embed",
        "https://b.example",
    )
    new_link = json.loads(does(feedback("link", "add", *options, *more, "--no-comments", "--json")))
    assert set(new_link) == {"slug", "url"}
    assert new_link["url"] == f"http://127.0.0.1:8001/s/{new_link['slug']}"
    link = sandbox.in_transaction(lambda s: open_link(s, new_link["slug"], sandbox.settings.today))
    assert (link.program.id, link.audience, link.instrument.id) == ("community", "expert", "expert-review")
    assert (link.language, link.place, link.comments) == ("es", "room 4", False)
    assert link.embed == ("https://a.example", "https://b.example")
    plain = does(feedback("link", "add", "--program", "frp", "--audience", "youth"))
    assert re.fullmatch(r"http://127\.0\.0\.1:8001/s/[2-9a-z]{8}\n", plain)
    assert does(feedback("link", "close", new_link["slug"])) == f"The link {new_link['slug']} is closed.\n"


def test_a_link_that_makes_no_sense_is_refused(feedback):
    add = ("link", "add", "--audience", "youth", "--program")
    assert "There is no program “nosuch”" in refuses(feedback(*add, "nosuch"))
    assert "pep asks caregiver, expert, not youth." in refuses(feedback(*add, "pep"))
    assert "is not one of the languages" in refuses(feedback(*add, "frp", "--language", "tlh"))
    assert "There is no instrument “nosuch”" in refuses(feedback(*add, "frp", "--instrument", "nosuch"))
    assert "is not an origin" in refuses(feedback(*add, "frp", "--embed", "https://a.example; script-src *"))
    assert refuses(feedback("link", "close", "22222222")) == "No link has this address."


# survey and responses.


QUESTION = {
    "id", "kind", "text", "domain", "strategies", "options", "favourable", "favourable_codes", "hint",
    "notice", "show_if",
}  # fmt: skip
INSTRUMENT = {"id", "version", "title", "audiences", "minutes", "questions"}


def test_an_instrument_is_shown_whole_to_a_program(command):
    instrument = json.loads(does(command("survey", "show", "plan-community", "--json")))
    assert set(instrument) == INSTRUMENT
    assert keys_of(instrument["questions"]) == {frozenset(QUESTION)}
    questions = {question["id"]: question for question in instrument["questions"]}
    safety = questions["core-safety"]
    assert (safety["kind"], safety["domain"]) == ("scale", "safety")
    assert [option["code"] for option in safety["options"]] == ["1", "2", "3", "4", "5"]
    assert keys_of(safety["options"]) == {frozenset({"code", "text"})}
    assert (safety["favourable"], safety["favourable_codes"]) == ("last", ["4", "5"])
    assert safety["show_if"] is None
    followed = questions["no-case-needed"]
    assert followed["show_if"] == {"question": "knew-where", "is": ["yes"]}
    assert (followed["favourable"], followed["favourable_codes"]) == (None, [])
    rushed = json.loads(does(command("survey", "show", "protocol-youth", "--json")))["questions"][8]
    assert (rushed["id"], rushed["favourable"], rushed["favourable_codes"]) == (
        "felt-rushed",
        "first",
        ["1", "2"],
    )
    assert rushed["strategies"] == ["2.6", "6.4", "6.5", "6.6", "7.3", "7.8"]


def test_the_list_of_instruments_holds_each_as_it_is_shown(command):
    instruments = json.loads(does(command("survey", "list", "--json")))
    assert [it["id"] for it in instruments] == [
        "caregiver-experience", "event", "expert-review", "plan-community", "protocol-youth",
        "youth-experience",
    ]  # fmt: skip
    for it in instruments:
        assert it == json.loads(does(command("survey", "show", it["id"], "--json")))


def test_an_instrument_is_shown_to_a_person(command):
    first, second = does(command("survey", "show", "protocol-youth")).splitlines()[:2]
    assert first == "1. How easy was it to get help from them? [core-access, scale, access, good end last]"
    assert second == "     1 = Very hard"
    assert "[going-well, long-text, no domain]" in does(command("survey", "show", "protocol-youth"))
    assert "protocol-youth           version 1, 12 questions, youth\n" in does(command("survey", "list"))


def test_instruments_are_checked_and_every_mistake_is_named(command, tmp_path):
    number = len(shipped_instruments())
    assert does(command("survey", "check")) == f"{number} instruments break no rule that a program can see.\n"
    broken, nonsense, latin = tmp_path / "broken.toml", tmp_path / "nonsense.toml", tmp_path / "latin.toml"
    broken.write_text(
        'id = "mine"\nversion = 1\ntitle = "Mine"\naudiences = []\nminutes = 3\nquestions = []\n'
    )
    nonsense.write_text("no toml at all")
    latin.write_bytes(b'id = "caf\xe9"')
    outcome = command("survey", "check", broken, nonsense, latin)
    assert (outcome.status, outcome.out) == (1, "")
    lines = outcome.err.splitlines()
    assert f"{broken}: audiences: name at least one audience." in lines
    assert any(line.startswith(f"{nonsense}: ") for line in lines)
    assert any(line.startswith(f"{latin}: cannot be read") for line in lines)


def test_answers_come_as_a_file(feedback, sandbox, tmp_path):
    file = tmp_path / "answers.csv"
    good = "frp,youth,en,2026Q2,5\n"
    file.write_text(f"program,audience,language,period,core-safety\n{good}nosuch,youth,en,2026Q2,5\n{good}")
    enter = ("responses", "import", file, "--instrument", "protocol-youth")
    outcome = feedback(*enter)
    assert (outcome.status, outcome.out) == (1, "")
    bad = "Row 3: program is no program's id; `feedback programs list` names them.\n"
    assert outcome.err == f"{bad}Nothing of the file was stored.\n"
    assert rows(sandbox, InboxRow) == []
    skipping = feedback(*enter, "--skip-bad")
    assert (skipping.status, skipping.out) == (0, "2 responses were stored.\n")
    assert skipping.err == bad
    again = feedback(*enter, "--skip-bad")
    assert again.out == "0 responses were stored, 2 were there already.\n"
    assert len(rows(sandbox, InboxRow)) == 2
    assert "There is no instrument “nosuch”" in refuses(
        feedback("responses", "import", file, "--instrument", "nosuch")
    )


# release, ledger, tables, export.


LEDGER = {
    "id", "kind", "scope", "owner", "audience", "class", "wave", "origin", "first", "last", "release", "n",
    "of", "rule", "variances", "values", "contract",
}  # fmt: skip
ROW = {"table", "release", "released_on", "filters", "origin", "n", "status", "figures"}


def test_a_quarter_is_released_from_the_command_line(feedback, sandbox):
    sandbox.answer(11)
    sandbox.answer(3, program="syz")
    assert "2026Q3 has not ended yet" in refuses(feedback("release"))
    then = {"TODAY": "2026-10-15"}
    assert does(feedback("release", "--dry-run", **then)) == "2026Q3: 1 batch would close.\n"
    assert does(feedback("ledger", **then)) == ""
    closed_line, file_line = does(feedback("release", "--period", "2026Q3", **then)).splitlines()
    assert closed_line == "2026Q3: 1 batch closed."
    assert f"{sandbox.settings.home / 'ledger-2026Q3.json'} holds what was let out so far" in file_line
    assert "2026Q3 was released already" in refuses(feedback("release", "--period", "2026Q3", **then))
    assert (
        does(feedback("ledger", **then))
        == "B00001 2026Q3 pulse    frp                      youth      live    n = 11\n"
    )


@pytest.mark.slow
def test_a_release_names_the_programs_with_more_answers_than_people_served_and_no_number(feedback, sandbox):
    sandbox.answer(17)
    sandbox.answer(17, program="syz")
    sandbox.answer(17, program="ctu", origin="entered", entered="2026Q3")
    sandbox.answer(17, "training-cast", "partner", "event")
    for program, served in (("frp", 16), ("syz", 17), ("ctu", 5), ("training-cast", 99)):
        partners = {"partners_served": 16} if program == "training-cast" else {}
        total = WorkTotal(
            program=program, period="2026Q3", served=served, offered=served, minutes=30, **partners
        )
        sandbox.in_transaction(lambda session, total=total: report_work(session, total))
    then = {"TODAY": "2026-10-15"}
    assert does(feedback("release", "--dry-run", **then)) == "2026Q3: 4 batches would close.\n"
    closed_line, _, flag_line = does(feedback("release", **then)).splitlines()
    assert closed_line == "2026Q3: 4 batches closed."
    names = {it.id: it.short for it in sandbox.in_transaction(all_programs)}
    assert flag_line == (
        "More answers than people served, so someone should look: "
        f"{names['frp']} (live answers), {names['ctu']} (collected by the program), "
        f"{names['training-cast']} (live answers of partners)."
    )
    assert not re.search(r"\d", flag_line)


def test_the_key_of_another_deployment_opens_nothing_and_the_paper_copy_opens_all(
    feedback, sandbox, tmp_path
):
    sandbox.answer(11)
    other = tmp_path / "other"
    does(feedback("init", "--no-passphrase", HOME=str(other), DATABASE_URL=""))
    at_home = {
        "HOME": str(sandbox.settings.home),
        "DATABASE_URL": sandbox.settings.database_url,
        "TODAY": "2026-10-15",
    }
    wrong = feedback("release", "--key", other / "keys" / "release.private", **at_home)
    assert refuses(wrong) == "This is not the release key of this deployment; nothing was opened."
    nonsense, paper = tmp_path / "nonsense", tmp_path / "paper"
    nonsense.write_text("{}")
    assert "is not a private key file" in refuses(feedback("release", "--key", nonsense, **at_home))
    paper.write_text(
        ("B" if sandbox.new_keys.papers["release"][0] == "A" else "A")
        + sandbox.new_keys.papers["release"][1:]
    )
    assert "compare it with the paper" in refuses(feedback("release", "--key", paper, **at_home))
    paper.write_text(sandbox.new_keys.papers["release"].lower())
    assert "1 batch closed" in does(feedback("release", "--key", paper, **at_home))


def test_no_terminal_is_told_how_many_wait(feedback, sandbox, monkeypatch):
    """Run every day, it would say when somebody answered."""
    sandbox.answer(23)
    sandbox.answer(7, program="syz")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    dry = feedback("release", "--dry-run", TODAY="2026-10-15")
    assert (dry.out, dry.err) == ("2026Q3: 1 batch would close.\n", "")
    real = feedback("release", TODAY="2026-10-15")
    assert (real.out.splitlines()[0], real.err) == ("2026Q3: 1 batch closed.", "\r1 batch")


@pytest.mark.slow
def test_the_yearly_release_says_how_many_join_and_damaged_rows_are_told_of(feedback, sandbox):
    sandbox.answer(38)
    sandbox.answer(30, program="syz", language="es")

    async def damage(session):
        session.add(InboxRow(key=bytes(32), sealed=bytes(8_240)))

    sandbox.in_transaction(damage)
    first = feedback("release", TODAY="2026-10-15")
    assert (first.status, first.out.splitlines()[0]) == (0, "2026Q3: 2 batches closed.")
    assert first.err == "Left where they are, because they do not open or make no sense: 1 sealed row.\n"
    second = feedback("release", TODAY="2027-01-15")
    assert second.status == 0
    # Details of both programs, their themes and the county's, and two languages.
    assert second.out.splitlines()[0] == "2026Q4: 0 batches closed, and 7 that join them."
    assert Counter(it.kind for it in sandbox.ledger()) == {
        "pulse": 2,
        "detail": 2,
        "themes": 3,
        "language": 2,
    }


@pytest.mark.slow
def test_the_ledger_and_the_tables_have_the_keys_of_the_interface(feedback, sandbox):
    release_eleven_answers(sandbox)
    (batch,) = json.loads(does(feedback("ledger", "--json")))
    assert set(batch) == LEDGER
    draws = {name: batch.pop(name) for name in ("variances", "values")}
    assert batch == {
        "id": "B00001",
        "kind": "pulse",
        "scope": "program",
        "owner": "frp",
        "audience": "youth",
        "class": "own experience",
        "wave": None,
        "origin": "live",
        "contract": None,
        "of": [],
        "first": "2026Q3",
        "last": "2026Q3",
        "release": "2026Q3",
        "n": 11,
        "rule": "2",
    }
    assert draws["variances"] == {"score": "7840000/9", "spread": "7840000/81"}  # (840 / 0.9)², a ninth of it
    assert {name: type(it) for name, it in draws["values"].items()} == {"score": int, "spread": int}

    public = json.loads(does(feedback("tables", "--viewer", "public", "--json")))
    assert {"T3", "T4", "T7"} <= {row["table"] for row in public} <= {"T3", "T4", "T7", "T9", "themes"}
    for viewer in ("public", "reader", "ctlt", "contractor:vista-del-mar"):
        visible_rows = json.loads(does(feedback("tables", "--viewer", viewer, "--json")))
        more = {"batch", "cause", "n_details", "detail_periods"}
        assert all(set(row) - more == ROW for row in visible_rows)
        assert {row["table"] for row in visible_rows if "batch" in row} <= {"T1", "T1d"}
        for row in visible_rows:
            assert row["status"] == ("not_released" if row["n"] is None else "released")
            assert ("cause" in row) == (row["n"] is None)
            for figure in row["figures"]:
                numbers = set(figure) - {"measure", "display"}
                assert {"measure", "display"} <= set(figure)
                assert numbers == (set() if figure["display"] == TOO_FEW else {"value", "low", "high"})

    ctlt = json.loads(does(feedback("tables", "--viewer", "ctlt", "--json")))
    first = ctlt[0]
    assert (first["table"], first["batch"], first["n"], first["released_on"]) == (
        "T1",
        "B00001",
        11,
        "2026-10-15",
    )
    assert first["filters"] == {"program": "frp", "audience": "youth", "periods": ["2026Q3"]}
    assert [figure["measure"] for figure in first["figures"]] == ["overall"]
    assert json.loads(does(feedback("tables", "--viewer", "ctlt", "--json", "--release", "2026Q2"))) == []
    text = does(feedback("tables", "--viewer", "ctlt")).splitlines()
    assert len(text) == len(ctlt)
    assert re.fullmatch(rf"T1 2026Q3 frp, youth +live +n = 11  overall (\d+ %|{TOO_FEW})", text[0])
    assert text[-1].endswith("overall -") == (not ctlt[-1]["figures"])


@pytest.mark.slow
def test_an_export_is_a_file_a_folder_or_an_archive_and_audited(feedback, sandbox, tmp_path):
    release_eleven_answers(sandbox)
    table_rows = json.loads(does(feedback("tables", "--viewer", "public", "--json")))
    lines = sum(max(1, len(row["figures"])) for row in table_rows)
    export = ("export", "--viewer", "public", "--format")
    out, sheets, archive, folder = (tmp_path / it for it in ("out.csv", "out.xlsx", "out.zip", "new"))
    text = does(feedback(*export, "csv", "--out", out))
    assert (
        text == f"Results were written to {out}; measures and the dictionary come with a folder or a .zip.\n"
    )
    assert len(csv_lines(out.read_bytes())) == lines
    everything = "Results, measures and the dictionary were written to {}"
    assert does(feedback(*export, "xlsx", "--out", sheets)) == f"{everything.format(sheets)}.\n"
    assert len(xlsx_lines(sheets.read_bytes())["Results"]) == lines
    files = {"results.csv", "measures.csv", "dictionary.csv", "datapackage.json"}
    for name in (archive, folder, folder):
        text = does(feedback(*export, "csv", "--out", name))
        assert text == f"{everything.format(name)}, with datapackage.json.\n"
    assert set(zipped(archive.read_bytes())) == {it.name for it in folder.iterdir()} == files
    assert [it.object for it in rows(sandbox, AuditRow) if it.action == "export"] == [
        f"{name} of public, every release" for name in ("out.csv", "out.xlsx", "out.zip", "new", "new")
    ]


@pytest.mark.slow
def test_an_export_that_is_refused_writes_nothing(feedback, sandbox, tmp_path):
    release_eleven_answers(sandbox)
    out = tmp_path / "out.xlsx"
    for viewer, sentence in (
        ("contractor:nobody", "There is no contractor “nobody”."),
        ("keeper:nobody", "No program has a keeper “nobody”."),
    ):
        for command in (("tables",), ("measures",), ("export", "--format", "xlsx", "--out", out)):
            assert refuses(feedback(*command, "--viewer", viewer)) == sentence
    assert not out.exists()
    to_folder = feedback("export", "--viewer", "ctlt", "--format", "xlsx", "--out", tmp_path)
    assert refuses(to_folder) == f"{tmp_path}: Is a directory."


# redact, themes.


def test_a_comment_is_redacted_with_offsets_into_what_was_given(command):
    comment = {"text": "Call 213-555-0142 please", "lang": "en"}
    (line,) = does(command("redact", stdin=json.dumps(comment).encode() + b"\n\n")).splitlines()
    redaction = json.loads(line)
    assert set(redaction) == {"text", "spans"}
    (span,) = redaction["spans"]
    assert set(span) == {"start", "end", "type"}
    assert comment["text"][span["start"] : span["end"]] == "213-555-0142"
    assert "0142" not in redaction["text"]


@pytest.mark.slow
def test_a_comment_has_themes_and_a_tone(command, tmp_path):
    lines = b'{"text": "The staff were kind and I have an apartment now."}\n{"text": "x", "lang": "km"}\n'
    first, second = map(json.loads, does(command("themes", stdin=lines)).splitlines())
    assert (set(first), set(second)) == ({"themes", "polarity"}, {"themes", "polarity"})
    assert first["polarity"] == "positive"
    assert second == {"themes": [], "polarity": "not scored"}
    nonsense = tmp_path / "codebook.toml"
    nonsense.write_text("no toml at all")
    assert "cannot be read" in refuses(command("themes", "--codebook", nonsense))


@pytest.mark.parametrize("name", ["redact", "themes"])
@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b'{"lang": "en"}',
        b'{"text": 1}',
        b"\xff\xfe",
        b'{"text": "\\ud800"}',
        b'{"text": "caf\xe9"}',
    ],
)
def test_a_line_that_is_no_comment_is_refused_by_its_number(command, name, line):
    good = b'{"text": "Thank you"}\n'
    outcome = command(name, stdin=good + line + b"\n")
    assert outcome.status == 1
    assert len(outcome.out.splitlines()) == 1
    (sentence,) = outcome.err.splitlines()
    assert sentence.startswith("Line 2 is not an object with text and lang: ")
    assert "xe9" not in sentence


# What the database and the system refuse.


def test_a_file_that_is_no_database_an_empty_one_and_a_bad_key_are_refused(command, tmp_path):
    does(command("init", "--no-passphrase"))
    (tmp_path / "words.db").write_bytes(b"this is no database, only words " * 20)
    words, empty = (f"sqlite+aiosqlite:///{tmp_path / name}" for name in ("words.db", "empty.db"))
    assert refuses(command("ledger", DATABASE_URL=words)) == "The database refused: file is not a database."
    assert "run `feedback init --upgrade` first." in refuses(command("ledger", DATABASE_URL=empty))
    assert "64 hexadecimal digits" in refuses(command("ledger", RELEASE_PUBLIC_KEY="zz"))


def test_a_database_that_is_not_there_is_refused(feedback, sandbox):
    url = re.sub(r"/t\d+\?", "/nowhere?", sandbox.settings.database_url)
    sentence = refuses(feedback("ledger", DATABASE_URL=url or "sqlite+aiosqlite:////nonexistent/folder/x.db"))
    assert sentence.startswith("The database refused: ")


def test_what_went_wrong_outside_is_told_in_one_sentence():
    assert errors.sentence(OSError(28, "No space left on device")) == "No space left on device."
    assert errors.sentence(OSError("Port 80 is taken.")) == "Port 80 is taken."
    assert errors.sentence(PostgresError("too many clients")) == "The database refused: too many clients."
    error = OperationalError("SELECT", {}, Exception("locked\nand more"))
    assert errors.sentence(error) == "The database refused: locked."


def test_an_operator_without_a_name_is_a_number(monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found: 1000")

    assert re.fullmatch(r"command line: \S+", running.operator())
    monkeypatch.setattr(running.getpass, "getuser", nameless)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert running.operator() == "command line: user 1000"
