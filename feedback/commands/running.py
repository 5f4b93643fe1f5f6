"""How a command meets the deployment: settings from the environment, one event loop, everything closed."""

import asyncio
import getpass
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from feedback.deployment import Deployment, check_migrated, open_deployment
from feedback.settings import Settings, read_settings

T = TypeVar("T")


def settings() -> Settings:
    return read_settings(os.environ)


def operator() -> str:
    """Who runs a command, for the audit log."""
    return f"command line: {getpass.getuser()}"


def with_deployment(work: Callable[[Deployment], Awaitable[T]]) -> T:
    """Open the deployment, do the work, close it. Raises NotReady before anything is done."""

    async def opened() -> T:
        async with open_deployment(settings()) as deployment:
            await check_migrated(deployment.database)
            return await work(deployment)

    return asyncio.run(opened())


def print_json(value: Any) -> None:
    print(json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=1))


def read_passphrase(file: Path | None, prompt: str, *, new: bool = False) -> str:
    """From a file, else from the terminal."""
    if file is not None:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask for the passphrase; use --passphrase-file.")
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=new))


PATH = click.Path(path_type=Path)
EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)
