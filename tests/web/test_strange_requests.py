"""Requests that no page of ours sends. Each was a fault once; tests/journeys/test_fuzz.py found them."""

import pytest

from feedback.web.staff.cookies import SESSION
from tests.support.forms.pages import Page

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def door(sandbox):
    with sandbox.staff_door(sandbox.user()) as door:
        yield door


def test_a_form_token_in_letters_that_none_of_ours_has_is_wrong_and_no_fault(door):
    token = Page(door.get("/account").text).choices("_csrf_token")[0]
    broken = f"{token[:-1]}é".encode()
    cookie = f"{SESSION}={door.cookies[SESSION]}".encode()
    right = {"content": f"_csrf_token={token}", "headers": {**FORM, "Cookie": cookie + b"\xe9"}}
    assert door.post("/sign-out", content=b"_csrf_token=" + broken, headers=FORM).status_code == 403
    assert door.post("/sign-out", **right).headers["location"] == "/sign-in", "nobody holds such a session"
    assert door.get("/account").status_code == 200, "nothing was done"


@pytest.mark.parametrize("name", ["%00", "9" * 300, "staff.css/x", "staff.css%00"])
def test_what_no_file_can_be_called_is_not_there(door, name):
    assert door.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/programs/%00", "/programs/frp%00", "/links/%00/poster", "/welcome/%00"])
def test_an_id_that_no_database_can_hold_is_as_unknown_as_any(door, path):
    answer = door.get(path)
    assert answer.status_code == 404
    ambiguous_options = "/welcome/nothing" if path.startswith("/welcome") else "/nothing"
    assert answer.content == door.get(ambiguous_options).content
