"""Signing in and out, and the first time. Carla works for CTLT; Mallory should not get in."""

import datetime as dt
import re
from urllib.parse import quote

import msgspec
import pyotp
import pytest

from feedback import clock
from feedback.staff import accounts
from feedback.staff.audit import LogFilter, read_log_page
from feedback.staff.passkeys import BEGUN_FOR
from feedback.staff.sign_in_backoff import FREE
from feedback.storage.database import Database
from feedback.web.staff.cookies import SESSION
from tests.support.authenticator import Authenticator
from tests.support.forms.pages import Page
from tests.support.people import Person, code_on
from tests.support.sandbox import PASSWORD

CARLA = "carla@county.example"
NOT_TOGETHER = "This address and this password do not fit together."


def give_password(sandbox, door, email=CARLA, password=PASSWORD):
    return sandbox.submit(door, "/sign-in", "/sign-in", email=email, password=password)


def give_code(sandbox, door, code):
    return sandbox.submit(door, "/sign-in/code", "/sign-in/code", code=code)


def cookie_of(answer, name=SESSION):
    return next(it for it in answer.headers.get_list("set-cookie") if it.startswith(f"{name}="))


def test_carla_signs_in_and_out(sandbox):
    carla = Person(sandbox)
    with sandbox.staff_door() as door:
        answer = give_password(sandbox, door, f" {CARLA.upper()} ")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code")
        pending = door.cookies[SESSION]
        assert door.get("/").headers["location"] == "/sign-in", "a password alone opens nothing"
        assert "The six digits" in Page(door.get("/sign-in/code").text).text
        answer = give_code(sandbox, door, carla.code())
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        session = cookie_of(answer)
        assert "HttpOnly" in session
        assert "SameSite=strict" in session
        token = door.cookies[SESSION]
        assert token != pending, "a session begins under a new id"
        assert CARLA in door.get("/").text
        out = sandbox.submit(door, "/", "/sign-out")
        assert out.headers["location"] == "/sign-in?done=out"
        assert out.headers["clear-site-data"] == '"cache"'
        for stolen in (token, pending):
            door.cookies.set(SESSION, stolen)
            assert door.get("/").headers["location"] == "/sign-in", "worth nothing afterwards"


def test_over_https_no_cookie_travels_in_the_clear(sandbox):
    carla = Person(sandbox)
    sandbox.settings = msgspec.structs.replace(sandbox.settings, staff_url="https://staff.example")
    with sandbox.staff_door() as door:
        door.base_url = "https://staff.example"
        answers = [door.get("/sign-in"), give_password(sandbox, door)]
        answers.append(give_code(sandbox, door, carla.code()))
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


def test_mallory_cannot_tell_which_part_was_wrong(sandbox):
    Person(sandbox)
    sandbox.in_transaction(lambda session: accounts.add_user(session, "new@county.example", "ctlt", None))
    tries = [
        {"email": CARLA, "password": "wrong"},
        {"email": CARLA, "password": "x" * 2_000},
        {"email": "nobody@county.example", "password": PASSWORD},
        {"email": "new@county.example", "password": ""},
        {"email": "' OR 1=1 --\0", "password": PASSWORD},
        {},
    ]
    with sandbox.staff_door() as door:
        pages = set()
        for fields in tries:
            answer = sandbox.submit(door, "/sign-in", "/sign-in", **fields)
            assert answer.status_code == 403
            pages.add(re.sub(r' (value|data-asked)="[^"]*"', "", answer.text))
        assert SESSION not in door.cookies
    assert len(pages) == 1, "to the last byte, but for the numbers of the form"
    assert NOT_TOGETHER in pages.pop()


