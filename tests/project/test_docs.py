"""What is documented is true, and what is true is documented."""

import os
import re
from pathlib import Path

import click
import pytest

from feedback.cli import feedback
from feedback.settings import _FROM_ENVIRONMENT, Settings
from tests.support.repository import DOCS, ROOT, tracked


def promises() -> list[tuple[str, str]]:
    lines = (DOCS / "promises.md").read_text("utf-8").splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|") and "`tests/" in line]
    return [
        (promise.strip(), test) for promise, tests in rows for test in re.findall(r"`(tests/[^`]+)`", tests)
    ]


def cannots() -> list[str]:
    """Everything that somebody cannot get, from one bullet of the threat model to the next."""
    whole = (DOCS / "threat-model.md").read_text("utf-8")
    return [it for it in re.split(r"^(?=- |## |\|)", whole, flags=re.MULTILINE) if "**cannot**" in it.lower()]


@pytest.mark.parametrize("cannot", cannots())
def test_every_cannot_of_the_threat_model_names_a_test_that_exists(cannot):
    tests = re.findall(r"`(tests/[^`]+)::(test_\w+)`", cannot)
    assert tests, cannot
    for file, name in tests:
        functions = re.findall(r"^def (test_\w+)", (ROOT / file).read_text("utf-8"), re.MULTILINE)
        assert name in functions, f"{file} has no test {name}"


@pytest.mark.parametrize(
    "actor",
    [
        "holds the phone",
        "Staff of a contractor",
        "Another contractor",
        "CTLT",
        "An admin",
        "hosting provider",
        "thief of a backup",
        "court order",
    ],
)
def test_the_threat_model_says_what_each_actor_can_and_cannot_get(actor):
    parts = (DOCS / "threat-model.md").read_text("utf-8").split("\n## ")
    (part,) = (it for it in parts if actor in it.partition("\n")[0])
    assert "**Can**" in part
    assert "**Cannot**" in part


def test_there_are_promises():
    assert len(promises()) > 30


@pytest.mark.parametrize(("promise", "test"), promises())
def test_every_promise_names_a_test_that_exists(promise, test):
    file, _, name = test.partition("::")
    path = ROOT / file
    assert path.is_file(), f"{promise}: there is no {file}"
    functions = set(re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE))
    assert name in functions, f"{promise}: {file} has no test {name}"


@pytest.mark.parametrize("setting", Settings.__struct_fields__)
def test_every_setting_is_documented(setting):
    assert f"| `{setting}` |" in (DOCS / "operating.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["FEEDBACK_HOME", *_FROM_ENVIRONMENT])
def test_every_variable_of_the_environment_is_documented(name):
    assert f"`{name}`" in (DOCS / "operating.md").read_text("utf-8")


def commands(group: click.Group, above: str = "") -> list[str]:
    names = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        words = f"{above}{name}"
        names += commands(command, f"{words} ") if isinstance(command, click.Group) else [words]
    return names


@pytest.mark.parametrize("command", commands(feedback))
def test_every_command_is_documented(command):
    assert f"`feedback {command}" in (DOCS / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("record", sorted((DOCS / "decisions").glob("*.md")), ids=lambda path: path.name)
def test_every_decision_fits_its_page(record):
    text = record.read_text("utf-8")
    assert all(part in text for part in ("**Status**", "**Context.**", "**Decision.**", "**Consequences.**"))
    assert len(text.splitlines()) <= 60


def test_every_file_that_the_architecture_names_exists():
    text = (DOCS / "architecture.md").read_text("utf-8")
    names = set(re.findall(r"`((?:feedback|analysis|surveys)/[\w/]+\.py)`", text))
    assert len(names) > 10
    assert all((ROOT / name).is_file() for name in names)


def test_no_committed_file_names_a_package_host_or_a_path_of_a_developers_machine():
    hosts = re.compile(
        rb"files\.python" + rb"hosted|registry\.npm" + rb"js|pypi\." + rb"org|/wo" + rb"rk/(main|shared)"
    )
    for path in tracked():
        assert not hosts.search(path.read_bytes()), path


def test_no_python_file_is_longer_than_a_few_screens():
    long_files = [p for p in tracked() if p.suffix == ".py" and "tests" not in p.parts and _lines(p) > 300]
    assert long_files == []


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_a_chosen_password_or_key_is_in_no_committed_file():
    names = {path.name for path in tracked()}
    assert not names & {"release.private", "review.private", "inbox.secret", "feedback.db"}
    assert os.fspath(ROOT / "demo-home") not in map(os.fspath, tracked())
