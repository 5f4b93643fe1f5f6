"""Signing in and out, and setting a password. Carla works for CTLT; Mallory should not get in."""

import msgspec

from feedback import accounts
from feedback.web.staff import COOKIE
from tests.rehearsal import PASSWORD
from tests.web.pages import Page


def test_carla_signs_in_and_out(rehearsal):
    carla = rehearsal.user()
    with rehearsal.staff_door() as door:
        answer = rehearsal.submit(door, "/sign-in", "/sign-in", email=f" {carla.upper()} ", password=PASSWORD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        session = next(it for it in answer.headers.get_list("set-cookie") if it.startswith(COOKIE))
        assert "HttpOnly" in session
        assert "SameSite=strict" in session
        token = door.cookies[COOKIE]
        assert carla in door.get("/").text
        assert rehearsal.submit(door, "/", "/sign-out").headers["location"] == "/sign-in"
        door.cookies.set(COOKIE, token)
        assert door.get("/").headers["location"] == "/sign-in", "a stolen cookie is worth nothing afterwards"


def test_over_https_no_cookie_travels_in_the_clear(rehearsal):
    carla = rehearsal.user()
    rehearsal.settings = msgspec.structs.replace(rehearsal.settings, staff_url="https://staff.example")
    with rehearsal.staff_door() as door:
        door.base_url = "https://staff.example"
        answer = rehearsal.submit(door, "/sign-in", "/sign-in", email=carla, password=PASSWORD)
        cookies = door.get("/sign-in").headers.get_list("set-cookie") + answer.headers.get_list("set-cookie")
    assert answer.status_code == 303
    assert any(it.startswith(COOKIE) for it in cookies)
    assert all("Secure" in it and "HttpOnly" in it for it in cookies)


def test_mallory_cannot_tell_which_part_was_wrong(rehearsal):
    carla = rehearsal.user()
    rehearsal.in_transaction(lambda session: accounts.add_user(session, "new@county.example", "ctlt", None))
    tries = [
        {"email": carla, "password": "wrong"},
        {"email": carla, "password": "x" * 2_000},
        {"email": "nobody@county.example", "password": PASSWORD},
        {"email": "new@county.example", "password": ""},
        {"email": "' OR 1=1 --\0", "password": PASSWORD},
        {},
    ]
    with rehearsal.staff_door() as door:
        said = set()
        for fields in tries:
            answer = rehearsal.submit(door, "/sign-in", "/sign-in", **fields)
            assert answer.status_code == 403
            said.add(Page(answer.text).text)
        assert COOKIE not in door.cookies
    assert len(said) == 1
    assert "This address and this password do not fit together." in said.pop()


def test_a_one_time_address_sets_a_password_once(rehearsal):
    token = rehearsal.in_transaction(lambda s: accounts.add_user(s, "nina@county.example", "admin", None))
    welcome = f"/welcome/{token}"
    with rehearsal.staff_door() as door:
        assert "For nina@county.example." in Page(door.get(welcome).text).text
        short = rehearsal.submit(door, welcome, welcome, password="too short")
        assert short.status_code == 400
        assert "A password has 12 characters or more" in short.text
        assert "too short" not in short.text
        answer = rehearsal.submit(door, welcome, welcome, password=PASSWORD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        unknown = door.get("/welcome/unknown")
        used = rehearsal.submit(door, "/sign-in", welcome, password="another long password")
        assert (used.status_code, door.get(welcome).status_code) == (404, 404)
        assert used.text == unknown.text == door.get(welcome).text
    with rehearsal.staff_door("nina@county.example") as door:
        assert "Your role is admin." in Page(door.get("/").text).text


def test_whoever_is_not_signed_in_is_led_to_sign_in(rehearsal):
    with rehearsal.staff_door() as door:
        for path in (
            "/",
            "/programs/frp",
            "/programs/nothing",
            "/strategies/6.4",
            "/measures",
            "/links",
            "/releases",
        ):
            answer = door.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), path
        door.cookies.set(COOKIE, "made-up")
        assert door.get("/").headers["location"] == "/sign-in"


def test_what_cannot_be_done_is_said_in_a_sentence(rehearsal):
    with rehearsal.staff_door() as door:
        token = Page(door.get("/sign-in").text).choices("_csrf_token")[0]
        form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token}
        said = {
            404: door.get("/nothing"),
            405: door.put("/sign-in", headers=form),
            413: door.post("/sign-in", content=b"email=" + b"x" * 256_001, headers=form),
            403: door.post("/sign-in", data={"email": "carla@county.example"}),
        }
        broken = door.post("/sign-in", content=b"email=%ff%fe\xff&password=%00", headers=form)
    for status, answer in said.items():
        assert answer.status_code == status
        assert "That did not work" in Page(answer.text).text
    assert "not yours to see" in said[404].text
    assert "too much at once" in said[413].text
    assert "open for too long" in said[403].text
    assert broken.status_code in (400, 403)
