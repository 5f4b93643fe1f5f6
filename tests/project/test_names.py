"""A value is named for what it holds: no participle that could hold anything stands for one."""

import ast
import re

import pytest

from tests.support.repository import ROOT, tracked

RETIRED = {"told", "said", "found", "kept", "wanted"}
"""A reader has to look up what such a name holds, each time."""
_TEMPLATE = re.compile(r"\{% (?:set|for|macro) ([^%]*?)(?: in |=|%\})")
_SCRIPT = re.compile(r"(?:\b(?:const|let)|,) ([a-z_]+)(?= = |,|;)")


def bound(tree: ast.AST) -> set[str]:
    """Every name that a module binds: variables, parameters, fields, functions and classes."""
    names = {it.id for it in ast.walk(tree) if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Store)}
    names |= {it.arg for it in ast.walk(tree) if isinstance(it, ast.arg)}
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return names | {it.name for it in ast.walk(tree) if isinstance(it, defined)}


def names_in(path: str, text: str) -> set[str]:
    if path.endswith(".py"):
        return bound(ast.parse(text))
    pattern = _TEMPLATE if path.endswith(".html") else _SCRIPT
    return {word for statement in pattern.findall(text) for word in re.findall(r"\b[a-z_]+\b", statement)}


FILES = [it for it in tracked() if it.suffix in {".py", ".html", ".js"}]


@pytest.mark.parametrize("path", FILES, ids=lambda it: str(it.relative_to(ROOT)))
def test_no_value_has_a_retired_name(path):
    retired = {it for it in names_in(path.name, path.read_text("utf-8")) if it.strip("_").lower() in RETIRED}
    assert retired == set()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "told = 1"),
        ("a.py", "def f(*, said): ..."),
        ("a.py", "for _found in (): ..."),
        ("a.py", "class Wanted: ..."),
        ("a.py", "class Row:\n    kept: int"),
        ("a.html", "{% macro told(it) %}{% endmacro %}"),
        ("a.html", "{% macro rows(found, year) %}{% endmacro %}"),
        ("a.html", "{% for said in words %}{% endfor %}"),
        ("a.js", "const main = 1, told = 2;"),
    ],
)
def test_a_retired_name_is_found_wherever_it_is_bound(path, text):
    assert {it.strip("_").lower() for it in names_in(path, text)} & RETIRED
