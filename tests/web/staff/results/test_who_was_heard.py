"""Who was heard: silence in releases, what helps, languages by year, places by their links."""

from feedback.web.staff.results.who_was_heard import hearings, languages, places
from surveys.periods import Period
from tests.support.published import FRP, link, row

FIRST, LATEST = Period(2025, 1), Period(2026, 3)


def states(rows, links=()):
    last_heard = {}
    for it in sorted(rows, key=lambda it: it.release):
        if it.n:
            last_heard[it.filters["program"], it.filters["audience"]] = Period.parse(it.release)
    (program,) = hearings([FRP], last_heard, links, first=FIRST, latest=LATEST)
    return {it.audience: (it.state, it.silent, it.helps) for it in program.hearings}


def test_an_audience_that_came_out_in_this_release_is_heard_and_one_never_asked_is_said_to_be_so():
    of = states([row("2026Q3", "youth")], [link("youth")])
    assert of["young people"] == ("heard", 0, "")
    assert of["partners"] == ("not asked", 0, "")


def test_silence_is_counted_in_releases_since_somebody_was_last_heard():
    assert states([row("2026Q1", "youth")], [link("youth")])["young people"] == (
        "silent",
        2,
        "Its link is open.",
    )
    assert states([])["parents and caregivers"] == ("silent", 7, "No link is open.")
    assert states([row("2026Q3", "youth", n=None)])["young people"][:2] == ("silent", 7)


def test_who_came_out_together_with_others_was_heard_though_not_alone():
    of = states([row("2026Q3", "mixed"), row("2026Q1", "youth")])
    assert of["young people"][0] == of["parents and caregivers"][0] == "heard with others"
    assert of["lived experience experts"][0] == "silent", "experts are never mixed with anybody"


def test_before_the_first_release_nobody_is_silent():
    assert hearings([FRP], {}, [], first=FIRST, latest=None) == []


def test_a_language_that_could_not_be_told_apart_in_a_year_is_no_zero():
    rows = [
        row("2025Q4", "", n=40, table="T8", language="es"),
        row("2026Q4", "", n=None, table="T8", language="es"),
        row("2026Q4", "", n=25, table="T8", language="ko"),
    ]
    years, lines = languages(rows, {"es": "Español"})
    assert years == [2025, 2026]
    assert [(it.name, it.answers) for it in lines] == [("Español", [40, None]), ("ko", [None, 25])]


def test_places_say_how_many_links_hang_there_and_nothing_of_answers():
    lines = places([link("youth", "front desk"), link("caregiver", "front desk"), link("youth")])
    assert [(it.place, it.audiences, it.links) for it in lines] == [
        ("no place was written down", ["young people"], 1),
        ("front desk", ["young people", "parents and caregivers"], 2),
    ]
