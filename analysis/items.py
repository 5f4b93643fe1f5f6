"""Items: the yes-or-no facts about a person that a batch counts, always over all its people.

No smaller base exists, so a skipped question hides nobody and exposes nobody. A new kind of item needs a new
proof (disclosure.md, “Definitions”).
"""

from collections.abc import Iterable, Iterator

from surveys.answers import DECLINED, Answers
from surveys.instruments import Question


def favourable(question: str) -> str:
    return f"{question}:favourable"


def other(question: str) -> str:
    return f"{question}:other"


def declined(question: str) -> str:
    return f"{question}:declined"


def option(question: str, code: str) -> str:
    return f"{question}:option:{code}"


def theme(theme_id: str) -> str:
    return f"theme:{theme_id}"


def items_counted(questions: Iterable[Question], themes: Iterable[str]) -> tuple[str, ...]:
    """Every item a batch counts. Depends on what was asked, never on what anyone answered.

    A question that stands in several instruments is one question: its items are drawn once.
    """
    names = [name for question in questions for name in _items_of(question)]
    return tuple(dict.fromkeys([*names, *map(theme, themes)]))


def _items_of(question: Question) -> Iterator[str]:
    if question.kind == "scale":
        yield from (favourable(question.id), other(question.id), declined(question.id))
    elif not question.is_text:
        yield from (option(question.id, code) for code in question.codes)


def items_true(questions: Iterable[Question], answers: Answers, themes: Iterable[str]) -> frozenset[str]:
    """Return the items that hold for one person."""
    found = {name for question in questions for name in _true_of(question, answers)}
    return frozenset(found | set(map(theme, themes)))


def _true_of(question: Question, answers: Answers) -> Iterator[str]:
    given = answers.get(question.id)
    if given is None or question.is_text:
        return
    if question.kind != "scale":
        chosen = (given,) if isinstance(given, str) else given
        yield from (option(question.id, code) for code in question.codes if code in chosen)
    elif given == DECLINED:
        yield declined(question.id)
    elif given in question.favourable_codes:
        yield favourable(question.id)
    elif given in question.codes:
        yield other(question.id)
