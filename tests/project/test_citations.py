"""Whatever one file says of another is there: files, headings, decisions, migrations, names in modules."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository import DOCS, ROOT, defined, headings, prose, read, tracked

_FOLDERS = r"(?:docs|feedback|analysis|surveys|locales|tests|\.ci)"
_PATH = re.compile(
    rf"(?<![\w/.<{{])({_FOLDERS}/(?:[\w.-]+/)*(?:[\w-]+\.[\w]+\b)?)(?![\w/*<{{])", re.IGNORECASE
)
_DOCUMENT = re.compile(r"(?<![\w/.-])([\w-]+\.md)\b")
_DATA = re.compile(r"(?<![\w/.*-])([\w-]+\.(?:toml|json|po|pot))\b")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)\)")
_WORDS = r"[“\"][^”\"]+[”\"]"
_BETWEEN = r"[^“”\".;:()]*"
_QUOTATION = re.compile(
    rf"([\w./-]+\.md)[`\])]*(?:\([\w./-]+\))?((?:,{_BETWEEN}|\s+\(?){_WORDS}(?:{_BETWEEN}{_WORDS})*)"
)
_DECISION = re.compile(r"\bdecisions? (\d+(?:(?:, | and | or )\d+)*)", re.IGNORECASE)
_RECORD = re.compile(r"\((\d{4})\)")
_MIGRATION = re.compile(r"\bmigrations? (\d{4})")
_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
_MODULE = re.compile(r"(?<![\w./-])((?:feedback|analysis|surveys)(?:\.[A-Za-z_]\w*)+)")
DECISIONS = {int(it.name[:4]) for it in (DOCS / "decisions").glob("*.md")}
MIGRATIONS = {it.name[:4] for it in (ROOT / "feedback" / "storage" / "migrations" / "versions").glob("*.py")}
DEPLOYMENT_FILES = set(re.findall(r"`(?:keys/)?([\w.-]+)`", (DOCS / "operating.md").read_text("utf-8")))
"""Files that a deployment writes, which no checkout has."""
EXAMPLES = {"FILE.toml", "mine.toml", "satisfaction.toml"}
"""Somebody's own, in the documents for authors."""
TEXTS = {path: text for path, text in read().items() if path != Path(__file__)}


def problems(path: Path, text: str) -> list[str]:
    """Each thing that a file names and that is not there."""
    wording = prose(path, text)
    missing = [*_paths(text), *_tests(text), *_documents(path, wording), *_headings(path, wording)]
    missing += [*_data(path, wording), *_links(path, text), *_numbers(path, wording), *_names(wording)]
    return sorted(set(missing))


def _paths(text: str) -> Iterator[str]:
    return (f"there is no {name}" for name in _PATH.findall(text) if not (ROOT / name).exists())


def _tests(text: str) -> Iterator[str]:
    for file, test in _TEST.findall(text):
        if (ROOT / file).is_file() and test not in defined(ROOT / file):
            yield f"{file} has no {test}"


def _documents(path: Path, wording: str) -> Iterator[str]:
    names = _DOCUMENT.findall(wording)
    return (f"there is no document {name}" for name in names if _document(path, name) is None)


def _data(path: Path, wording: str) -> Iterator[str]:
    files = {it.name for it in tracked()} | DEPLOYMENT_FILES | EXAMPLES
    names = _DATA.findall(wording) if path.suffix in (".py", ".md") else ()
    return (f"there is no file {name}" for name in names if name not in files)


def _links(path: Path, text: str) -> Iterator[str]:
    names = _LINK.findall(text) if path.suffix == ".md" else ()
    return (f"the link to {name} leads nowhere" for name in names if not (path.parent / name).exists())


def _headings(path: Path, wording: str) -> Iterator[str]:
    for name, quotes in _QUOTATION.findall(" ".join(wording.split())):
        document = ROOT / name if "/" in name else _document(path, name)
        for heading in re.findall(r"[“\"]([^”\"]+)[”\"]", quotes):
            if document is None or not document.is_file() or not _is_in(heading, headings(document)):
                yield f"{name} has no heading “{heading}”"


def _is_in(quote: str, titles: tuple[str, ...]) -> bool:
    """Whether one of the headings is this, or begins with it."""
    return any(re.match(rf"{re.escape(quote)}(?!\w)", title) for title in titles)