def test_whoever_guesses_has_to_wait_and_is_told_how_long(sandbox):
    Person(sandbox)
    with sandbox.staff_door() as door:
        for email in (CARLA, "nobody@county.example"):
            for _ in range(FREE):
                assert give_password(sandbox, door, email, "wrong").status_code == 403
            answer = give_password(sandbox, door, email)
            assert answer.status_code == 429
            assert 1 <= int(answer.headers["retry-after"]) <= 30
            assert "Too many tries with this address. Wait a minute" in Page(answer.text).text


def test_a_wrong_code_and_a_replayed_one_are_refused(sandbox):
    carla = Person(sandbox)
    with sandbox.staff_door() as door:
        give_password(sandbox, door)
        wrong = give_code(sandbox, door, "000000")
        assert wrong.status_code == 403
        assert "This code is wrong, or it was used already." in Page(wrong.text).text
        code = carla.code()
        assert give_code(sandbox, door, code).status_code == 303
    with sandbox.staff_door() as door:
        give_password(sandbox, door)
        assert give_code(sandbox, door, code).status_code == 403
        assert give_code(sandbox, door, carla.recovery[0]).status_code == 303


def test_a_phone_whose_clock_is_off_is_told_so(sandbox):
    carla = Person(sandbox)
    with sandbox.staff_door() as door:
        give_password(sandbox, door)
        ahead = give_code(sandbox, door, carla.code(later=20))
        assert "This code is wrong" in Page(ahead.text).text, "to a device that nobody knows"
        code = carla.code()
        assert give_code(sandbox, door, code).status_code == 303
        give_password(sandbox, door)
        answer = give_code(sandbox, door, carla.code(later=20))
        assert answer.status_code == 403
        assert "The clock of your phone is about 10 min ahead" in Page(answer.text).text
        assert "This code is wrong" in Page(give_code(sandbox, door, code).text).text


def test_what_is_nobody_s_passkey_never_waits_for_the_one_who_writes(sandbox, monkeypatch):
    with sandbox.staff_door() as door:
        challenge = next(
            it["data-asked"] for it in Page(door.get("/sign-in").text).all("form") if "data-asked" in it
        )
        stranger = Authenticator(sandbox.settings.staff_url, "localhost")
        monkeypatch.setattr(Database, "transaction", None)
        for passkey in ("{}", stranger.sign(challenge)):
            answer = sandbox.submit(door, "/sign-in", "/sign-in/passkey", answer=passkey)
            assert answer.status_code == 403


def test_whoever_guesses_codes_has_to_wait(sandbox):
    carla = Person(sandbox)
    with sandbox.staff_door() as door:
        give_password(sandbox, door)
        for _ in range(FREE - 1):
            give_code(sandbox, door, "000000")
        answer = give_code(sandbox, door, carla.code())
    assert answer.status_code == 429
    assert "Too many tries" in Page(answer.text).text


def test_there_is_no_code_to_give_before_a_password(sandbox):
    carla = Person(sandbox)
    with sandbox.staff_door() as door:
        assert door.get("/sign-in/code").headers["location"] == "/sign-in"
        answer = sandbox.submit(door, "/sign-in", "/sign-in/code", code=carla.code())
        assert answer.status_code == 403
        assert "Please begin again." in Page(answer.text).text
        door.cookies.set(SESSION, sandbox.session(CARLA))
        assert door.get("/sign-in/code").headers["location"] == "/sign-in", (
            "a whole session is not half a one"
        )


def test_what_is_no_passkey_is_refused_in_one_sentence(sandbox):
    with sandbox.staff_door() as door:
        for passkey in (
            "",
            "{}",
            "[]",
            "null",
            '{"id": 3}',
            '{"rawId": "AAAA", "response": {}}',
            "x" * 9_000,
        ):
            answer = sandbox.submit(door, "/sign-in", "/sign-in/passkey", answer=passkey)
            assert answer.status_code == 403
            assert "This passkey is not known here." in Page(answer.text).text


def invite(sandbox, email="nina@county.example", role="admin"):
    token = sandbox.in_transaction(lambda s: accounts.add_user(s, email, role, None))
    return f"/welcome/{token}"


