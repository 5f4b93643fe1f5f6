"""Signing in and out, and the first time. Carla works for CTLT; Mallory should not get in."""

import re
from urllib.parse import quote

import msgspec

from feedback import accounts
from feedback.database import Database
from feedback.throttling import FREE
from feedback.web.cookies import SESSION
from tests.support.authenticator import Authenticator
from tests.support.pages import Page
from tests.support.people import Person, code_on
from tests.support.rehearsal import PASSWORD

CARLA = "carla@county.example"
NOT_TOGETHER = "This address and this password do not fit together."


def give_password(rehearsal, door, email=CARLA, password=PASSWORD):
    return rehearsal.submit(door, "/sign-in", "/sign-in", email=email, password=password)


def give_code(rehearsal, door, code):
    return rehearsal.submit(door, "/sign-in/code", "/sign-in/code", code=code)


def cookie_of(answer, name=SESSION):
    return next(it for it in answer.headers.get_list("set-cookie") if it.startswith(f"{name}="))


def test_carla_signs_in_and_out(rehearsal):
    carla = Person(rehearsal)
    with rehearsal.staff_door() as door:
        answer = give_password(rehearsal, door, f" {CARLA.upper()} ")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code")
        half = door.cookies[SESSION]
        assert door.get("/").headers["location"] == "/sign-in", "a password alone opens nothing"
        assert "The six digits" in Page(door.get("/sign-in/code").text).text
        answer = give_code(rehearsal, door, carla.code())
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        session = cookie_of(answer)
        assert "HttpOnly" in session
        assert "SameSite=strict" in session
        token = door.cookies[SESSION]
        assert token != half, "a session begins under a new id"
        assert CARLA in door.get("/").text
        out = rehearsal.submit(door, "/", "/sign-out")
        assert out.headers["location"] == "/sign-in?done=out"
        assert out.headers["clear-site-data"] == '"cache"'
        for stolen in (token, half):
            door.cookies.set(SESSION, stolen)
            assert door.get("/").headers["location"] == "/sign-in", "worth nothing afterwards"


def test_over_https_no_cookie_travels_in_the_clear(rehearsal):
    carla = Person(rehearsal)
    rehearsal.settings = msgspec.structs.replace(rehearsal.settings, staff_url="https://staff.example")
    with rehearsal.staff_door() as door:
        door.base_url = "https://staff.example"
        answers = [door.get("/sign-in"), give_password(rehearsal, door)]
        answers.append(give_code(rehearsal, door, carla.code()))
    cookies = [it for answer in answers for it in answer.headers.get_list("set-cookie")]
    assert {it.partition("=")[0] for it in cookies} == {
        "__Host-heard-form",
        "__Host-heard-staff",
        "__Host-heard-device",
    }
    for it in cookies:
        assert {"Secure", "HttpOnly", "Path=/"} <= set(it.split("; ")), "or no browser takes such a name"
        assert "samesite=strict" in it.lower()
        assert "domain" not in it.lower()


