"""The published tables: a closed list, every row arithmetic on the ledger, each for its own readers."""

import msgspec
import pytest

from analysis import tally
from analysis.batch_ledger import add_up
from analysis.publishing.publication import Publication
from analysis.publishing.registry import Registry
from analysis.publishing.rows import NOT_ENOUGH, NOT_YET, may_read
from analysis.publishing.tables import published_rows
from analysis.publishing.viewers import PUBLIC, parse
from surveys.registry import Contract
from tests.support.ledger.county import (
    INSTRUMENTS,
    PROGRAMS,
    SURVEYS,
    County,
    Q,
    asking,
    content,
    program,
)

CONTRACTS = (
    Contract(program="ada", contractor="casa-luz", first=Q, last=Q + 1),
    Contract(program="ada", contractor="olive", first=Q + 2, last=None),
)
ASKS = {
    name: [INSTRUMENTS[it] for (owner, _), names in SURVEYS.items() if owner == name for it in names]
    for name in PROGRAMS
}
ADA = msgspec.structs.replace(program("ada"), contractor_id="olive")
REGISTRY = Registry(
    [ADA, *(PROGRAMS[name] for name in ("ben", "cleo", "dov"))],
    {"ada": ["casa-luz", "olive"]},
    ASKS,
    ("en", "es"),
    {"ben": ["probation"]},
)
WINTER = Q + 3
CASA_LUZ = parse("contractor:casa-luz")
VIEWERS = ("public", "reader", "ctlt", "contractor:casa-luz", "contractor:olive", "keeper:probation")


