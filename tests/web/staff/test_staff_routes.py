"""Every route of the staff door, as the application itself lists them: what it does, and for whom.

Carla is CTLT, Stella is on the Steering Committee, Vera works for Vista Del Mar, Rita reviews, Tariq
translates, Ada is an admin.
"""

import itertools

import pytest
from litestar import Router, get

from feedback import app
from feedback.staff.access import ACCESS, NOWHERE, OPEN
from feedback.translations.catalogs import Message
from surveys.registry import county_plan, shipped_programs
from tests.support.forms.pages import Page
from tests.support.site import routes

pytestmark = pytest.mark.slow
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Who may open what does not depend on the database."""
PROGRAMS = {it.id: it for it in shipped_programs().programs}
VISTA = "vista-del-mar"
HER_WORDS = "the van came late and nobody told me"
PEOPLE = {
    "ctlt": "carla@county.example",
    "reader": "stella@county.example",
    "contractor": "vera@vista.example",
    "reviewer": "rita@county.example",
    "translator": "tariq@county.example",
    "admin": "ada@county.example",
}
DECLARED = {
    "GET /glossary": "come in",
    "GET /county": "read strategies",
    "GET /programs": "read results",
    "GET /strategies": "read strategies",
    "GET /who-was-heard": "read measures",
    "GET /": "come in",
    "GET /account": "keep own account",
    "GET /audit": "read audit",
    "GET /audit/export.csv": "read audit",
    "GET /audit/export.xlsx": "read audit",
    "GET /download/measures.csv": "read results",
    "GET /download/results.csv": "read results",
    "GET /download/results.xlsx": "read results",
    "GET /download/results.zip": "read results",
    "GET /links": "make links",
    "GET /links/{slug:str}/code.svg": "make links",
    "GET /links/{slug:str}/paper": "enter paper",
    "GET /links/{slug:str}/poster": "make links",
    "GET /measures": "read measures",
    "GET /people": "invite people",
    "GET /programs/{program_id:str}": "read results",
    "GET /releases": "read releases",
    "GET /sign-in": OPEN,
    "GET /sign-in/code": OPEN,
    "GET /static/{file_path:path}": OPEN,
    "GET /strategies/{strategy_id:str}": "read strategies",
    "GET /welcome/{token:str}": OPEN,
    "GET /words": "translate",
    "GET /words/{tag:str}": "translate",
    "GET /words/{tag:str}/file/{kind:str}": "translate",
    "GET /words/{tag:str}/preview/{instrument_id:str}": "translate",
    "GET /words/{tag:str}/{key:str}": "translate",
    "GET /served": "report work",
    "GET /served/{program_id:str}": "report work",
    "GET /{path:path}": NOWHERE,
    "POST /account/passkeys": "keep own account",
    "POST /account/passkeys/first": "keep own account",
    "POST /account/passkeys/remove": "keep own account",
    "POST /account/password": "keep own account",
    "POST /account/recovery-codes": "keep own account",
    "POST /account/second-factor": "keep own account",
    "POST /account/sessions/end": "keep own account",
    "POST /links": "make links",
    "POST /links/{slug:str}/close": "make links",
    "POST /links/{slug:str}/paper": "enter paper",
    "POST /people": "invite people",
    "POST /people/{person_id:int}/invite": "invite people",
    "POST /people/{person_id:int}/{change:str}": "invite people",
    "POST /sign-in": OPEN,
    "POST /sign-in/code": OPEN,
    "POST /sign-in/passkey": OPEN,
    "POST /sign-out": "come in",
    "POST /welcome/{token:str}": OPEN,
    "POST /words/{tag:str}/{key:str}": "translate",
    "POST /served/{program_id:str}": "report work",
    "POST /{path:path}": NOWHERE,
}
"""The whole door, written out by hand: whoever adds a route says here, once more, what it does."""


@ON_SQLITE
def test_every_route_declares_what_it_does(sandbox):
    actions = {
        f"{method} {path}": does for method, path, does in routes(app.create_staff_app(sandbox.settings))
    }
    assert actions == DECLARED


@ON_SQLITE
@pytest.mark.parametrize("options", [{}, {"does": "read responses"}])
def test_the_door_does_not_open_with_a_route_that_declares_nothing(sandbox, monkeypatch, options):
    @get("/everything", **options)
    async def everything() -> str:
        return "all of it"

    monkeypatch.setattr(app, "word_router", Router("", route_handlers=[everything]))
    with pytest.raises(LookupError, match=r"do not say what they do: \['GET'\] /everything"):
        app.create_staff_app(sandbox.settings)


@pytest.fixture
def sandbox_and_slugs(sandbox):
    """A deployment with somebody in each role, a link for every program and audience, and a release."""
    for role, email in PEOPLE.items():
        sandbox.user(email, role, VISTA if role == "contractor" else None)
    fields = {"instrument": "youth-experience", "answers": {"going-well": HER_WORDS}}
    sandbox.answer(12, "advocacy-vista", **fields)
    sandbox.answer(12, "isfc-olive-crest", instrument="youth-experience")
    slugs = {program: sandbox.link(program, it.audiences[0]) for program, it in PROGRAMS.items()}
    sandbox.on("2026-10-15").release()
    return sandbox, slugs


def ids(slugs, own_alone):
    """Every id that could stand in an address, those of a contractor's own programs or all others."""
    programs = [it for it, program in PROGRAMS.items() if (program.contractor_id == VISTA) is own_alone]
    return {
        "program_id": programs,
        "slug": [slugs[it] for it in programs],
        "strategy_id": [it.id for it in county_plan().strategies],
        "person_id": [str(number) for number in range(1, len(PEOPLE) + 1)],
        "change": ["disable", "enable", "role"],
        "tag": ["es", "ar"],
        "key": [Message(source="Send").key],
        "kind": ["po", "xliff"],
        "instrument_id": ["event"],
    }


