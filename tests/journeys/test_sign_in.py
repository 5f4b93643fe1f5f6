"""Coming in and going out in real browsers: a one-time address, a code, a passkey, Back after sign-out."""

import datetime as dt
import re
from urllib.parse import parse_qs

import httpx
import pyotp
import pytest

from feedback.settings import Settings
from feedback.staff import accounts
from tests.support.browser.chromium import Chromium
from tests.support.browser.firefox import Firefox
from tests.support.browser.sites import STAFF, open_sites
from tests.support.doors import open_doors
from tests.support.people import Person
from tests.support.sandbox import PASSWORD, Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# What a browser does with a page does not depend on the database.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CARLA = "carla@county.example"
PLACE = "the room with the blue door"


@pytest.fixture
def doors(sandbox, tmp_path):
    with open_doors(sandbox.settings, tmp_path) as running_doors:
        yield running_doors


@pytest.fixture(params=["script on", "script off"])
def page(request, chromium):
    context = chromium.new_context(java_script_enabled=request.param == "script on")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@ON_SQLITE
def test_nina_sets_up_her_account_and_signs_in_again_with_a_recovery_code(request, sandbox, doors, page):
    token = sandbox.in_transaction(lambda s: accounts.add_user(s, "nina@county.example", "reviewer", None))
    page.goto(f"{doors.staff}/welcome/{token}")
    secret = page.locator("code.typed").inner_text().replace(" ", "")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up").click()
    codes = page.locator(".recovery code").all_inner_texts()
    assert len(codes) == 10
    has_script = request.node.callspec.params["page"] == "script on"
    assert page.get_by_text("A passkey on this device").is_visible() is has_script
    page.get_by_text("I have them").click()
    page.get_by_text("Your role is reviewer.").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.locator("[name=email]").fill("nina@county.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.locator("[name=code]").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{doors.staff}/")


@pytest.fixture
def phone(chromium):
    """A browser whose phone holds passkeys and knows its owner's face."""
    context = chromium.new_context()
    context.set_default_timeout(60_000)
    page = context.new_page()
    browser = context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = browser.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page, browser, authenticator["authenticatorId"]
    context.close()


@ON_SQLITE
def test_nina_adds_a_passkey_where_her_recovery_codes_are_shown_and_types_no_password_again(
    sandbox, doors, phone
):
    page, _, _ = phone
    token = sandbox.in_transaction(lambda s: accounts.add_user(s, "nina@county.example", "reviewer", None))
    page.goto(f"{doors.staff}/welcome/{token}")
    link = page.get_by_role("link", name="Open my authenticator app")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=code]").fill(pyotp.parse_uri(link.get_attribute("href")).now())
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("button", name="I have the codes: add a passkey").click()
    page.wait_for_url(f"{doors.staff}/account?done=passkey")
    page.get_by_text("Passkey, since").wait_for()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{doors.staff}/")
    assert page.get_by_role("link", name="nina@county.example").is_visible()


@ON_SQLITE
def test_a_passkey_signs_in_without_a_password_or_a_code_and_each_answer_once(sandbox, doors, phone):
    page, browser, authenticator = phone
    Person(sandbox)
    page.context.add_cookies([{"name": "heard-staff", "value": sandbox.session(CARLA), "url": doors.staff}])
    page.goto(f"{doors.staff}/account")
    adding = page.locator("form[data-passkey]")
    adding.locator("[name=name]").fill("My phone")
    adding.locator("[name=current]").fill(PASSWORD)
    adding.get_by_role("button").click()
    page.get_by_text("My phone, since").wait_for()
    page.get_by_role("button", name="Sign out", exact=True).click()

    with page.expect_request(lambda it: it.method == "POST" and it.url.endswith("/sign-in/passkey")) as post:
        page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{doors.staff}/")
    assert page.get_by_role("link", name=CARLA).is_visible()

    with httpx.Client(base_url=doors.staff) as mallory:
        form = re.search(r'name="_csrf_token" value="([^"]+)"', mallory.get("/sign-in").text)[1]
        answer = parse_qs(post.value.post_data)["answer"][0]
        second = mallory.post("/sign-in/passkey", data={"_csrf_token": form, "answer": answer})
    assert second.status_code == 403
    assert "This passkey is not known here." in second.text

    browser.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("No passkey was used. Nothing was changed.").wait_for()


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """A staff door behind a proxy with TLS, and a link whose place a member of staff wrote."""
    folder = tmp_path_factory.mktemp("signing-out")
    with open_sites(folder) as (sites, stand_before):
        sandbox = Sandbox(Settings(home=folder / "home", today_is=dt.date(2026, 8, 15)))
        sandbox.link(place=PLACE)
        carla = Person(sandbox)
        with open_doors(sandbox.settings, folder, FEEDBACK_STAFF_URL=sites.at(STAFF).rstrip("/")) as both:
            stand_before(both.survey, both.staff)
            yield sites, carla


@pytest.mark.parametrize(
    ("kind", "script"),
    [
        pytest.param(Chromium, True, id="Chromium, script on"),
        pytest.param(Firefox, False, id="Firefox, script off", marks=pytest.mark.thorough),
        pytest.param(Chromium, False, id="Chromium, script off", marks=pytest.mark.thorough),
        pytest.param(Firefox, True, id="Firefox, script on", marks=pytest.mark.thorough),
    ],
)
def test_back_after_sign_out_shows_nothing(door, kind, script, tmp_path):
    sites, carla = door
    browser = kind(tmp_path, sites.certificate, script=script)
    try:
        _sign_in(browser, sites, carla)
        screen = browser.open(sites.at(STAFF, "/links"))[-1]
        assert PLACE in screen.words
        browser.write("[name=place]", "half a sentence of Carla's")
        browser.open(sites.at(STAFF, "/account"))
        browser.visit(browser.position()[0] - 1)
        screen = browser.settle(lambda screen: screen.address == sites.at(STAFF, "/links"))[-1]
        assert PLACE in screen.words, "the control: before signing out, Back shows it"
        browser.press("form[action='/sign-out'] button")
        browser.settle(lambda screen: screen.address == sites.at(STAFF, "/sign-in?done=out"))
        screens = browser.walk()
        assert len(screens) > 4
        for it in screens:
            # The box of the sign-in page may hold the address again: a browser keeps what is typed there.
            hers = () if it.address.startswith(sites.at(STAFF, "/sign-in")) else (CARLA,)
            for words in (*hers, PASSWORD, PLACE, "half a sentence", "Sign out"):
                assert words not in it.words, it.address
    finally:
        browser.close()


def _sign_in(browser, sites, carla) -> None:
    browser.open(sites.at(STAFF, "/sign-in"))
    browser.write("[name=email]", CARLA)
    browser.write("[name=password]", PASSWORD)
    browser.press("button.act")
    browser.settle(lambda screen: screen.address == sites.at(STAFF, "/sign-in/code"))
    browser.write("[name=code]", carla.recovery.pop())
    browser.press("button.act")
    browser.settle(lambda screen: screen.address == sites.at(STAFF))
