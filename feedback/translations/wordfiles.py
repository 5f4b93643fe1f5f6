"""Translations as files: PO and XLIFF 1.2, out and in.

Tools know no flag of ours: who vouches for a file is named beside it, and is not who wrote it.

XLIFF is read with the standard library's own parser, which is told to refuse every document type: without one
there are no entities to expand or to fetch (docs/decisions/0002-dependencies.md).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from babel.messages.catalog import Catalog as PoCatalog
from babel.plural import to_gettext

from feedback.languages import Language, known_language
from feedback.translations import xliff
from feedback.translations.catalogs import Catalog, Message, Translation, plural_rule, translation_of
from feedback.translations.pofiles import CHANGED, REVIEWED, english_of, messages_of, read_file, write_file
from feedback.translations.proofreading import ambiguous_options, problems
from feedback.translations.sections import Section, messages_in
from feedback.translations.xliff import ImportedEntry
from surveys.instruments import Instrument

Format = Literal["po", "xliff"]
FORMATS: tuple[Format, ...] = ("po", "xliff")
LARGEST = 8_000_000


class WordsRefused(Exception):
    """A file of translations was not taken, or cannot be written; the message names every fault."""


class ImportPlan(msgspec.Struct, frozen=True):
    """What an imported file changes."""

    translations: Sequence[tuple[Message, Translation]]
    proposals: Sequence[tuple[Message, tuple[str, ...]]]
    """Other words for reviewed ones, which nobody vouched for: proposals."""
    as_before: int
    empty: int
    unproven: int
    """Messages the file calls reviewed, which nobody vouched for."""

    def number(self, state: str) -> int:
        return sum(it.state == state for _, it in self.translations)


def write_words(catalog: Catalog, sections: Sequence[Section], kind: Format) -> bytes:
    """Write every message of a deployment with what a language says."""
    if kind == "xliff":
        return xliff.write(catalog, sections)
    return write_file(_po(catalog, sections))


def _po(catalog: Catalog, sections: Sequence[Section]) -> PoCatalog:
    po_catalog = PoCatalog(
        locale=catalog.language.folder,
        header_comment=f"# {catalog.language.name}: the words of one deployment of Heard.\n#",
        project="Heard",
        fuzzy=False,
    )
    po_catalog.mime_headers = [("Plural-Forms", to_gettext(plural_rule(catalog.language)))]
    for message in messages_in(sections):
        translation = catalog.translations.get(message.source)
        po_catalog.add(
            (message.source, message.plural) if message.plural else message.source,
            (translation.forms if message.plural else translation.forms[0]) if translation else None,
            flags=_flags(translation),
            auto_comments=message.places,
            previous_id=(translation.made_for,) if translation and translation.made_for else (),
        )
    return po_catalog


def _flags(translation: Translation | None) -> tuple[str, ...]:
    return {"reviewed": (REVIEWED,), "changed": (CHANGED,)}.get(translation.state if translation else "", ())


def read_words(path: Path, language: Language, reviewed_by: str = "") -> list[ImportedEntry]:
    """Read source, plural and translation of every message in a file. Raises WordsRefused.

    Also where whoever reviewed the words is who wrote them, as far as the file tells.
    """
    raw = path.read_bytes()
    if len(raw) > LARGEST:
        raise WordsRefused(f"{path} is larger than any catalog can be ({LARGEST:,} bytes).")
    try:
        if path.suffix in (".xlf", ".xliff") or raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            writer, (tag, entries) = "", xliff.read(raw)
        else:
            writer, tag, entries = _read_po(raw)
    except ValueError as error:
        raise WordsRefused(f"{path}: {error}") from error
    if tag and known_language(tag) is not language:
        raise WordsRefused(f"{path} says that it is in “{tag}”, not in {language.tag}.")
    if _names(writer) & _names(reviewed_by):
        raise WordsRefused(
            f"{path} says that {writer} translated it. Nobody reviews their own words: name another person."
        )
    return entries


def _names(person: str) -> set[str]:
    """The name and the address of somebody, so that they can be compared."""
    plain = unicodedata.normalize("NFKC", person).casefold()
    return {" ".join(part.split()) for part in re.split("[<>]", plain)} - {""}


def _read_po(raw: bytes) -> tuple[str, str, list[ImportedEntry]]:
    catalog = read_file(raw, as_written=False)
    entries = [(*english_of(it), _trim_forms(translation_of(it))) for it in messages_of(catalog)]
    return catalog.last_translator, catalog.locale_identifier or "", entries


def _trim_forms(translation: Translation | None) -> Translation | None:
    """Without the empty room that was made for more forms than there are."""
    if translation is None:
        return None
    last = max(number for number, form in enumerate(translation.forms) if form)
    return msgspec.structs.replace(translation, forms=translation.forms[: last + 1])


def take(
    catalog: Catalog,
    sections: Sequence[Section],
    instruments: Iterable[Instrument],
    entries: Sequence[ImportedEntry],
    *,
    reviewed: bool,
) -> ImportPlan:
    """Decide what a file changes; `reviewed` says that a person vouches for it. Raises WordsRefused."""
    messages = {message.english: message for message in messages_in(sections)}
    _refuse(_problems(catalog, messages, entries, reviewed=reviewed))
    translations: list[tuple[Message, Translation]] = []
    proposals: list[tuple[Message, tuple[str, ...]]] = []
    unproven = 0
    for source, plural, words in entries:
        message, now = messages[(source, plural) if plural else (source,)], catalog.translations.get(source)
        new = _new_words(now, words, reviewed=reviewed)
        if words is None or new is None:
            continue
        unproven += words.state == "reviewed" and not reviewed
        if _has_to_wait(now, new):
            proposals.append((message, new.forms))
        else:
            translations.append((message, new))
    drafts = [(message, Translation(forms)) for message, forms in proposals]
    changes = {message.source: words for message, words in (*translations, *drafts)}
    after = Catalog(catalog.language, catalog.translations | changes)
    _refuse(
        it
        for instrument in instruments
        for it in ambiguous_options(after.language, instrument, after.gettext)
    )
    empty = sum(words is None for _, _, words in entries)
    as_before = len(entries) - len(translations) - len(proposals) - empty
    return ImportPlan(translations, proposals, as_before, empty, unproven)


def _new_words(now: Translation | None, words: Translation | None, *, reviewed: bool) -> Translation | None:
    """What a message of a file would say and how sure that is; nothing where it stays as it was."""
    if words is None:
        return None
    if reviewed and words.state != "changed":
        new = Translation(words.forms, "reviewed")
        return new if new != now else None
    if _is_as_before(now, words, reviewed=reviewed):
        return None
    return Translation(words.forms) if words.state == "reviewed" else words


def _has_to_wait(now: Translation | None, new: Translation) -> bool:
    """Whether reviewed words would make room for others that nobody vouched for."""
    if now is None or now.state != "reviewed":
        return False
    return new.state != "reviewed" and new.forms != now.forms


def _refuse(sentences: Iterable[str]) -> None:
    lines = list(sentences)
    if lines:
        raise WordsRefused("\n".join(lines))


def _is_as_before(now: Translation | None, new: Translation, *, reviewed: bool) -> bool:
    """The same words, no less sure of. Only somebody who is named can call reviewed words wrong."""
    if now is None or now.forms != new.forms:
        return False
    return now.state == new.state or (now.state == "reviewed" and not (reviewed and new.state == "changed"))


def _problems(
    catalog: Catalog,
    messages: Mapping[tuple[str, ...], Message],
    entries: Sequence[ImportedEntry],
    *,
    reviewed: bool,
) -> Iterator[str]:
    tag = catalog.language.tag
    sources = set()
    for source, plural, words in entries:
        message = messages.get((source, plural) if plural else (source,))
        if message is None:
            yield f"{tag}, “{source}”: there is no such message here."
        elif source in sources:
            yield f"{tag}, “{source}”: stands twice in the file."
        elif words is not None and _new_words(catalog.translations.get(source), words, reviewed=reviewed):
            yield from problems(catalog.language, message, words.forms)
        sources.add(source)
