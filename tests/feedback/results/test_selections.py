"""What somebody chooses by the address of a file, and that nothing is chosen by a slip."""

import pytest

from analysis.figures import Figure
from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row
from feedback.results.selections import EVERYTHING, TABLES, SelectionRefused, parse


def figure(measure):
    return Figure(measure=measure, display="50 %", value=50, low=40, high=60)


def row(table="T2", origin="live", measures=("overall", "domain:voice", "item:core-voice"), **filters):
    return Row(
        table=table,
        release="2026Q3",
        released_on="2026-10-15",
        filters=filters,
        origin=origin,
        n=11,
        status="released",
        figures=tuple(map(figure, measures)),
    )


def measure(name="offered", origin="live", **scope):
    return Measure(measure=name, release="2026Q3", scope=scope, origin=origin, display="1 of 2")


def names(rows):
    return [tuple(it.measure for it in row.figures) for row in rows]


def test_without_a_choice_everything_is_chosen():
    rows, measures = [row(program="frp"), row("T4", strategy="4.3")], [measure(program="frp")]
    assert parse(()) == EVERYTHING
    assert EVERYTHING.rows(rows) == rows
    assert EVERYTHING.measures(measures) == measures
    assert EVERYTHING.tables == TABLES
    assert EVERYTHING.has_measures
    assert EVERYTHING.has_release("2026Q3")
    assert EVERYTHING.text == ""


def test_several_values_of_one_name_are_each_enough_and_several_names_all_needed():
    choice = parse([("program", "frp,syz"), ("audience", "youth"), ("program", "ctu")])
    rows = [row(program=it, audience="youth") for it in ("frp", "syz", "ctu", "dcfs")]
    rows.append(row(program="frp", audience="caregiver"))
    assert choice.rows(rows) == rows[:3]
    assert choice.text == "audience=youth&program=ctu%2Cfrp%2Csyz"


def test_tables_releases_and_measures_are_chosen_by_name():
    choice = parse([("table", "T2,T9"), ("release", "2026Q3")])
    assert choice.tables == ("T2", "T9")
    assert not choice.has_measures
    assert choice.has_release("2026Q3")
    assert not choice.has_release("2026Q4")
    alone = parse([("table", "measures")])
    assert (alone.tables, alone.has_measures) == ((), True)
    both = parse([("table", "T1,measures")])
    assert (both.tables, both.has_measures) == (("T1",), True)


@pytest.mark.parametrize(
    ("measure", "figures"),
    [
        ("overall", [("overall",), ()]),
        ("domain", [("domain:voice",), ()]),
        ("item:core-voice,overall", [("overall", "item:core-voice"), ()]),
        ("theme", [()]),
    ],
)
def test_figures_are_chosen_by_measure_or_kind_and_a_row_that_says_why_stays(measure, figures):
    assert names(parse([("measure", measure)]).rows([row(), row(measures=())])) == figures


def test_a_strategy_is_chosen_by_its_number_or_its_id():
    rows = [row("T4", strategy="4.3", strategy_id="advocates-mentors"), row("T4", strategy="7.8")]
    assert parse([("strategy", "4.3")]).rows(rows) == rows[:1]
    assert parse([("strategy", "advocates-mentors")]) == parse([("strategy", "4.3")])


def test_measures_are_chosen_by_whom_they_are_about_origin_metric_and_what_they_inform():
    own, other = measure("answered", program="frp"), measure("offered", "entered", program="syz")
    for name, value in (("program", "frp"), ("origin", "live"), ("measure", "answered"), ("informs", "7.3")):
        assert parse([(name, value)]).measures([own, other]) == [own]
    assert parse([("informs", "7.8")]).measures([own, other]) == [own, other]
    assert parse([("language", "es")]).measures([own, other]) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("tabel", "T2", "Nothing can be chosen by “tabel”."),
        ("table", "T99", "There is no table “T99”."),
        ("table", "", "What is chosen by “table” cannot be read."),
        ("table", "T2,", "What is chosen by “table” cannot be read."),
        ("release", "2026", "“2026” is not a quarter; write it like 2026Q3."),
        ("program", "frp\n2026-10-15 carla", "What is chosen by “program” cannot be read."),
        ("program", "=cmd|calc", "What is chosen by “program” cannot be read."),
        ("program", "x" * 121, "What is chosen by “program” cannot be read."),
        ("viewer", "ctlt", "Nothing can be chosen by “viewer”."),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(name, value, sentence):
    with pytest.raises(SelectionRefused) as refusal:
        parse([(name, value)])
    assert str(refusal.value) == sentence
