"""What a person sends, and what their phone says about itself, is in no byte that we write."""

import re
import secrets
import sqlite3
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.doors import open_doors
from tests.rehearsal import finish

ANSWERS = 200
MARK = re.compile(rb"mark-[0-9a-f]{16}")
pytestmark = pytest.mark.slow


def test_no_byte_at_rest_holds_an_answer_or_a_trace_of_its_sender(rehearsal, tmp_path):
    slug = rehearsal.link(audience="youth")
    rehearsal.tell(f"answers_at_once = {ANSWERS}")
    needles: list[str] = []

    def needle() -> str:
        needles.append(f"mark-{secrets.token_hex(8)}")
        return needles[-1]

    with open_doors(rehearsal.settings, tmp_path) as doors, httpx.Client() as client:
        address = f"{doors.survey}/s/{slug}"
        for number in range(ANSWERS):
            headers = {
                "User-Agent": needle(),
                "Referer": f"https://{needle()}.example",
                "X-Forwarded-For": f"{needle()}, 203.0.113.{number}",
                "Accept-Language": f"{needle()},en",
                "Cookie": f"{needle()}={needle()}",
            }
            fields = {
                "_once": needle(),
                "_language": "en",
                "core-safety": "5",
                "going-well": f"Good people {needle()}",
                "should-change": f"Shorter waits {needle()}",
            }
            answer = client.post(f"{address}?seen={needle()}", data=fields, headers=headers)
            assert answer.status_code == 303
            bad = {**fields, "core-safety": needle()} if number % 3 else {needle(): "1"}
            assert client.post(address, data=bad, headers=headers).status_code == 400
        assert client.post(address, content=needle() * 10_000).status_code == 415
        big = {"going-well": needle() * 5_000}
        assert client.post(address, data=big).status_code == 413
        assert client.get(f"{doors.survey}/{needle()}", headers=headers).status_code == 404
    assert _inbox(rehearsal.settings) == [(8_192 + 48, ANSWERS)]
    written = _written(tmp_path, rehearsal.settings)
    assert len(needles) > ANSWERS * 9
    for name, content in written.items():
        found = {it.decode() for it in MARK.findall(content)}.intersection(needles)
        assert not found, f"{name} holds {len(found)} of the marks"


def _inbox(settings) -> list[tuple[int, int]]:
    """Return (bytes of a sealed row, how many such rows), whatever the database."""
    query = "SELECT length(sealed), count(*) FROM inbox GROUP BY length(sealed)"
    if not settings.database_url:
        with sqlite3.connect(settings.home / "feedback.db") as connection:
            return connection.execute(query).fetchall()

    async def read():
        engine = create_async_engine(settings.database_url)
        async with engine.connect() as connection:
            rows = [tuple(row) for row in await connection.execute(text(query))]
        await engine.dispose()
        return rows

    return finish(read())


def _written(folder: Path, settings) -> dict[str, bytes]:
    """Every file below the test's folder, and every file of the PostgreSQL server where there is one."""
    folders = [folder]
    if settings.database_url:
        folders.append(Path(settings.database_url.partition("?host=")[2]))
    files = [file for it in folders for file in it.rglob("*") if file.is_file()]
    assert any(file.stat().st_size > 100_000 for file in files)
    return {str(file): file.read_bytes() for file in files}