def addresses(path, parameters):
    """A route's address with every combination of ids."""
    parts = path.strip("/").split("/")
    choices = [parameters[it[1:].split(":")[0]] if it.startswith("{") else [it] for it in parts]
    return ["/" + "/".join(it) for it in itertools.product(*choices)]


def crawl(sandbox, role, does, parameters):
    """Ask for every address of every route whose action `does` picks, as somebody of this role."""
    with sandbox.staff_door(PEOPLE[role]) as door:
        token = Page(door.get("/account").text).choices("_csrf_token")[0]
        nothing = door.get("/nothing-is-here")
        for method, path, action in routes(door.app):
            if action in (OPEN, NOWHERE) or not does(action):
                continue
            for address in addresses(path, parameters):
                data = {"_csrf_token": token} if method == "POST" else None
                yield f"{method} {address}", door.request(method, address, data=data), nothing


def of_programs(action):
    return ACCESS[action].get("contractor") == "own programs"


@ON_SQLITE
@pytest.mark.parametrize("role", PEOPLE)
def test_a_crawl_finds_nothing_but_one_404_behind_every_route_that_is_not_its_role_s(sandbox_and_slugs, role):
    sandbox, slugs = sandbox_and_slugs
    for own_alone in (True, False):
        crawled = crawl(sandbox, role, lambda it: role not in ACCESS.get(it, {}), ids(slugs, own_alone))
        answers = {name: (answer, nothing) for name, answer, nothing in crawled}
        assert answers or role == "admin"
        for name, (answer, nothing) in answers.items():
            assert answer.status_code == 404, name
            assert answer.content == nothing.content, name
            assert dict(answer.headers) == dict(nothing.headers), name


@ON_SQLITE
def test_vera_s_crawl_over_every_id_of_everybody_else_finds_nothing_but_one_404(sandbox_and_slugs):
    sandbox, slugs = sandbox_and_slugs
    answers = [
        (name, answer, nothing)
        for name, answer, nothing in crawl(sandbox, "contractor", of_programs, ids(slugs, own_alone=False))
        if name not in ("GET /links", "POST /links", "GET /programs", "GET /served")
        and not name.startswith("GET /download/")
    ]
    assert len(answers) > 100
    for name, answer, nothing in answers:
        assert answer.status_code == 404, name
        assert answer.content == nothing.content, name


@ON_SQLITE
def test_vera_s_own_routes_are_there(sandbox_and_slugs):
    """The crawl above would pass on a door that is shut to everybody."""
    sandbox, slugs = sandbox_and_slugs
    answers = crawl(sandbox, "contractor", of_programs, ids(slugs, own_alone=True))
    statuses = {answer.status_code for _, answer, _ in answers}
    assert statuses >= {200, 303}
    assert 404 not in statuses


@ON_SQLITE
def test_vera_cannot_name_another_s_program_in_a_form(sandbox_and_slugs):
    sandbox, slugs = sandbox_and_slugs
    with sandbox.staff_door(PEOPLE["contractor"]) as door:
        text = door.get("/links").text
        for program, it in PROGRAMS.items():
            if it.contractor_id != VISTA:
                answer = sandbox.submit(door, "/links", "/links", **{"for": f"{program}/{it.audiences[0]}"})
                assert answer.status_code == 404, program
                assert answer.content == door.get("/nothing-is-here").content
        assert all(
            slug not in text for program, slug in slugs.items() if PROGRAMS[program].contractor_id != VISTA
        )


@ON_SQLITE
@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_of_any_role_holds_what_one_person_wrote(sandbox_and_slugs, role):
    """Not after a release either: rows are nobody's, and comments wait for a review."""
    sandbox, slugs = sandbox_and_slugs
    parameters, pages = ids(slugs, own_alone=True), {}
    with sandbox.staff_door(PEOPLE[role]) as door:
        for method, path, action in routes(door.app):
            if method == "GET" and action not in (OPEN, NOWHERE) and role in ACCESS[action]:
                pages |= {address: door.get(address) for address in addresses(path, parameters)}
    assert {it.status_code for it in pages.values()} == {200}
    assert len(pages) > 1
    for address, answer in pages.items():
        assert HER_WORDS.encode() not in answer.content, address
