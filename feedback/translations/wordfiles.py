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

    written: Sequence[tuple[Message, Translation]]
    waiting: Sequence[tuple[Message, tuple[str, ...]]]
    """Other words for reviewed ones, which nobody vouched for: proposals."""
    as_before: int
    empty: int
    unproven: int
    """Messages the file calls reviewed, which nobody vouched for."""

    def number(self, state: str) -> int:
        return sum(said.state == state for _, said in self.written)


def write_words(catalog: Catalog, found: Sequence[Section], kind: Format) -> bytes:
    """Write every message of a deployment with what a language says."""
    if kind == "xliff":
        return xliff.write(catalog, found)
    return write_file(_po(catalog, found))


def _po(catalog: Catalog, found: Sequence[Section]) -> PoCatalog:
    made = PoCatalog(
        locale=catalog.language.folder,
        header_comment=f"# {catalog.language.name}: the words of one deployment of Heard.\n#",
        project="Heard",
        fuzzy=False,
    )
    made.mime_headers = [("Plural-Forms", to_gettext(plural_rule(catalog.language)))]
    for message in messages_in(found):
        said = catalog.said.get(message.source)
        made.add(
            (message.source, message.plural) if message.plural else message.source,
            (said.forms if message.plural else said.forms[0]) if said else None,
            flags=_flags(said),
            auto_comments=message.places,
            previous_id=(said.made_for,) if said and said.made_for else (),
        )
    return made


def _flags(said: Translation | None) -> tuple[str, ...]:
    return {"reviewed": (REVIEWED,), "changed": (CHANGED,)}.get(said.state if said else "", ())


def read_words(path: Path, language: Language, reviewed_by: str = "") -> list[ImportedEntry]:
    """Read source, plural and translation of every message in a file. Raises WordsRefused.

    Also where whoever reviewed the words is who wrote them, as far as the file tells.
    """
    raw = path.read_bytes()
    if len(raw) > LARGEST:
        raise WordsRefused(f"{path} is larger than any catalog can be ({LARGEST:,} bytes).")
    try:
        if path.suffix in (".xlf", ".xliff") or raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            writer, (told, found) = "", xliff.read(raw)
        else:
            writer, told, found = _read_po(raw)
    except ValueError as error:
        raise WordsRefused(f"{path}: {error}") from error
    if told and known_language(told) is not language:
        raise WordsRefused(f"{path} says that it is in “{told}”, not in {language.tag}.")
    if _names(writer) & _names(reviewed_by):
        raise WordsRefused(
            f"{path} says that {writer} translated it. Nobody reviews their own words: name another person."
        )
    return found


def _names(person: str) -> set[str]:
    """The name and the address of somebody, so that they can be compared."""
    plain = unicodedata.normalize("NFKC", person).casefold()
    return {" ".join(part.split()) for part in re.split("[<>]", plain)} - {""}


def _read_po(raw: bytes) -> tuple[str, str, list[ImportedEntry]]:
    catalog = read_file(raw, as_written=False)
    found = [(*english_of(it), _forms_given(translation_of(it))) for it in messages_of(catalog)]
    return catalog.last_translator, catalog.locale_identifier or "", found


def _forms_given(said: Translation | None) -> Translation | None:
    """Without the empty room that was made for more forms than there are."""
    if said is None:
        return None
    last = max(number for number, form in enumerate(said.forms) if form)
    return msgspec.structs.replace(said, forms=said.forms[: last + 1])


def take(
    catalog: Catalog,
    found: Sequence[Section],
    instruments: Iterable[Instrument],
    given: Sequence[ImportedEntry],
    *,
    reviewed: bool,
) -> ImportPlan:
    """Decide what a file changes; `reviewed` says that a person vouches for it. Raises WordsRefused."""
    here = {message.english: message for message in messages_in(found)}
    _refuse(_wrong(catalog, here, given, reviewed=reviewed))
    written: list[tuple[Message, Translation]] = []
    waiting: list[tuple[Message, tuple[str, ...]]] = []
    unproven = 0
    for source, plural, said in given:
        message, now = here[(source, plural) if plural else (source,)], catalog.said.get(source)
        taken = _taken(now, said, reviewed=reviewed)
        if said is None or taken is None:
            continue
        unproven += said.state == "reviewed" and not reviewed
        if _has_to_wait(now, taken):
            waiting.append((message, taken.forms))
        else:
            written.append((message, taken))
    proposed = [(message, Translation(forms)) for message, forms in waiting]
    after = Catalog(catalog.language, catalog.said | {it.source: said for it, said in (*written, *proposed)})
    _refuse(
        it
        for instrument in instruments
        for it in ambiguous_options(after.language, instrument, after.gettext)
    )
    empty = sum(said is None for _, _, said in given)
    return ImportPlan(written, waiting, len(given) - len(written) - len(waiting) - empty, empty, unproven)


def _taken(now: Translation | None, said: Translation | None, *, reviewed: bool) -> Translation | None:
    """What a message of a file would say and how sure that is; nothing where it stays as it was."""
    if said is None:
        return None
    if reviewed and said.state != "changed":
        vouched = Translation(said.forms, "reviewed")
        return vouched if vouched != now else None
    if _is_as_before(now, said, reviewed=reviewed):
        return None
    return Translation(said.forms) if said.state == "reviewed" else said


def _has_to_wait(now: Translation | None, taken: Translation) -> bool:
    """Whether reviewed words would make room for others that nobody vouched for."""
    if now is None or now.state != "reviewed":
        return False
    return taken.state != "reviewed" and taken.forms != now.forms


def _refuse(wrong: Iterable[str]) -> None:
    found = list(wrong)
    if found:
        raise WordsRefused("\n".join(found))


def _is_as_before(now: Translation | None, said: Translation, *, reviewed: bool) -> bool:
    """The same words, no less sure of. Only somebody who is named can call reviewed words wrong."""
    if now is None or now.forms != said.forms:
        return False
    return now.state == said.state or (now.state == "reviewed" and not (reviewed and said.state == "changed"))


def _wrong(
    catalog: Catalog,
    here: Mapping[tuple[str, ...], Message],
    given: Sequence[ImportedEntry],
    *,
    reviewed: bool,
) -> Iterator[str]:
    tag = catalog.language.tag
    seen = set()
    for source, plural, said in given:
        message = here.get((source, plural) if plural else (source,))
        if message is None:
            yield f"{tag}, “{source}”: there is no such message here."
        elif source in seen:
            yield f"{tag}, “{source}”: stands twice in the file."
        elif said is not None and _taken(catalog.said.get(source), said, reviewed=reviewed):
            yield from problems(catalog.language, message, said.forms)
        seen.add(source)
