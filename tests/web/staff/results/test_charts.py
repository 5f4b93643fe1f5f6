"""Charts say with lines what the table beside them says in numbers, and never more."""

from analysis.figures import Figure
from analysis.publishing.rows import Row
from feedback.web.staff.results.charts import charts
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES


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


def test_each_year_stands_once_under_its_first_release():
    (chart,) = charts(
        [row(it, figure(50)) for it in ("2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2")]
    )
    assert [it.year for it in chart.ticks] == [2025, 2026]
    assert [it.x for it in chart.ticks] == [chart.marks[1].x, chart.marks[5].x], (
        "a year of one release has no room"
    )


def test_with_all_places_every_field_has_one_and_an_empty_one_says_why():
    thin = Figure(measure="domain:voice", display="too few answers to say")
    plots = charts([row("2026Q3", figure(70), thin)], missing="comes on 2027-01-15")
    assert [it.measure for it in plots] == ["overall", *(f"domain:{it}" for it in CORE_DOMAINS)]
    whys = {it.measure: it.why for it in plots}
    assert whys.pop("overall") == ""
    assert whys.pop("domain:voice") == "too few answers to say"
    assert set(whys.values()) == {"comes on 2027-01-15"}
    assert charts([], missing="comes on 2027-01-15") == []


def test_what_it_is_held_against_is_a_line_only_where_it_says_anything():
    rows = [row("2026Q3", figure(70), figure(60, measure="domain:voice"))]
    overall, voice = charts(rows, beside=row("2026Q3", figure(50)))
    assert overall.y_beside > overall.marks[0].y
    assert voice.y_beside is None
    assert charts(rows)[0].y_beside is None


def test_the_last_value_stands_above_its_interval_and_within_the_chart():
    (chart,) = charts([row("2026Q3", figure(50)), row("2026Q4", figure(97, 90, 97))])
    assert 0 < chart.y_label < chart.marks[-1].y_high
