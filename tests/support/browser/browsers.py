"""Debian's Chromium and Firefox as people have them, back/forward cache and all.

Test drivers switch that cache off, or keep a page out of it without meaning to. These two speak the browsers'
own protocols (DevTools over a pipe in chromium.py, Marionette over a socket in firefox.py) and use nothing of
them that does."""

import json
import shutil
import subprocess
import time

import msgspec

PATIENCE = 30.0
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A Chromium that does nothing by itself; nothing of it changes what a page may do."""
_STILL = 0.1
"""A page that has not changed for so long is where it wants to be."""
_LOOK = """(() => {
  const all = [...document.querySelectorAll('input, textarea')];
  return JSON.stringify({
    address: location.href,
    words: document.documentElement.outerHTML + ' ' + all.map(it => it.value).join(' '),
    chosen: all.filter(it => it.checked).map(it => `${it.name}=${it.value}`),
    ready: document.readyState == 'complete' || document.documentURI.startsWith('about:neterror'),
  });
})()"""
_FOCUS = """(() => {
  const it = document.querySelector(%s);
  it.focus();
  return document.activeElement == it ? it.localName : '';
})()"""


class Moving(Exception):
    """The page is being left at this moment; ask again."""


class Screen(msgspec.Struct, frozen=True):
    """What one page shows at one moment: its markup, everything typed into it, every choice made."""

    address: str
    words: str
    chosen: tuple[str, ...]
    ready: bool


def installed(name: str) -> str:
    path = shutil.which(name)
    assert path, f"The browser tests need Debian's package {name}; `make test` installs it where it may."
    return path


class Browser:
    """What a person does with a browser, and what is on the screen meanwhile."""

    process: subprocess.Popen
    visits = 0

    def end(self) -> None:
        """Wait until it has closed; one that will not must not outlive the test."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def evaluate(self, source: str):
        raise NotImplementedError

    def other_tab(self) -> None:
        """Look at the one other tab that is open, as soon as it is."""
        raise NotImplementedError

    def position(self) -> tuple[int, int]:
        """At which step of the tab's history we are, and how many there are."""
        raise NotImplementedError

    def look(self) -> Screen:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return msgspec.json.decode(self.evaluate(_LOOK) or "", type=Screen)
            except (Moving, msgspec.DecodeError):
                assert time.monotonic() < end, "The page never came."
                time.sleep(0.01)

    def settle(self, has_arrived=lambda _screen: True) -> list[Screen]:
        """Everything that is seen until the page has come and stays."""
        screens = [self.look()]
        end, since = time.monotonic() + PATIENCE, time.monotonic()
        while time.monotonic() - since < _STILL:
            assert time.monotonic() < end, f"Still at {screens[-1].address}."
            time.sleep(0.02)
            screens.append(self.look())
            if screens[-1] != screens[-2] or not screens[-1].ready or not has_arrived(screens[-1]):
                since = time.monotonic()
        return screens

    def open(self, address: str) -> list[Screen]:
        """As typed into the address bar."""
        self._go(address)
        return self.settle(lambda screen: screen.address == address)

    def press(self, selector: str) -> None:
        """With the keyboard: what a mouse is pointed at may still be scrolling away from under it."""
        self.key("Space" if self._focus(selector) == "input" else "Enter")

    def write(self, selector: str, words: str) -> None:
        self._focus(selector)
        self._write(words)

    def _focus(self, selector: str) -> str:
        end = time.monotonic() + PATIENCE
        while not (kind := self.evaluate(_FOCUS % json.dumps(selector))):
            assert time.monotonic() < end, f"{selector} cannot be reached."
            time.sleep(0.01)
        return kind

    def visit(self, step: int) -> list[Screen]:
        """Go to one step of the history, as by the Back button or the list under it."""
        if self.position()[0] == step:
            self._visit(step)
            return self.settle()
        # The browser says where it goes before it shows it, and neighbouring steps may share an address.
        self.visits += 1
        mark, address = f'data-before="{self.visits}"', self.look().address
        self.evaluate(f"document.documentElement.dataset.before = '{self.visits}'")
        self._visit(step)
        return self.settle(lambda screen: mark not in screen.words or screen.address != address)

    def walk(self) -> list[Screen]:
        """Back through every step of this tab, and forward through every step to its end."""
        screens = self.settle()
        here, count = self.position()
        for step in [*range(here - 1, -1, -1), *range(1, count)]:
            screens += self.visit(step)
        return screens

    def reload(self) -> list[Screen]:
        self.evaluate("document.documentElement.dataset.reloading = 'yes'")
        self._reload()
        return self.settle(lambda screen: "data-reloading" not in screen.words)
