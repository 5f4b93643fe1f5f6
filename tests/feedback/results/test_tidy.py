"""Lines of results and measures: one for each figure, names beside ids, and why there is none."""

import pytest

from analysis.figures import Figure
from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import NOT_ENOUGH, NOT_YET, Row
from feedback.results.columns import PROCESS, RESULTS
from feedback.results.naming import Names
from feedback.results.tidy import MADE_UP, NOTHING, Tidy
from surveys.instruments import shipped_instruments

SHIPPED = shipped_instruments()
NAMES = Names(
    programs={"frp": "First Responder Protocol", "syz": "Safe Youth Zones"},
    contractors={"vista-del-mar": "Vista Del Mar"},
    instruments=tuple(SHIPPED.values()),
    own_instruments=tuple(SHIPPED.values()),
    asked={"frp": frozenset({"protocol-youth", "caregiver-experience"}), "syz": frozenset({"event"})},
    often={"youth-experience": 9, "caregiver-experience": 5, "event": 1},
)
QUARTERS = ["2026Q1", "2026Q2", "2026Q3"]
HEARD = Row(
    table="T1d",
    release="2026Q3",
    released_on="2026-10-15",
    filters={"program": "frp", "audience": "youth", "periods": QUARTERS},
    origin="live",
    n=127,
    status="released",
    figures=(
        Figure(measure="overall", display="78 %", value=78, low=57, high=92),
        Figure(measure="item:core-safety", display="too few answers to say"),
        Figure(measure="option:how-heard:flyer", display="31 %", value=31, low=20, high=44),
        Figure(measure="theme:waiting-times", display="about 16-25"),
        Figure(measure="change:four-before", display="clearly lower", value=-18, low=-30, high=-5),
    ),
    batch="B00012",
    n_details=103,
    detail_periods=("2026Q1", "2026Q2"),
)
MEASURE = Measure(
    measure="offered",
    release="2026Q3",
    scope={"program": "frp"},
    origin="live",
    display="30 of 40",
    n=40,
    value=75,
    numerator=30,
    denominator=40,
)


def tidy(*, made_up=False):
    return Tidy(names=NAMES, made_up=made_up, released_on={"2026Q3": "2026-10-15"})


def lines(sheet, blocks):
    return [
        dict(zip(sheet.header, (*head, *(cell for part in tail for cell in part)), strict=True))
        for head, tails in blocks
        for tail in tails
    ]


def results(*rows, made_up=False):
    return lines(RESULTS.noted if made_up else RESULTS, tidy(made_up=made_up).results(rows))


def measures(*measures):
    return lines(PROCESS, tidy().measures(measures))


def row(table="T2", figures=(), **fields):
    details = {"filters": {}, "origin": "live", "n": None, "status": "not_released", **fields}
    return Row(table=table, release="2026Q3", released_on="2026-10-15", figures=figures, **details)


def cells(line, *names):
    return tuple(line[name] for name in names)


def test_each_figure_is_a_line_with_everything_that_it_is_about():
    all_lines = results(HEARD)
    assert [cells(it, "measure", "value", "low", "high", "display") for it in all_lines] == [
        ("overall", 78, 57, 92, "78 %"),
        ("item:core-safety", None, None, None, "too few answers to say"),
        ("option:how-heard:flyer", 31, 20, 44, "31 %"),
        ("theme:waiting-times", None, None, None, "about 16-25"),
        ("change:four-before", -18, -30, -5, "clearly lower"),
    ]
    about = {
        "table": "T1d",
        "table_name": "A program's single questions, batch by batch",
        "release": "2026Q3",
        "released_on": "2026-10-15",
        "fiscal_year": "2026-27",
        "fiscal_quarter": "Q1",
        "about": "program",
        "program": "frp",
        "program_name": "First Responder Protocol",
        "audience": "youth",
        "audience_name": "young people",
        "origin": "live",
        "batch": "B00012",
        "status": "released",
        "n": 127,
        "periods": "2026Q1|2026Q2|2026Q3",
        "n_details": 103,
        "detail_periods": "2026Q1|2026Q2",
    }
    for line in all_lines:
        assert {name: line[name] for name in about} == about
        empty = ("pool", "strategy", "strategy_id", "strategy_title", "contractor", "class", "wave")
        assert {line[name] for name in (*empty, "language", "language_name", "year", "scope")} == {None}


def test_a_figure_is_said_in_words_and_a_question_as_it_was_asked():
    safety = SHIPPED["protocol-youth"].question("core-safety").text
    assert [cells(it, "measure_name", "question", "question_text") for it in results(HEARD)][:2] == [
        ("All questions together", None, None),
        (safety, "core-safety", safety),
    ]
    _, _, option, theme, change = results(HEARD)
    assert cells(option, "question", "option") == ("how-heard", "flyer")
    assert theme["measure_name"] == "waiting times"
    assert change["measure_name"] == "Change against the four releases before"


@pytest.mark.parametrize(
    ("program", "audience", "instrument"),
    [
        ("frp", "youth", "protocol-youth"),
        ("frp", "caregiver", "caregiver-experience"),
        ("syz", "youth", "event"),
        (None, "youth", "youth-experience"),
        (None, "caregiver", "caregiver-experience"),
        (None, "everyone", "youth-experience"),
        (None, None, "youth-experience"),
    ],
)
def test_a_question_stands_in_the_words_of_the_program_s_own_survey_for_its_audience(
    program, audience, instrument
):
    filters = {name: it for name, it in (("program", program), ("audience", audience)) if it}
    figures = (Figure(measure="item:core-respect", display="50 %", value=50, low=40, high=60),)
    (line,) = results(row("T9", figures, filters=filters, n=40, status="released"))
    assert line["question_text"] == SHIPPED[instrument].question("core-respect").text


