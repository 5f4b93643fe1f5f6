"""Both doors as real processes, as an operator starts them, with everything they print kept in a file."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import msgspec
import uvicorn
from litestar import Litestar


class OpenDoors(msgspec.Struct):
    """Where the running doors answer, and what they print."""

    survey: str
    staff: str
    output: Path
    process: int

    def processor_seconds(self) -> float:
        """What the survey door, the first of two processes, has used so far (proc(5): utime and stime)."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        doors = [it for it in children if b"spawn_main" in Path(f"/proc/{it}/cmdline").read_bytes()]
        fields = Path(f"/proc/{doors[0]}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(settings, **overrides: str) -> dict[str, str]:
    """Everything a command is told; nothing of the developer's own environment but the path."""
    variables = {
        "FEEDBACK_HOME": str(settings.home),
        "FEEDBACK_DATABASE_URL": settings.database_url,
        "FEEDBACK_TODAY": settings.today.isoformat(),
        "FEEDBACK_LEAVE_TO": settings.leave_to,
        "FEEDBACK_OFFER_DRAFT_LANGUAGES": str(settings.offer_draft_languages).lower(),
        "PATH": os.environ["PATH"],
        # So that a killed process still leaves its coverage where the others do.
        **{name: value for name, value in os.environ.items() if name.startswith("COV")},
    }
    return {**variables, **overrides}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "feedback", *words]


def run(settings, *words: str, **overrides: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        command(*words),
        env=environment(settings, **overrides),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def open_doors(settings, folder: Path, **overrides: str):
    """Serve until the block ends. `folder` gets what the processes print, their environment `overrides`."""
    survey, staff = free_port(), free_port()
    variables = environment(
        settings,
        FEEDBACK_SURVEY_URL=f"http://127.0.0.1:{survey}",
        **{"FEEDBACK_STAFF_URL": f"http://localhost:{staff}", **overrides},
    )
    output = folder / "printed.txt"
    with output.open("wb") as file:
        words = command("serve", "--survey-port", str(survey), "--staff-port", str(staff))
        process = subprocess.Popen(words, env=variables, stdout=file, stderr=subprocess.STDOUT, cwd=folder)
        try:
            doors = OpenDoors(
                variables["FEEDBACK_SURVEY_URL"], f"http://localhost:{staff}", output, process.pid
            )
            _wait_for(f"{doors.survey}/healthz", process, output)
            _wait_for(f"{doors.staff}/sign-in", process, output)
            yield doors
        finally:
            process.terminate()
            status = process.wait(30)
    assert status == 0, output.read_text()


@contextmanager
def served_here(door: Litestar):
    """Serve a door from a thread of this process until the block ends, for tests that reach into it."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(door, port=port, log_level="warning", lifespan="on"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "The door did not open."
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


def _wait_for(address: str, process: subprocess.Popen, output: Path) -> None:
    for _ in range(1_200):
        assert process.poll() is None, output.read_text()
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{address} does not answer: {output.read_text()}")
