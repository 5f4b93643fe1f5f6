"""One's own account. Carla changes hers; whoever finds her phone unlocked does not."""

import re

import pytest

from feedback.staff.sign_in_backoff import FREE
from feedback.web.staff.cookies import SESSION
from tests.support.forms.pages import Page
from tests.support.people import Person, code_on
from tests.support.sandbox import PASSWORD

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is stored is tested on both databases beside what stores it; a page reads the same from either."""
CARLA = "carla@county.example"
NEW = "another four words for her"
NOT_HERS = "This is not your present password. Nothing was changed."


def change(sandbox, door, action, **fields):
    return sandbox.submit(door, "/account", f"/account/{action}", **fields)


def test_another_password_ends_every_session_at_once(sandbox):
    carla = Person(sandbox)
    elsewhere = sandbox.session(CARLA)
    with sandbox.staff_door(CARLA) as door:
        answer = change(sandbox, door, "password", current=PASSWORD, password=NEW)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?done=password")
        assert answer.headers["clear-site-data"] == '"cache"'
        assert door.get("/").headers["location"] == "/sign-in"
    assert carla.session_of(elsewhere) is None
    assert carla.give_password() is None
    assert carla.give_password(NEW)


def test_a_password_that_is_too_easy_changes_nothing(sandbox):
    carla = Person(sandbox)
    with sandbox.staff_door(CARLA) as door:
        answer = change(sandbox, door, "password", current=PASSWORD, password="password12345")
        assert answer.status_code == 400
        assert "easy to guess" in Page(answer.text).text
    assert carla.give_password()


def test_nothing_changes_without_the_present_password(sandbox):
    carla = Person(sandbox)
    with sandbox.staff_door(CARLA) as door:
        page = door.get("/account").text
        for action, fields in (
            ("password", {"password": NEW}),
            ("second-factor", {"code": code_on(page)}),
            ("recovery-codes", {}),
            ("passkeys", {"name": "Mallory's", "answer": "{}"}),
        ):
            answer = change(sandbox, door, action, current="a guess of Mallory's", **fields)
            assert answer.status_code == 400, action
            assert NOT_HERS in Page(answer.text).text, action
        assert "10 left." in Page(door.get("/account").text).text
    assert carla.give_password()


@pytest.mark.slow
def test_whoever_guesses_at_the_present_password_has_to_wait(sandbox):
    Person(sandbox)
    with sandbox.staff_door(CARLA) as door:
        for _ in range(FREE):
            change(sandbox, door, "recovery-codes", current="a guess")
        answer = change(sandbox, door, "recovery-codes", current=PASSWORD)
        assert "Too many tries" in Page(answer.text).text


@pytest.mark.slow
def test_another_phone_makes_the_codes_from_now_on(sandbox):
    carla = Person(sandbox)
    elsewhere = sandbox.session(CARLA)
    with sandbox.staff_door(CARLA) as door:
        page = door.get("/account").text
        wrong = change(sandbox, door, "second-factor", current=PASSWORD, code="000000")
        assert "not the ones the new phone shows" in Page(wrong.text).text
        assert change(sandbox, door, "second-factor", current=PASSWORD, code=code_on(page)).status_code == 303
        assert door.get("/account").status_code == 200, "whoever changed it stays"
        assert code_on(door.get("/account").text) != code_on(page), "the next phone gets another secret"
    assert carla.session_of(elsewhere) is None
    half = carla.give_password()
    assert carla.give_code(half, carla.code()) is None, "the old phone is out"
    assert carla.give_code(half, carla.recovery[0])


def test_new_recovery_codes_are_shown_once_and_make_the_old_ones_useless(sandbox):
    carla = Person(sandbox)
    with sandbox.staff_door(CARLA) as door:
        page = change(sandbox, door, "recovery-codes", current=PASSWORD)
        codes = re.findall(r"<code>([2-9a-z-]{14})</code>", page.text)
        assert len(set(codes)) == 10
        assert not set(codes) & set(carla.recovery)
        assert codes[0] not in door.get("/account").text
    half = carla.give_password()
    assert carla.give_code(half, carla.recovery[0]) is None
    assert carla.give_code(half, codes[0])
    with sandbox.staff_door(CARLA) as door:
        assert "9 left." in Page(door.get("/account").text).text


def test_every_other_session_can_be_ended(sandbox):
    carla = Person(sandbox)
    elsewhere = sandbox.session(CARLA)
    with sandbox.staff_door(CARLA) as door:
        assert change(sandbox, door, "sessions/end").status_code == 303
        assert door.get("/account").status_code == 200
    assert carla.session_of(elsewhere) is None


def test_a_passkey_that_is_not_there_cannot_be_removed(sandbox):
    Person(sandbox)
    with sandbox.staff_door(CARLA) as door:
        for passkey in ("", "nothing", "!" * 4_000, "é"):
            answer = change(sandbox, door, "passkeys/remove", passkey=passkey, current=PASSWORD)
            assert "This passkey was removed already." in Page(answer.text).text
        answer = change(sandbox, door, "passkeys", current=PASSWORD, answer='{"rawId": "AA", "response": {}}')
        assert "could not be taken" in Page(answer.text).text


def test_every_role_keeps_its_own_account(sandbox):
    for role in ("reader", "reviewer", "translator", "admin"):
        email = sandbox.user(f"{role}@county.example", role)
        with sandbox.staff_door(email) as door:
            assert f"{email}, {role}." in Page(door.get("/account").text).text
            assert SESSION in door.cookies
