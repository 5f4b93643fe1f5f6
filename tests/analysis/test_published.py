"""The published tables T1 to T8, row by row as the table in disclosure.md says, and who reads what."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import figures
from analysis.ledger import COUNTY, MIXED, PARTNER, Batch, add_up
from analysis.published import MIXED_OR_POOLED, Published, Publishing, Registry, Row, may_read
from surveys.domains import CORE_DOMAINS
from surveys.instruments import AUDIENCES, Option, Question
from surveys.registry import Program, county_plan

POINTS = tuple(Option(code, f"point {code}") for code in "12345")
CORE = {
    f"core-{domain}": Question(f"core-{domain}", "scale", "?", domain, options=POINTS, favourable="last")
    for domain in CORE_DOMAINS
}
CONFIDENCE = Question("confidence", "scale", "?", "confidence", options=POINTS, favourable="last")
QUESTIONS = {**CORE, "confidence": CONFIDENCE}
Q3, Q4 = "2026Q3", "2026Q4"
COUNTYWIDE = ("T4", "T5", "T6", "T7", "T8")


def program(name, audiences, pool, strategies=("7.8",), contractor=None, ends=None):
    return Program(
        name, name.title(), name, "contracted service", pool, f"p-{name}", strategies, audiences,
        dict.fromkeys(audiences, name), contractor_id=contractor, ends=ends,
    )  # fmt: skip


ADA = program("ada", ("youth", "caregiver", "expert"), "courts", ("6.1", "7.8"))
BEN = program("ben", ("youth", "caregiver"), "services", ("4.3", "7.8"), "olive-crest")
CLASS = program("class", ("caregiver", "partner"), "courts", ("5.1", "7.8"))
GONE = program("gone", ("youth",), "services", ("4.3", "7.8"), ends="2026Q2")
REGISTRY = Registry((ADA, BEN, CLASS, GONE), {"ben": ["casa-luz", "olive-crest"]}, QUESTIONS, ("en", "es"))


def batch(number, owner="ada", audience="youth", n=30, release=Q3, *, kind="program", origin="live", **more):
    """Return a batch in which two of three answered favourably; youth say nothing of confidence."""
    names = [*CORE, *(["confidence"] if kind == "program" and audience == "caregiver" else [])]
    items = {
        f"{name}:{end}": n * part // 3 for name in names for end, part in (("favourable", 2), ("other", 1))
    }
    items |= {f"{name}:declined": 0 for name in names}
    if kind != "language":
        items["theme:housing"] = n // 2
    first = more.pop("first", release)
    return Batch(f"B{number:05d}", kind, owner, audience, origin, first, release, release, n, items, **more)


LEDGER = (
    batch(1, "ada", "youth", 30, "2026Q2"),
    batch(2, "gone", "youth", 12, "2026Q2"),
    batch(3, "ada", "youth", 20, first="2026Q1"),
    batch(4, "ada", "caregiver", 33),
    batch(5, "ada", "youth", 18, origin="entered"),
    batch(6, "ben", MIXED, 11, contractor="casa-luz"),
    batch(7, "ben", "youth", 27, contractor="olive-crest"),
    batch(8, "class", PARTNER, 90),
    batch(9, "courts", MIXED, 14, kind="pool", first="2025Q2"),
    batch(10, "courts", PARTNER, 16, kind="pool"),
    batch(11, COUNTY, MIXED, 13, kind="county"),
    batch(12, "ada", "expert", 21, Q4),
    batch(13, "en", MIXED, 150, Q4, kind="language"),
    batch(14, "other", MIXED, 15, Q4, kind="language"),
    batch(15, "en", MIXED, 18, Q4, kind="language", origin="entered"),
)  # fmt: skip


def published(release=Q3, ledger=LEDGER, registry=REGISTRY):
    ledger = [b for b in ledger if b.release <= release]
    return Publishing(ledger, release, "2026-10-15", registry).rows()


def table(name, release=Q3, rows=None, **filters):
    """Return n by (origin, the rest of the filters), of the rows with these filters."""
    found = {}
    for it in rows or published(release):
        row = it.row
        if row.table == name and filters.items() <= row.filters.items():
            rest = [
                v for k, v in row.filters.items() if k not in (*filters, "periods", "strategy_id", "year")
            ]
            key = (row.origin, *rest)
            assert key not in found or name == "T1"
            found[key] = row.n
    return found


def test_t1_is_each_program_batch_and_every_active_audience_without_one():
    assert table("T1") == {
        ("live", "ada", "youth"): 20,
        ("live", "ada", "caregiver"): 33,
        ("entered", "ada", "youth"): 18,
        ("live", "ben", MIXED): 11,
        ("live", "ben", "youth"): 27,
        ("live", "class", PARTNER): 90,
        ("live", "ada", "expert"): None,
        ("live", "ben", "caregiver"): None,
        ("live", "class", "caregiver"): None,
    }


def test_t2_is_a_programs_batches_of_this_release_and_never_its_partners():
    whole = {key: n for key, n in table("T2").items() if len(key) == 2}
    assert whole == {
        ("live", "ada"): 53,
        ("entered", "ada"): 18,
        ("live", "ben"): 38,
        ("live", "class"): None,
    }


def test_t3_is_a_program_since_the_beginning():
    whole = {key: n for key, n in table("T3").items() if len(key) == 2}
    assert whole == {
        ("live", "ada"): 83,
        ("entered", "ada"): 18,
        ("live", "ben"): 38,
        ("live", "class"): None,
    }
    assert table("T3", Q4)["live", "ada"] == 104


def test_a_contractor_has_rows_of_its_own_contracts_batches_alone():
    for name in ("T2", "T3"):
        assert table(name, program="ben") == {
            ("live",): 38,
            ("live", "casa-luz"): 11,
            ("live", "olive-crest"): 27,
        }
    assert table("T2", Q4, program="ben") == {
        ("live",): None,
        ("live", "casa-luz"): None,
        ("live", "olive-crest"): None,
    }


def test_t4_is_the_programs_that_name_a_strategy_without_pools():
    assert table("T4", strategy="6.1") == {
        ("live", "release"): 53,
        ("live", "cumulative"): 83,
        ("entered", "release"): 18,
        ("entered", "cumulative"): 18,
    }
    assert table("T4", strategy="4.3") == {("live", "release"): 38, ("live", "cumulative"): 50}
    assert table("T4", strategy="5.1") == {("live", "release"): None, ("live", "cumulative"): None}
    listed = {row.row.filters["strategy_id"] for row in published() if row.row.table == "T4"}
    assert listed == {strategy.id for strategy in county_plan().strategies}


def test_t5_is_a_pool_with_its_programs_and_what_was_pooled():
    assert table("T5") == {
        ("live", "courts", "release"): 53 + 14,
        ("live", "courts", "cumulative"): 83 + 14,
        ("entered", "courts", "release"): 18,
        ("entered", "courts", "cumulative"): 18,
        ("live", "services", "release"): 38,
        ("live", "services", "cumulative"): 50,
    }


def test_t6_is_an_audience_of_the_county_with_mixed_or_pooled_and_partners_as_rows_of_their_own():
    assert table("T6") == {
        ("live", "youth"): 47,
        ("entered", "youth"): 18,
        ("live", "caregiver"): 33,
        ("live", "expert"): None,
        ("live", PARTNER): 106,
        ("live", MIXED_OR_POOLED): 11 + 14 + 13,
    }


def test_t7_is_everyone_but_partners():
    live = 20 + 33 + 11 + 27 + 14 + 13
    assert table("T7") == {
        ("live", COUNTY, "release"): live,
        ("live", COUNTY, "cumulative"): live + 42,
        ("entered", COUNTY, "release"): 18,
        ("entered", COUNTY, "cumulative"): 18,
    }


def test_t8_is_each_language_of_a_year_in_the_fourth_quarter_only():
    assert table("T8") == {}
    assert table("T8", Q4) == {
        ("live", "en"): 150,
        ("entered", "en"): 18,
        ("live", "es"): None,
        ("live", "other"): 15,
    }
    (row,) = [it.row for it in published(Q4) if it.row.n == 150]
    assert row.filters == {"language": "en", "year": "2026", "periods": [Q4]}


def test_no_other_table_exists():
    assert {it.row.table for it in published(Q4)} == {f"T{number}" for number in range(1, 9)}


def test_an_ended_program_is_listed_no_more_unless_it_was_heard_late():
    assert not [it for it in published() if it.row.filters.get("program") == "gone"]
    late = [*LEDGER, batch(16, "gone", "youth", 12, origin="entered")]
    rows = [it.row for it in published(ledger=late) if it.row.filters.get("program") == "gone"]
    assert [(row.table, row.origin, row.n) for row in rows] == [
        ("T1", "entered", 12),
        ("T2", "live", None),
        ("T2", "entered", 12),
        ("T3", "live", 12),
        ("T3", "entered", 12),
    ]


# --- Figures of a row.


def test_rows_over_audiences_show_core_questions_alone_and_an_audiences_own_rows_show_its_questions():
    rows = [it.row for it in published() if it.row.figure("item:confidence")]
    assert [(row.table, row.filters["audience"]) for row in rows] == [
        ("T1", "caregiver"),
        ("T6", "caregiver"),
    ]


def test_themes_are_shown_for_programs_strategies_pools_and_the_county():
    with_themes = {it.row.table for it in published(Q4) + published() if it.row.figure("theme:housing")}
    assert with_themes == {"T1", "T2", "T3", "T4", "T5", "T7"}


def test_languages_have_the_wider_adjustment_of_their_noise():
    (language,) = [it.row for it in published(Q4) if it.row.n == 150]
    alone = figures(add_up([LEDGER[12]]), QUESTIONS, themes=False)[0]
    assert language.figure("overall").value == alone.value
    assert language.figure("overall").low < alone.low


# --- Who reads what.

EVERY_KIND = {
    (it.row.table, it.row.filters.get("scope", ""), "contractor" in it.row.filters)
    for release in (Q3, Q4)
    for it in published(release)
}


def kinds_read_by(viewer):
    rows = [it for release in (Q3, Q4) for it in published(release) if may_read(it, viewer)]
    return {(it.row.table, it.row.filters.get("scope", ""), "contractor" in it.row.filters) for it in rows}


def test_ctlt_reads_every_table_whole():
    assert kinds_read_by("ctlt") == {kind for kind in EVERY_KIND if not kind[2]}


def test_the_public_reads_programs_since_the_beginning_strategies_since_the_beginning_and_the_county():
    assert kinds_read_by("public") == {
        ("T3", "", False),
        ("T4", "cumulative", False),
        ("T7", "release", False),
        ("T7", "cumulative", False),
    }


def test_a_contractor_reads_its_own_batches_its_own_sums_and_pools():
    assert kinds_read_by("contractor:olive-crest") == {
        ("T1", "", False),
        ("T2", "", True),
        ("T3", "", True),
        ("T5", "release", False),
        ("T5", "cumulative", False),
    }


def test_casa_luz_and_olive_crest_have_no_access_to_each_others_batches():
    def own(viewer):
        rows = [it.row for it in published() if may_read(it, f"contractor:{viewer}") and it.row.table != "T5"]
        return sorted(
            (row.table, row.filters.get("audience"), row.n) for row in rows if row.n or "T1" in row.table
        )

    assert own("casa-luz") == [("T1", MIXED, 11), ("T2", None, 11), ("T3", None, 11)]
    assert own("olive-crest") == [
        ("T1", "caregiver", None),
        ("T1", "youth", 27),
        ("T2", None, 27),
        ("T3", None, 27),
    ]
    assert own("nobody") == []


@pytest.mark.parametrize("viewer", ["", "reviewer", "admin", "CTLT", "olive-crest", "contractor", "public:x"])
def test_anyone_else_reads_nothing(viewer):
    assert not [it for it in published() if may_read(it, viewer)]


# --- Properties of all rows.


@st.composite
def ledgers(draw):
    """Return some batches of every kind over three releases."""
    source = random.Random(draw(st.integers(0, 2**32)))
    made = []
    for number in range(draw(st.integers(0, 14))):
        kind = source.choice(["program"] * 5 + ["pool", "county", "language"])
        owner = {
            "program": source.choice(["ada", "ben", "class"]),
            "pool": source.choice(["courts", "services"]),
            "county": COUNTY,
            "language": source.choice(["en", "es", "other"]),
        }[kind]
        audience = (
            source.choice([*AUDIENCES, MIXED]) if kind == "program" else source.choice([MIXED, PARTNER])
        )
        release = Q4 if kind == "language" else source.choice(["2026Q2", Q3, Q4])
        made.append(
            batch(
                number,
                owner,
                MIXED if kind == "language" else audience,
                source.randint(11, 40),
                release,
                kind=kind,
                origin=source.choice(["live", "live", "entered"]),
                contractor=source.choice(["casa-luz", "olive-crest"]) if owner == "ben" else None,
            )
        )
    return made


def behind(row, ledger):
    """Return the batches of a row, read from the table in disclosure.md by the row's own filters."""
    told = row.filters
    only = row.table in ("T1", "T2", "T6", "T8") or told.get("scope") == "release"
    found = [b for b in ledger if b.origin == row.origin and (b.release == row.release or not only)]
    if row.table == "T8":
        return [b for b in found if b.kind == "language" and b.owner == told["language"]]
    found = [b for b in found if b.kind != "language"]
    if row.table == "T1":
        return [b for b in found if b.id == row.batch]
    if row.table == "T6":
        wanted = MIXED if told["audience"] == MIXED_OR_POOLED else told["audience"]
        return [b for b in found if b.audience == wanted]
    found = [b for b in found if b.audience != PARTNER]
    if row.table == "T7":
        return found
    programs = {p.id for p in REGISTRY.programs}
    if row.table in ("T2", "T3"):
        programs = {told["program"]}
        found = [b for b in found if told.get("contractor") in (None, b.contractor)]
    if row.table == "T4":
        programs = {p.id for p in REGISTRY.programs if told["strategy"] in p.strategies}
    if row.table == "T5":
        programs = {p.id for p in REGISTRY.programs if told["pool"] == p.pool}
    return [
        b
        for b in found
        if (b.kind == "program" and b.owner in programs)
        or (row.table == "T5" and b.kind == "pool" and b.owner == told["pool"])
    ]


