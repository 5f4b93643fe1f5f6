"""The tests themselves: what they share stands in one place, and none leans on another."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("*.py"))


def imported(file: Path) -> set[str]:
    """Every module that a file names in an import."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {it.name for it in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{it.name}" for it in node.names)}
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TESTS)))
def test_no_test_imports_from_another_test(file):
    shared = {name for name in imported(file) if name.startswith("tests.")}
    assert {name for name in shared if not name.startswith("tests.support.")} <= {"tests.support"}


def test_what_tests_share_holds_no_test():
    assert [it.name for it in (TESTS / "support").rglob("test_*.py")] == []
