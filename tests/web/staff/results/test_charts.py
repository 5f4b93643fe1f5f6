"""Charts say with lines what the table beside them says in numbers, and never more."""

import re

import pytest

from analysis.figures import Figure
from analysis.publishing.rows import Row
from feedback.web.staff.results.charts import charts, in_words
from surveys.domains import MEASURE_NAMES


def figure(value, low=None, high=None, measure="overall"):
    return Figure(
        measure=measure,
        value=value,
        low=value - 10 if low is None else low,
        high=value + 10 if high is None else high,
        display=f"{value} %",
    )


def row(release, *figures, n=60):
    return Row(
        table="T2",
        release=release,
        released_on="2026-10-15",
        filters={"periods": [release]},
        origin="live",
        n=n,
        status="released",
        figures=tuple(figures),
        n_details=103,
        detail_periods=("2026Q1", "2026Q2"),
    )


FEW = Figure(measure="overall", display="too few answers to say")


def test_each_measure_with_a_figure_has_one_chart_in_the_order_of_the_plan():
    plots = charts([row("2026Q3", figure(60, measure="domain:voice"), figure(70))])
    assert [it.measure for it in plots] == [it for it in MEASURE_NAMES if it in ("overall", "domain:voice")]
    assert [it.title for it in plots] == [MEASURE_NAMES[it.measure] for it in plots]


def test_without_rows_there_are_no_charts():
    assert charts([]) == []
    assert charts([row("2026Q3", n=None)]) == []


def test_better_is_higher_and_the_interval_encloses_the_point():
    (chart,) = charts([row("2026Q3", figure(40)), row("2026Q4", figure(80))])
    first, second = chart.marks
    assert second.y < first.y
    for mark in chart.marks:
        assert mark.y_high < mark.y < mark.y_low


def test_everything_is_drawn_inside_the_chart():
    (chart,) = charts([row("2026Q3", figure(0, 0, 5)), row("2026Q4", figure(100, 90, 100))])
    for mark in chart.marks:
        assert 0 < mark.x < chart.width
        assert 0 < mark.y_high <= mark.y_low < chart.height
    assert [percent for percent, _ in chart.grid] == [0, 50, 100]
    assert [y for _, y in chart.grid] == sorted((y for _, y in chart.grid), reverse=True)


def test_a_release_without_a_figure_leaves_a_gap():
    (chart,) = charts([row("2026Q1", figure(50)), row("2026Q2", n=None), row("2026Q3", figure(50))])
    (whole,) = charts([row(f"2026Q{it}", figure(50)) for it in (1, 2, 3)])
    assert [it.release for it in chart.marks] == ["2026Q1", "2026Q3"]
    assert [it.x for it in chart.marks] == [it.x for it in whole.marks if it.release != "2026Q2"]
    assert chart.width == whole.width


def test_a_release_that_has_no_row_leaves_a_gap():
    rows = [row("2026Q1", figure(50)), row("2026Q3", figure(50))]
    (chart,) = charts(rows, ["2026Q1", "2026Q2", "2026Q3"])
    (whole,) = charts([rows[0], row("2026Q2", figure(50)), rows[1]])
    assert [it.x for it in chart.marks] == [whole.marks[0].x, whole.marks[2].x]


def test_too_few_answers_are_not_drawn_and_stand_in_the_table():
    (chart,) = charts([row("2026Q1", FEW), row("2026Q2", figure(50))])
    assert [it.release for it in chart.marks] == ["2026Q2"]
    assert [(it.release, it.figure.display) for it in chart.table] == [
        ("2026Q1", "too few answers to say"),
        ("2026Q2", "50 %"),
    ]
    assert charts([row("2026Q1", FEW)]) == []


def test_the_table_says_of_each_figure_whose_answers_it_is_about():
    overall, voice = charts([row("2026Q3", figure(70), figure(60, measure="domain:voice"))])
    assert [(it.answers, it.quarters) for it in overall.table] == [(60, ("2026Q3",))]
    assert [(it.answers, it.quarters) for it in voice.table] == [(103, ("2026Q1", "2026Q2"))]


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        (figure(62, 50, 73), "about 6 in 10 answers were good; it could be 5 to 8 in 10"),
        (figure(85, 70, 90), "about 9 in 10 answers were good; it could be 7 to 9 in 10"),
        (figure(97, 82, 97), "about 10 in 10 answers were good; it could be 8 to 10 in 10"),
        (figure(3, 3, 21), "about 0 in 10 answers were good; it could be 0 to 3 in 10"),
        (FEW, "there are too few answers to say"),
    ],
)
def test_a_share_in_words_never_claims_more_than_its_number(share, sentence):
    assert in_words(share) == sentence


def test_every_share_lies_within_its_own_words():
    for value in range(3, 98):
        low, high = max(value - 5, 3), min(value + 5, 97)
        about, least, most = map(int, re.findall(r"\d+(?= to| in 10)", in_words(figure(value, low, high))))
        assert abs(about * 10 - value) <= 5
        assert least * 10 <= low <= high <= most * 10