@given(ledgers(), st.sampled_from([Q3, Q4]))
@settings(max_examples=40, deadline=None)
def test_every_row_recomputes_from_the_ledger_alone(ledger, release):
    ledger = [b for b in ledger if b.release <= release]
    for it in published(release, ledger):
        row = it.row
        batches = behind(row, ledger)
        if row.n is None:
            assert (batches, row.figures, row.status, row.origin) == ([], (), "not_released", "live")
            continue
        core_only = row.table not in ("T1", "T6") or row.filters["audience"] == MIXED_OR_POOLED
        sums = add_up(batches, core_only=core_only and row.table != "T1")
        assert row.n == sums.n >= 11
        assert row.status == "released"
        found = figures(sums, QUESTIONS, themes=row.table not in ("T6", "T8"), language=row.table == "T8")
        assert row.figures == tuple(found)
        quarters = [b.first for b in batches] + [b.last for b in batches]
        assert (row.filters["periods"][0], row.filters["periods"][-1]) == (min(quarters), max(quarters))


@given(ledgers(), st.sampled_from(["2026Q2", Q3, Q4]))
@settings(max_examples=40, deadline=None)
def test_a_later_release_changes_no_row_of_an_earlier_one(ledger, release):
    """Rows are stored once; computed again from a longer ledger they would also be the same."""
    longer = Publishing(ledger, release, "2026-10-15", REGISTRY).rows()
    assert longer == published(release, ledger)


