"""Hostile words are stored everywhere, and in a real Chromium no page runs any of them."""

import datetime as dt

import pytest

from feedback.settings import Settings
from feedback.translations.catalogs import Message
from tests.support.attack.payloads import PROGRAM, SURVEY, VISIBLE, store_everywhere
from tests.support.browser.phones import new_phone
from tests.support.doors import open_doors
from tests.support.loops import apart
from tests.support.sandbox import Sandbox
from tests.support.translators import lay

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = " ".join(VISIBLE)
STAFF = (
    "/", "/links", "/links/{slug}/poster", f"/programs/{PROGRAM}", "/measures", "/strategies/6.4",
    "/served", f"/served/{PROGRAM}", "/releases", "/audit", "/audit?object=script",
)  # fmt: skip
ADMIN = (
    "/links/{slug}/paper",
    "/words",
    "/words/es",
    "/words/es?search=script",
    f"/words/es/{Message(source='Send').key}",
    f"/words/es/preview/{SURVEY}",
)
SURVEYS = ("/s/{slug}", "/s/{slug}?lang=es", "/s/{slug}/print", "/thanks", "/heard", f"/heard/{PROGRAM}")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Both doors, open on a deployment full of words that would run."""
    folder = tmp_path_factory.mktemp("stored")
    sandbox = Sandbox(
        Settings(home=folder / "home", today_is=dt.date(2026, 8, 15), offer_draft_languages=True)
    )
    slug = store_everywhere(sandbox, WORDS[:200])
    # A percent sign would be read as a place to fill, and the message said in English.
    lay(sandbox, "es", " ".join(it for it in VISIBLE if "%" not in it))
    sandbox.answer(11, program=PROGRAM, instrument=SURVEY, answers={"x-going-well": WORDS})
    sandbox.on("2026-10-15").release()
    with open_doors(sandbox.settings, folder) as doors:
        yield sandbox, doors, slug


def cookie(sandbox, email, role):
    """Sign in as the pages do; a browser is then given the cookie."""

    def sign_in():
        with sandbox.staff_door(sandbox.user(email, role)) as door:
            return door.cookies["heard-staff"]

    return apart(sign_in)


def watch(page):
    """Everything a page does that it should not, as it happens."""
    events = []
    page.on("dialog", lambda it: (events.append(f"dialog: {it.message}"), it.dismiss()))
    page.on("pageerror", lambda it: events.append(f"error: {it}"))
    page.on("console", lambda it: events.append(it.text) if it.type in ("error", "warning") else None)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', it => console.error('policy ' + it.violatedDirective))"
    )
    return events


def check(page, events, host, address):
    answer = page.goto(f"{host}{address}")
    assert answer.status == 200, address
    page.wait_for_load_state("load")
    assert page.evaluate("window.ran === undefined"), f"{address}: a script ran"
    strange = "document.querySelectorAll('[onerror], [onload], img[src=x], svg[onload], script[src]').length"
    assert page.evaluate(strange) == 0, address
    assert not page.evaluate("[...document.links].some(it => it.protocol == 'javascript:')"), address
    # A preview is sandboxed: our own script does not run there either.
    assert [it for it in events if "preview" not in address or "frame is sandboxed" not in it] == [], address
    events.clear()


def test_no_page_runs_what_somebody_stored(chromium, running):
    sandbox, doors, slug = running
    for email, role, pages in (
        ("carla@county.example", "ctlt", STAFF),
        ("ada@county.example", "admin", ADMIN),
    ):
        with new_phone(chromium) as page:
            session = {"name": "heard-staff", "value": cookie(sandbox, email, role), "url": doors.staff}
            page.context.add_cookies([session])
            events = watch(page)
            for address in pages:
                check(page, events, doors.staff, address.format(slug=slug))
            if role == "ctlt":
                page.goto(f"{doors.staff}/links")
                assert "<script>window.ran=1</script>" in page.inner_text("main"), "it is shown as it is"
    with new_phone(chromium) as page:
        events = watch(page)
        for address in SURVEYS:
            check(page, events, doors.survey, address.format(slug=slug))
        page.goto(f"{doors.survey}/s/{slug}?lang=es")
        assert "javascript:window.ran=1" in page.get_attribute("form.survey", "data-sending"), (
            "it is in there"
        )


def test_the_watch_notices_a_script_that_runs(chromium, running):
    """Otherwise the test above could not fail."""
    _, doors, _ = running
    with new_phone(chromium) as page:
        events = watch(page)
        page.route(
            "**/help",
            lambda it: it.fulfill(body="<script>window.ran=1;alert(1)</script>", content_type="text/html"),
        )
        with pytest.raises(AssertionError, match="a script ran"):
            check(page, events, doors.survey, "/help")
        assert events == ["dialog: 1"]
        page.goto(f"{doors.survey}/thanks")
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=window.ran=1>')")
        page.wait_for_timeout(200)
        assert any("policy script-src" in it for it in events), "the policy stops what markup would begin"
        assert page.evaluate("window.ran === undefined")
