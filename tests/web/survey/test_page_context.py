"""The same survey on a shared tablet, and inside the site of the program that made the link."""

import pytest

from feedback.fieldwork.links import close_link
from tests.support.forms.pages import Page
from tests.support.forms.survey_forms import FORM, send, submission_key
from tests.support.protections import SITE, policy

# Inside another site


def test_only_the_sites_of_the_link_may_frame_its_survey(sandbox, door):
    slug = sandbox.link(embed=(SITE, "https://other.example:8443"))
    answer = door.get(f"/e/{slug}")
    assert policy(answer).endswith(f"frame-ancestors {SITE} https://other.example:8443")
    assert "x-frame-options" not in answer.headers
    assert policy(door.get(f"/s/{slug}")).endswith("frame-ancestors 'none'")


def test_a_link_that_names_no_site_has_no_page_to_frame(sandbox, door):
    slug = sandbox.link()
    assert door.get(f"/e/{slug}").status_code == 404
    assert send(door, f"/e/{slug}", **{"core-voice": "4"}).status_code == 404


def test_a_framed_answer_is_stored_and_thanked_in_the_frame(sandbox, door, responses):
    slug = sandbox.link(embed=(SITE,))
    page = Page(door.get(f"/e/{slug}?lang=en").text)
    assert page.all("form")[0]["action"] == f"/e/{slug}"
    answer = send(door, f"/e/{slug}", **{"core-voice": "4"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/e/{slug}/thanks")
    thanks = door.get(answer.headers["location"])
    assert "Thank you. Your answers are in." in thanks.text
    assert policy(thanks).endswith(f"frame-ancestors {SITE}")
    assert [it.answers["core-voice"] for it in responses()] == ["4"]


def test_a_sandboxed_frame_may_answer_too(sandbox, door, responses):
    path = f"/e/{sandbox.link(embed=(SITE,))}"
    body = f"_once={submission_key(door, path)}&core-voice=4"
    answer = door.post(path, content=body, headers={**FORM, "Origin": "null", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    assert len(responses()) == 1


def test_the_same_page_sent_from_the_frame_and_outside_is_one_response(sandbox, door, responses):
    slug = sandbox.link(embed=(SITE,))
    number = submission_key(door, f"/e/{slug}")
    for path in (f"/e/{slug}", f"/s/{slug}"):
        door.post(path, content=f"_once={number}&core-voice=4", headers=FORM)
    assert len(responses()) == 1


def test_links_of_a_framed_page_lead_out_of_the_frame(sandbox, door):
    slug = sandbox.link(embed=(SITE,))
    for path, beside in ((f"/e/{slug}", "?tab=1"), (f"/e/{slug}/thanks", "")):
        links = [it for it in Page(door.get(path).text).all("a") if it["href"].startswith("/")]
        assert {it["href"]: it.get("target") for it in links} == {
            "/leave": "_top",
            f"/heard{beside}": "_blank",
            f"/help{beside}": "_blank",
        }


def test_a_closed_link_says_so_inside_the_frame(sandbox, door):
    slug = sandbox.link(embed=(SITE,))
    sandbox.in_transaction(lambda it: close_link(it, slug, sandbox.settings.today))
    answer = door.get(f"/e/{slug}")
    assert answer.status_code == 410
    assert "This link is closed" in answer.text
    assert policy(answer).endswith(f"frame-ancestors {SITE}")
    assert policy(door.get(f"/s/{slug}")).endswith("frame-ancestors 'none'")


# On a shared tablet


@pytest.fixture
def tablet(sandbox):
    return f"/s/{sandbox.link()}?kiosk=1"


def test_a_tablet_comes_back_to_an_empty_page_after_send_and_after_leave(sandbox, door, tablet):
    slug = tablet[3:11]
    page = Page(door.get(tablet).text)
    assert page.all("form")[0]["action"] == tablet
    assert [it["class"] for it in page.all("button") if "rest" in it.get("class", "")] == ["rest"]
    answer = send(door, tablet, **{"core-voice": "4"})
    assert answer.headers["location"] == f"/thanks?kiosk={slug}"
    thanks = Page(door.get(answer.headers["location"]).text)
    assert {"http-equiv": "refresh", "content": f"60;url=/leave?kiosk={slug}"} in thanks.all("meta")
    blank = Page(door.get(f"/leave?kiosk={slug}").text)
    assert {"http-equiv": "refresh", "content": f"0;url=/leave/now?kiosk={slug}"} in blank.all("meta")
    again = door.get(f"/leave/now?kiosk={slug}")
    assert (again.status_code, again.headers["location"]) == (303, tablet)
    assert again.headers["clear-site-data"] == '"cache"'


def test_nothing_on_a_tablet_leads_to_another_page(sandbox, door, tablet):
    for path in (tablet, f"/thanks?kiosk={tablet[3:11]}"):
        own = {it["href"] for it in Page(door.get(path).text).all("a") if it["href"].startswith("/")}
        assert own == {f"/leave?kiosk={tablet[3:11]}"}


def test_a_tablet_without_script_is_emptied_too(sandbox, door, tablet):
    refresh = [it for it in Page(door.get(tablet).text).all("meta") if "http-equiv" in it]
    assert refresh == [{"http-equiv": "refresh", "content": f"900;url=/leave?kiosk={tablet[3:11]}"}]
    assert "refresh" not in door.get(tablet.partition("?")[0]).text


def test_a_tablet_keeps_the_language_until_the_next_person(catalogs, sandbox, door, tablet):
    page = Page(door.get(f"{tablet}&lang=es").text)
    assert page.all("form")[0]["action"] == tablet
    answer = send(door, f"{tablet}&lang=es", **{"core-voice": "4"})
    assert answer.headers["location"].endswith("&lang=es")


@pytest.mark.parametrize("slug", ["//elsewhere.example", "../links", "a/b", "%0d%0aX: y", "x" * 50, "A"])
def test_leaving_leads_to_nobody_else_s_site(sandbox, door, slug):
    answer = door.get("/leave/now", params={"kiosk": slug})
    assert answer.headers["location"] == sandbox.settings.leave_to
    assert slug not in door.get("/leave", params={"kiosk": slug}).text
