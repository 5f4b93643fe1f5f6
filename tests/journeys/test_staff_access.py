"""axe finds nothing on any page of the staff door, and no page of it is sideways on a small phone."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe

from feedback.fieldwork.totals import report_work
from feedback.languages import LANGUAGES
from feedback.settings import Settings
from feedback.staff import accounts
from feedback.translations.catalogs import Message, message_of
from feedback.translations.proposals import keep_waiting
from feedback.web.staff.cookies import SESSION
from surveys.registry import WorkTotal
from tests.support.browser.axe import BY_LAYOUT, RUN, TAGS
from tests.support.doors import open_doors
from tests.support.loops import apart
from tests.support.people import Person
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = ((320, "light"), (1280, "dark"))
OPEN_DETAILS = "document.querySelectorAll('details').forEach(it => { it.open = true; })"
ROLES = ("ctlt", "reader", "admin")
PAGES = {
    None: ("/sign-in", "/sign-in/code", "/welcome/{token}", "/welcome/nothing"),
    "carla@county.example": (
        "/",
        "/programs/frp",
        "/strategies/6.4",
        "/measures",
        "/releases",
        "/served",
        "/served/frp",
        "/served/training-cast?reported=2026Q3&quarter=2026Q3",
        "/links",
        "/audit",
        "/account",
        "/nothing",
    ),
    "stella@county.example": ("/", "/programs/frp", "/strategies/6.4"),
    "ada@county.example": (
        "/people",
        "/links/{slug}/paper",
        "/links/{slug}/poster",
        "/words",
        "/words/ar",
        "/words/ar/{key}",
        "/words/ar/{waiting}?only=waiting&done=propose&of={key}",
    ),
}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A staff door after a release, with somebody invited. It looks the same on every database."""
    folder = tmp_path_factory.mktemp("staff")
    sandbox = Sandbox(Settings(home=folder / "home", today_is=dt.date(2026, 8, 15)))
    people = {
        None: None,
        **{it: Person(sandbox, it, role) for it, role in zip([*PAGES][1:], ROLES, strict=True)},
    }
    token = sandbox.in_transaction(lambda s: accounts.add_user(s, "new@county.example", "reviewer", None))
    total = WorkTotal(program="training-cast", period="2026Q3", served=60, offered=40, minutes=90)
    sandbox.in_transaction(lambda session: report_work(session, total))
    sandbox.answer(30)
    slug = sandbox.link(place="the room with the blue door", embed=("https://a.example",))
    sandbox.on("2026-10-15").release()
    with open_doors(sandbox.settings, folder) as doors:
        message = message_of("Question %(number)s of %(count)s")
        proposals = [(message, ("%(number)s من %(count)s",))]
        sandbox.in_transaction(lambda s: keep_waiting(s, LANGUAGES["ar"], proposals, "tam@county.example"))
        parts = {"token": token, "slug": slug, "key": Message(source="Send").key, "waiting": message.key}
        yield doors, {it: person and sandbox.session(it) for it, person in people.items()}, parts, people


LONG = {"/words/ar", "/links/{slug}/paper"}
"""Every message of a language, and a stack of paper: what they are made of stands on shorter pages too."""


@pytest.mark.parametrize(
    ("who", "path"),
    [
        pytest.param(who, path, marks=[pytest.mark.thorough] if path in LONG else [])
        for who, paths in PAGES.items()
        for path in paths
    ],
)
def test_axe_finds_nothing_on_any_page_of_the_staff_door(chromium, furnished, who, path):
    doors, sessions, parts, people = furnished
    context = chromium.new_context(reduced_motion="reduce", bypass_csp=True)
    context.set_default_timeout(60_000)
    try:
        token = sessions[who]
        if path == "/sign-in/code":
            token = apart(people["carla@county.example"].give_password)
        if token:
            context.add_cookies([{"name": SESSION, "value": token, "url": doors.staff}])
        page = context.new_page()
        page.goto(f"{doors.staff}{path.format(**parts)}")
        page.evaluate(OPEN_DETAILS)
        page.evaluate(Axe().axe_script)
        for number, (width, colours) in enumerate(WIDTHS):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=colours)
            only = {"type": "rule", "values": BY_LAYOUT} if number else {"type": "tag", "values": TAGS}
            assert page.evaluate(RUN, only) == [], f"{width} px, {colours}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"sideways at {width} px"
    finally:
        context.close()
