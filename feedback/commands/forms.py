"""A survey as an XLSForm: files in, files out, nothing written over and nothing half written."""

import io
from collections.abc import Mapping
from pathlib import Path

from babel.messages.catalog import Catalog

from feedback.commands.counting import quantity
from feedback.languages import LANGUAGES, SOURCE, Language, language_named
from feedback.translations.pofiles import write_file
from feedback.translations.sections import texts_of
from feedback.translations.words import Catalogs
from surveys.checking import check_instrument
from surveys.instruments import Audience, Instrument, parse_instrument
from surveys.xlsform import XlsFormRefused

_HEAD = """\
# {name} words that came with the form of {instrument}.
# No person has reviewed these words yet.
#"""


def move_in(file: Path, instrument_id: str | None, audiences: tuple[Audience, ...], out: Path) -> None:
    """Write the instrument and the words in other languages, and say what did not come along."""
    from surveys.toml_text import write_instrument
    from surveys.xlsform.importer import Target, move_in
    from surveys.xlsform.workbooks import read_form

    outcome = move_in(read_form(file), Target(instrument_id, audiences), _tag)
    text = write_instrument(outcome.instrument)
    instrument = parse_instrument(text, str(out))
    catalogs = {
        out.with_suffix(f".{tag}.po"): _catalog(LANGUAGES[tag], instrument, words)
        for tag, words in sorted(outcome.translations.items())
    }
    _write_new({out: text.encode(), **catalogs})
    questions = quantity(len(instrument.questions), "question")
    print(f"{out} was written: {questions} for {', '.join(instrument.audiences)}.")
    for path in catalogs:
        print(f"{path} was written: a draft until a person has read it.")
    _tell("What changed or could not come along:", outcome.losses)
    _tell("What the linter says:", check_instrument(instrument))
    print(f"Look it over, mend what the linter says, then run `feedback survey add {out}`.")


def _tell(heading: str, sentences: tuple[str, ...] | list[str]) -> None:
    if sentences:
        print("\n  ".join([heading, *sentences]))


def _tag(name: str) -> str | None:
    language = language_named(name)
    return language.tag if language else None


def _catalog(language: Language, instrument: Instrument, words: Mapping[str, str]) -> bytes:
    head = _HEAD.format(name=language.name, instrument=instrument.id)
    catalog = Catalog(language.folder, project="Heard", header_comment=head, fuzzy=False)
    texts = texts_of(instrument)
    for english, translation in words.items():
        if english in texts:
            catalog.add(english, translation)
    return write_file(catalog)


def move_out(instrument: Instrument, words: Catalogs, file: Path) -> None:
    """Write an instrument as an XLSForm, in every language that has all of it."""
    from surveys.xlsform.exporter import sheets, write_workbook

    catalogs = [it for it in words.speaking(texts_of(instrument)) if it.language is not SOURCE]
    languages = {f"{it.language.name} ({it.language.tag})": it.gettext for it in catalogs}
    workbook = io.BytesIO()
    write_workbook(workbook, sheets(instrument, languages))
    _write_new({file: workbook.getvalue()})
    print(f"{file} was written, in {len(catalogs) + 1} languages.")


def _write_new(files: Mapping[Path, bytes]) -> None:
    """Write all of them or none. Raises XlsFormRefused when one is there already."""
    for path in files:
        if path.exists():
            raise XlsFormRefused(f"{path} is there already; nothing is written over.")
    new_paths: list[Path] = []
    try:
        for path, content in files.items():
            with path.open("xb") as file:
                new_paths.append(path)
                file.write(content)
    except OSError:
        for path in new_paths:
            path.unlink()
        raise
