"""Whatever goes wrong at a step of Send, what is stored was last meant, or it is nothing and said so.

A network fault comes together with what a person does meanwhile: waits, edits and sends again, leaves, or
goes on in another language; with the optional script and without it.
"""

import itertools
from collections.abc import Callable
from contextlib import suppress

import httpx
import msgspec
import pytest
from playwright.sync_api import Error, Page, Route

from feedback.app import create_survey_app
from feedback.web.survey import survey_pages
from tests.support.browser.every_page import in_every_language
from tests.support.browser.survey_steps import thanks, walk_to_the_end
from tests.support.doors import served_here
from tests.support.forms.survey_forms import FORM
from tests.support.sandbox import flood, move_the_clock
from tests.support.stored import sealed_rows

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRST, LAST = "The first words.", "The last words."
BOX = "[name=should-change]"


class Network(msgspec.Struct):
    """What lies between the phone and the door, and does to the first Send what a test says."""

    problem: Callable[["Network", Route], None]
    late: list[str] = []
    """What was held up and arrives after everything else."""
    sends: int = 0
    is_over: bool = False

    def carry(self, route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        self.sends += 1
        if self.is_over:
            return route.continue_()
        self.is_over = True
        return self.problem(self, route)


def cut_before(_network: Network, route: Route) -> None:
    route.abort()


def cut_after(_network: Network, route: Route) -> None:
    route.fetch(max_redirects=0)
    route.abort()


def held_up(network: Network, route: Route) -> None:
    network.late.append(route.request.post_data)
    route.abort()


def answer_with(**response) -> Callable[[Network, Route], None]:
    return lambda _network, route: route.fulfill(**response)


PROBLEMS = {
    "cut before it arrived": cut_before,
    "cut after it was stored": cut_after,
    "held up, and there after all else": held_up,
    "redirected to a log-in page": answer_with(status=302, headers={"Location": "http://127.0.0.1:9/log-in"}),
    "answered by a page of the network": answer_with(status=200, body="<main><h1>Welcome</h1></main>"),
    "refused by a filter": answer_with(status=403, body="Not for school."),
    "answered by a full proxy": answer_with(status=503, body="Later."),
}
"""What may happen between the two; what the door itself says in bad times is among the MOMENTS."""
MOMENTS = ("damped", "busy")
DOES = ("waits", "edits and sends again", "leaves", "goes on in Spanish")
CASES = [
    pytest.param(problem, does, script, id=f"{problem}, {does}, script {'on' if script else 'off'}")
    for problem, does, script in itertools.product((*PROBLEMS, *MOMENTS), DOES, (True, False))
    # Without a script nothing tries again: who waits is who leaves it at that.
    if script or does != "waits"
]
_SAMPLE = (
    "cut after it was stored, edits and sends again, script on",
    "held up, and there after all else, edits and sends again, script on",
    "held up, and there after all else, goes on in Spanish, script on",
    "redirected to a log-in page, waits, script on",
    "cut after it was stored, leaves, script on",
    "busy, goes on in Spanish, script off",
    "damped, edits and sends again, script off",
)


def sampled() -> list:
    return [
        it if it.id in _SAMPLE else pytest.param(*it.values, id=it.id, marks=pytest.mark.thorough)
        for it in CASES
    ]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    sandbox = in_every_language(tmp_path_factory.mktemp("meant"))
    door = create_survey_app(sandbox.settings)
    with served_here(door) as address:
        yield sandbox, address, door.state.deployment


@pytest.fixture
def new_responses(running):
    """What came in since the test began: words, and the language they are answered in."""
    before = set(sealed_rows(running[0]))
    return lambda: [
        (it.answers.get("should-change"), it.language)
        for key, it in sealed_rows(running[0]).items()
        if key not in before
    ]


@pytest.fixture
def break_down(monkeypatch):
    """The database answers nothing until it is mended."""

    def broken(*_args):
        raise OSError("The disk is full.")

    def breaks() -> Callable[[], None]:
        monkeypatch.setattr(survey_pages.Submission, "_store", broken)
        return monkeypatch.undo

    return breaks


class Phone(msgspec.Struct):
    """A survey on a phone, and everything between it and the door."""

    page: Page
    script: bool
    door: str
    slug: str
    network: Network

    def open(self) -> None:
        """Open the survey behind this network, and write the first words."""
        weather = {"body": "<h1>Weather</h1>", "content_type": "text/html"}
        self.page.route("**/leave", lambda route: route.fulfill(**weather))
        self.page.route("**/s/*", lambda route: self.network.carry(route))  # noqa: PLW0108 - the driver marks it
        if self.script:
            self.page.clock.install()
        self.page.goto(f"{self.door}/s/{self.slug}")
        self.page.locator(BOX).evaluate("(it, words) => { it.value = words; }", FIRST)

    def send(self) -> None:
        if self.script:
            walk_to_the_end(self.page)
        self.page.locator(".steps [type=submit]").click(no_wait_after=True)

    def hears_of_it(self) -> None:
        """What anybody sees who sent something and was not thanked."""
        if self.script:
            self.page.get_by_text("Not sent yet. Your answers are still on this page").wait_for()
        else:
            # Long enough for whatever comes in the place of the page; a fault is answered at once.
            self.page.wait_for_timeout(400)
        assert not thanks(self.page).is_visible()

    @property
    def has_the_form(self) -> bool:
        """Whether it still shows what was filled in; without script a page of the network may stand there."""
        return self.script or self.page.locator("form [name=_once]").count() > 0

    def edit(self) -> None:
        change = "(it, words) => { it.value = words; it.dispatchEvent(new Event('input', {bubbles: true})); }"
        self.page.locator(BOX).evaluate(change, LAST)

    def turn(self) -> None:
        self.page.locator(".chooser summary").click()
        self.page.locator(".chooser [value=es]").click()
        self.page.locator("html[lang=es]").wait_for()

    def leave(self) -> None:
        """By the button, or, from a page of the network's own, as one leaves any page."""
        if self.page.locator(".leave").count():
            self.page.locator(".leave").click(no_wait_after=True)
        else:
            with suppress(Error):
                self.page.goto(f"{self.door}/leave")
        self.page.get_by_text("Weather").wait_for()

    def let_time_pass(self) -> None:
        if self.script:
            self.page.clock.run_for(60_000)

    def receive_what_was_late(self) -> None:
        for body in self.network.late:
            httpx.post(f"{self.door}/s/{self.slug}", content=body, headers=FORM)


@pytest.fixture
def ana(running, phone_with_script, phone_without_script, problem, script):
    sandbox, door, _ = running
    slug = sandbox.link("ctu", "youth", instrument="youth-experience")
    network = Network(PROBLEMS.get(problem, lambda _network, route: route.continue_()))
    return Phone(phone_with_script if script else phone_without_script, script, door, slug, network)


@pytest.fixture
def mend(running, ana, break_down, problem):
    """The door has a bad time, if that is the fault, until this is called."""
    rate_limit = running[2].rate_limit
    if problem == "damped":
        flood(rate_limit, ana.slug)
        return lambda: move_the_clock(rate_limit, 60)
    return break_down() if problem == "busy" else lambda: None


@pytest.mark.parametrize(("problem", "does", "script"), sampled())
def test_what_is_stored_is_what_was_last_meant(ana, mend, new_responses, does):
    ana.open()
    ana.send()
    ana.hears_of_it()
    assert new_responses() in ([], [(FIRST, "en")])
    if does == "leaves":
        leave_at_once(ana, mend)
        assert new_responses() in ([], [(FIRST, "en")])
        return
    mend()
    if ana.has_the_form:
        meaning = go_on(ana, does)
        thanks(ana.page).wait_for()
        ana.receive_what_was_late()
        assert new_responses() == [meaning]


def leave_at_once(ana: Phone, mend: Callable[[], None]) -> None:
    ana.leave()
    sends = ana.network.sends
    mend()
    ana.let_time_pass()
    assert ana.network.sends == sends, "nothing goes out after Leave"
    assert ana.page.get_by_text("Weather").is_visible(), "and nothing of ours comes back"
    ana.receive_what_was_late()


def go_on(ana: Phone, does: str) -> tuple[str, str]:
    """What the person then means, and in which language."""
    if does == "waits":
        ana.let_time_pass()
        return FIRST, "en"
    if does == "goes on in Spanish":
        ana.turn()
    else:
        ana.edit()
    ana.send()
    return (FIRST, "es") if does == "goes on in Spanish" else (LAST, "en")
