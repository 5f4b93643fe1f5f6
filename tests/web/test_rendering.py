"""Templates: all of them compile, none of them lacks a name, and words from data stay words."""

import base64
import hashlib
import re
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from feedback.fieldwork.programs import store_programs
from feedback.fieldwork.totals import report_work
from feedback.languages import LANGUAGES
from feedback.staff import accounts
from feedback.translations.catalogs import Message, english, shipped_catalogs
from feedback.web import rendering
from feedback.web.survey import page as survey_page
from surveys.registry import Programs, WorkTotal, shipped_programs
from tests.support.forms.pages import Page
from tests.support.people import code_on
from tests.support.sandbox import PASSWORD

TRICKY = "50 % of <script>alert(1)</script> & %(people)s %s {{ 7919 * 7907 }}"
FOLDER = Path(str(resources.files("feedback") / "templates"))
TEMPLATES = sorted(str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.html"))


_EVERY_LANGUAGE = [
    pytest.param(tag, marks=[] if tag in ("en", "ar") else pytest.mark.slow, id=tag) for tag in LANGUAGES
]


@pytest.mark.parametrize("tag", _EVERY_LANGUAGE)
def test_every_template_compiles_in_every_language(tag):
    assert len(TEMPLATES) > 30
    for name in TEMPLATES:
        assert rendering.environment(shipped_catalogs()[tag]).get_template(name)


def tour(sandbox, instrument):
    """Open every page in every state that looks different; yields name and answer."""
    sandbox.answer(40, "advocacy-vista", instrument="youth-experience")
    work = WorkTotal(program="advocacy-vista", period="2026Q3", served=12, offered=12, minutes=60)
    sandbox.in_transaction(lambda session: report_work(session, work))
    slug = sandbox.link("ctu", "youth", place=TRICKY, instrument=instrument)
    plain = sandbox.link("training-cast", "partner")
    people = {
        "none": None,
        "ctlt": sandbox.user(),
        "reader": sandbox.user("stella@county.example", "reader"),
        "contractor": sandbox.user("vera@vista.example", "contractor", "vista-del-mar"),
        "admin": sandbox.user("ada@county.example", "admin"),
    }
    survey = (
        f"/s/{slug}",
        f"/s/{plain}",
        f"/s/{slug}/print",
        "/thanks",
        "/help",
        "/leave",
        "/heard?back=sent",
        "/heard/advocate-a",
        "/nothing",
    )
    staff = (
        "/sign-in",
        "/",
        "/county",
        "/programs",
        "/programs/advocacy-vista",
        "/programs/ctu",
        "/strategies",
        "/strategies/4.3",
        "/who-was-heard",
        "/glossary",
        "/strategies/1.1",
        "/measures",
        "/links",
        f"/links/{slug}/poster",
        f"/links/{slug}/paper?stored=1&blank=1&before=1",
        "/served",
        "/served/ctu",
        "/served/advocacy-vista",
        "/releases",
        "/audit",
        "/account",
        "/people",
        "/words",
        "/words/ar",
        "/words/ar?only=missing",
        f"/words/ar/{Message(source='Send').key}",
        "/words/ar/preview/youth-experience",
    )
    with sandbox.staff_door() as door:
        sandbox.submit(door, "/sign-in", "/sign-in", email=people["ctlt"], password=PASSWORD)
        yield "half signed in", door.get("/sign-in/code")
        invited = sandbox.in_transaction(lambda s: accounts.invite_again(s, people["admin"]))
        welcome = door.get(f"/welcome/{invited}")
        yield "invited", welcome
        form = {"password": PASSWORD, "code": code_on(welcome.text)}
        yield "set up", sandbox.submit(door, f"/welcome/{invited}", f"/welcome/{invited}", **form)
    for day in ("2026-08-15", "2026-10-15"):
        if day > "2026-10":
            sandbox.on(day).release()
        with sandbox.survey_door() as door:
            for path in survey:
                yield f"{day} {path}", door.get(path)
            wrong = {"core-safety": ["1", "2"], "going-well": "x" * 1_001, "other": "1"}
            yield f"{day} wrong", door.post(f"/s/{slug}", data=wrong)
        for role, email in people.items() if day > "2026-10" else [("ctlt", people["ctlt"])]:
            with sandbox.staff_door(email) as door:
                for path in staff:
                    yield f"{day} {role} {path}", door.get(path)
                for at, page, fields in (
                    ("/sign-in", "/sign-in", {"email": f"{day}{role}", "password": "x"}),
                    ("/account", "/account/recovery-codes", {"current": PASSWORD}),
                ):
                    yield f"{day} {role} {page}", sandbox.submit(door, at, page, **fields)
                own = {"Sec-Fetch-Site": "same-origin"}
                yield f"{day} {role} stale", door.post("/links", data={"place": TRICKY}, headers=own)
                paper = f"/links/{slug}/paper"
                sheet = {"1.core-safety": "9", "1.other": "9"}
                yield f"{day} {role} wrong sheet", sandbox.submit(door, "/links", paper, **sheet)
                yield f"{day} {role} refused", sandbox.submit(door, "/links", "/links", **{"for": "x"})
                send = f"/words/ar/{Message(source='Send').key}"
                yield f"{day} {role} wrong words", sandbox.submit(door, send, send, **{"form-0": "<b>"})


def tricky_programs():
    """The shipped programs, with names that try to be more than names."""
    shipped = shipped_programs()
    programs = tuple(
        msgspec.structs.replace(
            it,
            name=TRICKY,
            short=TRICKY,
            public_name=TRICKY,
            respondent_names=dict.fromkeys(it.audiences, TRICKY),
        )
        for it in shipped.programs
    )
    return Programs(programs, shipped.contractors, shipped.pools)


OUR_SCRIPTS = ([], [{}], [{"src": "/static/passkey.js", "defer": ""}])
"""None, the survey's own inside the page, or the staff door's for passkeys."""


@pytest.mark.slow
def test_no_page_lacks_a_name_and_words_from_data_stay_words(sandbox, every_kind):
    rendering.environment.cache_clear()
    sandbox.settings = msgspec.structs.replace(sandbox.settings, made_up=True)
    period = sandbox.settings.period
    sandbox.in_transaction(lambda session: store_programs(session, tricky_programs(), period))
    n_tricky = 0
    for name, answer in tour(sandbox, every_kind):
        assert answer.status_code in (200, 303, 400, 403, 404, 409), f"{name}: {answer.text}"
        page = Page(answer.text)
        assert page.all("script") in OUR_SCRIPTS, f"{name} runs what a name says"
        assert str(7919 * 7907) not in page.text, f"{name} computes what a name says"
        n_tricky += TRICKY in page.text
    assert n_tricky > 15
    cached = {key[1] for key in rendering.environment(english()).cache}
    assert set(TEMPLATES) - cached == set(), "a page that the tour does not open"


def test_a_page_allows_its_own_style_and_script_by_their_hashes_and_no_others(sandbox, door):
    survey = f"/s/{sandbox.link('ctu', 'youth')}"
    aloud = f" {hash_of(door.get('/aloud.js').text)}"
    for path in (survey, f"{survey}/print", "/thanks", "/help", "/leave", "/nothing"):
        answer = door.get(path)
        for kind in ("style", "script"):
            elements = re.findall(rf"<{kind}>(.*?)</{kind}>", answer.text, re.DOTALL)
            if path == "/leave" and kind == "script":
                assert elements == [], "the blank page has nothing to run"
                continue
            (inside,) = elements
            # A survey may fetch one more: what reads aloud.
            fetched = aloud if (path, kind) == (survey, "script") else ""
            assert f"{kind}-src {hash_of(inside)}{fetched};" in answer.headers["content-security-policy"], (
                path
            )
        assert not re.search(r" (style|on[a-z]+)=", answer.text), path


def hash_of(inside):
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"


def test_no_script_keeps_anything():
    folder = resources.files("feedback.web.survey") / "inline"
    scripts = sorted(it.name for it in folder.iterdir() if it.name.endswith(".js"))
    assert len(scripts) == 8
    script = "".join(survey_page.inline(name) for name in scripts)
    storage = (
        r"cookie|localStorage|sessionStorage|indexedDB|caches|serviceWorker|history\.|import|eval|innerHTML"
    )
    assert not re.search(storage, script)


@pytest.mark.parametrize("name", ["survey.css", "paper.css"])
def test_the_style_of_the_survey_stays_small_and_turns_around_with_the_language(name):
    style = survey_page.inline(name)
    assert len(style.encode()) < 5_000
    assert not re.search(r"[\s;{](margin|padding|border|inset)?-?(left|right)\b", style)
    assert not re.search(r"@import|url\(|@font-face|</", style)
    assert re.findall(r"padding:[^;}]+ [^;}]+ [^;}]+ [^;}]+[;}]", style) == []


def test_the_staff_s_style_fetches_nothing():
    style = (resources.files("feedback.web.staff") / "static" / "staff.css").read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|@font-face|//", style)
