"""The main job: Lupe answers on her phone, a release lets it out safely, Carla of CTLT reads it."""

import msgspec
import pytest

from tests.support.browser.survey_steps import thanks
from tests.support.doors import open_doors, run
from tests.support.people import Person
from tests.support.sandbox import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_young_person_answers_and_ctlt_reads_it_after_the_release_only(phone, sandbox, tmp_path):
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    carla = Person(sandbox)
    sandbox.answer(10, program="frp", audience="youth")
    slug = sandbox.link("frp", "youth")
    with open_doors(sandbox.settings, tmp_path) as doors:
        answer_in_spanish(phone, f"{doors.survey}/s/{slug}?lang=es")
        sign_in(phone, doors.staff, carla)
        phone.goto(f"{doors.staff}/programs/frp")
        assert "B00001" not in phone.content()
        assert "Nothing was released yet" in phone.content()
        release = run(sandbox.settings, "release", FEEDBACK_TODAY="2026-10-15")
        assert release.stdout.startswith("2026Q3: 1 batch closed.\n"), release.stderr
        phone.goto(f"{doors.staff}/programs/frp")
        phone.get_by_text("1 batch of answers let out together").click()
        row = phone.locator("tr", has_text="B00001")
        assert row.inner_text().split("\t")[3:5] == ["young people, live", "11"]


def answer_in_spanish(page, address):
    """Answer some, decline one, skip the rest, send."""
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == "es"
    assert len(requests) == 1, requests
    reach(page, "[name='core-respect'][value='4']").check()
    reach(page, "[name='core-voice'][value='2']").check()
    reach(page, "[name='core-safety'][value='-']").check()
    reach(page, "[name='should-change']").fill("Menos espera, por favor.")
    reach(page, "button.send").tap()
    thanks(page).wait_for()
    assert page.context.cookies() == []
    assert page.locator("html").get_attribute("lang") == "es"


def reach(page, selector):
    """With script the page shows one question at a time: go on until this one is there."""
    locator = page.locator(selector)
    while not locator.is_visible():
        page.locator(".steps .on:visible").tap()
    return locator


def sign_in(page, staff, carla):
    page.goto(f"{staff}/")
    assert page.url.endswith("/sign-in")
    page.locator("[name=email]").fill(carla.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Continue").tap()
    page.locator("[name=code]").fill(carla.recovery[0])
    page.get_by_role("button", name="Sign in").tap()
    page.wait_for_url(f"{staff}/")
