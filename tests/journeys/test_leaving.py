"""Leaving quickly: what Ana typed and chose is not seen again, in browsers as people have them."""

import datetime as dt
import json

import msgspec
import pytest

from feedback.settings import Settings
from tests.support.browser.browsers import Browser
from tests.support.browser.chromium import Chromium
from tests.support.browser.firefox import Firefox
from tests.support.browser.sites import BARE, HEARD, WEATHER, Sites, open_sites
from tests.support.doors import open_doors
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = "Rosa spoke for me"
BOX, CHOICE = "[name='should-change']", "[name='core-respect'][value='4']"
LEAVE = "a.leave"
CONTINUE, BACK, SEND = ".steps .next", ".steps .back", ".steps .send"
IN_ONE_TURN = """(() => {
  const start = performance.now();
  document.querySelector('a.leave').click();
  const took = performance.now() - start;
  const across = [0.1, 0.3, 0.5, 0.7, 0.9];
  const points = across.flatMap(x => across.map(y => [x * innerWidth, y * innerHeight]));
  const shown = points.some(([x, y]) => document.elementFromPoint(x, y)?.closest('main'));
  const kept = [...document.querySelectorAll('main :checked, main textarea')]
    .filter(it => it.name != '_consent').map(it => it.value).join('');
  return JSON.stringify({took, shown, kept});
})()"""
"""Leave is pressed, and the page looked at before the browser can do anything else."""


class Case(msgspec.Struct):
    """One browser, with script or without, before a survey door on https."""

    browser: Browser
    script: bool
    sites: Sites
    slug: str

    def survey(self, name: str = HEARD) -> str:
        return self.sites.at(name, f"/s/{self.slug}")

    def answer(self, address: str) -> None:
        """Open a form in a fresh tab, choose and type."""
        self.sites.referrers.clear()
        self.browser.new_tab(address)
        self.reach(CHOICE)
        self.browser.press(CHOICE)
        self.reach(BOX)
        self.browser.write(BOX, WORDS)
        screen = self.browser.look()
        assert WORDS in screen.words
        assert "core-respect=4" in screen.chosen

    def reach(self, selector: str) -> None:
        """With a script there is one question at a time."""
        while not self.browser.evaluate(f'document.querySelector("{selector}").checkVisibility()'):
            self.browser.press(CONTINUE)

    def begin(self) -> None:
        """Go back to the first screen, and open what more is told there."""
        if self.script:
            while self.browser.evaluate(f'document.querySelector("{BACK}").checkVisibility()'):
                self.browser.press(BACK)
        self.browser.press(".first summary")

    def send(self) -> None:
        self.reach(SEND)
        self.browser.press(SEND)

    def leave(self) -> None:
        self.browser.press(LEAVE)
        self.arrive()

    def arrive(self) -> None:
        self.browser.settle(lambda screen: screen.address == self.sites.at(WEATHER))
        assert set(self.sites.referrers) == {None}


def show_an_answer(screens) -> bool:
    return any(WORDS in it.words or any(name.startswith("core-") for name in it.chosen) for it in screens)


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """A survey door whose Leave leads to a page of the test's own, behind a proxy with TLS."""
    folder = tmp_path_factory.mktemp("leaving")
    with open_sites(folder) as (sites, stand_before):
        settings = Settings(home=folder / "home", today_is=dt.date(2026, 8, 15), leave_to=sites.at(WEATHER))
        slug = Sandbox(settings).link()
        with open_doors(settings, folder) as doors:
            stand_before(doors.survey)
            yield sites, slug


def browsers(*, script: tuple[bool, ...]) -> list:
    return [
        pytest.param((kind, on), id=f"{kind.__name__}, script {'on' if on else 'off'}")
        for kind in (Chromium, Firefox)
        for on in script
    ]


@pytest.fixture(scope="module", params=browsers(script=(True, False)))
def ana(request, door, tmp_path_factory):
    kind, script = request.param
    sites, slug = door
    browser = kind(tmp_path_factory.mktemp("profile"), sites.certificate, script=script)
    yield Case(browser, script, sites, slug)
    browser.close()


with_script = pytest.mark.parametrize("ana", browsers(script=(True,)), indirect=True)
without_script = pytest.mark.parametrize("ana", browsers(script=(False,)), indirect=True)


