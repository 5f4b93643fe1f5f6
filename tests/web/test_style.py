"""The sheets of both doors: each selector ruled once, and one name for each colour."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from feedback.web.staff.page import STATIC
from feedback.web.survey.page import inline
from tests.support.repository import ROOT

SHEETS = sorted([*(ROOT / "feedback/web/survey/inline").glob("*.css"), *STATIC.glob("*.css")])
_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b")
_NAMED = re.compile(r"(--[a-z-]+): (#[0-9a-f]{3,8});")


def rules(sheet: Path) -> list[tuple[str, str, str]]:
    """Each rule of a sheet: the condition it stands under (a media query, or nothing), selector, and body."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    blocks = re.findall(
        r"^(?:(@[^{]+) \{\n(.*?)^\}|([^\s@}][^{]*) \{(.*?)\}$)", text, re.DOTALL | re.MULTILINE
    )
    inner = re.compile(r"^  ([^\s}][^{]*) \{(.*?)\}$", re.DOTALL | re.MULTILINE)
    return [
        rule
        for condition, inside, selector, body in blocks
        for rule in (
            [(condition, *it) for it in inner.findall(inside)] if condition else [("", selector, body)]
        )
    ]


def test_there_are_sheets_and_the_rules_of_each_are_found():
    assert {it.name for it in SHEETS} == {
        "survey.css",
        "results.css",
        "paper.css",
        "staff.css",
        "poster.css",
    }
    assert min(len(rules(it)) for it in SHEETS) > 10
    assert ("@media (prefers-color-scheme: dark)", ":root") in {it[:2] for it in rules(STATIC / "staff.css")}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda it: it.name)
def test_no_selector_is_ruled_twice(sheet):
    """Two rules for one thing lie far apart, and whoever changes one does not see the other."""
    counted = Counter((condition, selector) for condition, selector, _ in rules(sheet))
    assert [it for it, times in counted.items() if times > 1] == []


def test_one_name_of_a_colour_is_one_colour_in_every_sheet():
    meanings = defaultdict(set)
    for sheet in SHEETS:
        for condition, selector, body in rules(sheet):
            if selector == ":root":
                for name, colour in _NAMED.findall(body):
                    meanings[name, condition].add(colour)
    assert {it: colours for it, colours in meanings.items() if len(colours) > 1} == {}
    assert len(meanings) > 10


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda it: it.name)
def test_a_colour_is_called_by_its_name(sheet):
    """Black on white is what paper is, in a sheet of its own for printing."""
    literal = {
        (selector, colour)
        for _, selector, body in rules(sheet)
        for colour in _COLOUR.findall(body)
        if selector != ":root" and colour not in {"#fff", "#000"}
    }
    assert literal == set()


def test_a_page_carries_nothing_of_a_sheet_that_only_its_reader_needs():
    sheet = inline("survey.css")
    assert "/*" not in sheet
    assert "\n" not in sheet
    assert "  " not in sheet
    assert sheet.count("{") == sheet.count("}") > 50
