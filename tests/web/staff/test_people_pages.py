"""Who of the staff there is. Ada is an admin, Carla is CTLT, Nina is new."""

import html
import re

import pytest
from sqlalchemy import select

from feedback.fieldwork.programs import store_programs
from feedback.staff.access import IN_WORDS
from feedback.staff.accounts import ROLES
from feedback.storage.staff_tables import AuditRow
from surveys.registry import Contractor, Programs
from tests.support.forms.pages import Page
from tests.support.people import Person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is stored is tested on both databases beside what stores it; a page reads the same from either."""
ADA, CARLA = "ada@county.example", "carla@county.example"


@pytest.fixture
def door(sandbox):
    Person(sandbox, ADA, "admin")
    with sandbox.staff_door(ADA) as door:
        yield door


def post(sandbox, door, action, **fields):
    return sandbox.submit(door, "/people", action, **fields)


def id_of(door, email):
    row = re.search(
        rf"<strong>{re.escape(email)}</strong>.*?/people/(\d+)/", door.get("/people").text, re.DOTALL
    )
    return int(row[1])


def log_entries(sandbox):
    async def read(session):
        rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
        return [(it.who, it.action, it.object) for it in rows]

    return sandbox.in_transaction(read)


def test_ada_invites_nina_whose_address_is_shown_once(sandbox, door):
    answer = post(sandbox, door, "/people", email=" Nina@County.example ", role="reviewer", contractor="")
    address = re.search(r'<code class="typed">([^<]+)</code>', answer.text)[1]
    assert address.startswith(f"{sandbox.settings.staff_url}/welcome/")
    path = address.removeprefix(sandbox.settings.staff_url)
    assert "For nina@county.example." in Page(door.get(path).text).text
    assert path not in door.get("/people").text
    assert "nina@county.example reviewer · invited" in Page(door.get("/people").text).text
    assert log_entries(sandbox)[-1] == (ADA, "user.add", "nina@county.example as reviewer")


def problems_on(answer):
    """What is said at each marked field of a page that refused."""
    assert answer.status_code == 400, answer.text
    page = Page(answer.text)
    boxes = [it for it in page.all("input", "select", "fieldset") if it.get("aria-invalid") == "true"]
    sentences = dict(re.findall(r'<p class="wrong" id="([\w-]+)">([^<]+)</p>', answer.text))
    assert len(sentences) == len(boxes), "every sentence belongs to one field"
    return {
        it.get("name") or it["aria-label"].lower(): html.unescape(sentences[it["aria-describedby"]])
        for it in boxes
    }


def form_of(answer, action):
    """What stands in one form of the page: its fields, and the choices that are made."""
    whole = re.search(rf'<form method="post" action="{action}".*?</form>', answer.text, re.DOTALL)[0]
    page = Page(whole)
    role = [it["value"] for it in page.all("input") if it["name"] == "role" and "checked" in it]
    contractor = [it["value"] for it in page.all("option") if "selected" in it]
    email = [it["value"] for it in page.all("input") if it["name"] == "email"]
    return *email, "".join(role), "".join(contractor)


PROBLEMS = [
    (("nina", "ctlt", ""), {"email": "“nina” is not an email address."}),
    ((ADA, "ctlt", ""), {"email": f"{ADA} has an account already."}),
    (
        ("n@c.example", "contractor", ""),
        {"contractor": "An account of the role contractor needs its contractor."},
    ),
    (
        ("n@c.example", "ctlt", "olive-crest"),
        {"contractor": "An account of the role ctlt has no contractor."},
    ),
    (("n@c.example", "", "olive-crest"), {"role": "No role was chosen."}),
    (
        ("<b>nina", "contractor", ""),
        {
            "email": "“<b>nina” is not an email address.",
            "contractor": "An account of the role contractor needs its contractor.",
        },
    ),
]


@pytest.mark.parametrize(("invitation", "problems"), PROBLEMS)
def test_each_fault_of_an_invitation_is_said_at_its_field_and_what_was_given_stays(
    sandbox, door, invitation, problems
):
    email, role, contractor = invitation
    answer = post(sandbox, door, "/people", email=email, role=role, contractor=contractor)
    assert problems_on(answer) == problems
    assert form_of(answer, "/people") == invitation
    assert "Nobody was invited" in Page(answer.text).text
    assert confirmation_on(answer) == ""
    assert log_entries(sandbox) == []


def test_what_no_page_of_ours_sends_makes_no_account(sandbox, door):
    for fields, field in (
        ({}, "email"),
        ({"email": "n@c.example", "role": "queen"}, "role"),
        ({"email": "n@c.example", "role": "contractor", "contractor": "nobody"}, "contractor"),
    ):
        assert field in problems_on(post(sandbox, door, "/people", **fields))
    assert log_entries(sandbox) == []


def test_each_fault_of_another_role_is_said_in_the_form_of_its_account(sandbox, door):
    Person(sandbox)
    number = id_of(door, CARLA)
    role = f"/people/{number}/role"
    for choices, problems in (
        (("contractor", ""), {"contractor": "An account of the role contractor needs its contractor."}),
        (("reviewer", "olive-crest"), {"contractor": "An account of the role reviewer has no contractor."}),
    ):
        answer = post(sandbox, door, role, role=choices[0], contractor=choices[1])
        assert problems_on(answer) == problems
        assert form_of(answer, role) == choices
        assert form_of(answer, "/people") == ("", "", ""), "and in no other"
        assert answer.text.count("<details open>") == 1, "where what is marked can be seen"
        assert f'<a href="#form-{number}">' in answer.text
    assert log_entries(sandbox) == []


@pytest.mark.parametrize("form", ["/people", "/people/{number}/role"])
def test_each_role_is_explained_where_it_is_chosen(sandbox, door, form):
    Person(sandbox)
    page = door.get("/people")
    action = form.format(number=id_of(door, CARLA))
    whole = re.search(rf'<form method="post" action="{action}".*?</form>', page.text, re.DOTALL)[0]
    choices = re.findall(
        r'<label><input type="radio" name="role" value="(\w+)"[^>]*><span>(.*?)</span></label>', whole
    )
    assert {role: Page(sentence).text for role, sentence in choices} == {
        role: f"{role} {sentence}" for role, sentence in IN_WORDS.items()
    }
    assert [role for role, _ in choices] == list(ROLES)


def test_nobody_gets_a_role_that_nobody_chose(door):
    assert form_of(door.get("/people"), "/people") == ("", "", "")


def test_contractors_are_chosen_by_name_in_the_order_of_their_names(sandbox, door):
    programs = Programs(
        (), (Contractor(id="zz-first", name="alpha House"), Contractor(id="aa-last", name="Olive Crest"))
    )
    sandbox.in_transaction(lambda s: store_programs(s, programs, sandbox.settings.period))
    whole = re.search(r'<form method="post" action="/people".*?</form>', door.get("/people").text, re.DOTALL)[
        0
    ]
    assert re.findall(r"<option[^>]*>([^<]+)</option>", whole) == [
        "None",
        "alpha House",
        "Coalition to Abolish Slavery and Trafficking",
        "Olive Crest (aa-last)",
        "Olive Crest (olive-crest)",
        "Optimist Family and Youth Services",
        "Vista Del Mar",
    ]


def confirmation_on(answer):
    """What the page says was done."""
    confirmations = re.findall(r'<(p|div) class="due" role="status">(.*?)</\1>', answer.text, re.DOTALL)
    return " ".join(Page(it).text for _, it in confirmations)


def test_whatever_was_done_is_confirmed(sandbox, door):
    Person(sandbox)
    number = id_of(door, CARLA)

    def confirmation_of(change, **fields):
        answer = post(sandbox, door, f"/people/{number}/{change}", **fields)
        return confirmation_on(door.get(answer.headers["location"]) if answer.status_code == 303 else answer)

    assert confirmation_of("disable") == f"Disabled {CARLA}. Their sessions are over."
    assert confirmation_of("enable") == f"Enabled {CARLA}. They sign in as before."
    assert confirmation_of("role", role="contractor", contractor="olive-crest") == (
        f"{CARLA} has the role contractor of Olive Crest now. Their sessions are over: they sign in again."
    )
    assert confirmation_of("role", role="admin", contractor="").startswith(f"{CARLA} has the role admin now.")
    again = confirmation_of("invite")
    assert again.startswith(f"Made a new one-time address for {CARLA} .")
    assert f"{sandbox.settings.staff_url}/welcome/" in again
    new = post(sandbox, door, "/people", email="Nina@county.example", role="reviewer", contractor="")
    assert confirmation_on(new).startswith("Invited nina@county.example .")
    assert confirmation_on(door.get("/people")) == ""


def test_whoever_never_set_up_an_account_needs_a_new_address_after_being_enabled(sandbox, door):
    post(sandbox, door, "/people", email="nina@county.example", role="reviewer", contractor="")
    number = id_of(door, "nina@county.example")
    post(sandbox, door, f"/people/{number}/disable")
    answer = post(sandbox, door, f"/people/{number}/enable")
    sentence = confirmation_on(door.get(answer.headers["location"]))
    assert sentence == "Enabled nina@county.example. They need a new one-time address."


def test_an_address_that_says_what_is_not_so_confirms_nothing(sandbox, door):
    Person(sandbox)
    number = id_of(door, CARLA)
    for query in (
        f"done=disable&person={number}",
        "done=disable&person=999",
        "done=disable",
        f"person={number}",
        f"done=promote&person={number}",
        "done=role&person=<b>",
    ):
        assert confirmation_on(door.get(f"/people?{query}")) == "", query
    post(sandbox, door, f"/people/{number}/disable")
    assert confirmation_on(door.get(f"/people?done=enable&person={number}")) == ""


def test_ada_keeps_carla_out_at_once_and_lets_her_in_again(sandbox, door):
    carla = Person(sandbox)
    token, number = sandbox.session(CARLA), id_of(door, CARLA)
    assert post(sandbox, door, f"/people/{number}/disable").status_code == 303
    assert carla.session_of(token) is None
    assert "carla@county.example ctlt · disabled" in Page(door.get("/people").text).text
    again = post(sandbox, door, f"/people/{number}/invite")
    assert "enable the account first" in Page(again.text).text
    assert post(sandbox, door, f"/people/{number}/enable").status_code == 303
    assert carla.give_password()
    assert log_entries(sandbox) == [(ADA, "user.disable", CARLA), (ADA, "user.enable", CARLA)]


def test_ada_gives_carla_another_role(sandbox, door):
    carla = Person(sandbox)
    token, number = sandbox.session(CARLA), id_of(door, CARLA)
    role = f"/people/{number}/role"
    post(sandbox, door, role, role="contractor", contractor="olive-crest")
    assert "carla@county.example contractor of Olive Crest · active" in Page(door.get("/people").text).text
    assert carla.session_of(token) is None
    assert log_entries(sandbox) == [(ADA, "user.role", f"{CARLA} as contractor olive-crest")]


def test_who_lost_a_phone_gets_a_new_address(sandbox, door):
    Person(sandbox)
    answer = post(sandbox, door, f"/people/{id_of(door, CARLA)}/invite")
    assert CARLA in answer.text
    assert "/welcome/" in answer.text
    assert log_entries(sandbox) == [(ADA, "user.invite", CARLA)]


def test_nobody_changes_their_own_role_or_keeps_themselves_out(sandbox, door):
    (own,) = {
        number
        for number in range(1, 9)
        if post(sandbox, door, f"/people/{number}/disable").status_code == 400
    }
    for change in ("disable", "role"):
        answer = post(sandbox, door, f"/people/{own}/{change}", role="ctlt")
        assert "ask another admin" in Page(answer.text).text
    assert "ada@county.example admin · active" in Page(door.get("/people").text).text


def test_somebody_or_something_that_is_not_there_is_not_there(sandbox, door):
    Person(sandbox)
    number = id_of(door, CARLA)
    for path in (
        "/people/999/disable",
        "/people/999/invite",
        f"/people/{number}/promote",
        "/people/x/disable",
    ):
        assert post(sandbox, door, path).status_code == 404, path
