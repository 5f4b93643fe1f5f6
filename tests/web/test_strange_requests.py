"""Requests that no page of ours sends. Each was a fault once; tests/journeys/test_fuzz.py found them."""

import pytest

from feedback.web.admission import COOKIE
from tests.support.pages import Page

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def door(rehearsal):
    with rehearsal.staff_door(rehearsal.user()) as door:
        yield door


def test_a_form_token_in_letters_that_none_of_ours_has_is_wrong_and_no_fault(door):
    token = Page(door.get("/account").text).choices("_csrf_token")[0]
    broken = f"{token[:-1]}é".encode()
    cookies = f"{COOKIE}={door.cookies[COOKIE]}; heard-form=".encode()
    answers = [
        door.post("/sign-out", content=b"_csrf_token=" + broken, headers=FORM),
        door.post("/sign-out", headers={"X-CSRFToken": broken}),
        door.post("/sign-out", headers={"X-CSRFToken": token, "Cookie": cookies + broken}),
    ]
    assert [it.status_code for it in answers] == [403] * 3
    assert door.get("/account").status_code == 200, "nothing was done"


@pytest.mark.parametrize("name", ["%00", "9" * 300, "staff.css/x", "staff.css%00"])
def test_what_no_file_can_be_called_is_not_there(door, name):
    assert door.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/programs/%00", "/programs/frp%00", "/links/%00/poster", "/welcome/%00"])
def test_an_id_that_no_database_can_hold_is_as_unknown_as_any(door, path):
    answer = door.get(path)
    assert answer.status_code == 404
    assert answer.content == door.get("/nothing").content
