"""The audit log on the staff door: read by CTLT and admins, filtered, taken away, recomputed."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select, text

from feedback.staff.audit import PAGE, read_chain, record
from feedback.storage.staff_tables import AuditRow
from tests.support.forms.pages import Page

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def log(sandbox):
    """Rosa released, Alice made a link and Ben closed it."""

    async def write(session):
        await record(session, "Rosa", "release", "2026Q2")
        await record(session, "alice@vista.example", "link.add", "k3mw9xab frp youth")
        await record(session, "ben@olive.example", "link.close", "k3mw9xab")

    sandbox.in_transaction(write)
    return sandbox


@pytest.fixture
def carla(log):
    with log.staff_door(log.user()) as door:
        yield door


def chain(sandbox):
    return sandbox.in_transaction(read_chain)


def entries_on(answer):
    """The cells of each entry on the page."""
    assert answer.status_code == 200, answer.text
    rows = re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', answer.text, re.DOTALL)
    return [tuple(Page(cell).text for cell in re.findall(r"<t[hd].*?</t[hd]>", row)) for row in rows]


def objects(door, query=""):
    return [row[4] for row in entries_on(door.get(f"/audit{query}"))]


def test_the_log_shows_who_did_what_to_what_newest_first(carla):
    entries = entries_on(carla.get("/audit?show=everything"))
    assert [row[2:5] for row in entries] == [
        ("carla@county.example", "view", "audit log"),
        ("ben@olive.example", "link.close", "k3mw9xab"),
        ("alice@vista.example", "link.add", "k3mw9xab frp youth"),
        ("Rosa", "release", "2026Q2"),
    ]


def test_the_log_shows_the_time_of_los_angeles_and_names_the_zone(log, carla):
    async def write(session):
        for number, moment in ((900, "2026-07-04 06:59:58"), (901, "2026-11-01 09:30:00")):
            await session.execute(
                text(f"INSERT INTO audit VALUES ({number}, '{moment}', 'Rosa', 'view', 'measures', 'x')")
            )

    log.in_transaction(write)
    times = [row[1] for row in entries_on(carla.get("/audit?who=Rosa&show=views"))]
    assert times[:2] == ["2026-11-01 01:30:00 PST", "2026-07-03 23:59:58 PDT"]


def test_the_log_says_whether_the_chain_is_unbroken_how_many_entries_and_the_last_hash(log, carla):
    page = Page(carla.get("/audit").text)
    now = chain(log)
    assert f"Chain unbroken Entries {now.entries} Last hash (SHA-256) {now.last}" in page.text
    assert "A chain cannot show that its end was cut off." in page.text

    async def forge(session):
        row = "(0, '2026-08-15 12:00:00', 'Mallory', 'view', 'measures', 'forged')"
        await session.execute(text(f"INSERT INTO audit VALUES {row}"))

    log.in_transaction(forge)
    assert "The chain breaks at entry 0" in Page(carla.get("/audit").text).text


def test_a_log_that_nothing_guards_any_more_says_so(log, carla):
    command = "DROP TRIGGER audit_append_only ON audit" if log.settings.database_url else ""
    log.in_transaction(lambda session: session.execute(text(command or "DROP TRIGGER audit_never_changed")))
    assert "The database does not refuse changes to this log any more." in Page(carla.get("/audit").text).text


def test_a_person_an_act_or_an_object_can_be_looked_for_in_the_log(carla):
    assert objects(carla, "?who=ben@olive.example") == ["k3mw9xab"]
    assert objects(carla, "?action=link.add") == ["k3mw9xab frp youth"]
    assert objects(carla, "?object=K3mw9&who=&action=") == ["k3mw9xab", "k3mw9xab frp youth"]
    nothing = carla.get("/audit?object=nothing+like+it")
    assert entries_on(nothing) == []
    assert "No entry is like that." in nothing.text
    assert 'value="nothing like it"' in nothing.text


def test_changes_stand_first_and_views_are_a_choice(log, carla):
    async def write(session):
        await record(session, "Rosa", "view", "ledger")
        await record(session, "somebody", "sign-in.failed", "ada@county.example, password")
        await record(session, "ada@county.example", "sign-in", "passkey")

    log.in_transaction(write)
    changes = carla.get("/audit")
    assert [row[3] for row in entries_on(changes)] == ["sign-in.failed", "link.close", "link.add", "release"]
    assert choice_on(changes) == "changes"
    views = carla.get("/audit?show=views")
    assert [row[3:5] for row in entries_on(views)] == [
        ("view", "audit log"),
        ("view", "audit log"),
        ("sign-in", "passkey"),
        ("view", "ledger"),
    ]
    assert choice_on(views) == "views"
    assert len(objects(carla, "?show=everything")) == 9, "looking is an entry each time"


def choice_on(answer):
    (choice,) = [it["value"] for it in Page(answer.text).all("input") if "checked" in it]
    return choice


def test_an_act_that_is_chosen_is_found_whatever_else_is_chosen(carla):
    for query, choice in (
        ("?action=view", "views"),
        ("?action=view&show=changes", "views"),
        ("?action=link.add&show=views", "changes"),
        ("?action=link.add&show=everything", "everything"),
    ):
        answer = carla.get(f"/audit{query}")
        assert entries_on(answer), query
        assert choice_on(answer) == choice


@pytest.fixture
def november(log):
    """Entries at noon of four days, and one at half past eleven at night, in Los Angeles."""

    async def write(session):
        for number, moment in enumerate(
            (
                "2026-11-27 20:00",
                "2026-11-28 20:00",
                "2026-11-29 20:00",
                "2026-11-30 20:00",
                "2026-12-01 07:30",
            ),
            start=900,
        ):
            row = f"({number}, '{moment}:00', 'Rosa', 'backup', 'file {number}', 'x')"
            await session.execute(text(f"INSERT INTO audit VALUES {row}"))

    log.in_transaction(write)
    return log


def test_days_can_be_looked_for_and_are_those_of_los_angeles(november, carla):
    late = carla.get("/audit?from=2026-11-29&to=2026-11-30&object=file")
    assert [row[4] for row in entries_on(late)] == ["file 904", "file 903", "file 902"]
    assert entries_on(late)[0][1] == "2026-11-30 23:30:00 PST"
    assert objects(carla, "?from=2026-12-01&to=2026-12-01&object=file") == []
    days = {it["name"]: it for it in Page(late.text).all("input") if it["name"] in ("from", "to")}
    assert {it["type"] for it in days.values()} == {"date"}
    assert [it["value"] for it in days.values()] == ["2026-11-29", "2026-11-30"]


def test_the_links_to_older_and_newer_entries_keep_every_choice(november, carla, monkeypatch):
    monkeypatch.setattr("feedback.staff.audit.PAGE", 2)
    query = "?who=Rosa&object=file&from=2026-11-27&to=2026-11-30&show=everything"
    answer, files = carla.get(f"/audit{query}"), []
    while older := re.search(r'href="(/audit[^"]*before=\d+)"', answer.text):
        files += [row[4] for row in entries_on(answer)]
        answer = carla.get(older[1].replace("&amp;", "&"))
    files += [row[4] for row in entries_on(answer)]
    assert files == ["file 904", "file 903", "file 902", "file 901", "file 900"]
    newer = re.search(r'href="(/audit[^"]*after=\d+)"', answer.text)[1].replace("&amp;", "&")
    assert newer.startswith(
        "/audit?who=Rosa&object=file&from=2026-11-27&to=2026-11-30&show=everything&after="
    )
    assert [row[4] for row in entries_on(carla.get(newer))] == ["file 902", "file 901"]


@pytest.mark.parametrize(
    ("query", "field", "why", "kind"),
    [
        ("from=yesterday", "from", "This is no day. Write it like 2026-11-30.", "text"),
        ("from=2026-02-30", "from", "This is no day.", "text"),
        ("to=30.11.2026", "to", "This is no day.", "text"),
        ("to=20261130", "to", "This is no day.", "text"),
        ("to=２０２６-11-30", "to", "This is no day.", "text"),
        ("from=2026-11-30&to=2026-11-29", "to", "This day is before the first one.", "date"),
    ],
)
def test_a_day_that_cannot_be_is_said_at_its_field_and_what_was_typed_stays(carla, query, field, why, kind):
    answer = carla.get(f"/audit?{query}&object=k3mw&show=views")
    page = Page(answer.text)
    assert answer.status_code == 400
    (box,) = [it for it in page.all("input") if it["name"] == field]
    assert (box["value"], box["type"]) == (query.rpartition("=")[2], kind)
    assert box["aria-invalid"] == "true"
    sentence = re.search(rf'<p class="wrong" id="{box["aria-describedby"]}">([^<]+)</p>', answer.text)[1]
    assert sentence.startswith(why)
    assert 'value="k3mw"' in answer.text
    assert choice_on(answer) == "views"
    assert "<tbody" not in answer.text
    assert "No entry is like that." not in page.text
    assert "Chain unbroken" in page.text


def test_a_file_holds_the_whole_log_whatever_is_chosen_on_the_page(log, carla):
    assert "Both files hold the whole log" in Page(carla.get("/audit?who=Rosa").text).text
    rows = cells(carla.get("/audit/export.csv?who=Rosa&from=2030-01-01&show=views"))
    assert [it["who"] for it in rows[:3]] == ["Rosa", "alice@vista.example", "ben@olive.example"]


def test_what_was_looked_for_is_not_written_into_the_log(log, carla):
    carla.get("/audit?object=k3mw9xab-secret")

    async def read_objects(session):
        return list((await session.execute(select(AuditRow.object))).scalars())

    assert not any("secret" in it for it in log.in_transaction(read_objects))


@pytest.mark.slow
def test_a_hundred_entries_stand_on_a_page_that_leads_to_older_and_newer_ones(log, carla):
    async def write(session):
        for number in range(2 * PAGE):
            await record(session, "Rosa", "view", f"program {number}")

    log.in_transaction(write)
    query, pages = "?who=Rosa&show=everything", []
    while query:
        answer = carla.get(f"/audit{query}")
        pages.append([row[4] for row in entries_on(answer)])
        older = re.search(r'href="/audit(\?[^"]*before=\d+)"', answer.text)
        query = older[1].replace("&amp;", "&") if older else None
    assert [len(it) for it in pages] == [PAGE, PAGE, 1]
    newest_first = [f"program {number}" for number in reversed(range(2 * PAGE))]
    assert [it for page in pages for it in page] == [*newest_first, "2026Q2"]
    newer = re.search(r'href="/audit(\?who=Rosa&amp;show=everything&amp;after=\d+)"', answer.text)
    assert objects(carla, newer[1].replace("&amp;", "&")) == pages[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    ["before=x", "before=-1", "after=99999999999999999999", "before=2147483648", "object=%00", "who=%ff",
     "object=%25%5F%5C", "before=²", "after=", "object=" + "x" * 3_000, "show=nothing", "show=",
     "from=&to=", "from=0001-01-01&to=9999-12-31", "from=9999-12-31", "to=0001-01-01"],
)  # fmt: skip
def test_whatever_stands_in_the_address_is_a_page(carla, query):
    assert carla.get(f"/audit?{query}").status_code == 200


def test_looking_at_the_log_and_taking_it_away_are_entries_themselves(log, carla):
    for path in ("/audit", "/audit/export.csv", "/audit/export.xlsx"):
        assert carla.get(path).status_code == 200
    entries = entries_on(carla.get("/audit?who=carla@county.example&show=everything"))
    assert [row[3:5] for row in entries[1:4]] == [
        ("export", "audit log as xlsx"),
        ("export", "audit log as csv"),
        ("view", "audit log"),
    ]


def cells(answer):
    assert answer.headers["content-disposition"] == 'attachment; filename="heard-audit.csv"'
    assert answer.headers["content-type"].startswith("text/csv")
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_the_files_hold_every_entry_oldest_first_with_its_hash(log, carla):
    rows = cells(carla.get("/audit/export.csv"))
    assert list(rows[0]) == ["entry", "at_utc", "who", "action", "object", "hash"]
    assert [it["object"] for it in rows] == [
        "2026Q2",
        "k3mw9xab frp youth",
        "k3mw9xab",
        "audit log as csv",
    ]
    assert rows[-1]["hash"] == chain(log).last
    answer = carla.get("/audit/export.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["Audit log"]
    header, *body = sheet.iter_rows(values_only=True)
    assert [dict(zip(header, map(str, row), strict=True)) for row in body[:-1]] == rows
    assert body[-1][-1] == chain(log).last


def test_anyone_can_recompute_the_chain_from_the_csv_in_the_three_lines_of_the_docs(
    log, carla, tmp_path, monkeypatch
):
    hostile = ["=1+1", "'=1", "  @SUM(A1)", 'says "yes", twice', "日本語 سلام", "back\\slash/é", "'"]

    async def write(session):
        for it in hostile:
            await record(session, it, "backup", it)

    log.in_transaction(write)
    file = tmp_path / "heard-audit.csv"
    file.write_bytes(carla.get("/audit/export.csv").content)
    code = re.search(
        r"^    (import csv.*?)\n\n", (DOCS / "operating.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    lines = code[1].replace("\n    ", "\n")
    assert len(lines.splitlines()) == 3
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(lines, names)
    assert names["last"] == chain(log).last
    forgery = file.read_text("utf-8").replace("k3mw9xab frp youth", "k3mw9xab syz youth")
    file.write_text(forgery, "utf-8")
    with pytest.raises(AssertionError):
        exec(lines, {})


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/audit", "/audit/export.csv", "/audit/export.xlsx"])
@pytest.mark.parametrize(
    ("email", "role", "contractor"),
    [
        ("stella@county.example", "reader", None),
        ("vera@vista.example", "contractor", "vista-del-mar"),
        ("rita@county.example", "reviewer", None),
        ("tam@county.example", "translator", None),
    ],
)
def test_nobody_but_ctlt_and_admins_reads_the_log_or_leaves_an_entry_by_trying(
    log, path, email, role, contractor
):
    async def count(session):
        return (await session.execute(select(func.count()).select_from(AuditRow))).scalar()

    with log.staff_door(log.user(email, role, contractor)) as door:
        n_entries = log.in_transaction(count)
        assert door.get(path).status_code == 404
        assert 'href="/audit"' not in door.get("/links").text
        assert log.in_transaction(count) == n_entries


def test_whoever_may_read_the_log_finds_it_in_the_head_of_every_page(log, carla):
    assert 'href="/audit"' in carla.get("/links").text
    with log.staff_door(log.user("ada@county.example", "admin")) as ada:
        assert 'href="/audit"' in ada.get("/").text
        assert ada.get("/audit").status_code == 200
