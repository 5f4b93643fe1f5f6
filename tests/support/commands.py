"""Operator commands as tests run them: in this process, with what they say and how they end."""

import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout

import msgspec
import pytest

from feedback import cli
from feedback.settings import Settings
from tests.support.doors import environment

HOME = "FEEDBACK_HOME"
SET = [name for name in os.environ if name.startswith("FEEDBACK_")]


class Ending(msgspec.Struct, frozen=True):
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run `feedback` in this process, with a home that is not there yet."""
    for name in SET:
        monkeypatch.delenv(name)
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    monkeypatch.setenv("FEEDBACK_TODAY", "2026-08-15")

    def run(*arguments, stdin=b"", **environment):
        monkeypatch.setattr(sys, "argv", ["feedback", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        for name, value in environment.items():
            monkeypatch.setenv(f"FEEDBACK_{name}", value)
        capsys.readouterr()
        # In a thread of its own: a driven browser keeps a loop in this one.
        with ThreadPoolExecutor(1) as thread, pytest.raises(SystemExit) as exit_info:
            thread.submit(cli.main).result()
        output = capsys.readouterr()
        return Ending(exit_info.value.code or 0, output.out, output.err)

    return run


def run_here(settings: Settings, *words: str) -> Ending:
    """Run `feedback` on a deployment in this process: a process of its own takes two seconds to begin."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in environment(settings).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["feedback", *words])
        with ThreadPoolExecutor(1) as thread, pytest.raises(SystemExit) as exit_info:
            thread.submit(cli.main).result()
    texts = (it.buffer.getvalue().decode() for it in (out, err))
    return Ending(exit_info.value.code or 0, *texts)


@pytest.fixture
def feedback(command, sandbox, monkeypatch):
    """Run `feedback` on a deployment that is there."""
    if sandbox.settings.database_url:
        monkeypatch.setenv("FEEDBACK_DATABASE_URL", sandbox.settings.database_url)
    return command


def does(ending):
    assert (ending.status, ending.err) == (0, "")
    return ending.out


def refuses(ending):
    """The one sentence of a refusal."""
    assert ending.status != 0
    assert ending.out == ""
    (sentence,) = ending.err.splitlines()
    assert sentence
    assert "Traceback" not in sentence
    return sentence
