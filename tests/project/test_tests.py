"""The tests themselves: what they share stands in one place, and none leans on another."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("*.py"))


def imports(file: Path) -> set[str]:
    """Every module that a file names in an import."""
    modules = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {it.name for it in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {node.module or "", *(f"{node.module}.{it.name}" for it in node.names)}
    return modules


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TESTS)))
def test_no_test_imports_from_another_test(file):
    modules = {name for name in imports(file) if name.startswith("tests.")}
    assert {name for name in modules if not name.startswith("tests.support.")} <= {"tests.support"}


def test_what_tests_share_holds_no_test():
    assert [it.name for it in (TESTS / "support").rglob("test_*.py")] == []