def test_a_one_time_address_sets_up_an_account_once(sandbox):
    welcome = invite(sandbox)
    with sandbox.staff_door() as door:
        page = door.get(welcome)
        assert "For nina@county.example." in Page(page.text).text
        assert door.get(welcome).text == page.text, "reloaded, it still fits the phone that read it"
        short = sandbox.submit(door, welcome, welcome, password="too short", code=code_on(page.text))
        assert short.status_code == 400
        assert "A password has 12 characters or more" in short.text
        assert "too short" not in short.text
        wrong = sandbox.submit(door, welcome, welcome, password=PASSWORD, code="000000")
        assert "not the ones your phone shows now" in wrong.text
        answer = sandbox.submit(door, welcome, welcome, password=PASSWORD, code=code_on(page.text))
        assert answer.status_code == 200
        recovery = re.findall(r"<code>([2-9a-z-]{14})</code>", answer.text)
        assert len(set(recovery)) == 10
        assert "Your role is admin." in Page(door.get("/").text).text, "and is signed in"
        unknown = door.get("/welcome/unknown")
        used = sandbox.submit(door, "/sign-in", welcome, password="another long password", code="1")
        assert (used.status_code, door.get(welcome).status_code) == (404, 404)
        assert used.text == unknown.text == door.get(welcome).text
    with sandbox.staff_door() as door:
        give_password(sandbox, door, "nina@county.example")
        assert give_code(sandbox, door, recovery[3]).status_code == 303


def test_the_second_factor_is_fetched_from_nowhere(sandbox):
    with sandbox.staff_door() as door:
        page = Page(door.get(invite(sandbox)).text)
    (code,) = page.all("svg")
    assert "viewbox" in code, "or the browser shows a part of it"
    away = [it for it in page.addresses if not it.startswith(("/", "#", "http://www.w3.org"))]
    assert away == [it["href"] for it in page.all("a") if it["href"].startswith("otpauth://")]


def test_on_the_phone_itself_a_link_hands_the_second_factor_to_an_app(sandbox):
    welcome = invite(sandbox)
    with sandbox.staff_door() as door:
        answer = door.get(welcome)
        page = Page(answer.text)
        (link,) = [it for it in page.all("a") if it["href"].startswith("otpauth://")]
        factor = pyotp.parse_uri(link["href"])
        assert (factor.name, factor.issuer) == ("nina@county.example", "Heard")
        assert factor.now() == code_on(answer.text), "the same as the square code and what is typed by hand"
        assert "Google Authenticator, Microsoft Authenticator" in page.text
        # What holds the secret is told to no other site, and kept nowhere.
        assert "noreferrer" in link["rel"]
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        code = factor.now()
        assert sandbox.submit(door, welcome, welcome, password=PASSWORD, code=code).status_code == 200


def test_what_is_wrong_with_a_set_up_is_said_at_its_field_and_nothing_secret_is_repeated(sandbox):
    welcome = invite(sandbox, "vera@vista.example", "reviewer")
    with sandbox.staff_door() as door:
        code = code_on(door.get(welcome).text)
        for password, digits, field, why in (
            ("vistadelmar2026!", code, "password", "mostly a name that everybody here knows"),
            ("too short", code, "password", "A password has 12 characters or more"),
            (PASSWORD, "000000", "code", "not the ones your phone shows now"),
            ("", "", "password", "A password has 12 characters or more"),
        ):
            answer = sandbox.submit(door, welcome, welcome, password=password, code=digits)
            assert answer.status_code == 400
            boxes = [it for it in Page(answer.text).all("input") if it.get("aria-invalid") == "true"]
            assert [it["name"] for it in boxes] == [field]
            sentence = re.search(rf'id="{boxes[0]["aria-describedby"]}">([^<]+)', answer.text)[1]
            assert why in sentence
            assert not password or password not in answer.text


