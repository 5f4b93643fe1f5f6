"""Hands the words of our data files to Babel, so that translators find them beside those of the templates."""

import io
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, BinaryIO

import msgspec
from jinja2.ext import babel_extract

_TEXT_KEYS = (
    "title", "notice", "text", "hint", "scale", "name", "what", "label", "languages", "tells", "words",
)  # fmt: skip
IN_RESULTS = "everyone, where results are shown"
Message = tuple[int, None, str, list[str]]
PageMessage = tuple[int, str, str | tuple[str | None, ...] | None, list[str]]


def extract_page(
    fileobj: BinaryIO, keywords: Sequence[str], tags: Sequence[str], options: dict[str, Any]
) -> Iterator[PageMessage]:
    """Yield the words of a template, and say of each on which page it stands."""
    page = "/".join(PurePath(fileobj.name).with_suffix("").parts[-2:])
    for line, function, words, comments in babel_extract(fileobj, keywords, tags, options):
        yield line, function, words, [*comments, f"on the page {page}"]


def extract_toml(
    fileobj: BinaryIO,
    _keywords: Sequence[str],
    _tags: Sequence[str],
    options: dict[str, Any],  # noqa: ARG001 - Babel names it
) -> Iterator[Message]:
    """Yield the words of an instrument, of the help lines or of the codebook, in order."""
    raw = fileobj.read()
    yield from _messages(tomllib.loads(raw.decode()), _lines(raw.decode()), "")


def extract_programs(
    fileobj: BinaryIO,
    _keywords: Sequence[str],
    _tags: Sequence[str],
    options: dict[str, Any],  # noqa: ARG001 - Babel names it
) -> Iterator[Message]:
    """Yield what each program is called to respondents and in results; plan names reach none of them."""
    raw = fileobj.read()
    lines = _lines(raw.decode())
    for program in msgspec.json.decode(raw)["programs"]:
        names = {**program["said_as"], IN_RESULTS: program.get("public_name", "")}
        for audience, words in names.items():
            if words:
                yield _line(lines, words), None, words, [program_name_place(audience)]


def program_name_place(audience: str) -> str:
    """How translators are told where a program's name stands."""
    return f"How a program is called to: {audience}"


def _messages(value: Any, lines: list[str], about: str) -> Iterator[Message]:
    if isinstance(value, list):
        for entry in value:
            yield from _messages(entry, lines, about)
    elif isinstance(value, dict):
        about = f"{value['id']}" if "id" in value else about
        for key, entry in value.items():
            if key in _TEXT_KEYS and isinstance(entry, str) and entry:
                yield _line(lines, entry), None, entry, [f"{about}, {key}"]
            elif key == "scale":
                yield from (
                    (_line(lines, point), None, point, [f"{about}, a point of the scale"]) for point in entry
                )
            elif isinstance(entry, (dict, list)) and key not in ("words", "patterns"):
                yield from _messages(entry, lines, about)


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text))


def _line(lines: list[str], words: str) -> int:
    return next((number for number, line in enumerate(lines, start=1) if words in line), 1)
