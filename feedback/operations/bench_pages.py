"""How long staff wait for pages and files in a county of 300 programs and twenty quarters.

Whatever the number of answers: pages read what was published, and only programs and quarters make that grow.
"""

import asyncio
import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from analysis.publishing.viewers import CTLT
from feedback.deployment import make_deployment, read_deployment, read_staff_keys
from feedback.operations import bench_county
from feedback.operations.running_doors import STAFF_PORT, SURVEY_PORT, serving, sign_in
from feedback.results.exports import Export
from feedback.settings import Settings
from feedback.staff import accounts

VIEWS = 100
PAGES = (
    "/", "/county", "/programs", "/programs/frp", "/programs/dream-unit", "/strategies", "/strategies/4.3",
    "/strategies/7.8", "/who-was-heard", "/measures", "/measures?measure=unanswered", "/served",
    "/served/frp", "/links", "/releases", "/audit", "/glossary", "/?release=2026Q3",
)  # fmt: skip
_EMAIL = "county@example.org"
_PASSWORD = "pages of made-up words"  # noqa: S105 - lives as long as the bench


def pages_of_a_large_county() -> Iterator[str]:
    """Yield how long everything as XLSX takes, and a line for each page."""
    with tempfile.TemporaryDirectory(prefix="feedback-bench-") as folder:
        settings = Settings(
            home=Path(folder) / "home",
            survey_url=f"http://127.0.0.1:{SURVEY_PORT}",
            staff_url=f"http://localhost:{STAFF_PORT}",
            made_up=True,
            today_is=dt.date(2026, 11, 15),
        )
        line, code = asyncio.run(_settle(settings))
        yield line
        with serving(msgspec.structs.replace(settings, today_is=settings.due_on(bench_county.LAST))):
            yield from _pages(code)


async def _settle(settings: Settings) -> tuple[str, str]:
    await make_deployment(settings, None, "made_up = true\n")
    deployment = read_deployment(settings)
    try:
        lines = await bench_county.settle(deployment, settings)
        account = await accounts.ready_account(
            deployment.database, read_staff_keys(settings), _EMAIL, "ctlt", None, _PASSWORD
        )
        started = time.perf_counter()
        export = Export(database=deployment.database, viewer=CTLT, made_up=True)
        size = sum([len(piece) async for piece in export.pieces("results.xlsx")])
        seconds = time.perf_counter() - started
    finally:
        await deployment.database.close()
    county = f"{bench_county.PROGRAMS} programs, {bench_county.QUARTERS} quarters"
    about = f"{county}, {lines:,} lines, {size / 1e6:.0f} MB"
    return f"everything as XLSX: {seconds:.1f} s ({about})", account.recovery_codes[0]


def _pages(code: str) -> Iterator[str]:
    with httpx.Client(base_url=f"http://localhost:{STAFF_PORT}", follow_redirects=True) as client:
        sign_in(client, _EMAIL, _PASSWORD, code)
        for path in PAGES:
            times = []
            for _ in range(VIEWS):
                started = time.perf_counter()
                size = len(client.get(path).raise_for_status().content)
                times.append(1000 * (time.perf_counter() - started))
            median, most = statistics.median(times), statistics.quantiles(times, n=100)[-1]
            yield f"staff page {path}: {median:.0f} ms, 99 of 100 within {most:.0f} ms, {size / 1000:.0f} KB"