class Nina:
    """Has just set up her account, and holds a phone that makes passkeys."""

    def __init__(self, sandbox, door) -> None:
        self.sandbox, self.door = sandbox, door
        welcome = invite(sandbox)
        code = code_on(door.get(welcome).text)
        self.page = sandbox.submit(door, welcome, welcome, password=PASSWORD, code=code)
        self.challenge = self.challenge_on(self.page)
        self.phone = Authenticator(sandbox.settings.staff_url, "localhost")

    @staticmethod
    def challenge_on(answer):
        (form,) = [it for it in Page(answer.text).all("form") if it.get("data-passkey") == "create"]
        assert "hidden" in form, "where the script does not run nothing is offered"
        return form["data-asked"]

    def add(self, challenge=None, door=None, path="/account/passkeys/first", **fields):
        """Send what the phone answers from a page of the account, as whoever is signed in at the door."""
        passkey = self.phone.make(challenge or self.challenge)
        return self.sandbox.submit(
            door or self.door, "/account", path, answer=passkey, name="My phone", **fields
        )

    def passkeys(self):
        (nina,) = [
            it for it in self.sandbox.in_transaction(accounts.people) if it.email == "nina@county.example"
        ]
        return nina.passkeys


@pytest.fixture
def nina(sandbox):
    with sandbox.staff_door() as door:
        yield Nina(sandbox, door)


def is_refused(answer):
    assert "No passkey was added" in Page(answer.text).text
    return answer.status_code == 400


def test_a_passkey_is_offered_at_once_and_needs_no_password_a_third_time(nina):
    form = re.search(r"<form[^>]*data-passkey.*?</form>", nina.page.text, re.DOTALL)[0]
    assert 'type="password"' not in form
    assert "Write the codes down first" in form
    fields = {"answer": nina.phone.make(nina.challenge), "name": "My phone"}
    token = Page(form).choices("_csrf_token")[0]
    # From the very page, as the browser does: its session began with the same answer.
    answer = nina.door.post("/account/passkeys/first", data={**fields, "_csrf_token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=passkey")
    assert "My phone , since" in Page(nina.door.get("/account").text).text
    log = nina.sandbox.in_transaction(lambda s: read_log_page(s, LogFilter(action="passkey.add"))).entries
    assert [it.who for it in log] == ["nina@county.example"]
    with nina.sandbox.staff_door() as door:
        challenge = Page(door.get("/sign-in").text).all("form")[1]["data-asked"]
        answer = nina.sandbox.submit(door, "/sign-in", "/sign-in/passkey", answer=nina.phone.sign(challenge))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_offer_of_a_passkey_is_good_once(nina):
    assert nina.add().status_code == 303
    nina.phone = Authenticator(nina.sandbox.settings.staff_url, "localhost")
    assert is_refused(nina.add())
    assert nina.passkeys() == 1


def test_the_offer_of_a_passkey_is_over_after_ten_minutes(nina, monkeypatch):
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + BEGUN_FOR + dt.timedelta(seconds=2))
    assert is_refused(nina.add())
    monkeypatch.setattr(clock, "now", lambda: began + BEGUN_FOR - dt.timedelta(seconds=2))
    assert nina.add().status_code == 303


def test_a_stolen_session_adds_no_passkey(nina):
    """Whoever has the cookie alone never saw the page that asked, and no other page asks the same."""
    with nina.sandbox.staff_door() as mallory:
        mallory.cookies.set(SESSION, nina.door.cookies[SESSION])
        challenge = nina.challenge_on(mallory.get("/account"))
        assert is_refused(nina.add(challenge, mallory))
        assert "not your present password" in nina.add(challenge, mallory, "/account/passkeys").text
        for passkey in ("", "{}", "null", "x" * 9_000):
            answer = nina.sandbox.submit(mallory, "/account", "/account/passkeys/first", answer=passkey)
            assert is_refused(answer)
    assert nina.passkeys() == 0


