"""What a person sends, and what their phone says about itself, is in no byte that we write."""

import re
import secrets
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from feedback.deployment import read_deployment
from feedback.settings import Settings
from tests.support.doors import open_doors, run
from tests.support.loops import finish

ANSWERS = 100
CANARY = re.compile(rb"canary-[0-9a-f]{16}")
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
BACKUP = "2026Q3.zip"
BRIEF = {"ledger-2026Q3.half"}
"""There for some milliseconds: who looks every twenty may miss it."""
pytestmark = pytest.mark.slow


class Places:
    """Every folder that the processes of a deployment might write into, each of them the test's own."""

    def __init__(self, sandbox, folder: Path) -> None:
        self.home, self.output = sandbox.settings.home, folder / "printed"
        self.temporary, self.user, self.backups = (folder / it for it in ("tmp", "user", "backups"))
        for it in (self.output, self.temporary, self.user, self.backups):
            it.mkdir()
        self.postgresql = sandbox.settings.database_url.partition("?host=")[2]

    def environment(self) -> dict[str, str]:
        folders = {
            f"XDG_{it}": str(self.user / it)
            for it in ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "STATE_HOME")
        }
        return {
            "TMPDIR": str(self.temporary),
            "HOME": str(self.user),
            **folders,
            "XDG_RUNTIME_DIR": str(self.user),
        }

    def names(self) -> set[str]:
        """Every file there is, as the documentation calls it."""
        return {
            str(file.relative_to(folder))
            for folder in (self.home, self.temporary, self.user, self.backups)
            for file in folder.rglob("*")
            if not file.is_dir()
        }

    def bytes(self) -> dict[str, bytes]:
        folders = [self.home, self.output, self.temporary, self.user, self.backups]
        folders += [Path(self.postgresql)] if self.postgresql else []
        files = [file for it in folders for file in it.rglob("*") if file.is_file()]
        return {str(file): file.read_bytes() for file in files}

    @contextmanager
    def watching(self):
        """Gather the names of all files while the block runs, also of those that are gone at its end."""
        names, over = set(), threading.Event()

        def look() -> None:
            while not over.wait(0.02):
                names.update(self.names())

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield names
        finally:
            over.set()
            watcher.join()


@pytest.fixture
def places(sandbox, tmp_path):
    return Places(sandbox, tmp_path)


class Senders:
    """People whose phones say something about themselves that nobody else's says."""

    def __init__(self, settings: Settings, survey: str, slug: str, other: str) -> None:
        self.canaries: list[str] = []
        self.pages: list[bytes] = []
        self.deployment = read_deployment(settings)
        self.address, self.other = f"{survey}/s/{slug}", f"{survey}/s/{other}"
        self.client = httpx.Client()
        self.number = 0

    def canary(self) -> str:
        self.canaries.append(f"canary-{secrets.token_hex(8)}")
        return self.canaries[-1]

    def _page(self, address: str) -> str:
        """The number of a page, whose random part nobody else's has."""
        slug = address.rpartition("/")[2]
        number = self.deployment.submission_keys.new(slug, self.deployment.settings.period)
        self.pages.append(number.split(".")[1].encode())
        return number

    def send(self, address: str, **changes: str) -> int:
        self.number += 1
        headers = {
            "User-Agent": self.canary(),
            "Referer": f"https://{self.canary()}.example",
            "X-Forwarded-For": f"{self.canary()}, 203.0.113.{self.number}",
            "Accept-Language": f"{self.canary()},en",
            "Cookie": f"{self.canary()}={self.canary()}",
        }
        fields = {
            "_once": self._page(address),
            "_language": "en",
            "core-safety": "5",
            "going-well": f"Good people {self.canary()}",
            "should-change": f"Shorter waits {self.canary()}",
        }
        query = f"{self.canary()}={self.canary()}&lang={self.canary()}"
        return self.client.post(f"{address}?{query}", data={**fields, **changes}, headers=headers).status_code

    def answer(self, people: int) -> None:
        for _ in range(people):
            assert self.send(self.address) == 303

    def be_refused(self) -> None:
        for _ in range(5):
            assert self.send(self.other, **{"core-safety": self.canary()}) == 400
            assert self.send(self.other, **{self.canary(): "1"}) == 400
            assert self.send(self.other, **{"going-well": self.canary() * 20_000}) == 413
        assert self.client.post(self.other, content=self.canary() * 1_000).status_code == 415
        assert self.client.get(f"{self.other}{self.canary()}").status_code == 404

    def meet_a_fault(self) -> None:
        for _ in range(5):
            assert self.send(self.other) == 503


