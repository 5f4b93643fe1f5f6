"""The survey inside a program's own site: framed there and nowhere else, sandboxed, cookies blocked."""

import datetime as dt
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from feedback.settings import Settings
from tests.support.browser.phones import new_phone
from tests.support.doors import open_doors
from tests.support.sandbox import Sandbox
from tests.support.stored import waiting_rows

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SITE, OTHER = "https://program.example", "https://other.example"
SANDBOX = "allow-forms allow-scripts allow-popups allow-top-navigation-by-user-activation"


class Weather(ThreadingHTTPServer):
    """The ordinary page that Leave opens; keeps the headers it was asked with."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Forecast)
        self.address = f"http://127.0.0.1:{self.server_port}/"
        self.request_headers = []


class Forecast(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.request_headers.append(self.headers)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Sunny.")

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture(scope="module")
def weather():
    server = Weather()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def running(tmp_path_factory, weather):
    folder = tmp_path_factory.mktemp("embedding")
    sandbox = Sandbox(
        Settings(
            home=folder / "home",
            today_is=dt.date(2026, 8, 15),
            leave_to=weather.address,
            offer_draft_languages=True,
        )
    )
    with open_doors(sandbox.settings, folder) as doors:
        yield sandbox, f"{doors.survey}/e/{sandbox.link(embed=(SITE,))}"


@pytest.fixture
def count_stored(running):
    sandbox = running[0]
    before = len(sandbox.in_transaction(waiting_rows))
    return lambda: len(sandbox.in_transaction(waiting_rows)) - before


@pytest.fixture(params=["script on", "script off"])
def host(request, chromium, running):
    """Open a site that frames the survey; returns the page and the frame."""
    with new_phone(chromium, java_script_enabled=request.param == "script on") as page:

        def open_host(site=SITE, sandbox=SANDBOX, refusals=None):
            if refusals is not None:
                page.on("console", lambda it: refusals.append(it.text))
            boxed = "" if sandbox is None else f'sandbox="{sandbox}"'
            body = f'<iframe src="{running[1]}" {boxed} onload="heard++"'
            body = f'<script>var heard = 0</script>{body} width="380" height="800"></iframe>'
            page.route(f"{site}/", lambda it: it.fulfill(body=body, content_type="text/html"))
            page.goto(f"{site}/")
            return page, page.frame_locator("iframe")

        yield open_host


def answer(frame):
    choice = frame.locator("[name=core-access][value='2']")
    while not choice.is_visible():
        frame.locator(".steps .on:visible").click()
    choice.check()
    while not frame.locator(".send").is_visible():
        frame.locator(".steps .on:visible").click()
    frame.locator(".send").click()
    frame.get_by_text("Thank you. Your answers are in.").wait_for()


@pytest.mark.parametrize("sandbox", [None, SANDBOX])
def test_a_framed_survey_is_answered_in_the_frame(host, count_stored, sandbox):
    page, frame = host(sandbox=sandbox)
    frame.locator("h1").wait_for()
    answer(frame)
    assert page.url == f"{SITE}/"
    assert count_stored() == 1
    assert page.context.cookies() == []


@pytest.mark.parametrize("sandbox", [None, SANDBOX])
@pytest.mark.parametrize("host", ["script on"], indirect=True)
def test_with_a_script_the_site_around_does_not_hear_that_somebody_sent(host, count_stored, sandbox):
    """A frame tells the site around it whenever another page stands in it."""
    page, frame = host(sandbox=sandbox)
    frame.locator("h1").wait_for()
    page.wait_for_function("heard == 1")
    answer(frame)
    page.wait_for_timeout(300)
    assert count_stored() == 1
    assert page.evaluate("heard") == 1


@pytest.mark.parametrize("host", ["script on"], indirect=True)
def test_the_site_around_hears_when_another_page_stands_in_its_frame(host):
    page, frame = host()
    frame.locator("h1").wait_for()
    page.wait_for_function("heard == 1")
    frame.locator(".chooser summary").click()
    frame.locator(".chooser [value=en]").click()
    page.wait_for_function("heard == 2")


def test_no_other_site_may_frame_the_survey(host):
    refusals = []
    _, frame = host(site=OTHER, refusals=refusals)
    assert any("frame-ancestors" in it for it in refusals)
    assert frame.locator(".promise").count() == 0


@pytest.mark.parametrize("sandbox", [None, SANDBOX])
def test_leave_takes_the_whole_page_away(host, weather, sandbox):
    page, frame = host(sandbox=sandbox)
    frame.locator(".leave").click()
    page.get_by_text("Sunny.").wait_for()
    assert page.url == weather.address
    assert "Referer" not in weather.request_headers[-1]


@pytest.mark.parametrize("host", ["script on"], indirect=True)
def test_where_the_frame_may_not_move_the_page_leave_empties_the_frame(host):
    """With script only: without it the frame can but ask, and such a browser refuses."""
    page, frame = host(sandbox="allow-forms allow-scripts")
    frame.locator(".promise").wait_for()
    frame.locator(".leave").click()
    frame.locator(".promise").wait_for(state="detached")
    assert frame.locator("body *:visible").count() == 1, "“Leaving …”, for those who hear it"
    assert frame.locator(".cover").bounding_box()["width"] == 1
    assert page.url == f"{SITE}/"
