"""Debian's Chromium and Firefox as people have them, back/forward cache and all.

Test drivers switch that cache off, or keep a page out of it without meaning to. These two speak the browsers' own
protocols (DevTools over a pipe, Marionette over a socket) and use nothing of them that does."""

import json
import os
import select
import shutil
import socket
import subprocess
import time
from pathlib import Path

import msgspec

from tests.sites import Certificate

PATIENCE = 30.0
_STILL = 0.2
"""A page that has not changed for so long is where it wants to be."""
_NOTED = 1.5
"""Chromium notes every second what is typed, for when it is opened again."""
_LOOK = """(() => {
  const all = [...document.querySelectorAll('input, textarea')];
  return JSON.stringify({
    address: location.href,
    words: document.documentElement.outerHTML + ' ' + all.map(it => it.value).join(' '),
    chosen: all.filter(it => it.checked).map(it => `${it.name}=${it.value}`),
    ready: document.readyState == 'complete',
  });
})()"""
_WHERE = """(() => {
  const it = document.querySelector(%s);
  if (it.matches(':hover')) return 'null';
  it.scrollIntoView({block: 'center', behavior: 'instant'});
  const box = it.getBoundingClientRect();
  return JSON.stringify([Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]);
})()"""


class Moving(Exception):
    """The page is being left at this moment; ask again."""


class Seen(msgspec.Struct, frozen=True):
    """What one page shows at one moment: its markup, everything typed into it, every choice made."""

    address: str
    words: str
    chosen: tuple[str, ...]
    ready: bool


def installed(name: str) -> str:
    found = shutil.which(name)
    assert found, f"The browser tests need Debian's package {name}; `make test` installs it where it may."
    return found


class Browser:
    """What a person does with a browser, and what is on the screen meanwhile."""

    def evaluate(self, source: str):
        raise NotImplementedError

    def position(self) -> tuple[int, int]:
        """At which step of the tab's history we are, and how many there are."""
        raise NotImplementedError

    asked_first = False
    """The browser did not go where it was told before the person agrees to send a form again; we do not agree."""

    def look(self) -> Seen:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return msgspec.json.decode(self.evaluate(_LOOK) or "", type=Seen)
            except (Moving, msgspec.DecodeError):
                assert time.monotonic() < end, "The page never came."
                time.sleep(0.01)

    def settle(self, arrived=lambda _seen: True) -> list[Seen]:
        """Everything that is seen until the page has come and stays."""
        seen = [self.look()]
        end, since = time.monotonic() + PATIENCE, time.monotonic()
        while time.monotonic() - since < _STILL:
            assert time.monotonic() < end, f"Still at {seen[-1].address}."
            time.sleep(0.04)
            seen.append(self.look())
            if seen[-1] != seen[-2] or not seen[-1].ready or not arrived(seen[-1]):
                since = time.monotonic()
        return seen

    def open(self, address: str) -> list[Seen]:
        """As typed into the address bar."""
        self._go(address)
        return self.settle(lambda seen: seen.address == address)

    def press(self, selector: str) -> None:
        """With the mouse, once it is there: what was just scrolled may not be where it says."""
        end = time.monotonic() + PATIENCE
        while (place := json.loads(self.evaluate(_WHERE % json.dumps(selector)))) is not None:
            assert time.monotonic() < end, f"{selector} stays under something."
            self._point(*place)
        self._click()

    def write(self, selector: str, words: str) -> None:
        self.press(selector)
        self._write(words)

    def visit(self, step: int) -> list[Seen]:
        """Go to one step of the history, as by the Back button or the list under it."""
        before, self.asked_first = self.look().address, False
        self._visit(step)
        return self.settle(
            lambda seen: self.position()[0] == step or seen.address != before or self.asked_first
        )

    def walk(self) -> list[Seen]:
        """Back through every step of this tab, forward through every step, and back again."""
        seen = self.settle()
        here, count = self.position()
        for step in [*range(here - 1, -1, -1), *range(1, count), count - 2]:
            seen += self.visit(step) if step >= 0 else []
        return seen

    def reload(self) -> list[Seen]:
        self._reload()
        return self.settle()


