"""Debian's Firefox, told what to do over Marionette."""

import json
import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.support.browser.browsers import PATIENCE, Browser, Moving, installed
from tests.support.browser.sites import NAMES, Certificate

_KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Space": " "}
_QUIET = {
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


class Firefox(Browser):
    """Over Marionette; what has to be done to the browser itself is done in its own window's script."""

    def __init__(self, folder: Path, certificate: Certificate, *, script: bool) -> None:
        self.home, self.authority = folder, certificate.authority
        preferences = {
            **_QUIET,
            "javascript.enabled": script,
            "marionette.port": 0,
            "network.dns.localDomains": ",".join(NAMES),
            # Else the driver sets some dozens of settings that nobody has.
            "remote.prefs.recommended": False,
        }
        lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in preferences.items()]
        (folder / "user.js").write_text("".join(lines))
        self.start()

    def start(self) -> None:
        port_file = self.home / "MarionetteActivePort"
        port_file.unlink(missing_ok=True)
        words = ("-headless", "-no-remote", "-marionette", "-remote-allow-system-access")
        self.process = subprocess.Popen(
            [installed("firefox-esr"), *words, "-profile", str(self.home), "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self.home), "MOZ_HEADLESS_WIDTH": "500"},
        )
        self.connection = self._connect(port_file)
        self.reader = self.connection.makefile("rb")
        self.last_id = 0
        self._next()
        self.ask("WebDriver:NewSession", capabilities={"alwaysMatch": {"pageLoadStrategy": "none"}})
        certificate = "".join(self.authority.read_text().splitlines()[1:-1])
        self.command(
            'Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB)'
            f'.addCertFromBase64("{certificate}", "C,,")'
        )

    def _connect(self, port_file: Path) -> socket.socket:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return socket.create_connection(("127.0.0.1", int(port_file.read_text())), PATIENCE)
            except (OSError, ValueError):
                time.sleep(0.05)
        raise AssertionError("Firefox does not answer.")

    def ask(self, method: str, **params):
        self.last_id += 1
        message = json.dumps([0, self.last_id, method, params]).encode()
        self.connection.sendall(f"{len(message)}:".encode() + message)
        _, _, error, answer = self._next()
        if error:
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
        tab = self.ask("WebDriver:NewWindow", type="tab")["handle"]
        for handle in self.ask("WebDriver:GetWindowHandles"):
            if handle != tab:
                self.ask("WebDriver:SwitchToWindow", handle=handle)
                self.ask("WebDriver:CloseWindow")
        self.ask("WebDriver:SwitchToWindow", handle=tab, focus=True)
        self.open(address)

    def other_tab(self) -> None:
        """Look at the one other tab that is open, as soon as it is."""
        end, here = time.monotonic() + PATIENCE, self.ask("WebDriver:GetWindowHandle")["value"]
        while len(others := [it for it in self.ask("WebDriver:GetWindowHandles") if it != here]) != 1:
            assert time.monotonic() < end, f"There are {len(others)} other tabs."
            time.sleep(0.05)
        self.ask("WebDriver:SwitchToWindow", handle=others[0], focus=True)

    def evaluate(self, source: str):
        params = {"script": f"return {source}", "args": [], "sandbox": "system"}
        return self.ask("WebDriver:ExecuteScript", **params)["value"]

    def position(self) -> tuple[int, int]:
        history = "gBrowser.selectedBrowser.browsingContext.sessionHistory"
        here, count = self.command(f"const it = {history}; return it ? [it.index, it.count] : [0, 0]")
        return here, count

    def key(self, name: str) -> None:
        self._write(_KEYS[name])

    def _go(self, address: str) -> None:
        principal = "Services.scriptSecurityManager.getSystemPrincipal()"
        self.command(
            f"gBrowser.fixupAndLoadURIString({json.dumps(address)}, {{triggeringPrincipal: {principal}}})"
        )

    def _write(self, words: str) -> None:
        # Commands that act on an element listen for `unload` meanwhile, which keeps a page out of the cache.
        keys = [{"type": kind, "value": letter} for letter in words for kind in ("keyDown", "keyUp")]
        self.ask("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": keys}])

    def _visit(self, step: int) -> None:
        self.command(f"gBrowser.gotoIndex({step})")

    def _reload(self) -> None:
        self.command("gBrowser.reload()")

    def reopen(self) -> None:
        """Close the tab and press Ctrl+Shift+T."""
        old = self.ask("WebDriver:GetWindowHandle")["value"]
        other = self.ask("WebDriver:NewWindow", type="tab")["handle"]
        self.ask("WebDriver:CloseWindow")
        self.ask("WebDriver:SwitchToWindow", handle=other)
        self.command("SessionStore.undoCloseTab(window, 0)")
        (restored,) = set(self.ask("WebDriver:GetWindowHandles")) - {old, other}
        self.ask("WebDriver:SwitchToWindow", handle=restored, focus=True)

    def close(self) -> None:
        with suppress(EOFError, ConnectionError):
            self.ask("Marionette:Quit", flags=["eAttemptQuit"])
        self.end()
        self.reader.close()
        self.connection.close()
