"""Themes: what comments seem to be about, by a codebook that people can read and change.

The codebook finds words, not meaning: it misses what is said in other words, it does not know irony or
"no", and in a language it has no words for it finds nothing. Software proposes, people decide: what it
finds is a suggestion to a reviewer, it never replaces reading, and the largest theme is not the most
important one.
"""

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_STRATEGY = re.compile(r"[1-9]\.[1-9][0-9]?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
# Written without spaces: a word is found wherever its letters stand.
_UNSPACED = frozenset({"zh", "ja", "th", "km", "lo", "my"})

_Finder = re.Pattern[str] | None


class CodebookBroken(Exception):
    """A codebook file cannot be used; the message says where and why."""


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing comments may be about. The definition decides; the words only find candidates."""

    id: str
    label: str
    definition: str
    strategies: tuple[str, ...] = ()
    words: dict[str, tuple[str, ...]] = {}
    patterns: dict[str, tuple[str, ...]] = {}


class Codebook(msgspec.Struct, frozen=True):
    """Every theme, in the order in which they are shown; searched with patterns compiled once."""

    themes: tuple[Theme, ...]
    finders: dict[str, tuple[_Finder, ...]] = {}

    def __post_init__(self) -> None:
        languages = {tag for theme in self.themes for tag in (*theme.words, *theme.patterns)}
        finders = {tag: tuple(_finder(theme, tag) for theme in self.themes) for tag in sorted(languages)}
        msgspec.structs.force_setattr(self, "finders", finders)

    def themes_in(self, text: str, language: str) -> tuple[str, ...]:
        """The ids of the themes a comment seems to be about: a proposal for a reviewer, not a finding."""
        finders = self.finders.get(language) or self.finders.get(language.partition("-")[0].lower())
        if finders is None:
            return ()
        folded = _folded(text)
        pairs = zip(self.themes, finders, strict=True)
        return tuple(theme.id for theme, finder in pairs if finder and finder.search(folded))


@functools.cache
def shipped_codebook() -> Codebook:
    """The codebook of this package: `codebook.toml`."""
    return load_codebook()


def load_codebook(path: Path | None = None) -> Codebook:
    """The shipped codebook, or one from a file; the first mistake is raised with its place."""
    source = resources.files("analysis.text") / "codebook.toml" if path is None else path
    name = "codebook.toml" if path is None else path.name
    try:
        raw = tomllib.loads(source.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as mistake:
        raise CodebookBroken(f"{name}: the file cannot be read as TOML: {mistake}.") from mistake
    listed = raw.get("theme")
    if not isinstance(listed, list) or not listed or set(raw) != {"theme"}:
        raise CodebookBroken(f"{name}: a codebook is a list of [[theme]] and nothing else.")
    themes = tuple(_theme(one, f"{name}, theme {number}") for number, one in enumerate(listed, start=1))
    _refuse_twins(themes, name)
    return Codebook(themes)


def _theme(raw: Any, place: str) -> Theme:
    suffix = f" ({raw['id']})" if isinstance(raw, dict) and "id" in raw else ""
    try:
        theme = msgspec.convert(raw, Theme)
    except msgspec.ValidationError as mistake:
        raise CodebookBroken(f"{place}{suffix}: {mistake}.") from mistake
    for sentence in _mistakes(theme):
        raise CodebookBroken(f"{place}{suffix}: {sentence}")
    return theme


def _mistakes(theme: Theme) -> Iterable[str]:
    if not _ID.fullmatch(theme.id):
        yield f"the id {theme.id!r} must be lower-case words joined by hyphens."
    if not theme.label.strip() or not theme.definition.strip():
        yield "a theme needs a label and a definition."
    for strategy in theme.strategies:
        if not _STRATEGY.fullmatch(strategy):
            yield f"the strategy {strategy!r} must be a number of the plan such as '3.4'."
    for tag in (*theme.words, *theme.patterns):
        if not _LANGUAGE.fullmatch(tag):
            yield f"{tag!r} is not a language tag such as 'en' or 'zh-Hans'."
    yield from _about_words(theme)


def _about_words(theme: Theme) -> Iterable[str]:
    for tag, words in theme.words.items():
        yield from (_about_word(word, tag) for word in words if not _usable(word))
    for tag, patterns in theme.patterns.items():
        yield from _about_patterns(patterns, tag)


def _usable(word: str) -> bool:
    return any(map(str.isalnum, word)) and word == word.strip() and "*" not in re.sub(r"\*(?= |$)", "", word)


def _about_word(word: str, tag: str) -> str:
    return f"words.{tag}: {word!r} must be a word or a phrase, with '*' only at the end of a word."


def _about_patterns(patterns: tuple[str, ...], tag: str) -> Iterable[str]:
    for pattern in patterns:
        try:
            empty = re.compile(pattern).search("") is not None
        except re.error as mistake:
            yield f"patterns.{tag}: {pattern!r} is not a regular expression: {mistake}."
        else:
            if empty:
                yield f"patterns.{tag}: {pattern!r} would find the theme in every comment."


def _refuse_twins(themes: tuple[Theme, ...], name: str) -> None:
    numbers: dict[str, int] = {}
    for number, theme in enumerate(themes, start=1):
        if theme.id in numbers:
            raise CodebookBroken(
                f"{name}, theme {number} ({theme.id}): the id is already used by theme {numbers[theme.id]}."
            )
        numbers[theme.id] = number


def _finder(theme: Theme, tag: str) -> _Finder:
    words = {_folded(word) for word in theme.words.get(tag, ())}
    base = tag.partition("-")[0]
    if base == "es":
        # People type Spanish on keyboards without accents: "informacion" is found like "información".
        words |= {_unaccented(word) for word in words}
    branches = [_grouped(words, spaced=base not in _UNSPACED)] if words else []
    branches += theme.patterns.get(tag, ())
    return re.compile("|".join(f"(?:{branch})" for branch in branches)) if branches else None


def _grouped(words: Iterable[str], *, spaced: bool) -> str:
    """One pattern for all words, sorted by first letter, so that most are never tried."""
    rest: dict[str, list[str]] = {}
    for word in sorted(words):
        escaped = re.escape(word[1:]).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
        rest.setdefault(re.escape(word[0]), []).append(escaped)
    branches = "|".join(f"{first}(?:{'|'.join(tails)})" for first, tails in rest.items())
    return rf"(?<!\w)(?:{branches})(?!\w)" if spaced else branches


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).replace("’", "'")


def _unaccented(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