def test_the_offer_of_a_passkey_opens_no_other_session_and_no_other_account(nina):
    sandbox = nina.sandbox
    Person(sandbox)
    for email in ("nina@county.example", CARLA):
        with sandbox.staff_door(email) as door:
            assert is_refused(nina.add(door=door)), email
    with sandbox.staff_door() as nobody:
        answer = sandbox.submit(nobody, "/sign-in", "/account/passkeys/first", answer="{}")
        assert answer.headers["location"] == "/sign-in"
    assert nina.passkeys() == 0


def test_the_offer_of_a_passkey_does_not_do_for_the_password_elsewhere(nina):
    answer = nina.add(path="/account/passkeys")
    assert "not your present password" in answer.text
    assert "could not be taken" in nina.add(path="/account/passkeys", current=PASSWORD).text
    assert nina.passkeys() == 0


def test_the_offer_of_a_passkey_ends_with_the_session(nina):
    token = nina.door.cookies[SESSION]
    nina.sandbox.submit(nina.door, "/account", "/sign-out")
    nina.door.cookies.set(SESSION, token)
    fields = {"answer": nina.phone.make(nina.challenge), "name": "My phone"}
    answer = nina.sandbox.submit(nina.door, "/sign-in", "/account/passkeys/first", **fields)
    assert answer.headers["location"] == "/sign-in"
    assert nina.passkeys() == 0


def test_new_recovery_codes_offer_no_passkey(nina):
    page = nina.sandbox.submit(nina.door, "/account", "/account/recovery-codes", current=PASSWORD)
    assert "data-passkey" not in page.text


def test_whoever_is_not_signed_in_is_led_to_sign_in(sandbox):
    with sandbox.staff_door() as door:
        for path in ("/programs/frp", "/programs/nothing", "/measures", "/links", "/people", "/account"):
            answer = door.get(path)
            to = f"/sign-in?to={quote(path, safe='')}"
            assert (answer.status_code, answer.headers["location"]) == (303, to), path
        assert door.get("/").headers["location"] == "/sign-in"
        door.cookies.set(SESSION, "made-up")
        assert door.get("/").headers["location"] == "/sign-in"


def test_what_cannot_be_done_is_said_in_a_sentence(sandbox):
    with sandbox.staff_door() as door:
        token = Page(door.get("/sign-in").text).choices("_csrf_token")[0]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answers = {
            404: door.get("/nothing"),
            405: door.put("/sign-in", headers=form),
            413: door.post("/sign-in", content=b"email=" + b"x" * 600_001, headers=form),
            415: door.post("/sign-in", files={"email": b"x"}),
        }
        body = f"_csrf_token={token}&".encode() + b"email=%ff%fe\xff&password=%00"
        broken = door.post("/sign-in", content=body, headers=form)
    for status, answer in answers.items():
        assert answer.status_code == status
        assert "That did not work" in Page(answer.text).text
    assert "not yours to see" in answers[404].text
    assert "too much at once" in answers[413].text
    assert broken.status_code in (400, 403)


def test_a_form_of_another_site_is_refused_even_with_the_right_number(sandbox):
    Person(sandbox)
    with sandbox.staff_door(CARLA) as door:
        token = Page(door.get("/account").text).choices("_csrf_token")[0]
        fields = {"_csrf_token": token}
        for site in ("cross-site", "same-site", "none"):
            answer = door.post("/account/sessions/end", headers={"Sec-Fetch-Site": site}, data=fields)
            assert answer.status_code == 403, site
        for origin in ("https://other.example", "http://localhost:1", "null", ""):
            answer = door.post("/account/sessions/end", headers={"Origin": origin}, data=fields)
            assert answer.status_code == 403, origin
        own = sandbox.settings.staff_url
        for headers in (
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
            {"Origin": own},
            {},
        ):
            answer = door.post("/account/sessions/end", headers=headers, data=fields)
            assert answer.status_code == 303, headers
        assert door.get("/account", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
