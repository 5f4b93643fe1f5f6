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
    spoken: dict[str, Say] = {ENGLISH: str, **languages}
    lists = _lists(instrument.questions)
    return {
        "survey": [_survey_header(spoken), *_survey(instrument, spoken, lists)],
        "choices": [["list_name", "name", *_columns("label", spoken)], *_choices(spoken, lists)],
        "settings": _settings(instrument),
    }


def write_workbook(file: BinaryIO, form: Mapping[str, Sheet]) -> None:
    """Write the sheets; every cell is a text, never a formula or a link."""
    import xlsxwriter

    told = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(file, told) as book:
        bold = book.add_format({"bold": True})
        for name, rows in form.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row, bold if number == 0 else None)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(rows[0]), 24)


def _columns(name: str, spoken: Iterable[str]) -> list[str]:
    return [f"{name}::{language}" for language in spoken]


def _survey_header(spoken: Iterable[str]) -> list[str]:
    ours = [f"heard::{name}" for name in _OURS]
    words = [*_columns("label", spoken), *_columns("hint", spoken)]
    return ["type", "name", *words, "relevant", "appearance", *ours]


def _survey(
    instrument: Instrument, spoken: Mapping[str, Say], lists: Mapping[tuple[Option, ...], str]
) -> Iterator[list[str]]:
    names = {xml_name(question.id) for question in instrument.questions}
    for question in instrument.questions:
        shown = ""
        if question.show_if:
            shown = write_condition(question.show_if, instrument.question(question.show_if.question))
        if question.notice:
            name = unlike(f"{xml_name(question.id)}_notice", names)
            names.add(name)
            words = [*_said(question.notice, spoken), *_said("", spoken)]
            yield ["note", name, *words, shown, *[""] * (1 + len(_OURS))]
        words = [*_said(question.text, spoken), *_said(question.hint, spoken)]
        multiline = "multiline" if question.kind == "long-text" else ""
        yield [_type(question, lists), xml_name(question.id), *words, shown, multiline, *_ours(question)]


def _type(question: Question, lists: Mapping[tuple[Option, ...], str]) -> str:
    return "text" if question.is_text else f"{_KINDS[question.kind]} {lists[question.options]}"


def _ours(question: Question) -> list[str]:
    return [question.kind, question.domain or "", question.favourable or "", ", ".join(question.strategies)]


def _said(text: str, spoken: Mapping[str, Say]) -> list[str]:
    return [say(text) if text else "" for say in spoken.values()]


def _lists(questions: Sequence[Question]) -> dict[tuple[Option, ...], str]:
    """Name each list of options after the first question that has it."""
    named: dict[tuple[Option, ...], str] = {}
    for question in questions:
        if question.options:
            named.setdefault(question.options, xml_name(question.id))
    return named


def _choices(spoken: Mapping[str, Say], lists: Mapping[tuple[Option, ...], str]) -> Iterator[list[str]]:
    for options, name in lists.items():
        for option in options:
            yield [name, option.code, *_said(option.text, spoken)]


def _settings(instrument: Instrument) -> Sheet:
    told = {
        "form_title": instrument.title,
        "form_id": instrument.id,
        "version": str(instrument.version),
        "default_language": ENGLISH,
        "heard::audiences": ", ".join(instrument.audiences),
        "heard::minutes": str(instrument.minutes),
    }
    return [list(told), list(told.values())]
