"""Instruments as their authors write them: the TOML that surveys.instruments reads."""

import json
from collections.abc import Iterator

from surveys.instruments import Instrument, Question


def write_instrument(instrument: Instrument) -> str:
    """Return the file that reads back as exactly this instrument."""
    lines = [
        f"id = {_text(instrument.id)}",
        f"version = {instrument.version}",
        f"title = {_text(instrument.title)}",
        f"audiences = {_list(instrument.audiences)}",
        f"minutes = {instrument.minutes}",
    ]
    for question in instrument.questions:
        lines += ["", "[[questions]]", *_question(question)]
    return "\n".join(lines) + "\n"


def _question(question: Question) -> Iterator[str]:
    yield f"id = {_text(question.id)}"
    yield f"kind = {_text(question.kind)}"
    if question.domain:
        yield f"domain = {_text(question.domain)}"
    if question.strategies:
        yield f"strategies = {_list(question.strategies)}"
    if question.show_if:
        yield (
            f"show_if = {{ question = {_text(question.show_if.question)},"
            f" is = {_list(question.show_if.any_of)} }}"
        )
    if question.notice:
        yield f"notice = {_text(question.notice)}"
    yield f"text = {_text(question.text)}"
    if question.hint:
        yield f"hint = {_text(question.hint)}"
    yield from _answers(question)


def _answers(question: Question) -> Iterator[str]:
    if question.kind == "scale":
        yield f"scale = {_list(tuple(option.text for option in question.options))}"
        yield f"favourable = {_text(question.favourable or '')}"
    elif question.kind in ("single", "multiple"):
        yield "options = ["
        yield from (f"    {{ code = {_text(it.code)}, text = {_text(it.text)} }}," for it in question.options)
        yield "]"


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(words: str) -> str:
    # JSON escapes what TOML wants escaped, but for the delete character.
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