def test_the_browser_keeps_what_nobody_tells_it_to_forget_and_forgets_when_told(ana):
    """The control: without it every other test would pass in a browser that keeps nothing anyway."""
    ana.answer(ana.sites.at(HEARD, "/kept"))
    assert ana.browser.evaluate("'ran' in document.documentElement.dataset") is ana.script
    ana.browser.open(ana.sites.at(WEATHER))
    ana.browser.visit(0)
    # A busy Firefox fills the form in again a moment after it says that the page is there.
    assert show_an_answer(ana.browser.settle(lambda screen: show_an_answer([screen])))
    ana.leave()
    assert not show_an_answer(ana.browser.walk())


@without_script
def test_the_thanks_alone_make_the_browser_forget(ana):
    ana.answer(ana.sites.at(HEARD, "/kept"))
    ana.browser.press("a.thanks")
    ana.browser.settle(lambda screen: screen.address.endswith("/thanks"))
    assert not show_an_answer(ana.browser.walk())


def test_after_leave_no_step_back_or_forward_shows_an_answer(ana):
    ana.answer(ana.survey())
    ana.leave()
    screens = ana.browser.walk()
    assert not show_an_answer(screens)
    assert (ana.survey() in {it.address for it in screens}) is not ana.script


@pytest.mark.parametrize("beside", ["/help", "/heard"])
def test_help_and_results_cost_no_answer_and_leaving_there_shows_none(ana, beside):
    """They open beside the questions. Leaving there leaves both with a script; without one, they say so."""
    ana.answer(ana.survey())
    if beside == "/heard":
        ana.begin()
    ana.browser.press(f"a[href^='{beside}']")
    ana.browser.other_tab()
    screens = ana.browser.settle(lambda screen: screen.address == ana.sites.at(HEARD, f"{beside}?tab=1"))
    assert "The page you came from is still open in another tab." in screens[-1].words
    ana.browser.other_tab()
    assert show_an_answer(ana.browser.settle()[-1:]), "nothing was lost"
    ana.browser.other_tab()
    ana.leave()
    assert not show_an_answer(ana.browser.walk())
    ana.browser.other_tab()
    if not ana.script:
        ana.leave()
    ana.arrive()
    assert not show_an_answer(ana.browser.walk())


def test_after_send_and_after_leaving_the_thanks_no_step_shows_an_answer(ana):
    ana.answer(ana.survey())
    ana.send()
    ana.browser.settle(lambda screen: "Thank you. Your answers are in." in screen.words)
    assert not show_an_answer(ana.browser.walk())
    ana.leave()
    assert not show_an_answer(ana.browser.walk())


def test_a_page_that_came_back_marked_is_not_shown_before_one_agrees_to_send_it_again(ana):
    ana.answer(ana.survey())
    ana.browser.evaluate(f'document.querySelector("{CHOICE}").value = "9"')
    ana.send()
    assert show_an_answer(ana.browser.settle(lambda screen: 'role="alert"' in screen.words)[-1:])
    ana.leave()
    assert not show_an_answer(ana.browser.walk())


@without_script
def test_a_reload_and_a_tab_opened_again_show_an_empty_page(ana):
    ana.answer(ana.sites.at(HEARD, "/remembered"))
    ana.browser.reopen()
    assert show_an_answer(ana.browser.settle(lambda screen: show_an_answer([screen])))
    ana.answer(ana.survey())
    assert not show_an_answer(ana.browser.reload()[-1:])
    ana.answer(ana.survey())
    ana.browser.reopen()
    assert not show_an_answer(ana.browser.settle(lambda screen: screen.address == ana.survey()))


@with_script
def test_with_a_script_the_page_is_covered_and_emptied_in_the_same_turn(ana):
    ana.answer(ana.survey())
    cover = json.loads(ana.browser.evaluate(IN_ONE_TURN))
    print(f"Covered in {cover['took']:.1f} ms.")
    assert not cover["shown"]
    assert cover["kept"] == ""
    ana.arrive()


@with_script
def test_with_a_script_escape_three_times_leaves_without_a_step_to_go_back_to(ana):
    """Even where a proxy loses the headers that make a browser forget."""
    ana.answer(ana.survey(BARE))
    for _ in range(3):
        ana.browser.key("Escape")
    ana.arrive()
    screens = ana.browser.walk()
    assert not show_an_answer(screens)
    assert ana.survey(BARE) not in {it.address for it in screens}
