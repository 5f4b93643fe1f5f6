"""How a command meets the deployment: settings from the environment, one event loop, everything closed."""

import asyncio
import getpass
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from sqlalchemy.exc import DBAPIError

from feedback.deployment import Deployment, check_migrated, open_deployment
from feedback.settings import Settings, read_settings
from surveys.periods import Period

T = TypeVar("T")


def settings() -> Settings:
    return read_settings(os.environ)


def operator() -> str:
    """Who runs a command, for the audit log."""
    try:
        return f"command line: {getpass.getuser()}"
    except KeyError:  # a container may run under a number that has no name
        return f"command line: user {os.getuid()}"


def with_deployment(work: Callable[[Deployment], Awaitable[T]]) -> T:
    """Open the deployment, do the work, close it. Raises NotReady before anything is done."""

    async def run() -> T:
        async with open_deployment(settings()) as deployment:
            await check_migrated(deployment.database)
            return await work(deployment)

    return finish(run())


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work in a loop of its own."""

    async def run() -> T:
        try:
            return await work
        except DBAPIError:
            # The SQLite driver leaves a thread behind when a file does not open; that thread still speaks to
            # this loop, and would end in a traceback once the loop is closed.
            for thread in threading.enumerate():
                if "_connection_worker_thread" in thread.name:
                    await asyncio.to_thread(thread.join, 1)
            raise

    return asyncio.run(run())


def print_json(content: Any) -> None:
    print(json.dumps(msgspec.to_builtins(content), ensure_ascii=False, indent=1))


def read_passphrase(file: Path | None, prompt: str, *, new: bool = False) -> str:
    """From a file, else from the terminal."""
    if file is not None:
        passphrase = file.read_text(encoding="utf-8").rstrip("\r\n")
        if not passphrase:
            raise click.UsageError(f"{file} holds no passphrase.")
        return passphrase
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask for the passphrase; use --passphrase-file.")
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=new))


def quarter(_: click.Context, __: click.Parameter, value: str | None) -> Period | None:
    """An option that names a quarter."""
    try:
        return Period.parse(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


PATH = click.Path(path_type=Path)
EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)
