"""What every answer of both doors carries, whatever was asked: taken from the applications themselves."""

import msgspec
import pytest
from litestar.routes import ASGIRoute, HTTPRoute
from sqlalchemy import text

from tests.support.forms.survey_forms import FORM
from tests.support.protections import SITE, check
from tests.support.sandbox import Sandbox
from tests.support.site import PATH_VALUES

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")


def every_path(door, slug: str) -> list[str]:
    """One address of each route, and some that are not there."""
    paths = [
        "/nothing",
        "/nothing/at/all",
        "/s/22222222",
        "/static/nothing.css",
        "/static/../app.py",
        "/%00",
        "//",
    ]
    for route in door.app.routes:
        assert isinstance(route, HTTPRoute | ASGIRoute)
        ids = {**PATH_VALUES, "slug": slug}
        parts = [part if isinstance(part, str) else ids[part.name] for part in route.path_components]
        paths.append("/" + "/".join(parts))
    return paths


def answers(door, slug: str):
    for path in every_path(door, slug):
        for method in METHODS:
            yield f"{method} {path}", door.request(method, path)
    yield "too much", door.post(f"/s/{slug}", content=b"x" * 500_000, headers=FORM)


@pytest.mark.slow
def test_the_survey_door_protects_every_answer_and_sets_no_cookie(sandbox: Sandbox):
    slug, inside = sandbox.link(), sandbox.link(embed=(SITE,))
    framed = [f"GET /e/{inside}", f"GET /e/{inside}/thanks"]
    with sandbox.survey_door() as door:
        door.cookies.set("heard-staff", "from elsewhere")
        by_name = {**dict(answers(door, slug)), **dict(answers(door, inside))}
    for name, answer in by_name.items():
        check(name, answer, framed)
        assert answer.status_code < 500, name
        assert "set-cookie" not in answer.headers, name
        assert answer.headers["x-robots-tag"] == "noindex, nofollow", name
    assert {it.status_code for it in by_name.values()} >= {200, 303, 404, 405, 413, 415}
    assert [by_name[name].status_code for name in (f"GET /s/{slug}", *framed)] == [200, 200, 200]
    assert by_name[f"GET /e/{slug}"].status_code == 404, "a link that names no site is framed by none"


@pytest.mark.slow
def test_the_staff_door_protects_every_answer(sandbox: Sandbox):
    slug = sandbox.link()
    with sandbox.staff_door(sandbox.user()) as door:
        by_name = dict(answers(door, slug))
    for name, answer in by_name.items():
        check(name, answer, referrer="same-origin")
        assert answer.status_code < 500, name
        assert answer.headers["x-frame-options"] == "DENY", name
        for cookie in answer.headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie, name
            assert "samesite=strict" in cookie.lower(), name
    assert {it.status_code for it in by_name.values()} >= {200, 403, 404, 405}
    assert by_name["GET /static/staff.css"].status_code == 200
    assert "app.py" not in by_name["GET /static/../app.py"].text


def test_neither_door_knows_the_other_s_pages(sandbox: Sandbox):
    with sandbox.survey_door() as door:
        for path in ("/sign-in", "/links", "/measures", "/programs/frp", "/static/staff.css", "/schema"):
            assert door.get(path).status_code == 404, path
    with sandbox.staff_door() as door:
        for path in (f"/s/{sandbox.link()}", "/thanks", "/heard", "/leave", "/schema"):
            assert door.get(path).status_code == 404, path


def test_a_cookie_never_changes_what_the_survey_door_says(sandbox: Sandbox):
    path = f"/s/{sandbox.link()}"
    with sandbox.survey_door() as door:
        for own in (f"{path}nothing", "/thanks", "/help", "/heard"):
            plain = door.get(own).text
            assert (
                door.get(own, headers={"Cookie": "lang=es; heard-staff=x", "User-Agent": "x"}).text == plain
            )


def test_a_page_is_sent_compressed_to_whoever_can_read_it(sandbox: Sandbox):
    with sandbox.survey_door() as door:
        answer = door.get("/help", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "br"
    assert "Accept-Encoding" in answer.headers["vary"]


def test_a_fault_of_ours_is_protected_too_and_tells_nothing(sandbox: Sandbox):
    carla, slug = sandbox.user(), sandbox.link()
    with sandbox.survey_door() as survey, sandbox.staff_door(carla) as staff:
        sandbox.in_transaction(lambda s: s.execute(text("ALTER TABLE programs RENAME TO elsewhere")))
        broken = {"survey": survey.get(f"/s/{slug}"), "heard": survey.get("/heard"), "staff": staff.get("/")}
        broken["sent"] = survey.post(f"/s/{slug}", data={"core-safety": "5"})
    for name, answer in broken.items():
        assert answer.status_code == (500 if name == "staff" else 503), name
        check(name, answer, referrer="same-origin" if name == "staff" else "no-referrer")
        assert "elsewhere" not in answer.text
        assert "sql" not in answer.text.lower()


@pytest.mark.slow
def test_over_tls_both_doors_ask_to_be_visited_over_tls_alone(sandbox: Sandbox):
    addresses = {"survey_url": "https://ask.example", "staff_url": "https://staff.example"}
    plain = sandbox.settings
    for settings, max_age in (
        (msgspec.structs.replace(plain, **addresses), "max-age=63072000"),
        (plain, None),
    ):
        sandbox.settings = settings
        with sandbox.survey_door() as survey, sandbox.staff_door() as staff:
            for answer in (
                survey.get("/help"),
                survey.get("/nothing"),
                staff.get("/sign-in"),
                staff.get("/x"),
            ):
                assert answer.headers.get("strict-transport-security") == max_age


def test_what_a_browser_may_do_on_a_staff_page_is_listed(sandbox: Sandbox):
    with sandbox.staff_door() as door:
        policy = door.get("/sign-in").headers["content-security-policy"].split("; ")
    assert policy == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]


def test_no_door_takes_an_upload(sandbox: Sandbox):
    """A multipart form would be parsed, and spooled to disk, before anybody looked at it."""
    slug = sandbox.link()
    with sandbox.survey_door() as survey, sandbox.staff_door(sandbox.user()) as staff:
        answers = [survey.post(f"/s/{slug}", files={"going-well": b"x"})]
        for path in ("/sign-in", "/links", "/account/password"):
            answers += [
                staff.post(path, files={"email": b"x"}),
                staff.post(path, content=b"--x", headers={"Content-Type": "multipart/form-data"}),
            ]
    assert {it.status_code for it in answers} == {415}
