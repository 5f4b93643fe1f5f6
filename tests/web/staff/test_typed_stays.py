"""What somebody typed on a staff page stays: after a refusal, and through a session that ran out."""

import datetime as dt
from html import escape

import msgspec
import pytest
from sqlalchemy import update

from feedback import clock
from feedback.staff import sessions
from feedback.staff.access import NOWHERE, OPEN
from feedback.storage.staff_tables import PasskeyRow, SessionRow
from feedback.translations.catalogs import Message
from feedback.web.staff import link_pages, paper_entry_pages, work_pages
from feedback.web.staff.page import DONE
from tests.support.forms.pages import Page
from tests.support.forms.staff_forms import form_at, forms_of
from tests.support.people import Person
from tests.support.sandbox import PASSWORD
from tests.support.site import routes

VERA, ADA, TAM = "vera@vista.example", "ada@county.example", "tam@county.example"
PEOPLE = {VERA: ("contractor", "vista-del-mar"), ADA: ("admin", None), TAM: ("translator", None)}
OWN = "advocacy-vista"
OURS = {"Sec-Fetch-Site": "same-origin"}
SECRET = ("password", "current", "code", "answer")
WORDS = "Ein Wort, “quoted” & <b>\r\nin two lines ٣"
SEND = Message(source="Send").key


class Case(msgspec.Struct):
    """A form of the staff door: whose, where it stands, filled well, and filled in ways that are refused."""

    email: str
    page: str
    fields: dict[str, str]
    problems: dict[str, dict[str, str | None]] = {}
    """What is typed instead, by the field at which it is said."""
    at: str = ""
    """Where the form sends, if not to the page it stands on."""
    says: str = ""
    """What the page says that comes after, where it is no other address."""


FORMS = {
    "/links": Case(
        VERA,
        "/links",
        {"for": f"{OWN}/youth", "instrument": "", "language": "", "place": "By the door", "embed": ""},
        {
            "for": {"for": "nobody"},
            "instrument": {"instrument": "parent-experience"},
            "language": {"language": "xx"},
            "place": {"place": "x" * 201},
            "embed": {"embed": "not a site"},
        },
    ),
    "/links/{slug:str}/close": Case(VERA, "/links", {}, at="/links/{slug}/close"),
    "/links/{slug:str}/paper": Case(
        VERA,
        "/links/{slug}/paper",
        {"_outside": "yes", "1.core-safety": "5", "1.going-well": WORDS, "3.should-change": WORDS},
        {
            "_language": {"_language": "xx"},
            "_period": {"_period": "1999Q1"},
            "1.going-well": {"1.going-well": "x" * 1_001},
            "_outside": {"_outside": None},
        },
    ),
    "/served/{program_id:str}": Case(
        VERA,
        f"/served/{OWN}",
        {"period": "2026Q3", "served": "60", "offered": "40", "minutes": "90"},
        {
            "period": {"period": "soon"},
            "served": {"served": "-1"},
            "offered": {"offered": ""},
            "minutes": {"minutes": "1.5"},
            "reason": {"reason": "x" * 301},
        },
    ),
    "/account/password": Case(
        VERA,
        "/account",
        {"current": PASSWORD, "password": "nine lamps over a quiet river"},
        {"current": {"current": "wrong"}, "password": {"password": "short"}},
        at="/account/password",
    ),
    "/account/second-factor": Case(
        VERA,
        "/account",
        {"current": PASSWORD, "code": "000000"},
        {"current": {"current": "wrong"}, "code": {"code": "000000"}},
        at="/account/second-factor",
    ),
    "/account/recovery-codes": Case(
        VERA,
        "/account",
        {"current": PASSWORD},
        {"current": {"current": "wrong"}},
        at="/account/recovery-codes",
    ),
    "/account/passkeys": Case(
        VERA,
        "/account",
        {"current": PASSWORD, "name": "My phone", "answer": "{}"},
        {"current": {"current": "wrong"}, "name": {"answer": "{}"}},
        at="/account/passkeys",
    ),
    "/account/passkeys/remove": Case(
        VERA,
        "/account",
        {"current": PASSWORD, "passkey": "AAAA"},
        {"current": {"current": "wrong"}},
        at="/account/passkeys/remove",
    ),
    "/account/passkeys/first": Case(
        VERA, "/account", {"name": "My phone", "answer": "{}"}, at="/account/passkeys/first"
    ),
    "/account/sessions/end": Case(VERA, "/account", {}, at="/account/sessions/end"),
    "/people": Case(
        ADA,
        "/people",
        {"email": "nina@county.example", "role": "ctlt", "contractor": ""},
        {"email": {"email": "=nina"}, "role": {"role": "queen"}, "contractor": {"role": "contractor"}},
    ),
    "/people/{person_id:int}/invite": Case(ADA, "/people", {}, at="/people/1/invite"),
    "/people/{person_id:int}/{change:str}": Case(
        ADA,
        "/people",
        {"role": "contractor", "contractor": "olive-crest"},
        {"contractor": {"contractor": ""}},
        at="/people/1/role",
    ),
    "/words/{tag:str}/{key:str}": Case(
        TAM, f"/words/es/{SEND}", {"form-0": "Mandar"}, {"form-0": {"form-0": "<b>Mandar"}}
    ),
    "/sign-out": Case(VERA, "/account", {}, at="/sign-out"),
}


