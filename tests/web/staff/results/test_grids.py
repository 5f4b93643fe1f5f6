"""Rows side by side: the same people in one table, a reason in every empty place."""

import pytest

from analysis.figures import TOO_FEW, Figure
from analysis.publishing.rows import NOT_ENOUGH, Row
from feedback.web.staff.results.grids import (
    NOT_ASKED,
    AskedSurveys,
    by_question,
    grid,
    key_of,
    label,
    side_by_side,
    who,
    words,
)
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES
from surveys.instruments import shipped_instruments
from surveys.periods import Period

SURVEYS = shipped_instruments()
DAY = "2027-01-15"


def surveys(yearly=None, *names):
    instruments = [SURVEYS[name] for name in names or ("youth-experience", "caregiver-experience")]
    return AskedSurveys(instruments, DAY, yearly)


def row(*figures, table="T3", n=60, n_details=None, origin="live", release="2026Q3", cause=None, **filters):
    return Row(
        table=table,
        release=release,
        released_on="2026-10-15",
        filters={"scope": "cumulative", "periods": ["2026Q1", "2026Q2", "2026Q3"], **filters},
        origin=origin,
        n=n,
        status="released" if n else "not_released",
        figures=figures,
        cause=cause,
        n_details=n_details,
        detail_periods=("2026Q1", "2026Q2") if n_details else (),
    )


OVERALL = Figure(measure="overall", display="70 %", value=70, low=60, high=80)
SAFETY = Figure(measure="domain:safety", display="60 %", value=60, low=50, high=70)
SILENT = row(n=None, cause=NOT_ENOUGH)


def cells_of(lines, column=0):
    return {line.name: it.figure.display if (it := line.cells[column]).figure else it.why for line in lines}


def test_the_head_says_how_many_answers_and_of_which_quarters():
    (table,) = side_by_side({"So far": [row(OVERALL, n_details=40)]}, surveys())
    assert table.title == "live"
    assert table.columns[0].notes == (
        "60 answers, January to September 2026.",
        "Fields and single questions are about 40 answers of January to June 2026.",
    )


def test_all_eight_fields_have_a_place_and_say_when_they_come():
    (table,) = side_by_side({"So far": [row(OVERALL)]}, surveys())
    cells = cells_of(table.fields)
    assert list(cells) == [MEASURE_NAMES[it] for it in ("overall", *(f"domain:{it}" for it in CORE_DOMAINS))]
    assert cells.pop(MEASURE_NAMES["overall"]) == "70 %"
    assert set(cells.values()) == {f"comes on {DAY}"}


@pytest.mark.parametrize(
    ("first", "yearly", "why"),
    [
        (row(OVERALL), None, f"comes on {DAY}"),
        (row(OVERALL), Period(2025, 4), TOO_FEW),
        (row(OVERALL, table="T2", scope="release"), Period(2025, 4), f"comes on {DAY}"),
        (row(OVERALL, table="T2", scope="release", release="2025Q4"), Period(2025, 4), TOO_FEW),
        (row(OVERALL, SAFETY, n_details=40), None, TOO_FEW),
        (row(OVERALL, table="T7"), None, TOO_FEW),
        (SILENT, None, "-"),
        (None, None, "-"),
    ],
)
def test_an_empty_place_says_whether_it_is_too_early_or_too_few(first, yearly, why):
    table = grid("", {"First": first, "Second": row(OVERALL)}, surveys(yearly))
    assert cells_of(table.fields)[MEASURE_NAMES["domain:voice"]] == why


def test_who_was_not_heard_has_the_one_cause_in_the_head():
    rows = {"This release": [SILENT], "So far": [row(OVERALL)], "Collected": []}
    (table,) = side_by_side(rows, surveys())
    assert [it.notes for it in table.columns] == [
        (f"{NOT_ENOUGH}.",),
        ("60 answers, January to September 2026.",),
        (f"{NOT_ENOUGH}.",),
    ]


def test_a_field_that_not_everybody_is_asked_may_be_missing_for_that():
    needs = Figure(measure="domain:needs", display="60 %", value=60, low=50, high=70)
    table = grid("", {"First": row(OVERALL, n_details=40), "Second": row(needs, n_details=40)}, surveys())
    assert cells_of(table.fields)[MEASURE_NAMES["domain:needs"]] == NOT_ASKED


def test_experts_partners_and_collected_answers_have_tables_of_their_own_after_the_others():
    rows = [
        row(OVERALL, **{"class": "expert"}),
        row(OVERALL, origin="entered"),
        row(OVERALL, **{"class": "partner"}, wave="before"),
        row(OVERALL),
    ]
    assert len({key_of(it) for it in rows}) == 4
    assert [it.title for it in side_by_side({"So far": rows}, surveys())] == [
        "live",
        "collected by the program",
        "lived experience experts, live",
        "partners, before a class, live",
    ]


def test_rows_to_hold_the_others_against_make_no_table_of_their_own():
    pool = [row(OVERALL, table="T5"), row(OVERALL, table="T5", origin="entered")]
    (table,) = side_by_side({"So far": [row(OVERALL)]}, surveys(), beside={"Pool": pool})
    assert [it.title for it in table.columns] == ["So far", "Pool"]


def test_a_survey_without_core_questions_has_no_empty_fields():
    (table,) = side_by_side({"So far": [row(OVERALL, **{"class": "survey:x"}, audience="youth")]}, surveys())
    assert table.title == "young people, survey “x”, live"
    assert list(cells_of(table.fields)) == [MEASURE_NAMES["overall"]]


def test_a_question_stands_in_the_words_of_its_audience_and_of_the_survey_asked_most():
    def safe(audience, *names):
        return words("item:core-safety", surveys(None, *names), audience)

    own = [SURVEYS[it].question("core-safety").text for it in ("youth-experience", "caregiver-experience")]
    both = ("caregiver-experience", "youth-experience")
    assert [safe(it, *both) for it in ("youth", "caregiver", "everyone", None)] == [*own, own[0], own[0]]
    first = ("youth-experience", "event")
    assert safe("youth", *first) == own[0] != safe("youth", *reversed(first))
    assert words("item:gone", surveys(), "youth") == "item:gone"


def test_a_choice_is_named_after_its_question():
    question = SURVEYS["youth-experience"].question("connected")
    assert words("option:connected:yes", surveys(), "youth") == f"{question.text} Yes"


def test_questions_stand_by_audience_with_the_year_beside_all_so_far_and_their_own_answers():
    def question_row(audience, scope, n, **fields):
        figure = Figure(measure="item:core-safety", display="60 %", value=60, low=50, high=70)
        return row(figure, table="T9", n=n, n_details=n, audience=audience, scope=scope, **fields)

    rows = [
        question_row("expert", "cumulative", 40, **{"class": "expert"}),
        question_row("youth", "year", 90, release="2026Q4"),
        question_row("youth", "cumulative", 200, release="2026Q4"),
    ]
    young, experts = by_question(rows, surveys())
    assert young.title == "young people, live"
    assert [it.title for it in young.columns] == ["The year's release, 2026", "All so far"]
    assert [it.answers for it in young.questions[0].cells] == [90, 200]
    assert experts.title == "lived experience experts, live"
    assert experts.questions[0].cells[0].why == NOT_ASKED


def test_people_and_quarters_are_named_in_full():
    assert who(row(audience="mixed / pooled")) == "mixed or pooled"
    assert who(row()) == ""
    assert label(row(audience="caregiver", origin="entered")) == (
        "parents and caregivers, collected by the program"
    )
