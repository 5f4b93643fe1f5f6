"""Conditions: the one form of `relevant` that our `show_if` can say, in both directions."""

import re
from collections.abc import Mapping

import msgspec

from surveys.instruments import Question, ShowIf

_NAME = r"\$\{([^\s{}]+)\}"
_VALUE = r"(?:['\"‘’]([^'\"‘’]+)['\"‘’]|(\d+))"
_EQUAL = re.compile(rf"{_NAME}\s*=\s*{_VALUE}")
_AMONG = re.compile(rf"selected\(\s*{_NAME}\s*,\s*{_VALUE}\s*\)")


class EarlierQuestion(msgspec.Struct, frozen=True):
    """A question of the form that is asked here, and which of its answers became which code."""

    question: Question
    codes: Mapping[str, str]


def read_condition(relevant: str, questions: Mapping[str, EarlierQuestion]) -> ShowIf | None:
    """Return what the form's condition says in our words, or None where they cannot say it."""
    terms = [_term(term) for term in re.split(r"\s+or\s+", relevant.strip())]
    names = {term[0] for term in terms if term}
    earlier = questions.get(names.pop()) if len(names) == 1 and None not in terms else None
    if earlier is None or earlier.question.kind not in ("single", "multiple", "yes-no"):
        return None
    codes = [earlier.codes.get(term[1]) for term in terms if term]
    # An equals sign after several answers means “this and no other”, which show_if cannot say.
    excludes_others = any(term and term[2] for term in terms) and earlier.question.kind == "multiple"
    if excludes_others or None in codes:
        return None
    return ShowIf(earlier.question.id, tuple(code for code in earlier.question.codes if code in codes))


def _term(text: str) -> tuple[str, str, bool] | None:
    """The name, the answer, and whether an equals sign stands between them."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    equal, among = _EQUAL.fullmatch(text), _AMONG.fullmatch(text)
    match = equal or among
    return (match[1], match[2] or match[3], equal is not None) if match else None


def write_condition(condition: ShowIf, earlier: Question) -> str:
    """Say a `show_if` as the `relevant` of an XLSForm."""
    name = f"${{{xml_name(earlier.id)}}}"
    if earlier.kind == "multiple":
        return " or ".join(f"selected({name}, '{code}')" for code in condition.any_of)
    return " or ".join(f"{name} = '{code}'" for code in condition.any_of)


def xml_name(question_id: str) -> str:
    """An id as form tools like names: they would read a hyphen as a minus."""
    return question_id.replace("-", "_")
