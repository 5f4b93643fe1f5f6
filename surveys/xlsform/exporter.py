"""An instrument becomes an XLSForm, with columns of our own that bring it back unchanged.

All but curly quotes, which pyxform makes straight.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

from surveys.instruments import Instrument, Option, Question
from surveys.xlsform.conditions import write_condition, xml_name
from surveys.xlsform.words import unlike

Say = Callable[[str], str]
Sheet = list[list[str]]
ENGLISH = "English (en)"
_OURS = ("kind", "domain", "favourable", "strategies")
_KINDS = {
    "scale": "select_one",
    "single": "select_one",
    "yes-no": "select_one",
    "multiple": "select_multiple",
}


def sheets(instrument: Instrument, languages: Mapping[str, Say]) -> dict[str, Sheet]:
    """Return the form's sheets as rows. `languages` says each text in one language, by its column's name."""
    all_languages: dict[str, Say] = {ENGLISH: str, **languages}
    lists = _lists(instrument.questions)
    return {
        "survey": [_survey_header(all_languages), *_survey(instrument, all_languages, lists)],
        "choices": [
            ["list_name", "name", *_columns("label", all_languages)],
            *_choices(all_languages, lists),
        ],
        "settings": _settings(instrument),
    }


def write_workbook(file: BinaryIO, form: Mapping[str, Sheet]) -> None:
    """Write the sheets; every cell is a text, never a formula or a link."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        for name, rows in form.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row, bold if number == 0 else None)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(rows[0]), 24)


def _columns(name: str, languages: Iterable[str]) -> list[str]:
    return [f"{name}::{language}" for language in languages]


def _survey_header(languages: Iterable[str]) -> list[str]:
    ours = [f"heard::{name}" for name in _OURS]
    words = [*_columns("label", languages), *_columns("hint", languages)]
    return ["type", "name", *words, "relevant", "appearance", *ours]


def _survey(
    instrument: Instrument, languages: Mapping[str, Say], lists: Mapping[tuple[Option, ...], str]
) -> Iterator[list[str]]:
    names = {xml_name(question.id) for question in instrument.questions}
    for question in instrument.questions:
        relevant = ""
        if question.show_if:
            relevant = write_condition(question.show_if, instrument.question(question.show_if.question))
        if question.notice:
            name = unlike(f"{xml_name(question.id)}_notice", names)
            names.add(name)
            words = [*_in_languages(question.notice, languages), *_in_languages("", languages)]
            yield ["note", name, *words, relevant, *[""] * (1 + len(_OURS))]
        words = [*_in_languages(question.text, languages), *_in_languages(question.hint, languages)]
        multiline = "multiline" if question.kind == "long-text" else ""
        yield [_type(question, lists), xml_name(question.id), *words, relevant, multiline, *_ours(question)]


def _type(question: Question, lists: Mapping[tuple[Option, ...], str]) -> str:
    return "text" if question.is_text else f"{_KINDS[question.kind]} {lists[question.options]}"


def _ours(question: Question) -> list[str]:
    return [question.kind, question.domain or "", question.favourable or "", ", ".join(question.strategies)]


def _in_languages(text: str, languages: Mapping[str, Say]) -> list[str]:
    return [say(text) if text else "" for say in languages.values()]


def _lists(questions: Sequence[Question]) -> dict[tuple[Option, ...], str]:
    """Name each list of options after the first question that has it."""
    names: dict[tuple[Option, ...], str] = {}
    for question in questions:
        if question.options:
            names.setdefault(question.options, xml_name(question.id))
    return names


def _choices(languages: Mapping[str, Say], lists: Mapping[tuple[Option, ...], str]) -> Iterator[list[str]]:
    for options, name in lists.items():
        for option in options:
            yield [name, option.code, *_in_languages(option.text, languages)]


def _settings(instrument: Instrument) -> Sheet:
    settings = {
        "form_title": instrument.title,
        "form_id": instrument.id,
        "version": str(instrument.version),
        "default_language": ENGLISH,
        "heard::audiences": ", ".join(instrument.audiences),
        "heard::minutes": str(instrument.minutes),
    }
    return [list(settings), list(settings.values())]
