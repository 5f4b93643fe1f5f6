"""Both doors, one process each: two applications in one loop do not stop cleanly together."""

import multiprocessing
import multiprocessing.connection
import signal
import socket
from collections.abc import Callable
from types import FrameType

from feedback.settings import Settings

SURVEY_HOST = "127.0.0.1"
STAFF_HOST = "localhost"
"""Cookies do not know ports: a name of its own keeps the staff cookie from the survey door."""


def serve(settings: Settings, survey_port: int, staff_port: int, tell: Callable[[str], None]) -> int:
    """Run both doors until one stops or we are told to; returns the exit status."""
    for host, port in ((SURVEY_HOST, survey_port), (STAFF_HOST, staff_port)):
        _check_free(host, port)
    context = multiprocessing.get_context("spawn")
    doors = [
        context.Process(target=run_survey_door, args=(settings, survey_port), name="survey door"),
        context.Process(target=run_staff_door, args=(settings, staff_port), name="staff door"),
    ]

    def stop(_number: int, _frame: FrameType | None) -> None:
        for door in doors:
            if door.is_alive():
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


def _check_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(f"Port {port} on {host} is taken; choose another.") from error


def run_survey_door(settings: Settings, port: int) -> None:
    from feedback.app import create_survey_app

    _run(lambda: create_survey_app(settings), SURVEY_HOST, port)


def run_staff_door(settings: Settings, port: int) -> None:
    from feedback.app import create_staff_app

    _run(lambda: create_staff_app(settings), STAFF_HOST, port)


def _run(create: Callable[[], object], host: str, port: int) -> None:
    import uvicorn

    # No access log and no forwarded addresses: what is never read cannot be written anywhere.
    uvicorn.run(
        create(),  # type: ignore[arg-type]
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
        lifespan="on",
    )
