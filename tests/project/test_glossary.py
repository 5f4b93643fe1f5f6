"""The glossary: one line a term, in order, each term in use and each name where it says."""

import re
from itertools import pairwise

import pytest

from tests.support.repository import DOCS, ROOT, defined, read

GLOSSARY = DOCS / "glossary.md"
_ROW = re.compile(r"\| ([^|]+) \| ([^|]+) \| `([\w./-]+)`(?:: `([\w.]+)`)? \|")
LINES = [it for it in GLOSSARY.read_text("utf-8").splitlines() if it.startswith("|")][2:]
ROWS = [row for line in LINES if (row := _ROW.fullmatch(line))]
USED_IN = ("feedback", "analysis", "surveys", "docs")
TEXTS = "\n".join(
    text for path, text in read().items() if path != GLOSSARY and path.relative_to(ROOT).parts[0] in USED_IN
)
LONGEST = 140


def is_used(term: str) -> bool:
    """Whether the code, a template or another document has it: as words, or joined as one name."""
    joined = r"[\s_-]+".join(map(re.escape, term.split()))
    return re.search(rf"(?<![A-Za-z]){joined}(?:s|es)?(?![A-Za-z])", TEXTS, re.IGNORECASE) is not None


def is_there(path: str, name: str | None) -> bool:
    """Whether a name stands where a row says; of a file that is no module the file is enough."""
    file = ROOT / path
    return file.is_file() and (name is None or name in defined(file))


def test_there_is_a_glossary_of_one_line_a_term():
    assert len(ROWS) > 150
    assert [line for line in LINES if not _ROW.fullmatch(line) or len(line) > LONGEST] == []


def test_terms_stand_in_order_and_once():
    terms = [row[1].casefold() for row in ROWS]
    assert [(one, two) for one, two in pairwise(terms) if one >= two] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_every_term_is_used_and_its_name_is_where_the_glossary_says(row):
    term, _, path, name = row.groups()
    assert is_used(term), f"nobody says “{term}”"
    assert is_there(path, name), f"{path} has no {name}"


def test_a_term_that_nobody_uses_and_a_name_that_is_nowhere_are_found():
    assert not is_used("hypocaust")
    assert not is_used("survey gate")
    assert not is_there("gone.py", None)
    assert not is_there("feedback/fieldwork/links.py", "Chain")
    assert not is_there("feedback/fieldwork/links.py", "Link.chained")
    assert is_there("feedback/fieldwork/links.py", "Link.embed")


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_who_begins_is_led_to_the_glossary(document):
    assert "(docs/glossary.md)" in (ROOT / document).read_text("utf-8")
