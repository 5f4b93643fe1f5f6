"""How long a survey takes on slow 3G: first paint, first words, and the first button at work. `make speed`.

Not a test: seconds depend on the machine. The network is Chromium's own emulation; every load is a new
context with nothing in its cache. There is no TLS here: a phone that opens the link anew spends about three
round trips more, 1.2 s, on the name, the connection and its lock.
"""

import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.browser.every_page import in_every_language
from tests.support.browser.phones import PHONE, QUIET
from tests.support.doors import open_doors
from tests.support.page_weights import print_weights

LANGUAGES = ("en", "km", "zh-Hant")
ROUNDS = 5
GOAL = 2.0
BYTES_A_SECOND = 400_000 // 8
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": BYTES_A_SECOND,
    "uploadThroughput": BYTES_A_SECOND,
}
STOPWATCH = """
() => new Promise(done => {
  const paints = () => Object.fromEntries(
    performance.getEntriesByType('paint').map(it => [it.name, it.startTime / 1000]));
  let usable;
  const look = () => {
    const next = document.querySelector('.steps .on:not(.send)');
    if (!usable && next && !next.hidden) {
      next.click();
      if (!document.querySelector('legend').closest('.ask').hidden) usable = performance.now() / 1000;
    }
    const seen = paints();
    if (!usable || !('first-contentful-paint' in seen)) return setTimeout(look, 5);
    done([seen['first-paint'], seen['first-contentful-paint'], usable]);
  };
  look();
})
"""
"""Seconds since the address was asked for. The button is pressed by a script, the moment there is one."""


def one_load(browser, address: str) -> tuple[float, float, float, int]:
    """First paint, first contentful paint, usable: seconds; and the number of requests."""
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW_3G)
    requests = []
    page.on("request", lambda it: it.url.startswith("http") and requests.append(it.url))
    page.goto(address, wait_until="commit")
    seconds = page.evaluate(STOPWATCH)
    context.close()
    return *seconds, len(requests)


def print_speeds(survey: str) -> None:
    print(f"\nslow 3G (400 ms, 400 kbit/s), medians of {ROUNDS}; the goal is {GOAL} s")
    print(f"{'':8} {'paint':>7} {'words':>7} {'usable':>7} {'requests':>9}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        for tag in LANGUAGES:
            loads = [one_load(browser, f"{survey}?lang={tag}") for _ in range(ROUNDS + 1)][1:]
            paint, words, usable, requests = (statistics.median(it) for it in zip(*loads, strict=True))
            print(f"{tag:8} {paint:6.2f}s {words:6.2f}s {usable:6.2f}s {requests:9.0f}", flush=True)
        browser.close()


def main(folder: Path) -> None:
    sandbox = in_every_language(folder)
    print_weights(sandbox)
    slug = sandbox.link("ctu", "youth", instrument="youth-experience")
    with open_doors(sandbox.settings, folder) as doors:
        print_speeds(f"{doors.survey}/s/{slug}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary))