@given(ledgers(), st.sampled_from([Q3, Q4]))
@settings(max_examples=40, deadline=None)
def test_every_active_program_and_audience_is_always_listed(ledger, release):
    rows = [it.row for it in published(release, ledger)]
    listed = {
        tuple(row.filters.get(name) for name in ("program", "audience")) for row in rows if row.table == "T1"
    }
    heard_as_entered = {(b.owner, b.audience) for b in ledger if b.origin == "entered"}
    for it in (ADA, BEN, CLASS):
        assert {(it.id, audience) for audience in it.audiences} <= listed | heard_as_entered
        for name in ("T2", "T3"):
            assert [row for row in rows if (row.table, row.filters.get("program")) == (name, it.id)]
    assert {row.filters["audience"] for row in rows if row.table == "T6"} == {*AUDIENCES, MIXED_OR_POOLED}
    live = {
        (row.table, *(str(v) for k, v in row.filters.items() if k != "periods"))
        for row in rows
        if row.origin == "live"
    }
    empty = {
        (it.row.table, *map(str, it.row.filters.values()))
        for it in published(release, ())
        if it.row.table != "T1"
    }
    assert empty <= live


def test_what_is_not_released_looks_the_same_whatever_the_cause():
    """Ada's experts: never asked, ten waiting, or entered answers alone. The ledger knows no difference."""

    def experts(ledger):
        rows = [it for it in published(ledger=ledger) if it.row.filters.get("audience") == "expert"]
        return [msgspec.json.encode(it.row) for it in rows if it.row.origin == "live"]

    nobody, others = experts(()), experts(LEDGER)
    typed_in = experts([*LEDGER, batch(16, "ada", "expert", 11, origin="entered")])
    assert nobody == others == typed_in
    assert len(nobody) == 2


