"""The words of a form: which language is which, plain text out of markup, ids out of names."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

SOURCE = "en"
_UNNAMED = "default"
_MARKUP = (
    (re.compile(r"<[^<>]+>"), " "),
    (re.compile(r"\[([^\[\]]+)\]\([^()]*\)"), r"\1"),
    (re.compile(r"(?<!\w)(\*\*|__|\*|_)(?=\S)([^*_]+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"^#+ ", re.MULTILINE), ""),
)
LONGEST_ID = 40


class Said(msgspec.Struct, frozen=True):
    """One text: in English, and in the other languages we know, by tag."""

    english: str = ""
    others: Mapping[str, str] = {}
    had_markup: bool = False

    @property
    def quotes_an_answer(self) -> bool:
        return "${" in self.english


class Languages(msgspec.Struct, frozen=True):
    """What the form calls each language that is known here."""

    tags: Mapping[str, str]
    unnamed: str
    """The language of a column that names none."""

    def read(self, value: str | Mapping[str, str] | None) -> Said:
        """Read a text as pyxform has it: one string, or one for each language."""
        by_name = {self.unnamed: value} if isinstance(value, str) else dict(value or {})
        found: dict[str, str] = {}
        for name, text in by_name.items():
            if name in self.tags and plain(text):
                found.setdefault(self.tags[name], text)
        english = found.pop(SOURCE, "")
        others = {tag: plain(text) for tag, text in found.items() if plain(text) != plain(english)}
        marked = any(pattern.search(english) for pattern, _ in _MARKUP)
        return Said(plain(english), others, marked)


def form_languages(
    tree: Mapping[str, Any], tag_of: Callable[[str], str | None]
) -> tuple[Languages | None, list[str]]:
    """Find out which column is in which language, and name the columns of languages unknown here.

    None when nothing in the form is in English.
    """
    unnamed = tree.get("default_language") or _UNNAMED
    names = dict.fromkeys(_names(tree["children"], unnamed))
    known = {name: tag for name in names if name != _UNNAMED and (tag := tag_of(name))}
    if SOURCE not in known.values() and (_UNNAMED in names or not names):
        known[_UNNAMED] = SOURCE
    unknown = [name for name in names if name not in known]
    return (Languages(known, unnamed) if SOURCE in known.values() else None), unknown


def _names(items: Iterable[Mapping[str, Any]], unnamed: str) -> Iterator[str]:
    for item in items:
        for key in ("label", "hint"):
            said = item.get(key)
            yield from said if isinstance(said, dict) else ([unnamed] if said else ())
        yield from _names([*item.get("children", ()), *item.get("choices", ())], unnamed)


def plain(text: str) -> str:
    """The words without the markup that form tools allow, on one line."""
    for pattern, kept in _MARKUP:
        text = pattern.sub(kept, text)
    visible = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    return " ".join(visible.split())


def slug(name: str, longest: int = LONGEST_ID) -> str:
    """Lower-case words joined by hyphens; empty when nothing of the name is left."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:longest].strip("-")


def unlike(wanted: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it when it is taken."""
    number, found, known = 2, wanted, set(taken)
    while found in known:
        found = f"{wanted}-{number}"
        number += 1
    return found