@pytest.fixture
def people(sandbox):
    accounts = {email: Person(sandbox, email, role, whose) for email, (role, whose) in PEOPLE.items()}
    passkey = PasskeyRow(
        id=b"\0\0\0", user=1, credential=b"", name="My phone", uses=0, added_on=dt.date(2026, 8, 15)
    )
    sandbox.in_transaction(lambda s: _add(s, passkey))
    return accounts


async def _add(session, row):
    session.add(row)


@pytest.fixture
def slug(sandbox):
    return sandbox.link(OWN)


def end_every_session(sandbox):
    at = clock.now() - sessions.IDLE - dt.timedelta(minutes=1)
    sandbox.in_transaction(lambda s: s.execute(update(SessionRow).values(seen_at=at)))


def fill_in(door, case, slug):
    """The form as it stands on its page, and all that a browser would send with it filled in."""
    page, action = case.page.format(slug=slug), (case.at or case.page).format(slug=slug)
    forms = forms_of(door.get(page).text)
    # The one that adds the first passkey stands on a page that is shown once.
    form = next((it for it in forms if it.action == action), forms[0])
    return action, {**form.fields, **case.fields}


def sign_in_again(door, person, page):
    """Go through the pages of sign-in as a browser would, with all that they carry."""
    fields = {**form_at(page, "/sign-in").fields, "email": person.email, "password": PASSWORD}
    answer = door.post("/sign-in", data=fields, headers=OURS)
    page = answer.text if answer.status_code == 200 else door.get(answer.headers["location"]).text
    for later in (-1, 0, 1):
        fields = {**form_at(page, "/sign-in/code").fields, "code": person.code(later)}
        answer = door.post("/sign-in/code", data=fields, headers=OURS)
        if answer.status_code != 403:
            return answer
        page = answer.text
    raise AssertionError("no code was right")


def test_every_form_of_the_staff_door_is_tried_here(sandbox):
    with sandbox.staff_door() as door:
        actions = {path: does for method, path, does in routes(door.app) if method == "POST"}
    assert {path for path, does in actions.items() if does not in (OPEN, NOWHERE)} == set(FORMS)


@pytest.mark.slow
@pytest.mark.parametrize("path", FORMS)
def test_what_was_typed_goes_through_a_session_that_ran_out(sandbox, people, slug, path):
    case = FORMS[path]
    with sandbox.staff_door(case.email) as door:
        action, fields = fill_in(door, case, slug)
        end_every_session(sandbox)
        answer = door.post(action, data=fields, headers=OURS)
        secrets = [value for name, value in fields.items() if name in SECRET and len(value) > 2]
        assert not any(it in answer.text for it in secrets)
        if answer.status_code == 303:
            answer = door.get(answer.headers["location"])
        back = sign_in_again(door, people[case.email], answer.text)
        assert not any(it in back.text for it in secrets)
        if action.startswith("/account") or action == "/sign-out":
            assert back.status_code == 303
            page = door.get(back.headers["location"])
            texts = {name: value for name, value in case.fields.items() if name not in (*SECRET, "passkey")}
            pairs = [pair for form in forms_of(page.text) for pair in form.pairs]
            assert set(texts.items()) <= set(pairs)
            return
        assert "Nothing of what you typed was stored yet." in Page(back.text).text
        again = form_at(back.text, action)
        own = {name: value for name, value in again.fields.items() if name != "_csrf_token"}
        assert own == {name: value for name, value in fields.items() if name != "_csrf_token"}
        answer = door.post(action, data=again.fields, headers=OURS)
        assert answer.status_code == 303 or (answer.status_code == 200 and 'role="status"' in answer.text)


def refusals():
    return [(path, field) for path, case in FORMS.items() for field in case.problems]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "field"), refusals())
def test_a_refusal_says_at_its_field_what_was_wrong_and_keeps_the_rest(sandbox, people, slug, path, field):
    case = FORMS[path]
    with sandbox.staff_door(case.email) as door:
        action, fields = fill_in(door, case, slug)
        fields |= case.problems[field]
        fields = {name: value for name, value in fields.items() if value is not None}
        answer = door.post(action, data=fields, headers=OURS)
    assert answer.status_code == 400
    form = form_at(answer.text, action)
    assert list(form.problems) == [field]
    assert form.problems[field].endswith((".", "?"))
    rest = {name: value for name, value in fields.items() if name not in (*SECRET, "_csrf_token", field)}
    assert {**form.fields, **rest} == form.fields
    assert 'href="/account"' in answer.text, "the menu stays"
    assert not any(
        value in answer.text for name, value in fields.items() if name in SECRET and len(value) > 6
    )