def test_an_option_has_the_text_that_could_be_chosen_and_what_nobody_knows_keeps_its_id():
    question = next(q for q in SHIPPED["youth-experience"].questions if q.kind == "yes-no")
    figures = [
        Figure(measure=f"option:{question.id}:no", display="9 %", value=9, low=4, high=20),
        Figure(measure="option:gone:left", display="9 %", value=9, low=4, high=20),
        Figure(measure="item:gone", display="9 %", value=9, low=4, high=20),
        Figure(measure="change:sideways", display="no clear change"),
        Figure(measure="domain:gone", display="9 %", value=9, low=4, high=20),
    ]
    known, *unknown = results(row("T9", tuple(figures), n=40, status="released"))
    assert cells(known, "question_text", "option_text") == (question.text, "No")
    assert known["measure_name"] == f"{question.text} No"
    assert [cells(it, "measure_name", "question_text", "option_text") for it in unknown] == [
        ("gone left", "gone", "left"),
        ("gone", "gone", None),
        ("Change against sideways", None, None),
        ("domain:gone", None, None),
    ]


@pytest.mark.parametrize(
    ("filters", "about", "names"),
    [
        ({"pool": "courts"}, "pool", {"pool": "courts"}),
        (
            {"strategy": "4.3", "strategy_id": "advocates-mentors", "audience": "everyone"},
            "strategy",
            {
                "strategy_id": "advocates-mentors",
                "audience_name": "young people, parents and caregivers together",
            },
        ),
        ({"language": "es", "year": "2026"}, "language", {"language_name": "Spanish", "year": "2026"}),
        ({"question": "core-voice", "audience": "youth"}, "question", {"audience_name": "young people"}),
        ({"county": "county"}, "county", {"audience": None}),
        ({"audience": "mixed / pooled"}, "audience", {"audience_name": "mixed or pooled"}),
        (
            {"program": "syz", "contractor": "vista-del-mar", "scope": "last four"},
            "program",
            {"contractor_name": "Vista Del Mar", "program_name": "Safe Youth Zones", "scope": "last four"},
        ),
        ({"program": "gone", "class": "survey:x", "wave": "after"}, "program", {"program_name": "gone"}),
        ({}, None, {"program": None}),
    ],
)
def test_a_line_says_what_it_is_about_with_its_name_beside_the_id(filters, about, names):
    (line,) = results(row(filters=filters, cause=NOT_ENOUGH))
    assert line["about"] == about
    assert {name: line[name] for name in names} == names
    ids = {name: it for name, it in filters.items() if name not in ("county", "question")}
    assert {name: line[name] for name in ids} == ids


@pytest.mark.parametrize("cause", [NOT_ENOUGH, NOT_YET, None], ids=["too few", "too early", "nothing"])
def test_a_row_without_figures_is_one_line_that_says_why(cause):
    (line,) = results(row(cause=cause))
    assert cells(line, "n", "measure", "value", "low", "high") == (None,) * 5
    assert cells(line, "status", "display") == ("not_released", cause or NOTHING)


def test_a_measure_is_a_line_with_its_definition_direction_and_version():
    (line,) = measures(MEASURE)
    assert cells(line, "table", "measure", "measure_name", "direction", "direction_text", "version") == (
        "measures",
        "offered",
        "Offered the survey",
        "up",
        "Higher is better.",
        2,
    )
    assert cells(line, "definition", "informs") == ("people offered the survey / people served", "7.8")
    assert cells(line, "release", "released_on", "fiscal_year") == ("2026Q3", "2026-10-15", "2026-27")
    assert cells(line, "about", "program", "program_name") == ("program", "frp", "First Responder Protocol")
    assert cells(line, "n", "numerator", "denominator", "value", "display") == (40, 30, 40, 75, "30 of 40")
    assert cells(line, "periods", "n_details", "detail_periods", "low", "high") == (None,) * 5


def test_a_measure_of_a_question_has_its_words_and_one_of_a_strategy_its_title():
    silence = Measure(
        measure="unanswered",
        release="2026Q3",
        scope={"program": "frp", "question": "core-trust"},
        origin="entered",
        display="4 %",
        value=4,
        low=3,
        high=9,
        n=99,
        n_details=88,
        periods=("2026Q2", "2026Q3"),
        detail_periods=("2026Q2",),
    )
    helpful = Measure(
        measure="advocacy-helpful",
        release="2026Q4",
        scope={"strategy": "4.3", "audience": "everyone"},
        origin="live",
        display="80 %",
    )
    one, two = measures(silence, helpful)
    trust = SHIPPED["protocol-youth"].question("core-trust").text
    assert cells(one, "about", "question", "question_text") == ("program", "core-trust", trust)
    assert cells(one, "n", "periods", "n_details", "detail_periods") == (99, "2026Q2|2026Q3", 88, "2026Q2")
    assert cells(two, "about", "strategy", "strategy_id") == ("strategy", "4.3", "advocates-mentors")
    assert two["strategy_title"]
    assert two["released_on"] is None, "nobody knows of that release"


def test_made_up_answers_say_so_on_every_line():
    assert {line["note"] for line in results(HEARD, row(cause=NOT_ENOUGH), made_up=True)} == {MADE_UP}
    made_up = tidy(made_up=True)
    assert {line["note"] for line in lines(PROCESS.noted, made_up.measures([MEASURE]))} == {MADE_UP}
    assert [block.head for block in made_up.noted([("a",)])] == [("a", MADE_UP)]
    assert "note" not in results(HEARD)[0]
    assert "note" not in measures(MEASURE)[0]


def test_it_remembers_the_questions_that_were_told_of_and_no_other():
    it = tidy()
    list(it.results([HEARD]))
    assert it.questions == {"core-safety", "how-heard"}