class Chromium(Browser):
    """Over a pipe, and without the domains of DevTools that keep pages out of the cache."""

    def __init__(self, folder: Path, certificate: Certificate, *, script: bool) -> None:
        self.home, self.pin = folder, certificate.pin
        kept = folder / "Default" / "Preferences"
        kept.parent.mkdir()
        # What Settings > Site settings > JavaScript > "Don't allow" writes.
        setting = {"javascript": 1 if script else 2}
        kept.write_text(json.dumps({"profile": {"default_content_setting_values": setting}}))
        self.start()

    def start(self, *, restore: bool = False) -> None:
        words = [
            installed("chromium"),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
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
        self.asked, self.heard, self.session = 0, b"", None
        self._attach(self._tabs()[0])

    def new_tab(self, address: str) -> None:
        old = self._tabs()
        self._attach(self.ask("Target.createTarget", url=address)["targetId"])
        self.settle(lambda seen: seen.address == address)
        for target in old:
            self.ask("Target.closeTarget", targetId=target)

    def _tabs(self) -> list[str]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = [it for it in self.ask("Target.getTargets")["targetInfos"] if it["type"] == "page"]
            if found:
                return [it["targetId"] for it in found]
            time.sleep(0.05)
        raise AssertionError("Chromium opened no tab.")

    def _attach(self, target: str) -> None:
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method: str, **told):
        self.asked += 1
        wanted = {"id": self.asked, "method": method, "params": told}
        if self.session and not method.startswith(("Browser.", "Target.")):
            wanted["sessionId"] = self.session
        self.process.stdin.write(json.dumps(wanted).encode() + b"\0")
        while (answer := self._next()).get("id") != self.asked:
            pass
        if "error" in answer:
            raise Moving(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _next(self) -> dict:
        while b"\0" not in self.heard:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            assert ready, "Chromium does not answer."
            more = self.process.stdout.read(1 << 20)
            if not more:
                raise EOFError
            self.heard += more
        message, _, self.heard = self.heard.partition(b"\0")
        return json.loads(message)

    def evaluate(self, source: str):
        answer = self.ask("Runtime.evaluate", expression=source, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Moving(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def position(self) -> tuple[int, int]:
        history = self.ask("Page.getNavigationHistory")
        return history["currentIndex"], len(history["entries"])

    def escape(self) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.ask(
                "Input.dispatchKeyEvent", type=kind, key="Escape", code="Escape", windowsVirtualKeyCode=27
            )

    def _go(self, address: str) -> None:
        self.ask("Page.navigate", url=address)

    def _point(self, x: int, y: int) -> None:
        self.pointer = {"x": x, "y": y}
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", **self.pointer)

    def _click(self) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **self.pointer)

    def _write(self, words: str) -> None:
        self.ask("Input.insertText", text=words)

    def _visit(self, step: int) -> None:
        entry = self.ask("Page.getNavigationHistory")["entries"][step]
        self.ask("Page.navigateToHistoryEntry", entryId=entry["id"])

    def _reload(self) -> None:
        self.ask("Page.reload")

    def reopen(self) -> None:
        """Close everything and open it as it was: a single closed tab no driver can bring back."""
        time.sleep(_NOTED)
        self.close()
        self.start(restore=True)

    def close(self) -> None:
        try:
            self.ask("Browser.close")
        except EOFError:
            pass
        self.process.wait(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()


class Firefox(Browser):
    """Over Marionette; what has to be done to the browser itself is done in its own window's script."""

    QUIET = {
        "app.normandy.enabled": False,
        "browser.aboutwelcome.enabled": False,
        "browser.shell.checkDefaultBrowser": False,
        "browser.safebrowsing.malware.enabled": False,
        "browser.safebrowsing.phishing.enabled": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "services.settings.server": "data:,",
    }
    """No errand of the browser's own into the network. None of these knows of pages kept or forgotten."""

    def __init__(self, folder: Path, certificate: Certificate, *, script: bool) -> None:
        self.home, self.authority = folder, certificate.authority
        told = {
            **self.QUIET,
            "javascript.enabled": script,
            "marionette.port": 0,
            "network.dns.localDomains": "heard.test,bare.test,weather.test",
            # Else the driver sets some dozens of settings that nobody has.
            "remote.prefs.recommended": False,
        }
        lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in told.items()]
        (folder / "user.js").write_text("".join(lines))
        self.start()

    def start(self, *, restore: bool = False) -> None:
        said = self.home / "MarionetteActivePort"
        said.unlink(missing_ok=True)
        program = installed("firefox-esr")
        words = (
            "-headless",
            "-no-remote",
            "-marionette",
            "-remote-allow-system-access",
            "-profile",
            str(self.home),
        )
        self.process = subprocess.Popen(
            [program, *words, *(() if restore else ("about:blank",))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self.home), "MOZ_HEADLESS_WIDTH": "500"},
        )
        self.connection = self._connect(said)
        self.reader = self.connection.makefile("rb")
        self.asked = 0
        self._next()
        self.ask("WebDriver:NewSession", capabilities={"alwaysMatch": {"pageLoadStrategy": "none"}})
        certificate = "".join(self.authority.read_text().splitlines()[1:-1])
        self.command(
            'Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB)'
            f'.addCertFromBase64("{certificate}", "C,,")'
        )

    def _connect(self, said: Path) -> socket.socket:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return socket.create_connection(("127.0.0.1", int(said.read_text())), PATIENCE)
            except (OSError, ValueError):
                time.sleep(0.05)
        raise AssertionError("Firefox does not answer.")

    def ask(self, method: str, **told):
        self.asked += 1
        message = json.dumps([0, self.asked, method, told]).encode()
        self.connection.sendall(f"{len(message)}:".encode() + message)
        _, _, error, answer = self._next()
        if error:
            self.asked_first |= error["error"] == "unexpected alert open"
            raise Moving(f"{method}: {error['error']}: {error['message']}")
        return answer

    def _next(self):
        length = b""
        while (character := self.reader.read(1)) != b":":
            if not character:
                raise EOFError
            length += character
        return json.loads(self.reader.read(int(length)))

    def command(self, source: str):
        """Run a line in the browser's own window."""
        self.ask("Marionette:SetContext", value="chrome")
        try:
            return self.ask("WebDriver:ExecuteScript", script=source, args=[], sandbox="system")["value"]
        finally:
            self.ask("Marionette:SetContext", value="content")

    def new_tab(self, address: str) -> None:
        opened = self.ask("WebDriver:NewWindow", type="tab")["handle"]
        for handle in self.ask("WebDriver:GetWindowHandles"):
            if handle != opened:
                self.ask("WebDriver:SwitchToWindow", handle=handle)
                self.ask("WebDriver:CloseWindow")
        self.ask("WebDriver:SwitchToWindow", handle=opened, focus=True)
        self.open(address)

    def evaluate(self, source: str):
        return self.ask("WebDriver:ExecuteScript", script=f"return {source}", args=[], sandbox="system")[
            "value"
        ]

    def position(self) -> tuple[int, int]:
        history = "gBrowser.selectedBrowser.browsingContext.sessionHistory"
        here, count = self.command(f"const it = {history}; return it ? [it.index, it.count] : [0, 0]")
        return here, count

    def escape(self) -> None:
        self._write("\ue00c")

    def _go(self, address: str) -> None:
        principal = "Services.scriptSecurityManager.getSystemPrincipal()"
        self.command(
            f"gBrowser.fixupAndLoadURIString({json.dumps(address)}, {{triggeringPrincipal: {principal}}})"
        )

    def _point(self, x: int, y: int) -> None:
        self._move({"type": "pointerMove", "x": x, "y": y, "duration": 0})

    def _click(self) -> None:
        # Not ElementClick: it listens for `unload` meanwhile, which keeps the page out of the cache.
        self._move({"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0})

    def _move(self, *actions: dict) -> None:
        self.ask("WebDriver:PerformActions", actions=[{"type": "pointer", "id": "mouse", "actions": actions}])

    def _write(self, words: str) -> None:
        keys = [{"type": kind, "value": letter} for letter in words for kind in ("keyDown", "keyUp")]
        self.ask("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": keys}])

    def _visit(self, step: int) -> None:
        self.command(f"gBrowser.gotoIndex({step})")

    def _reload(self) -> None:
        self.command("gBrowser.reload()")

    def reopen(self) -> None:
        """Close the tab and press Ctrl+Shift+T."""
        closed = self.ask("WebDriver:GetWindowHandle")["value"]
        other = self.ask("WebDriver:NewWindow", type="tab")["handle"]
        self.ask("WebDriver:CloseWindow")
        self.ask("WebDriver:SwitchToWindow", handle=other)
        self.command("SessionStore.undoCloseTab(window, 0)")
        (restored,) = set(self.ask("WebDriver:GetWindowHandles")) - {closed, other}
        self.ask("WebDriver:SwitchToWindow", handle=restored, focus=True)

    def close(self) -> None:
        try:
            self.ask("Marionette:Quit", flags=["eAttemptQuit"])
        except (EOFError, ConnectionError):
            pass
        self.process.wait(PATIENCE)
        self.reader.close()
        self.connection.close()
