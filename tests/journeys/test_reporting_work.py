"""Carla reports a department's numbers by keyboard, is asked about a slip, and says that it is right."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe

from feedback.app import create_staff_app
from feedback.fieldwork.totals import report_work, work_totals
from feedback.settings import Settings
from feedback.web.staff.cookies import SESSION
from surveys.registry import WorkTotal
from tests.support.browser.axe import RUN, TAGS
from tests.support.doors import served_here
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NARROW, WIDE = 320, 1280


@pytest.fixture
def sandbox(tmp_path):
    """Three months on, with a report of the first quarter."""
    sandbox = Sandbox(Settings(home=tmp_path / "home", today_is=dt.date(2026, 8, 15)))
    total = WorkTotal(program="frp", period="2026Q3", served=60, offered=40, minutes=90)
    sandbox.in_transaction(lambda session: report_work(session, total))
    return sandbox.on("2027-01-05")


def check(page):
    page.evaluate(Axe().axe_script)
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(RUN, {"type": "tag", "values": TAGS}) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_carla_reports_a_quarter_by_keyboard_and_is_asked_about_a_slip(chromium, sandbox):
    email = sandbox.user()
    with served_here(create_staff_app(sandbox.settings)) as address:
        context = chromium.new_context(reduced_motion="reduce", bypass_csp=True)
        try:
            cookie = {"name": SESSION, "value": sandbox.session(email), "url": address}
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(f"{address}/served")
            page.get_by_role("link", name="October to December 2026").first.press("Enter")
            page.get_by_label("People served").focus()
            for number in ("600", "50", "90"):
                page.keyboard.type(number)
                page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            asked = page.get_by_text("Far from the quarter before: people served, 600 after 60.")
            asked.wait_for()
            assert page.get_by_label("People served").input_value() == "600"
            assert page.evaluate("document.activeElement.name") == "sure"
            check(page)
            page.keyboard.press("Space")
            page.keyboard.press("Enter")
            page.get_by_text("October to December 2026 is reported: people served 600").wait_for()
            check(page)
        finally:
            context.close()
    totals = sandbox.in_transaction(work_totals)
    assert [(it.period, it.served) for it in totals] == [("2026Q3", 60), ("2026Q4", 600)]
