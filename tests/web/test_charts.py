"""Charts say with lines what the table beside them says in numbers, and never more."""

import itertools

import pytest

from analysis.figures import Figure
from analysis.rows import Row
from feedback.web.charts import charts, in_words
from surveys.domains import MEASURE_NAMES


def figure(value, low=None, high=None, bound=None, measure="overall"):
    return Figure(
        measure=measure,
        value=value,
        low=value - 10 if low is None else low,
        high=value + 10 if high is None else high,
        display=f"{value} %",
        bound=bound,
    )


def row(release, *figures, n=60):
    return Row("T2", release, "2026-10-15", {}, "live", n, "released", tuple(figures))


def test_each_measure_with_a_figure_has_one_chart_in_the_order_of_the_plan():
    shown = charts([row("2026Q3", figure(60, measure="domain:voice"), figure(70))])
    assert [it.measure for it in shown] == [it for it in MEASURE_NAMES if it in ("overall", "domain:voice")]
    assert [it.title for it in shown] == [MEASURE_NAMES[it.measure] for it in shown]


def test_no_rows_no_charts():
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


@pytest.mark.parametrize(
    ("before", "now", "n", "said"),
    [
        (figure(30), figure(80), 60, "Clearly higher than in 2026Q3."),
        (figure(80), figure(30), 60, "Clearly lower than in 2026Q3."),
        (figure(50), figure(52), 60, "No clear change since 2026Q3."),
        (figure(30), figure(80), 24, "Too few people to say whether this changed."),
    ],
)
def test_a_change_is_named_only_when_it_is_one(before, now, n, said):
    (chart,) = charts([row("2026Q3", before, n=60), row("2026Q4", now, n=n)])
    assert chart.change == said


def test_one_release_is_no_change():
    (chart,) = charts([row("2026Q3", figure(50))])
    assert chart.change == ""


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (figure(62, 50, 73), "about 6 in 10 answers were good; it could be 5 to 8 in 10"),
        (figure(85, 70, 90), "about 9 in 10 answers were good; it could be 7 to 9 in 10"),
        (figure(98, 82, 100, ">="), "at least 9 in 10 answers were good; it could be 8 to 10 in 10"),
        (figure(3, 0, 21, "<="), "at most 1 in 10 answers were good; it could be 0 to 3 in 10"),
        (figure(0, 0, 0, "<="), "at most 0 in 10 answers were good; it could be 0 to 0 in 10"),
    ],
)
def test_a_share_in_words_never_claims_more_than_its_number(shown, said):
    assert in_words(shown) == said


def test_every_share_lies_within_its_own_words():
    for value, bound in itertools.product(range(101), (None, ">=", "<=")):
        words = in_words(figure(value, max(value - 5, 0), min(value + 5, 100), bound))
        tenths = int(words.split(" in 10")[0].rpartition(" ")[2])
        if bound == ">=":
            assert tenths * 10 <= value
        elif bound == "<=":
            assert tenths * 10 >= value
        else:
            assert abs(tenths * 10 - value) <= 5