def test_the_json_is_the_shape_of_the_interface():
    rows = msgspec.json.decode(msgspec.json.encode([it.row for it in published()]))
    first, empty = rows[0], next(row for row in rows if row["n"] is None)
    figures = first.pop("figures")
    assert first == {
        "table": "T1",
        "release": Q3,
        "released_on": "2026-10-15",
        "batch": "B00003",
        "filters": {"program": "ada", "audience": "youth", "periods": ["2026Q1", "2026Q2", Q3]},
        "origin": "live",
        "n": 20,
        "status": "released",
    }
    # 13 favourable and 6 other in each of eight questions; Wilson of 68 % on 19, 14 / sqrt(8) points more.
    assert figures == [
        {"measure": "overall", "value": 68, "low": 40, "high": 90, "display": "68 %"},
        {"measure": "theme:housing", "display": "a few"},
    ]
    assert empty == {
        "table": "T1",
        "release": Q3,
        "released_on": "2026-10-15",
        "filters": {"program": "ada", "audience": "expert"},
        "origin": "live",
        "n": None,
        "status": "not_released",
        "figures": [],
    }
    assert all("batch" not in row for row in rows if row["table"] != "T1")
    assert [msgspec.convert(row, Row) for row in rows[1:]] == [it.row for it in published()][1:]


def test_a_bound_is_told_beside_its_value():
    sure = msgspec.structs.replace(LEDGER[3], items={**LEDGER[3].items, "core-safety:favourable": 30})
    (row,) = [it.row for it in published(ledger=[msgspec.structs.replace(sure, n=41)]) if it.row.batch]
    told = msgspec.to_builtins(row.figure("item:core-safety"))
    assert told["value"] == 73
    assert "bound" not in told
    all_of_them = {**LEDGER[3].items, "core-safety:favourable": 33, "core-safety:other": 0}
    (row,) = [
        it.row
        for it in published(ledger=[msgspec.structs.replace(LEDGER[3], items=all_of_them)])
        if it.row.batch
    ]
    assert msgspec.to_builtins(row.figure("item:core-safety"))["bound"] == ">="
    assert row.figure("item:never-asked") is None


def test_a_published_row_without_a_contractor_is_nobodys_own():
    row = next(it.row for it in published() if it.row.table == "T1")
    assert not may_read(Published(row), "contractor:")
