"""The audit log on the staff door: read by CTLT and admins, filtered, taken away, recomputed."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select, text

from feedback.audit import PAGE, read_chain, record
from feedback.staff_tables import AuditRow
from tests.support.pages import Page

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def log(rehearsal):
    """Rosa released, Alice made a link and Ben closed it."""

    async def write(session):
        await record(session, "Rosa", "release", "2026Q2")
        await record(session, "alice@vista.example", "link.add", "k3mw9xab frp youth")
        await record(session, "ben@olive.example", "link.close", "k3mw9xab")

    rehearsal.in_transaction(write)
    return rehearsal


@pytest.fixture
def carla(log):
    with log.staff_door(log.user()) as door:
        yield door


def chain(rehearsal):
    return rehearsal.in_transaction(read_chain)


def shown(answer):
    """The cells of each entry on the page."""
    assert answer.status_code == 200, answer.text
    rows = re.findall(r'<tr role="row"><th scope="row".*?</tr>', answer.text)
    return [tuple(Page(cell).text for cell in re.findall(r"<t[hd].*?</t[hd]>", row)) for row in rows]


def objects(door, query=""):
    return [row[4] for row in shown(door.get(f"/audit{query}"))]


def test_it_shows_who_did_what_to_what_newest_first(carla):
    entries = shown(carla.get("/audit"))
    assert [row[2:5] for row in entries] == [
        ("carla@county.example", "view", "audit log"),
        ("ben@olive.example", "link.close", "k3mw9xab"),
        ("alice@vista.example", "link.add", "k3mw9xab frp youth"),
        ("Rosa", "release", "2026Q2"),
    ]


def test_it_shows_the_time_of_los_angeles_and_names_the_zone(log, carla):
    async def at(session):
        for number, moment in ((900, "2026-07-04 06:59:58"), (901, "2026-11-01 09:30:00")):
            await session.execute(
                text(f"INSERT INTO audit VALUES ({number}, '{moment}', 'Rosa', 'view', 'measures', 'x')")
            )

    log.in_transaction(at)
    whens = [row[1] for row in shown(carla.get("/audit?who=Rosa"))]
    assert whens[:2] == ["2026-11-01 01:30:00 PST", "2026-07-03 23:59:58 PDT"]


def test_it_says_whether_the_chain_is_unbroken_how_many_entries_and_the_last_hash(log, carla):
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


def test_a_person_an_act_or_an_object_can_be_looked_for(carla):
    assert objects(carla, "?who=ben@olive.example") == ["k3mw9xab"]
    assert objects(carla, "?action=link.add") == ["k3mw9xab frp youth"]
    assert objects(carla, "?object=K3mw9&who=&action=") == ["k3mw9xab", "k3mw9xab frp youth"]
    nothing = carla.get("/audit?object=nothing+like+it")
    assert shown(nothing) == []
    assert "No entry is like that." in nothing.text
    assert 'value="nothing like it"' in nothing.text


def test_what_was_looked_for_is_not_written_into_the_log(log, carla):
    carla.get("/audit?object=k3mw9xab-secret")

    async def told(session):
        return list((await session.execute(select(AuditRow.object))).scalars())

    assert not any("secret" in it for it in log.in_transaction(told))


@pytest.mark.slow
def test_a_hundred_stand_on_a_page_that_leads_to_older_and_newer_ones(log, carla):
    async def more(session):
        for number in range(2 * PAGE):
            await record(session, "Rosa", "view", f"program {number}")

    log.in_transaction(more)
    query, seen = "?who=Rosa", []
    while query:
        answer = carla.get(f"/audit{query}")
        seen.append([row[4] for row in shown(answer)])
        older = re.search(r'href="/audit(\?[^"]*before=\d+)"', answer.text)
        query = older[1].replace("&amp;", "&") if older else None
    assert [len(it) for it in seen] == [PAGE, PAGE, 1]
    newest_first = [f"program {number}" for number in reversed(range(2 * PAGE))]
    assert [it for leaf in seen for it in leaf] == [*newest_first, "2026Q2"]
    newer = re.search(r'href="/audit(\?who=Rosa&(?:amp;)?after=\d+)"', answer.text)
    assert objects(carla, newer[1].replace("&amp;", "&")) == seen[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    ["before=x", "before=-1", "after=99999999999999999999", "before=2147483648", "object=%00", "who=%ff",
     "object=%25%5F%5C", "before=²", "after=", "object=" + "x" * 3_000],
)  # fmt: skip
def test_whatever_stands_in_the_address_is_a_page(carla, query):
    assert carla.get(f"/audit?{query}").status_code == 200


def test_looking_and_taking_away_are_entries_themselves(log, carla):
    for path in ("/audit", "/audit/export.csv", "/audit/export.xlsx"):
        assert carla.get(path).status_code == 200
    entries = shown(carla.get("/audit?who=carla@county.example"))
    assert [row[3:5] for row in entries[1:4]] == [
        ("export", "audit log as xlsx"),
        ("export", "audit log as csv"),
        ("view", "audit log"),
    ]


def cells(answer):
    assert answer.headers["content-disposition"] == 'attachment; filename="heard-audit.csv"'
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


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
    told = {}
    exec(lines, told)
    assert told["last"] == chain(log).last
    changed = file.read_text("utf-8").replace("k3mw9xab frp youth", "k3mw9xab syz youth")
    file.write_text(changed, "utf-8")
    with pytest.raises(AssertionError):
        exec(lines, {})


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/audit", "/audit/export.csv", "/audit/export.xlsx"])
@pytest.mark.parametrize(
    ("email", "role", "contractor"),
    [
        ("vera@vista.example", "contractor", "vista-del-mar"),
        ("rita@county.example", "reviewer", None),
        ("tam@county.example", "translator", None),
    ],
)
def test_nobody_else_reads_it_or_leaves_an_entry_by_trying(log, path, email, role, contractor):
    async def count(session):
        return (await session.execute(select(func.count()).select_from(AuditRow))).scalar()

    with log.staff_door(log.user(email, role, contractor)) as door:
        before = log.in_transaction(count)
        assert door.get(path).status_code == 404
        assert 'href="/audit"' not in door.get("/links").text
        assert log.in_transaction(count) == before


def test_whoever_may_read_it_finds_it_in_the_head_of_every_page(log, carla):
    assert 'href="/audit"' in carla.get("/links").text
    with log.staff_door(log.user("ada@county.example", "admin")) as ada:
        assert 'href="/audit"' in ada.get("/").text
        assert ada.get("/audit").status_code == 200
