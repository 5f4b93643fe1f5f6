"""Whoever looks at results leaves an entry, on every page there is; whoever answers leaves none."""

import re

import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import select

from feedback.staff.audit import read_chain
from feedback.storage.staff_tables import AuditRow
from tests.support.browser.every_page import all_addresses
from tests.support.forms.pages import Page
from tests.support.forms.paper_forms import store
from tests.support.site import PATH_VALUES

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about pages, one database is enough."""
OWN = "advocacy-vista"
SILENT = {
    "/sign-in": "nobody is signed in yet",
    "/sign-in/code": "nobody is signed in yet",
    "/welcome/{token}": "nobody is signed in yet",
    "/account": "one's own account",
    "/people": "who may sign in; what is changed there is an entry",
    "/links": "addresses and where they hang",
    "/links/{slug}/code.svg": "an address as a picture",
    "/links/{slug}/poster": "an address to hang up",
    "/links/{slug}/paper": "an empty form; what is stored from it is an entry",
    "/glossary": "what the words of the pages mean",
    "/words": "words of the product",
    "/words/{tag}": "words of the product",
    "/words/{tag}/{key}": "words of the product",
    "/words/{tag}/preview/{instrument_id}": "an empty form",
    "/static/{file_path}": "the look of every page",
}
"""Pages that show no result, and what they show instead. Every other one leaves an entry when it is shown."""
PEOPLE = [
    ("carla@county.example", "ctlt", None),
    ("stella@county.example", "reader", None),
    ("vera@vista.example", "contractor", "vista-del-mar"),
    ("rita@county.example", "reviewer", None),
    ("tam@county.example", "translator", None),
    ("ada@county.example", "admin", None),
]


def entries(sandbox):
    async def read(session):
        rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
        return [(row.who, row.action, row.object) for row in rows]

    return sandbox.in_transaction(read)


def addresses(door, slug):
    """Each page that can be asked for, and one address of it."""
    ids = {**PATH_VALUES, "slug": slug, "program_id": OWN}
    for route in door.app.routes:
        if isinstance(route, HTTPRoute) and "GET" in route.methods:
            parts = [part if isinstance(part, str) else ids[part.name] for part in route.path_components]
            yield route.path_format, "/" + "/".join(parts)


@pytest.fixture
def released(sandbox):
    """People of Vista's program were heard and released."""
    sandbox.answer(30, program=OWN, instrument="youth-experience")
    sandbox.on("2026-10-15").release()
    return sandbox


def figures(answer):
    """Every percentage on a page; a page of results has some."""
    return re.findall(r"\d+ %", Page(answer.text).text) if "html" in answer.headers["content-type"] else []


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.parametrize(("email", "role", "contractor"), PEOPLE)
def test_every_page_that_shows_results_leaves_one_entry(released, email, role, contractor):
    slug = released.link(OWN)
    with released.staff_door(released.user(email, role, contractor)) as door:
        pages = dict(addresses(door, slug))
        for page, address in pages.items():
            n_before = len(entries(released))
            answer = door.get(address)
            new_entries = entries(released)[n_before:]
            welcome = page == "/" and role not in ("ctlt", "reader", "contractor")
            if page in SILENT or welcome or answer.status_code != 200:
                assert new_entries == [], page
                assert figures(answer) == [], f"{page} shows results and leaves no entry"
            else:
                assert [who for who, _, _ in new_entries] == [email], f"{page} leaves no entry"
                assert len(new_entries) == 1
    assert set(SILENT) <= set(pages), "a page is listed that is not there"
    assert released.in_transaction(read_chain).broken is None


@pytest.mark.slow
@ON_SQLITE
def test_an_entry_names_the_page_and_its_object(released):
    with released.staff_door(released.user()) as carla:
        n_before = len(entries(released))
        paths = (
            "/",
            f"/programs/{OWN}",
            "/strategies/4.3",
            "/measures",
            "/releases",
            "/served",
            f"/served/{OWN}",
        )
        for path in (*paths, "/audit"):
            answer = carla.get(path)
            assert answer.status_code == 200
        assert [it[1:] for it in entries(released)[n_before:]] == [
            ("view", "overview"),
            ("view", f"program {OWN}"),
            ("view", "strategy advocates-mentors"),
            ("view", "measures"),
            ("view", "releases"),
            ("view", "work"),
            ("view", f"work of {OWN}"),
            ("view", "audit log"),
        ]


@pytest.mark.slow
@ON_SQLITE
def test_every_change_on_the_staff_door_leaves_one_entry(released):
    with released.staff_door(released.user("vera@vista.example", "contractor", "vista-del-mar")) as vera:
        n_before = len(entries(released))
        released.submit(
            vera, "/links", "/links", **{"for": f"{OWN}/youth", "place": "=cmd|calc, by the door"}
        )
        (entry,) = entries(released)[n_before:]
        slug = entry[2].split()[0]
        work = {"period": "2026Q3", "served": "40", "offered": "30", "minutes": "60"}
        assert released.submit(vera, "/links", f"/served/{OWN}", **work).status_code == 303
        sheet = {"1.core-safety": "4", "1.going-well": "They listen"}
        assert store(vera, f"/links/{slug}/paper", **sheet).status_code == 303
        assert released.submit(vera, "/links", f"/links/{slug}/close").status_code == 303
        released.submit(vera, "/links", "/sign-out")
    assert [it[1:] for it in entries(released)[n_before:]] == [
        ("link.add", f"{slug} {OWN} youth"),
        ("work.report", f"{OWN} 2026Q3: served 40, offered 30, minutes 60"),
        ("paper.enter", f"{slug} {OWN}"),
        ("link.close", slug),
        ("sign-out", "staff door"),
    ]
    whole = " ".join(map(" ".join, entries(released)))
    assert "They listen" not in whole
    assert "by the door" not in whole, "what somebody typed is not written as it is"


@pytest.mark.slow
def test_the_whole_survey_door_leaves_the_log_as_it_was(released):
    """Opened, refused, sent, sent twice, help, results, leaving, errors and what is not there."""
    paths = all_addresses(released)
    slug = released.link()
    chain = released.in_transaction(read_chain)
    statuses = set()
    with released.survey_door() as door:
        for path in paths.values():
            statuses.add((path(door, "en") if callable(path) else door.get(path)).status_code)
        fields = Page(door.get(f"/s/{slug}").text).filled
        for _ in range(2):
            answer = door.post(f"/s/{slug}", data={**fields, "core-safety": "5", "going-well": "=1+1"})
            statuses.add(answer.status_code)
        for path in (
            "/leave",
            "/left",
            "/nothing",
            "/audit",
            f"/s/{slug}/nothing",
            "/healthz",
            "/thanks.gif",
        ):
            statuses.add(door.get(path).status_code)
        statuses.add(door.post(f"/s/{slug}", data={"going-well": "x" * 500_000}).status_code)
        statuses.add(door.put(f"/s/{slug}").status_code)
    assert statuses >= {200, 303, 400, 404, 405, 413}
    assert released.in_transaction(read_chain) == chain
