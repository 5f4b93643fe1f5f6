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


class Label(msgspec.Struct, frozen=True):
    """One text: in English, and in the other languages we know, by tag."""

    english: str = ""
    translations: Mapping[str, str] = {}
    had_markup: bool = False

    @property
    def quotes_an_answer(self) -> bool:
        return "${" in self.english


class Languages(msgspec.Struct, frozen=True):
    """What the form calls each language that is known here."""

    tags: Mapping[str, str]
    unnamed: str
    """The language of a column that names none."""

    def read(self, value: str | Mapping[str, str] | None) -> Label:
        """Read a text as pyxform has it: one string, or one for each language."""
        by_name = {self.unnamed: value} if isinstance(value, str) else dict(value or {})
        by_tag: dict[str, str] = {}
        for name, text in by_name.items():
            if name in self.tags and plain(text):
                by_tag.setdefault(self.tags[name], text)
        english = by_tag.pop(SOURCE, "")
        translations = {tag: plain(text) for tag, text in by_tag.items() if plain(text) != plain(english)}
        had_markup = any(pattern.search(english) for pattern, _ in _MARKUP)
        return Label(plain(english), translations, had_markup)


def form_languages(
    tree: Mapping[str, Any], tag_of: Callable[[str], str | None]
) -> tuple[Languages | None, list[str]]:
    """Find out which column is in which language, and name the columns of languages unknown here.

    None when nothing in the form is in English.
    """
    unnamed = tree.get("default_language") or _UNNAMED
    names = dict.fromkeys(_names(tree["children"], unnamed))
    tags = {name: tag for name in names if name != _UNNAMED and (tag := tag_of(name))}
    if SOURCE not in tags.values() and (_UNNAMED in names or not names):
        tags[_UNNAMED] = SOURCE
    unknown_names = [name for name in names if name not in tags]
    return (Languages(tags, unnamed) if SOURCE in tags.values() else None), unknown_names


def _names(items: Iterable[Mapping[str, Any]], unnamed: str) -> Iterator[str]:
    for item in items:
        for key in ("label", "hint"):
            words = item.get(key)
            yield from words if isinstance(words, dict) else ([unnamed] if words else ())
        yield from _names([*item.get("children", ()), *item.get("choices", ())], unnamed)


def plain(text: str) -> str:
    """The words without the markup that form tools allow, on one line."""
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    visible = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    return " ".join(visible.split())


def slug(name: str, longest: int = LONGEST_ID) -> str:
    """Lower-case words joined by hyphens; empty when nothing of the name is left."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:longest].strip("-")


def unlike(name: str, others: Iterable[str]) -> str:
    """The name, with a number behind it when it is taken."""
    number, candidate, names = 2, name, set(others)
    while candidate in names:
        candidate = f"{name}-{number}"
        number += 1
    return candidate