@pytest.fixture(scope="module")
def county():
    """A year: a large program with two contracts, a small one, experts, paper, a class, a survey apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "noise", lambda *_: 0)
        lot = County(contracts=CONTRACTS, asks=asking())
        for quarter in range(4):
            now = {"quarter": Q + quarter}
            lot.send(50, **now).send(20, answers=content(good=False, **{"should-change": "food"}), **now)
            lot.send(12, "ben", **now).send(14, audience="expert", **now)
            lot.send(12, "ben", origin="entered", entered=str(Q + quarter), **now)
            lot.send(11, "ben", wave="after", **now)
            lot.send(30, audience="caregiver", language="es", answers=content(of=3), **now)
            lot.send(20, "dov", "youth", instrument="before-class", answers={"ready-to-use": "5"}, **now)
            lot.release(Q + quarter)
        return lot


def rows(county, release=WINTER, registry=REGISTRY):
    return published_rows(
        Publication(ledger=county.ledger, release=str(release), released_on="2027-01-15", registry=registry)
    )


def rows_of(lot, table, release=WINTER, **filters):
    return [
        it.row
        for it in rows(lot, release)
        if it.row.table == table
        and filters.items() <= {k: v for k, v in it.row.filters.items() if k != "periods"}.items()
    ]


def test_t1_shows_the_overall_of_each_pulse_and_says_who_was_not_heard(county):
    pulses = rows_of(county, "T1", program="ben", audience="youth")
    people = {(row.origin, row.filters.get("wave")): row.n for row in pulses}
    assert people == {("live", None): 12, ("entered", None): 12, ("live", "after"): 11}
    assert {figure.measure for row in pulses for figure in row.figures} == {"overall"}
    (missing,) = rows_of(county, "T1", program="ben", audience="caregiver")
    assert (missing.n, missing.status, missing.cause, missing.figures) == (
        None,
        "not_released",
        NOT_ENOUGH,
        (),
    )


def test_t1d_shows_the_questions_of_each_detail_with_its_quarters(county):
    first, *_ = rows_of(county, "T1d", Q + 1, program="ada")
    assert (first.n, first.n_details, first.detail_periods) == (140, 140, ("2026Q1", "2026Q2"))
    assert first.figure("overall") is None
    assert first.figure("item:core-safety").display == "71 %"
    assert first.figure("domain:safety").value == 71
    (missing,) = rows_of(county, "T1d", Q + 1, program="ben")
    assert missing.cause == NOT_YET
    assert rows_of(county, "T1d", WINTER, program="cleo")[0].cause == NOT_ENOUGH


def test_t2_adds_one_release_and_the_last_four_and_t3_all_so_far(county):
    people = {
        (row.table, row.filters.get("scope")): row.n
        for table in ("T2", "T3")
        for row in rows_of(county, table, program="ada")
        if not {"class", "contractor"} & set(row.filters)
    }
    assert people == {("T2", "release"): 100, ("T2", "last four"): 400, ("T3", "cumulative"): 400}
    (whole,) = [
        row for row in rows_of(county, "T3", program="ada") if {"class", "contractor"}.isdisjoint(row.filters)
    ]
    pulses = [b for b in county.ledger if (b.kind, b.owner, b.class_) == ("pulse", "ada", "own experience")]
    assert whole.n == sum(b.n for b in pulses)
    assert whole.figure("overall").value == round(100 * add_up(pulses)["score"].value / 840 / 400)


def test_a_contractor_reads_what_was_answered_under_its_own_contract(county):
    people = {
        row.filters["contractor"]: row.n
        for row in rows_of(county, "T3", program="ada")
        if "contractor" in row.filters and "class" not in row.filters
    }
    assert people == {"casa-luz": 200, "olive": 200}
    theirs = [it.row for it in rows(county, Q) if may_read(it, CASA_LUZ)]
    assert {row.n for row in theirs if row.table == "T1" and row.n} == {70, 30, 14}
    assert not [it for it in rows(county, WINTER) if it.row.n == 70 and may_read(it, CASA_LUZ)]


def test_classes_waves_and_origins_are_never_one_row(county):
    for it in rows(county):
        row = it.row
        if row.n is None or row.table in ("T8", "T9", "themes"):
            continue
        kinds = {"T1d": ("detail",)}.get(row.table, ("pulse",))
        sorts = {
            (b.origin, b.class_, b.wave)
            for b in county.ledger
            if b.kind in kinds and (row.batch in (None, b.id)) and b.origin == row.origin
        }
        assert (row.origin, row.filters.get("class", "own experience"), row.filters.get("wave")) in sorts
    assert {row.n for row in rows_of(county, "T7", scope="release")} == {112, 12, 11}


def test_t4_shows_the_overall_and_the_questions_tagged_with_the_strategy(county):
    (row,) = [
        row
        for row in rows_of(county, "T4", strategy="7.8", audience="everyone", scope="cumulative")
        if (row.origin, row.filters.get("wave")) == ("live", None)
    ]
    assert row.n == 448
    assert row.figure("item:core-safety")
    (court,) = [
        row
        for row in rows_of(county, "T4", strategy="6.1", audience="youth", scope="cumulative")
        if (row.origin, row.filters.get("wave"), row.filters.get("class")) == ("live", None, None)
    ]
    tagged = REGISTRY.tagged(list(PROGRAMS), "6.1")
    assert {f.measure for f in court.figures if f.measure.startswith("item:")} <= {
        f"item:{it}" for it in tagged
    }
    (apart,) = rows_of(
        county, "T4", strategy="6.1", audience="youth", scope="release", **{"class": "survey:before-class"}
    )
    assert apart.figure("overall") is None


def test_t5_is_for_the_programs_own_pool(county):
    readers = {
        pool: {
            str(viewer) for it in rows(county) for viewer in it.readers if it.row.filters.get("pool") == pool
        }
        for pool in ("courts", "families")
    }
    assert readers["courts"] == {"ctlt", "contractor:casa-luz", "contractor:olive", "keeper:probation"}
    assert readers["families"] == {"ctlt"}
    assert {row.status for row in rows_of(county, "T5", pool="families")} == {"not_released"}


def test_t6_has_the_fields_of_each_audience_and_the_questions_of_experts(county):
    (experts,) = rows_of(county, "T6", audience="expert")
    assert (experts.n, experts.n_details) == (14, 56)
    assert experts.figure("item:advice-used") is None  # nobody answered it
    youth = next(
        row
        for row in rows_of(county, "T6", audience="youth")
        if "wave" not in row.filters and row.origin == "live"
    )
    assert youth.n_details == 82
    assert rows_of(county, "T6", audience="mixed / pooled")[0].n is None


@pytest.mark.slow
def test_t8_and_t9_and_themes_come_once_a_year(county):
    yearly = {"T8", "T9", "themes"}
    assert not yearly & {it.row.table for it in rows(county, Q + 2)}
    assert yearly <= {it.row.table for it in rows(county)}
    people = {
        row.filters["language"]: row.n for row in rows_of(county, "T8") if row.filters.get("class") is None
    }
    assert people["es"] == 120
    safety = rows_of(county, "T9", question="core-safety", audience="youth", scope="year")
    assert [row.n for row in safety if row.origin == "live" and "wave" not in row.filters] == [328]
    assert {f.measure for row in safety for f in row.figures} == {"item:core-safety"}
    (theme,) = [row for row in rows_of(county, "themes", county="county") if row.figures]
    assert [(figure.measure, figure.display) for figure in theme.figures] == [("theme:food", "about 72-84")]


@pytest.mark.slow
def test_every_reader_reads_only_its_own_tables(county):
    tables = {
        viewer: {it.row.table for it in rows(county) if may_read(it, parse(viewer))} for viewer in VIEWERS
    }
    everything = {"T1", "T1d", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "themes"}
    assert tables["ctlt"] == everything
    assert tables["public"] == {"T3", "T4", "T7", "T9", "themes"}
    assert tables["reader"] == tables["public"] | {"T6", "T8"}
    own = {"T1", "T1d", "T2", "T3", "T5", "themes"}
    assert tables["contractor:olive"] == tables["keeper:probation"] == own
    public = [it.row for it in rows(county) if may_read(it, PUBLIC)]
    assert {row.filters["scope"] for row in public if row.table == "T4"} == {"cumulative"}
    assert {row.filters["question"].startswith("core-") for row in public if row.table == "T9"} == {True}
    assert not any("contractor" in row.filters for row in public)


def test_a_program_that_ended_is_listed_only_where_it_was_heard(county):
    over = msgspec.structs.replace(REGISTRY, programs=[program("cleo", "2026Q3"), program("ben", "2026Q3")])
    programs = {it.row.filters.get("program") for it in rows(county, WINTER, over)}
    assert "ben" in programs
    assert "cleo" not in programs


def test_no_row_says_how_many_wait(county):
    few, none = County().send(10), County()
    few.release(Q)
    none.release(Q)
    assert rows(few, Q) == rows(none, Q)


def test_no_two_rows_have_one_name(county):
    for release in (Q, WINTER):
        names = [
            msgspec.json.encode(
                [row.table, {k: v for k, v in row.filters.items() if k != "periods"}, row.origin, row.batch]
            )
            for row in (it.row for it in rows(county, release))
        ]
        assert len(names) == len(set(names))


def test_every_n_is_the_people_of_whole_batches(county):
    """No row adds part of a batch, and no two rows of one kind overlap in part of one."""
    pulses = {b.id: b.n for b in county.ledger if b.kind == "pulse"}
    for batch in county.ledger:
        if batch.of:
            assert batch.n == sum(pulses[name] for name in batch.of)
    for it in rows(county):
        if it.row.n is not None:
            assert it.row.n >= 11
