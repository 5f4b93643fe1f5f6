"""A real Chromium, as small as a phone."""

import pytest
from playwright.sync_api import sync_playwright

from tests.support.browser import browsers
from tests.support.browser.phones import QUIET, new_phone

COUNTED = ("test_bench.py", "test_three_years.py")
"""What runs the figures an operator repeats, and the demonstration: nothing smaller does."""


def pytest_itemcollected(item):
    """Journeys show the parts together; whether each line is run at all, the tests of each part answer."""
    if item.path.name not in COUNTED:
        item.add_marker(pytest.mark.uncounted)
    params = item.callspec.params if hasattr(item, "callspec") else {}
    # One journey on PostgreSQL is enough for a script, which knows of no database.
    if (params.get("phone"), params.get("database_url")) == ("script on", "postgresql"):
        item.add_marker(pytest.mark.thorough)


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.installed("chromium"), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(params=["script on", "script off"])
def phone(request, chromium):
    """A page of a fresh phone, with scripts and without."""
    with new_phone(chromium, java_script_enabled=request.param == "script on") as page:
        yield page


@pytest.fixture
def phone_with_script(chromium):
    with new_phone(chromium) as page:
        yield page


@pytest.fixture
def phone_without_script(chromium):
    with new_phone(chromium, java_script_enabled=False) as page:
        yield page