def test_no_byte_at_rest_holds_an_answer_or_a_trace_of_its_sender(sandbox, places):
    slug, other = (sandbox.link(audience="youth") for _ in range(2))
    with open_doors(sandbox.settings, places.output, **places.environment()) as doors:
        senders = Senders(sandbox.settings, doors.survey, slug, other)
        senders.answer(ANSWERS // 2)
        senders.be_refused()
        with _without(sandbox.settings, "inbox"):
            senders.meet_a_fault()
        with _without(sandbox.settings, "links"):
            senders.meet_a_fault()
        senders.answer(ANSWERS // 2)
        senders.client.close()
        while_open = places.bytes()
    assert _inbox(sandbox.settings) == [(8_192 + 48, ANSWERS)]
    assert len(senders.canaries) > ANSWERS * 11
    _release_and_back_up(sandbox.settings, places)
    for files in (while_open, places.bytes()):
        assert any(len(content) > 100_000 for content in files.values())
        for name, content in files.items():
            traces = {it.decode() for it in CANARY.findall(content)}.intersection(senders.canaries)
            traces |= {it.decode() for it in senders.pages if it in content}
            assert not traces, f"{name} holds {len(traces)} of the canaries"


def test_the_files_written_in_a_run_are_those_that_are_documented(sandbox, places):
    slug, other = (sandbox.link(audience="youth") for _ in range(2))
    with places.watching() as names:
        with open_doors(sandbox.settings, places.output, **places.environment()) as doors:
            senders = Senders(sandbox.settings, doors.survey, slug, other)
            senders.answer(11)
            senders.be_refused()
            senders.client.close()
        _release_and_back_up(sandbox.settings, places)
        names.update(places.names())
    listing = {it for it in _documented() if places.postgresql == "" or not it.startswith("feedback.db")}
    assert names | BRIEF == listing
    assert {it.name for it in places.output.iterdir()} == {"printed.txt"}
    assert len((places.output / "printed.txt").read_text().splitlines()) == 1
    assert places.home.stat().st_mode & 0o077 == 0
    for private in (*places.home.joinpath("keys").iterdir(), places.backups / BACKUP):
        assert private.stat().st_mode & 0o077 == 0, private


def _release_and_back_up(settings, places: Places) -> None:
    for words in (("release",), ("backup", str(places.backups / BACKUP))):
        process = run(settings, *words, **places.environment(), FEEDBACK_TODAY="2026-10-15")
        assert process.returncode == 0, process.stderr


def _documented() -> set[str]:
    """The names in the first column of the table in docs/operating.md, “Files”."""
    section = OPERATING.read_text("utf-8").partition("\n## Files\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


@contextmanager
def _without(settings, table: str):
    """Take a table away from under the doors, so that what needs it ends in a fault."""
    _tell(settings, f"ALTER TABLE {table} RENAME TO away")
    try:
        yield
    finally:
        _tell(settings, f"ALTER TABLE away RENAME TO {table}")


def _inbox(settings) -> list[tuple[int, int]]:
    """Return (bytes of a sealed row, how many such rows), whatever the database."""
    return _tell(settings, "SELECT length(sealed), count(*) FROM inbox GROUP BY length(sealed)")


def _tell(settings, command: str) -> list[tuple]:
    if not settings.database_url:
        with sqlite3.connect(settings.home / "feedback.db", timeout=20) as connection:
            rows = connection.execute(command).fetchall()
        connection.close()
        return rows

    async def tell():
        engine = create_async_engine(settings.database_url)
        async with engine.begin() as connection:
            answer = await connection.execute(text(command))
            rows = [tuple(row) for row in answer] if answer.returns_rows else []
        await engine.dispose()
        return rows

    return finish(tell())