def test_a_form_of_an_older_session_is_one_press_away_and_bound_to_this_one(sandbox, people, slug):
    case = FORMS["/served/{program_id:str}"]
    with sandbox.staff_door(VERA) as door:
        action, fields = fill_in(door, case, slug)
    with sandbox.staff_door(VERA) as door:
        page = door.post(action, data=fields, headers=OURS)
        assert page.status_code == 403
        again = form_at(page.text, action).fields
        assert again["_csrf_token"] != fields["_csrf_token"]
        assert {**again, **case.fields} == again
        assert door.post(action, data=again, headers=OURS).status_code == 303


def test_a_page_that_is_not_proven_ours_brings_nothing_into_ours(sandbox, people, slug):
    """Or a page of another site could put words into a form of ours that somebody then sends."""
    fields = {"place": "from elsewhere", "for": f"{OWN}/youth"}
    for signed_in in (VERA, None):
        with sandbox.staff_door(signed_in) as door:
            silent = door.post("/links", data=fields)
            assert silent.status_code == (403 if signed_in else 303)
            assert "from elsewhere" not in silent.text
            for headers in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}):
                answer = door.post("/links", data=fields, headers=headers)
                assert answer.status_code == 403
                assert "from elsewhere" not in answer.text


@pytest.mark.parametrize(
    "to", ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "x", "/ü"]
)
def test_sign_in_leads_to_no_other_site(sandbox, people, to):
    with sandbox.staff_door() as door:
        page = door.get("/sign-in", params={"to": to})
        back = sign_in_again(door, people[VERA], page.text)
    assert back.headers["location"] == "/"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(sandbox, people):
    with sandbox.staff_door() as door:
        first = door.get(f"/programs/{OWN}?x=1")
        back = sign_in_again(door, people[VERA], door.get(first.headers["location"]).text)
    assert back.headers["location"] == f"/programs/{OWN}?x=1"


def test_blocked_cookies_are_called_by_their_name(sandbox, people):
    with sandbox.staff_door() as door:
        fields = form_at(door.get("/sign-in").text, "/sign-in").fields
        door.cookies.clear()
        answer = door.post("/sign-in", data={**fields, "email": VERA, "password": PASSWORD}, headers=OURS)
    assert answer.status_code == 403
    assert "Your browser sent no cookie of ours back" in Page(answer.text).text


def test_typed_paper_is_nowhere_at_rest_while_it_goes_through_sign_in(sandbox, people, slug):
    with sandbox.staff_door(VERA) as door:
        action, fields = fill_in(door, FORMS["/links/{slug:str}/paper"], slug)
        end_every_session(sandbox)
        page = door.post(action, data={**fields, "1.going-well": "needle in typed paper"}, headers=OURS)
        sign_in_again(door, people[VERA], page.text)
    files = [it for it in sandbox.settings.home.parent.rglob("*") if it.is_file()]
    assert files
    assert not any(b"needle in typed paper" in it.read_bytes() for it in files)


@pytest.mark.parametrize("path", ["/links", "/links/{slug:str}/paper", "/served/{program_id:str}"])
def test_what_was_typed_is_there_when_something_goes_wrong_on_our_side(
    sandbox, people, slug, path, monkeypatch
):
    case = FORMS[path]
    with sandbox.staff_door(case.email) as door:
        action, fields = fill_in(door, case, slug)
        with monkeypatch.context() as patch:
            for module in (link_pages, paper_entry_pages, work_pages):
                patch.setattr(module, "record", failing)
            answer = door.post(action, data=fields, headers=OURS)
        assert answer.status_code == 500
        assert "went wrong on our side" in Page(answer.text).text
        assert door.post(action, data=form_at(answer.text, action).fields, headers=OURS).status_code == 303


async def failing(*_):
    raise TimeoutError


def test_what_was_done_is_confirmed_in_words_of_ours_alone(sandbox, people):
    with sandbox.staff_door(VERA) as door:
        for word, sentence in DONE.items():
            page = door.get("/account", params={"done": word})
            assert f'role="status">{escape(sentence)}</p>' in page.text
        assert 'class="done"' not in door.get("/account", params={"done": "<b>All your money</b>"}).text


@pytest.mark.slow
def test_no_stranger_has_a_page_made_of_a_hundred_thousand_fields(sandbox):
    with sandbox.staff_door() as door:
        headers = {**OURS, "Content-Type": "application/x-www-form-urlencoded"}
        for body in (b"a=1&" * 140_000, b"".join(b"%d&" % it for it in range(85_000))):
            answer = door.post("/links", content=body, headers=headers)
            assert answer.headers["location"] == "/sign-in"
        fields = {
            **form_at(door.get("/sign-in").text, "/sign-in").fields,
            "at": "/links",
            "k.a": ["1"] * 90_000,
        }
        assert "k.a" not in door.post("/sign-in", data=fields).text


def test_the_menu_stays_where_nothing_is(sandbox, people, slug):
    with sandbox.staff_door(VERA) as door:
        for path in ("/nothing/here", "/people", "/programs/frp"):
            answer = door.get(path)
            assert answer.status_code == 404
            assert 'href="/links"' in answer.text