def test_mallory_cannot_tell_which_part_was_wrong(rehearsal):
    Person(rehearsal)
    rehearsal.in_transaction(lambda session: accounts.add_user(session, "new@county.example", "ctlt", None))
    tries = [
        {"email": CARLA, "password": "wrong"},
        {"email": CARLA, "password": "x" * 2_000},
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
            said.add(re.sub(r' (value|data-asked)="[^"]*"', "", answer.text))
        assert SESSION not in door.cookies
    assert len(said) == 1, "to the last byte, but for the numbers of the form"
    assert NOT_TOGETHER in said.pop()


def test_whoever_guesses_has_to_wait_and_is_told_how_long(rehearsal):
    Person(rehearsal)
    with rehearsal.staff_door() as door:
        for email in (CARLA, "nobody@county.example"):
            for _ in range(FREE):
                assert give_password(rehearsal, door, email, "wrong").status_code == 403
            answer = give_password(rehearsal, door, email)
            assert answer.status_code == 429
            assert 1 <= int(answer.headers["retry-after"]) <= 30
            assert "Too many tries with this address. Wait a minute" in Page(answer.text).text


def test_a_wrong_code_says_so_and_a_replayed_one_too(rehearsal):
    carla = Person(rehearsal)
    with rehearsal.staff_door() as door:
        give_password(rehearsal, door)
        wrong = give_code(rehearsal, door, "000000")
        assert wrong.status_code == 403
        assert "This code is wrong, or it was used already." in Page(wrong.text).text
        code = carla.code()
        assert give_code(rehearsal, door, code).status_code == 303
    with rehearsal.staff_door() as door:
        give_password(rehearsal, door)
        assert give_code(rehearsal, door, code).status_code == 403
        assert give_code(rehearsal, door, carla.recovery[0]).status_code == 303


def test_a_phone_whose_clock_is_off_is_told_so(rehearsal):
    carla = Person(rehearsal)
    with rehearsal.staff_door() as door:
        give_password(rehearsal, door)
        ahead = give_code(rehearsal, door, carla.code(later=20))
        assert "This code is wrong" in Page(ahead.text).text, "to a device that nobody knows"
        used = carla.code()
        assert give_code(rehearsal, door, used).status_code == 303
        give_password(rehearsal, door)
        known = give_code(rehearsal, door, carla.code(later=20))
        assert known.status_code == 403
        assert "The clock of your phone is about 10 min ahead" in Page(known.text).text
        assert "This code is wrong" in Page(give_code(rehearsal, door, used).text).text


def test_what_is_nobody_s_passkey_never_waits_for_the_one_who_writes(rehearsal, monkeypatch):
    with rehearsal.staff_door() as door:
        asked = next(
            it["data-asked"] for it in Page(door.get("/sign-in").text).all("form") if "data-asked" in it
        )
        unknown = Authenticator(rehearsal.settings.staff_url, "localhost")
        monkeypatch.setattr(Database, "transaction", None)
        for answered in ("{}", unknown.sign(asked)):
            answer = rehearsal.submit(door, "/sign-in", "/sign-in/passkey", answer=answered)
            assert answer.status_code == 403


def test_codes_are_slowed_down_too(rehearsal):
    carla = Person(rehearsal)
    with rehearsal.staff_door() as door:
        give_password(rehearsal, door)
        for _ in range(FREE - 1):
            give_code(rehearsal, door, "000000")
        answer = give_code(rehearsal, door, carla.code())
    assert answer.status_code == 429
    assert "Too many tries" in Page(answer.text).text


def test_there_is_no_code_to_give_before_a_password(rehearsal):
    carla = Person(rehearsal)
    with rehearsal.staff_door() as door:
        assert door.get("/sign-in/code").headers["location"] == "/sign-in"
        answer = rehearsal.submit(door, "/sign-in", "/sign-in/code", code=carla.code())
        assert answer.status_code == 403
        assert "Please begin again." in Page(answer.text).text
        door.cookies.set(SESSION, rehearsal.session(CARLA))
        assert door.get("/sign-in/code").headers["location"] == "/sign-in", (
            "a whole session is not half a one"
        )


def test_what_is_no_passkey_is_refused_in_one_sentence(rehearsal):
    with rehearsal.staff_door() as door:
        for answered in (
            "",
            "{}",
            "[]",
            "null",
            '{"id": 3}',
            '{"rawId": "AAAA", "response": {}}',
            "x" * 9_000,
        ):
            answer = rehearsal.submit(door, "/sign-in", "/sign-in/passkey", answer=answered)
            assert answer.status_code == 403
            assert "This passkey is not known here." in Page(answer.text).text


def invited(rehearsal, email="nina@county.example", role="admin"):
    token = rehearsal.in_transaction(lambda s: accounts.add_user(s, email, role, None))
    return f"/welcome/{token}"


def test_a_one_time_address_sets_up_an_account_once(rehearsal):
    welcome = invited(rehearsal)
    with rehearsal.staff_door() as door:
        page = door.get(welcome)
        assert "For nina@county.example." in Page(page.text).text
        assert door.get(welcome).text == page.text, "reloaded, it still fits the phone that read it"
        short = rehearsal.submit(door, welcome, welcome, password="too short", code=code_on(page.text))
        assert short.status_code == 400
        assert "A password has 12 characters or more" in short.text
        assert "too short" not in short.text
        wrong = rehearsal.submit(door, welcome, welcome, password=PASSWORD, code="000000")
        assert "not the ones your phone shows now" in wrong.text
        made = rehearsal.submit(door, welcome, welcome, password=PASSWORD, code=code_on(page.text))
        assert made.status_code == 200
        recovery = re.findall(r"<code>([2-9a-z-]{14})</code>", made.text)
        assert len(set(recovery)) == 10
        assert "Your role is admin." in Page(door.get("/").text).text, "and is signed in"
        unknown = door.get("/welcome/unknown")
        used = rehearsal.submit(door, "/sign-in", welcome, password="another long password", code="1")
        assert (used.status_code, door.get(welcome).status_code) == (404, 404)
        assert used.text == unknown.text == door.get(welcome).text
    with rehearsal.staff_door() as door:
        give_password(rehearsal, door, "nina@county.example")
        assert give_code(rehearsal, door, recovery[3]).status_code == 303


def test_the_second_factor_is_fetched_from_nowhere(rehearsal):
    with rehearsal.staff_door() as door:
        page = Page(door.get(invited(rehearsal)).text)
    (code,) = page.all("svg")
    assert "viewbox" in code, "or the browser shows a part of it"
    assert all(it.startswith(("/", "http://www.w3.org")) for it in page.addresses)


def test_whoever_is_not_signed_in_is_led_to_sign_in(rehearsal):
    with rehearsal.staff_door() as door:
        for path in ("/programs/frp", "/programs/nothing", "/measures", "/links", "/people", "/account"):
            answer = door.get(path)
            to = f"/sign-in?to={quote(path, safe='')}"
            assert (answer.status_code, answer.headers["location"]) == (303, to), path
        assert door.get("/").headers["location"] == "/sign-in"
        door.cookies.set(SESSION, "made-up")
        assert door.get("/").headers["location"] == "/sign-in"


def test_what_cannot_be_done_is_said_in_a_sentence(rehearsal):
    with rehearsal.staff_door() as door:
        token = Page(door.get("/sign-in").text).choices("_csrf_token")[0]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        said = {
            404: door.get("/nothing"),
            405: door.put("/sign-in", headers=form),
            413: door.post("/sign-in", content=b"email=" + b"x" * 600_001, headers=form),
            415: door.post("/sign-in", files={"email": b"x"}),
        }
        strange = f"_csrf_token={token}&".encode() + b"email=%ff%fe\xff&password=%00"
        broken = door.post("/sign-in", content=strange, headers=form)
    for status, answer in said.items():
        assert answer.status_code == status
        assert "That did not work" in Page(answer.text).text
    assert "not yours to see" in said[404].text
    assert "too much at once" in said[413].text
    assert broken.status_code in (400, 403)


def test_a_form_of_another_site_is_refused_even_with_the_right_number(rehearsal):
    Person(rehearsal)
    with rehearsal.staff_door(CARLA) as door:
        token = Page(door.get("/account").text).choices("_csrf_token")[0]
        told = {"data": {"_csrf_token": token}}
        for site in ("cross-site", "same-site", "none"):
            answer = door.post("/account/sessions/end", headers={"Sec-Fetch-Site": site}, **told)
            assert answer.status_code == 403, site
        ours = door.post("/account/sessions/end", headers={"Sec-Fetch-Site": "same-origin"}, **told)
        assert ours.status_code == 303
        assert door.get("/account", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
