"""A record whose fields could change places unseen is built by their names."""

import ast

from tests.support.repository import ROOT, tracked

_TEXTS = {"str", "bytes", "str | None", "bytes | None"}


def test_a_record_of_two_texts_or_more_is_built_by_the_names_of_its_fields():
    swappable = [
        f"{path.relative_to(ROOT)}: {record.name}"
        for path in tracked()
        if path.suffix == ".py" and "tests" not in path.parts
        for record in _records(ast.parse(path.read_text("utf-8")))
        if _texts(record) > 1 and not any(it.arg == "kw_only" for it in record.keywords)
    ]
    assert swappable == []


def _records(tree):
    classes = (it for it in ast.walk(tree) if isinstance(it, ast.ClassDef))
    return [it for it in classes if any(ast.unparse(base).endswith("Struct") for base in it.bases)]


def _texts(record):
    fields = (it for it in record.body if isinstance(it, ast.AnnAssign))
    return sum(ast.unparse(it.annotation) in _TEXTS for it in fields)
