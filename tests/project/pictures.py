"""The pictures of the README, taken from a demonstration: `make pictures`."""

import shutil
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import sync_playwright

from feedback.demo import staging
from tests.support.browser.phones import PHONE, QUIET
from tests.support.doors import open_doors

OUT = Path(__file__).parents[2] / "docs" / "pictures"
DESK = {"width": 1280, "height": 900}


def take(folder: Path) -> None:
    """Stage a demonstration and photograph what a young person and what CTLT sees."""
    staged = staging.stage(folder / "demo", "", 8001, 8002, lambda line: sys.stderr.write(f"{line}\n"))
    rows = [line.split() for line in staged.lines]
    slug = next(row[0].rpartition("/")[2] for row in rows if row[-2:] == ["FRP,", "youth"])
    email, password, code = next(
        (row[1], row[3], following[-1]) for row, following in pairwise(rows) if row[:1] == ["ctlt"]
    )
    with open_doors(staged.settings, folder) as doors, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        phone = browser.new_page(viewport=PHONE, device_scale_factor=2)
        phone.goto(f"{doors.survey}/s/{slug}")
        phone.locator(".steps .on:visible").click()
        phone.screenshot(path=OUT / "phone.png")
        computer = browser.new_page(viewport=DESK)
        computer.goto(f"{doors.staff}/sign-in")
        computer.locator("[name=email]").fill(email)
        computer.locator("[name=password]").fill(password)
        computer.get_by_role("button", name="Continue").click()
        computer.locator("[name=code]").fill(code)
        computer.get_by_role("button", name="Sign in").click()
        computer.wait_for_url(f"{doors.staff}/")
        computer.goto(f"{doors.staff}/programs/advocacy-vista")
        computer.screenshot(path=OUT / "program.png")
        browser.close()


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        take(Path(temporary))
