"""What every message says in every language, and how far a person has checked that.

The shipped catalogs are .po files. No flag is a draft; the flag `reviewed` says that a person who reads the
language checked the message in its place; `fuzzy` says that the English was changed since.
"""

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Literal

import babel
import msgspec
from babel.messages.catalog import Message as PoMessage
from babel.plural import PluralRule

from feedback.languages import LANGUAGES, SOURCE, Language
from feedback.translations.pofiles import REVIEWED, english_of, messages_of, read_file

State = Literal["draft", "reviewed", "changed"]
"""How far a translation is. A message without one is missing."""
_NUMBERS = range(1_000)
"""No page counts further; Spanish has a form of its own for millions."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """English words that are translated, and where they stand."""

    source: str
    plural: str = ""
    places: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Names the message in addresses and in the audit log, which holds no words."""
        return hashlib.sha256(f"{self.source}\0{self.plural}".encode()).hexdigest()[:16]

    @property
    def english(self) -> tuple[str, ...]:
        return (self.source, self.plural) if self.plural else (self.source,)


class Translation(msgspec.Struct, frozen=True):
    """What a message says in one language: one text, or one for each plural form."""

    forms: tuple[str, ...]
    state: State = "draft"
    made_for: str = ""
    """The English it was made for, where that is not today's."""


class Counts(msgspec.Struct, frozen=True):
    """How far a language is, in messages."""

    messages: int
    reviewed: int
    draft: int
    changed: int
    missing: int

    @property
    def is_whole(self) -> bool:
        return not self.changed and not self.missing

    @property
    def is_reviewed(self) -> bool:
        return self.reviewed == self.messages


class Catalog:
    """The words of one language; English where there are none that a page may show."""

    def __init__(self, language: Language, translations: Mapping[str, Translation]) -> None:
        self.language = language
        self.translations = dict(translations)
        self._counts = self.count(message.source for message in shipped_messages())
        self.is_reviewed = self._counts.is_reviewed

    def count(self, sources: Iterable[str]) -> Counts:
        """Count messages by how far they are. English is the source and says every one of them."""
        states: dict[str, int] = dict.fromkeys(("draft", "reviewed", "changed", "missing"), 0)
        for source in sources:
            states[self.state(source)] += 1
        return Counts(messages=sum(states.values()), **states)

    def state(self, source: str) -> State | Literal["missing"]:
        if self.language is SOURCE:
            return "reviewed"
        translation = self.translations.get(source)
        return translation.state if translation else "missing"

    def speaks(self, sources: Iterable[str], *, drafts: bool) -> bool:
        """Whether every shipped message and each of these is there, by a person or as a wanted draft."""
        states = ("reviewed", "draft") if drafts else ("reviewed",)
        shipped = self._counts.is_whole and (drafts or self.is_reviewed)
        return shipped and all(self.state(source) in states for source in sources)

    def gettext(self, source: str) -> str:
        translation = self._in_force(source)
        return translation.forms[0] if translation else source

    def ngettext(self, source: str, plural: str, number: int) -> str:
        translation = self._in_force(source)
        if translation is None:
            return source if number == 1 else plural
        return translation.forms[form_for(self.language, number)]

    def _in_force(self, source: str) -> Translation | None:
        """Words made for another English than today's may say the opposite of it."""
        translation = self.translations.get(source)
        return translation if translation and translation.state != "changed" else None


def translation_of(message: PoMessage) -> Translation | None:
    """What a .po file says of a message, or None where it says nothing."""
    forms = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    if not any(forms):
        return None
    made_for = message.previous_id[0] if message.fuzzy and message.previous_id else ""
    return Translation(tuple(form or "" for form in forms), _state(message), made_for)


def _state(message: PoMessage) -> State:
    # A merge may leave both flags: a changed source is never a reviewed one.
    if message.fuzzy:
        return "changed"
    return "reviewed" if REVIEWED in message.flags else "draft"


@functools.cache
def shipped_messages() -> tuple[Message, ...]:
    """The messages of templates, instruments, help lines, programs and codebook, as `make catalogs` found."""
    raw = (resources.files("locales") / "messages.pot").read_bytes()
    return tuple(_messages(messages_of(read_file(raw))))


def _messages(po_messages: Iterable[PoMessage]) -> Iterator[Message]:
    for it in po_messages:
        source, plural = english_of(it)
        yield Message(source=source, plural=plural, places=tuple(it.auto_comments))


@functools.cache
def shipped_by_source() -> Mapping[str, Message]:
    return {message.source: message for message in shipped_messages()}


def message_of(source: str) -> Message:
    """The message of an English text, shipped or a deployment's own."""
    return shipped_by_source().get(source) or Message(source=source)


def catalog_bytes(folder: str) -> bytes | None:
    file = resources.files("locales") / folder / "messages.po"
    return file.read_bytes() if file.is_file() else None


@functools.cache
def shipped_translations(language: Language) -> Mapping[str, Translation]:
    """What the catalog of a language says, by English source; the source language has none."""
    raw = catalog_bytes(language.folder)
    if language is SOURCE or raw is None:
        return {}
    messages = messages_of(read_file(raw))
    return {english_of(it)[0]: translation for it in messages if (translation := translation_of(it))}


@functools.cache
def shipped_catalogs() -> Mapping[str, Catalog]:
    """The catalog of every language, by its tag."""
    return {tag: Catalog(it, shipped_translations(it)) for tag, it in LANGUAGES.items()}


def english() -> Catalog:
    return shipped_catalogs()[SOURCE.tag]


@functools.cache
def plural_rule(language: Language) -> PluralRule:
    """How a language counts whole things, after CLDR: Babel's for .po files errs on Armenian and Farsi."""
    rule = babel.Locale.parse(language.folder).plural_form
    categories = {rule(number) for number in _NUMBERS}
    # Russian's “other” is for fractions alone: the last form that whole numbers reach takes its place.
    tags = [tag for tag in _FORMS if tag in categories][:-1]
    return PluralRule({tag: rule.rules[tag] for tag in tags})


_FORMS = ("zero", "one", "two", "few", "many", "other")
"""In the order in which .po files number them."""


def form_for(language: Language, number: int) -> int:
    """The number of the plural form that goes with a number of things."""
    rule = plural_rule(language)
    return _tags(rule).index(rule(number))


def form_count(language: Language) -> int:
    return len(_tags(plural_rule(language)))


def examples(language: Language) -> Sequence[str]:
    """For each plural form, the first numbers that go with it."""
    by_form: list[list[int]] = [[] for _ in range(form_count(language))]
    for number in _NUMBERS:
        by_form[form_for(language, number)].append(number)
    return [", ".join(map(str, numbers[:4])) for numbers in by_form]


def _tags(rule: PluralRule) -> list[str]:
    return [tag for tag in _FORMS if tag in rule.tags or tag == "other"]
