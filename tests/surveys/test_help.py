"""Help is the same for everyone, dated, and what frightens people away stands on the help page alone."""

import datetime as dt

import msgspec
import pytest

from surveys.help import HelpLine, help_lines
from surveys.instruments import AUDIENCES


def line(name: str) -> HelpLine:
    return next(it for it in help_lines(whole=True) if it.id == name)


def test_the_child_protection_hotline_is_on_the_help_page_alone():
    every_page, help_page = help_lines(), help_lines(whole=True)
    assert {line.id for line in help_page} - {line.id for line in every_page} == {"child-being-hurt"}
    assert all(line.name and line.what for line in help_page)


def test_the_county_s_lines_have_the_numbers_that_people_dial():
    numbers = {it.id: (it.call, it.text) for it in help_lines(whole=True)}
    assert numbers == {
        "988": ("988", "988"),
        "211": ("211", ""),
        "confidential-line": ("1-888-373-7888", "233733"),
        "safe-place": ("", ""),
        "foster-care-ombudsperson": ("1-877-846-1602", ""),
        "child-being-hurt": ("1-800-540-4000", ""),
    }


@pytest.mark.parametrize("name", [it.id for it in help_lines(whole=True)])
def test_every_line_says_who_answers_in_which_languages_and_whom_they_may_tell(name):
    it = line(name)
    assert it.what.endswith(".")
    assert it.languages.startswith(("In English", "Mostly in English"))
    assert it.tells.endswith(".")
    assert it.verified_on < it.review_by <= it.verified_on + dt.timedelta(days=366)


def test_a_line_is_overdue_from_the_day_after_its_review():
    it = msgspec.structs.replace(line("988"), review_by=dt.date(2026, 12, 31))
    assert [it.is_overdue(dt.date(2026, 12, 31)), it.is_overdue(dt.date(2027, 1, 1))] == [False, True]


def test_each_audience_is_shown_its_lines_and_help_for_life_and_death_is_shown_to_all():
    for audience in AUDIENCES:
        assert {"988", "211", "confidential-line"} <= {it.id for it in help_lines(audience)}
    assert "foster-care-ombudsperson" in {it.id for it in help_lines("youth")}
    assert "foster-care-ombudsperson" not in {it.id for it in help_lines("partner")}


def test_the_spanish_line_of_988_is_named_to_readers_of_spanish():
    assert any("AYUDA" in note and "press 2" in note for note in line("988").notes_in("es"))
    assert list(line("988").notes_in("en")) == []
