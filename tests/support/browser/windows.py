"""A browser window that shows pages made beforehand: one load, then every width, colour and step."""

from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any

from tests.support.browser.every_page import ServedPage

HEIGHT = 844
OPEN_DETAILS = "document.querySelectorAll('details').forEach(it => { it.open = true; })"


class Window:
    def __init__(self, page) -> None:
        self.page = page
        self._current: ServedPage | None = None
        self._browser = page.context.new_cdp_session(page)
        self._media = {}
        page.context.route("**/*", self._answer)

    def _answer(self, route) -> None:
        page = self._current
        if page is not None and route.request.url == page.address:
            route.fulfill(status=page.status, headers=page.headers, body=page.body)
        else:
            route.fulfill(status=204)

    def show(self, page: ServedPage, *, script: bool, unfold: bool = True) -> None:
        """Load a page. Without script the browser runs none of the page's own, but still ours."""
        self._current = page
        self.settle()
        self._browser.send("Emulation.setScriptExecutionDisabled", {"value": not script})
        self.page.goto(page.address)
        self._browser.send("Emulation.setScriptExecutionDisabled", {"value": False})
        if unfold:
            self.look(OPEN_DETAILS)

    def look(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    def settle(self, width: int = 320, colours: str = "light", **media: str) -> None:
        """Take a width and colours. What is so already is not asked for again: each asking draws the page."""
        if (size := {"width": width, "height": HEIGHT}) != self.page.viewport_size:
            self.page.set_viewport_size(size)
        if (features := {"color_scheme": colours, **media}) != self._media:
            self.page.emulate_media(**features)
            self._media = features

    def steps(self) -> Iterable[str]:
        """Walk through the survey as its script shows it, and name each step while it stands there."""
        while True:
            yield self.look("document.querySelector('.ask:not([hidden])').id")
            if self.page.locator(".send").is_visible():
                return
            self.page.locator(".steps .on:visible").click()


@contextmanager
def open_window(chromium):
    context = chromium.new_context(reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield Window(context.new_page())
    context.close()
