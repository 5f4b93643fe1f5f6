"""Both doors as processes of their own, on ports of their own: what the bench measures."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from feedback.settings import Settings

SURVEY_PORT, STAFF_PORT = 18_001, 18_002


class Doors:
    """Two running doors: how long they took to answer, and what they weigh."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.seconds = seconds
        self._process = process

    def memory(self, door: str) -> float:
        """Resident memory in MB of one door's process."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        sizes = [_resident(int(child)) for child in children if b"spawn_main" in _command(int(child))]
        return sizes[0 if door == "survey" else -1]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


@contextmanager
def serving(settings: Settings) -> Iterator[Doors]:
    """Run both doors of a deployment until the block ends. Raises OSError when they do not open."""
    command = [sys.executable, "-m", "feedback", "serve"]
    command += ["--survey-port", str(SURVEY_PORT), "--staff-port", str(STAFF_PORT)]
    environment = {"FEEDBACK_HOME": str(settings.home), "PATH": ""}
    environment |= {"FEEDBACK_SURVEY_URL": settings.survey_url, "FEEDBACK_STAFF_URL": settings.staff_url}
    environment["FEEDBACK_TODAY"] = settings.today.isoformat()
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - ourselves
    try:
        _wait_for(f"http://127.0.0.1:{SURVEY_PORT}/healthz", process)
        _wait_for(f"http://localhost:{STAFF_PORT}/sign-in", process)
        yield Doors(process, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(3_000):
        if process.poll() is not None:
            raise OSError("The doors did not open; are their ports taken?")
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise OSError("The doors did not open within some seconds.")


def sign_in(client: httpx.Client, email: str, password: str, code: str) -> None:
    """Sign in to the staff door as a browser does, with a recovery code. Raises httpx.HTTPStatusError."""
    _submit(client, "/sign-in", email=email, password=password)
    _submit(client, "/sign-in/code", code=code)


def _submit(client: httpx.Client, page: str, **fields: str) -> None:
    client.post(page, data={**fields, "_csrf_token": form_token(client, page)}).raise_for_status()


def form_token(client: httpx.Client, page: str) -> str:
    """What a form of this page has to bring back; empty where there is none."""
    match = re.search(r'name="_csrf_token" value="([^"]+)"', client.get(page).text)
    return match[1] if match else ""
