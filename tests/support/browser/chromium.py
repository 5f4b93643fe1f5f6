"""Debian's Chromium, told what to do over a pipe."""

import json
import os
import select
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.support.browser.browsers import PATIENCE, QUIET, Browser, Moving, installed
from tests.support.browser.sites import Certificate

_KEYS = {"Enter": (13, "\r"), "Escape": (27, ""), "Space": (32, " ")}
_NOTE_SECONDS = 1.5
"""Chromium notes every second what is typed, for when it is opened again."""


class Chromium(Browser):
    """Over a pipe, and without the domains of DevTools that keep pages out of the cache."""

    def __init__(self, folder: Path, certificate: Certificate, *, script: bool) -> None:
        self.home, self.pin = folder, certificate.pin
        preferences = folder / "Default" / "Preferences"
        preferences.parent.mkdir()
        # What Settings > Site settings > JavaScript > "Don't allow" writes.
        setting = {"javascript": 1 if script else 2}
        preferences.write_text(json.dumps({"profile": {"default_content_setting_values": setting}}))
        self.start()

    def start(self, *, restore: bool = False) -> None:
        words = [
            installed("chromium"),
            "--headless=new",
            *QUIET,
            "--window-size=390,844",
            "--remote-debugging-pipe",
            f"--user-data-dir={self.home}",
            f"--ignore-certificate-errors-spki-list={self.pin}",
            "--host-resolver-rules=MAP *.test 127.0.0.1",
            "--restore-last-session" if restore else "about:blank",
        ]
        # The browser wants the pipe's two ends as its third and fourth file.
        shell = ("sh", "-c", 'exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1')
        self.process = subprocess.Popen(
            [*shell, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "HOME": str(self.home)},
        )
        self.last_id, self.buffer, self.session = 0, b"", None
        self._attach(self._tabs()[0])

    def new_tab(self, address: str) -> None:
        old = self._tabs()
        self._attach(self.ask("Target.createTarget", url=address)["targetId"])
        self.settle(lambda screen: screen.address == address)
        for target in old:
            self.ask("Target.closeTarget", targetId=target)

    def other_tab(self) -> None:
        """Look at the one other tab that is open, as soon as it is."""
        end = time.monotonic() + PATIENCE
        while len(others := [it for it in self._tabs() if it != self.tab]) != 1:
            assert time.monotonic() < end, f"There are {len(others)} other tabs."
            time.sleep(0.05)
        self._attach(others[0])

    def _tabs(self) -> list[str]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            pages = [it for it in self.ask("Target.getTargets")["targetInfos"] if it["type"] == "page"]
            if pages:
                return [it["targetId"] for it in pages]
            time.sleep(0.05)
        raise AssertionError("Chromium opened no tab.")

    def _attach(self, target: str) -> None:
        self.tab = target
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method: str, **params):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": params}
        if self.session and not method.startswith(("Browser.", "Target.")):
            message["sessionId"] = self.session
        self.process.stdin.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self.last_id:
            pass
        if "error" in answer:
            raise Moving(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _next(self) -> dict:
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            assert ready, "Chromium does not answer."
            chunk = self.process.stdout.read(1 << 20)
            if not chunk:
                raise EOFError
            self.buffer += chunk
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def evaluate(self, source: str):
        answer = self.ask("Runtime.evaluate", expression=source, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Moving(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def position(self) -> tuple[int, int]:
        history = self.ask("Page.getNavigationHistory")
        return history["currentIndex"], len(history["entries"])

    def key(self, name: str) -> None:
        number, text = _KEYS[name]
        key = {"key": name if name != "Space" else text, "windowsVirtualKeyCode": number}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **key)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **key)

    def _go(self, address: str) -> None:
        self.ask("Page.navigate", url=address)

    def _write(self, words: str) -> None:
        self.ask("Input.insertText", text=words)

    def _visit(self, step: int) -> None:
        entry = self.ask("Page.getNavigationHistory")["entries"][step]
        self.ask("Page.navigateToHistoryEntry", entryId=entry["id"])

    def _reload(self) -> None:
        self.ask("Page.reload")

    def reopen(self) -> None:
        """Close everything and open it as it was: a single closed tab no driver can bring back."""
        time.sleep(_NOTE_SECONDS)
        self.close()
        self.start(restore=True)

    def close(self) -> None:
        with suppress(EOFError):
            self.ask("Browser.close")
        self.end()
        self.process.stdin.close()
        self.process.stdout.close()
