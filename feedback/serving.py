"""Both doors, one process each: two applications in one loop do not stop cleanly together."""

import asyncio
import multiprocessing
import multiprocessing.connection
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from feedback.settings import Settings

SURVEY_HOST = "127.0.0.1"
STAFF_HOST = "localhost"
"""Cookies do not know ports: a name of its own keeps the staff cookie from the survey door."""


def serve(settings: Settings, survey_port: int, staff_port: int, tell: Callable[[str], None]) -> int:
    """Run both doors until one stops or we are told to; returns the exit status."""
    _check_made(settings)
    for host, port in ((SURVEY_HOST, survey_port), (STAFF_HOST, staff_port)):
        _check_free(host, port)
    context = multiprocessing.get_context("spawn")
    doors = [
        context.Process(target=run_survey_door, args=(settings, survey_port), name="survey door"),
        context.Process(target=run_staff_door, args=(settings, staff_port), name="staff door"),
    ]

    names: set[str] = set()

    def stop(_number: int, _frame: FrameType | None) -> None:
        for door in doors:
            # Each of them once: a second signal would cut short what the first began.
            if door.is_alive() and door.name not in names:
                names.add(door.name)
                door.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    for door in doors:
        door.start()
    tell(f"Survey door: http://{SURVEY_HOST}:{survey_port}   Staff door: http://{STAFF_HOST}:{staff_port}")
    multiprocessing.connection.wait([door.sentinel for door in doors])
    stop(0, None)
    for door in doors:
        door.join()
    return 0 if all(door.exitcode in (0, -signal.SIGTERM) for door in doors) else 1


def _check_made(settings: Settings) -> None:
    if not settings.keys.exists():
        from feedback.deployment import read_deployment

        read_deployment(settings)  # which says what is missing


def _check_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(f"Port {port} on {host} is taken; choose another.") from error


def run_survey_door(settings: Settings, port: int) -> None:
    """Serve the survey door; refuses, for both doors, a database that is not ready."""
    from feedback.app import create_survey_app
    from feedback.deployment import NotReady

    try:
        asyncio.run(_check_ready(settings))
    except NotReady as refused:
        sys.stderr.write(f"{refused}\n")
        sys.exit(1)
    _run(create_survey_app(settings), SURVEY_HOST, port)


def run_staff_door(settings: Settings, port: int) -> None:
    from feedback.app import create_staff_app
    from feedback.deployment import NotReady

    try:
        door = create_staff_app(settings)
    except NotReady as refused:
        sys.stderr.write(f"{refused}\n")
        sys.exit(1)
    _run(door, STAFF_HOST, port)


def _run(app: Any, host: str, port: int) -> None:
    import uvicorn

    # No access log and no forwarded addresses: what is never read cannot be written anywhere.
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
        lifespan="on",
    )


async def _check_ready(settings: Settings) -> None:
    from feedback.deployment import check_clock, check_migrated, open_deployment

    async with open_deployment(settings) as deployment:
        await check_migrated(deployment.database)
        await check_clock(deployment)
