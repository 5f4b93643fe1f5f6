"""Walking through a survey as its optional script shows it, one question at a time."""

import re

from playwright.sync_api import Locator, Page

_THANKS = re.compile(r"Thank you\. Your answers are in\.|Gracias\. Ya llegaron tus respuestas\.")


def on(page: Page) -> None:
    """Press whatever leads on: Continue, or Send."""
    page.locator(".steps .on:visible").click()


def walk_to_the_end(page: Page) -> None:
    for _ in range(40):
        if page.locator(".send").is_visible():
            return
        on(page)
    raise AssertionError("There is no end.")


def thanks(page: Page) -> Locator:
    """The words that mean stored, in the languages that journeys answer in."""
    return page.get_by_role("heading", name=_THANKS)