def _numbers(path: Path, wording: str) -> Iterator[str]:
    numbers = _RECORD.findall(wording) if path.parent.name == "decisions" else []
    numbers += re.findall(r"\d+", " ".join(_DECISION.findall(wording)))
    for number in numbers:
        if int(number) not in DECISIONS:
            yield f"there is no decision {number}"
    for number in _MIGRATION.findall(wording):
        if number not in MIGRATIONS:
            yield f"there is no migration {number}"


def _names(wording: str) -> Iterator[str]:
    for dotted in _MODULE.findall(wording):
        if dotted not in ("feedback.db", "feedback.half") and not _is_defined(dotted.split(".")):
            yield f"there is no {dotted}"


def _is_defined(parts: list[str]) -> bool:
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        module = base.with_suffix(".py") if base.with_suffix(".py").is_file() else base / "__init__.py"
        if module.is_file():
            return not parts[length:] or ".".join(parts[length:]) in defined(module)
    return False


def _document(path: Path, name: str) -> Path | None:
    places = (path.parent, ROOT, DOCS, ROOT / "locales")
    return next((it / name for it in places if (it / name).is_file()), None)


@pytest.mark.slow
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_file_names_is_there(path):
    assert problems(path, TEXTS[path]) == []


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("As docs/laws.md has it.", "there is no docs/laws.md"),
        ("Docs/disclosure.md says so.", "there is no Docs/disclosure.md"),
        ("Rule: respondents.md, “Words”.", "there is no document respondents.md"),
        ("The lists are in name.toml.", "there is no file name.toml"),
        ("See [it](decisions/0099-no.md).", "the link to decisions/0099-no.md leads nowhere"),
        ("Rule: docs/disclosure.md, “Values” and “Prices”.", "docs/disclosure.md has no heading “Prices”"),
        ("[docs](docs/promises.md), “The survey door”", "docs/promises.md has no heading “The survey door”"),
        (
            "docs/disclosure.md,\n“Closing the\nothers up”",
            "docs/disclosure.md has no heading “Closing the others up”",
        ),
        ("Rule: docs/disclosure.md (“Prices”)", "docs/disclosure.md has no heading “Prices”"),
        ('Rule: `docs/disclosure.md`, "Prices"; so', "docs/disclosure.md has no heading “Prices”"),
        ("(decisions 12 and 99)", "there is no decision 99"),
        ("chosen in decision 0", "there is no decision 0"),
        ("the database refuses (migration 0099)", "there is no migration 0099"),
        ("See `feedback.inbox.sealing.Outbox`.", "there is no feedback.inbox.sealing.Outbox"),
        ("See feedback.outbox.", "there is no feedback.outbox"),
        ("asked in tests/support/nobody.py", "there is no tests/support/nobody.py"),
        ("`tests/project/test_docs.py::test_no`", "tests/project/test_docs.py has no test_no"),
    ],
)
def test_a_wrong_name_is_found_in_prose_comments_and_docstrings(sentence, problem):
    in_comments = "".join(f"# {line}\n" for line in sentence.splitlines())
    assert problem in problems(ROOT / "some.md", sentence)
    if "[" not in sentence:
        assert problem in problems(ROOT / "feedback" / "some.py", f'"""{sentence}"""\n')
        assert problem in problems(ROOT / "feedback" / "some.py", in_comments)


@pytest.mark.parametrize(
    "sentence",
    [
        "Rule: docs/disclosure.md, “Closing pulse batches”, and “Closing the others”. “No more”",
        "(docs/architecture.md, “What lies where”), decision 24, surveys/wording.toml",
        "[24](decisions/0024-words-of-two.md), settings.toml, feedback.db, ledger-2026Q3.json",
        "feedback.fieldwork.links.Link.embed, feedback.web.survey.sending, docs/decisions/",
    ],
)
def test_a_right_name_is_no_problem(sentence):
    assert problems(DOCS / "some.md", sentence) == []


def test_every_decision_stands_under_its_number():
    titles = {int(it.name[:4]): headings(it)[0] for it in (DOCS / "decisions").glob("*.md")}
    assert {number: title for number, title in titles.items() if not title.startswith(f"{number}. ")} == {}
    assert sorted(titles) == list(range(1, len(titles) + 1))
