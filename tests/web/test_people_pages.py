"""Who of the staff there is. Ada is an admin, Carla is CTLT, Nina is new."""

import re

import pytest
from sqlalchemy import select

from feedback.staff_tables import AuditRow
from tests.support.pages import Page
from tests.support.people import Person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is stored is tested on both databases beside what stores it; a page reads the same from either."""
ADA, CARLA = "ada@county.example", "carla@county.example"


@pytest.fixture
def door(rehearsal):
    Person(rehearsal, ADA, "admin")
    with rehearsal.staff_door(ADA) as door:
        yield door


def post(rehearsal, door, action, **fields):
    return rehearsal.submit(door, "/people", action, **fields)


def id_of(door, email):
    row = re.search(
        rf"<strong>{re.escape(email)}</strong>.*?/people/(\d+)/", door.get("/people").text, re.DOTALL
    )
    return int(row[1])


def told(rehearsal):
    async def read(session):
        rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
        return [(it.who, it.action, it.object) for it in rows]

    return rehearsal.in_transaction(read)


def test_ada_invites_nina_whose_address_is_shown_once(rehearsal, door):
    answer = post(rehearsal, door, "/people", email=" Nina@County.example ", role="reviewer", contractor="")
    address = re.search(r'<code class="typed">([^<]+)</code>', answer.text)[1]
    assert address.startswith(f"{rehearsal.settings.staff_url}/welcome/")
    path = address.removeprefix(rehearsal.settings.staff_url)
    assert "For nina@county.example." in Page(door.get(path).text).text
    assert path not in door.get("/people").text
    assert "nina@county.example reviewer · invited" in Page(door.get("/people").text).text
    assert told(rehearsal)[-1] == (ADA, "user.add", "nina@county.example as reviewer")


def test_what_makes_no_account_is_said_and_nothing_is_made(rehearsal, door):
    for fields, why in (
        ({"email": "nina", "role": "ctlt"}, "is not an email address"),
        ({"email": ADA, "role": "ctlt"}, "has an account already"),
        ({"email": "n@c.example", "role": "contractor"}, "and no other, names its contractor"),
        ({"email": "n@c.example", "role": "queen"}, "is not one of the roles"),
        ({}, "is not an email address"),
    ):
        answer = post(rehearsal, door, "/people", **fields)
        assert answer.status_code == 400
        assert why in Page(answer.text).text
    assert told(rehearsal) == []


def test_ada_keeps_carla_out_at_once_and_lets_her_in_again(rehearsal, door):
    carla = Person(rehearsal)
    token, number = rehearsal.session(CARLA), id_of(door, CARLA)
    assert post(rehearsal, door, f"/people/{number}/disable").status_code == 303
    assert carla.session_of(token) is None
    assert "carla@county.example ctlt · disabled" in Page(door.get("/people").text).text
    again = post(rehearsal, door, f"/people/{number}/invite")
    assert "enable the account first" in Page(again.text).text
    assert post(rehearsal, door, f"/people/{number}/enable").status_code == 303
    assert carla.give_password()
    assert told(rehearsal) == [(ADA, "user.disable", CARLA), (ADA, "user.enable", CARLA)]


def test_ada_gives_carla_another_role(rehearsal, door):
    carla = Person(rehearsal)
    token, number = rehearsal.session(CARLA), id_of(door, CARLA)
    role = f"/people/{number}/role"
    wrong = post(rehearsal, door, role, role="contractor", contractor="")
    assert "names its contractor" in Page(wrong.text).text
    post(rehearsal, door, role, role="contractor", contractor="olive-crest")
    assert "carla@county.example contractor of olive-crest · active" in Page(door.get("/people").text).text
    assert carla.session_of(token) is None
    assert told(rehearsal) == [(ADA, "user.role", f"{CARLA} as contractor olive-crest")]


def test_who_lost_a_phone_gets_a_new_address(rehearsal, door):
    Person(rehearsal)
    answer = post(rehearsal, door, f"/people/{id_of(door, CARLA)}/invite")
    assert CARLA in answer.text
    assert "/welcome/" in answer.text
    assert told(rehearsal) == [(ADA, "user.invite", CARLA)]


def test_nobody_changes_their_own_role_or_keeps_themselves_out(rehearsal, door):
    (own,) = {
        number
        for number in range(1, 9)
        if post(rehearsal, door, f"/people/{number}/disable").status_code == 400
    }
    for change in ("disable", "role"):
        answer = post(rehearsal, door, f"/people/{own}/{change}", role="ctlt")
        assert "ask another admin" in Page(answer.text).text
    assert "ada@county.example admin · active" in Page(door.get("/people").text).text


def test_somebody_or_something_that_is_not_there_is_not_there(rehearsal, door):
    Person(rehearsal)
    number = id_of(door, CARLA)
    for path in (
        "/people/999/disable",
        "/people/999/invite",
        f"/people/{number}/promote",
        "/people/x/disable",
    ):
        assert post(rehearsal, door, path).status_code == 404, path
