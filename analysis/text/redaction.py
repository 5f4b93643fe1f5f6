"""Redaction: what could lead to a person is taken out before a comment is stored readable.

Patterns and lists, no model: it runs anywhere, in under a millisecond, and anyone can read why a word went.
It misses some details and takes some words too many, so a person still reads every comment before anyone
else does: software proposes, people decide. English and Spanish have cues of their own; in every other
language only what has a shape, and listed names and places, are found.
"""

import unicodedata
from collections.abc import Iterable

import msgspec

from analysis.text.identifiers import Finding, shapes_in
from analysis.text.person_names import names_in

_INVISIBLE = frozenset({"Cf", "Cc"})


class Span(msgspec.Struct, frozen=True):
    """Where a detail stood in the text as it was given, and what kind it was."""

    start: int
    end: int
    type: str


class Redaction(msgspec.Struct, frozen=True):
    """The text with placeholders, and what they replaced."""

    text: str
    spans: tuple[Span, ...]


def redact(text: str, language: str) -> Redaction:
    """Replace what could lead to a person with [name], [phone], [place] and so on; never raises."""
    plain, origin = _plain(text)
    findings = [*shapes_in(plain), *names_in(plain, language)]
    origin.append(len(text))
    spans = tuple(Span(origin[start], origin[end], kind) for start, end, kind in _apart(findings, plain))
    return Redaction(_replaced(text, spans), spans)


def _plain(text: str) -> tuple[str, list[int]]:
    """Compose accents and drop invisible characters, so that neither hides a name; with each one's origin."""
    if text.isascii() and text.isprintable():
        return text, list(range(len(text)))
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        if unicodedata.combining(character) and characters:
            composed = unicodedata.normalize("NFC", characters[-1] + character)
            if len(composed) == 1:
                characters[-1] = composed
                continue
        elif unicodedata.category(character) in _INVISIBLE and not character.isspace():
            continue
        characters.append(character)
        origin.append(index)
    return "".join(characters), origin


def _apart(findings: Iterable[Finding], text: str) -> list[Finding]:
    """Overlapping finds become one, of the kind found first; so do the words of a name or an address."""
    ranked = sorted(enumerate(findings), key=lambda pair: pair[1][:2])
    apart: list[tuple[int, Finding]] = []
    for rank, (start, end, kind) in ranked:
        if apart:
            earlier, (first, last, kind_before) = apart[-1]
            if start < last or _joined(text[last:start], {kind, kind_before}):
                best = min((earlier, kind_before), (rank, kind))
                apart[-1] = (best[0], (first, max(last, end), best[1]))
                continue
        apart.append((rank, (start, end, kind)))
    return [one for _, one in apart]


def _joined(gap: str, kinds: set[str]) -> bool:
    if "address" in kinds:
        return kinds <= {"address", "place"} and not gap.strip(" ,")
    return kinds in ({"name"}, {"place"}) and gap.isspace()


def _replaced(text: str, spans: tuple[Span, ...]) -> str:
    parts: list[str] = []
    end = 0
    for span in spans:
        parts += (text[end : span.start], f"[{span.type}]")
        end = span.end
    return "".join([*parts, text[end:]])
