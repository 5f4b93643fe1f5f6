"""A survey somebody already has becomes an instrument here, and whatever cannot come along is named."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from surveys.domains import DOMAINS
from surveys.instruments import Audience, Instrument, Kind, Question, ShowIf, shipped_instruments
from surveys.xlsform import XlsFormRefused
from surveys.xlsform.completing import complete
from surveys.xlsform.conditions import EarlierQuestion, read_condition
from surveys.xlsform.options import Choices, read_choices
from surveys.xlsform.unsupported import lost_columns, lost_settings, why_left_out
from surveys.xlsform.words import Label, Languages, form_languages, slug, unlike
from surveys.xlsform.workbooks import NAMELESS, ROW, XlsForm

_LONGEST_PREFIX = 16
_ASKS_WHO = re.compile(
    r"\b(your|first|last|full|client|participant|youth|family|child)('s)? (first |last |full )?name\b"
    r"|\b(phone|telephone|cell) ?(number)?\b|\be-?mail\b|\baddress\b|\bzip ?code\b|\bdate of birth\b"
    r"|\bbirth ?(day|date)\b|\b(case|client|id|file) (number|no|id)\b|\bsocial security\b",
    re.IGNORECASE,
)


class Target(msgspec.Struct, frozen=True):
    """What the operator says about the instrument to be."""

    id: str | None = None
    audiences: tuple[Audience, ...] = ()


class ImportedSurvey(msgspec.Struct, frozen=True):
    """The instrument, what was not carried over, and the words in other languages: tag, English, said."""

    instrument: Instrument
    losses: tuple[str, ...]
    translations: Mapping[str, Mapping[str, str]]


class _Row(msgspec.Struct, frozen=True):
    """One line of the survey sheet, out of its groups, with the conditions of the groups it stood in."""

    number: str
    item: Mapping[str, Any]
    conditions: tuple[str, ...]

    @property
    def name(self) -> str:
        return str(self.item.get("name", ""))

    @property
    def kind(self) -> str:
        return str(self.item["type"])


def move_in(form: XlsForm, target: Target, tag_of: Callable[[str], str | None]) -> ImportedSurvey:
    """Turn a form into an instrument. Raises XlsFormRefused.

    `tag_of` knows languages by what people call them.
    """
    languages, unknown_names = form_languages(form.tree, tag_of)
    if languages is None:
        raise XlsFormRefused(
            "The form has no English words; an instrument is written in English, and translated from it."
        )
    moving = _Moving(languages, target.id or _id(form))
    moving.losses += [f"The words in “{name}” were left out: no page speaks it." for name in unknown_names]
    moving.losses += lost_settings(form.tree, form.sheets)
    for row in _rows(form.tree["children"], (), moving.losses):
        moving.take(row)
    moving.end()
    if not moving.questions:
        raise XlsFormRefused("\n".join([*moving.losses, "The form asks nothing that can be asked here."]))
    instrument = complete(moving.id, moving.questions, form.tree, target.audiences, moving.losses)
    return ImportedSurvey(instrument, tuple(moving.losses), moving.translations)


def _id(form: XlsForm) -> str:
    form_id = str(form.tree.get("id_string", ""))
    instrument_id = (slug(form_id) if form_id != NAMELESS else "") or slug(form.name) or "survey"
    return instrument_id if instrument_id[0].isalpha() else f"survey-{instrument_id}"


def _rows(items: Sequence[Any], conditions: tuple[str, ...], losses: list[str]) -> Iterator[_Row]:
    """Every line in order, groups flattened. What pyxform put in by itself has no row."""
    above = ""
    for item in items:
        number = item.get(ROW)
        relevant = item.get("bind", {}).get("relevant")
        if "children" in item and item["type"] in ("group", "repeat", "loop"):
            losses += _lost_of_group(item)
            yield from _rows(item["children"], (*conditions, relevant) if relevant else conditions, losses)
        elif number is not None:
            above = number
            yield _Row(number, item, (*conditions, relevant) if relevant else conditions)
        elif item["type"] == "text":
            losses.append(
                f"Row {above}: the box for “other” was left out; give it a row of its own if it is needed."
            )


def _lost_of_group(item: Mapping[str, Any]) -> Iterator[str]:
    if ROW not in item:
        return
    place = f"Row {item[ROW]}, {item.get('name', 'group')}"
    if item["type"] != "group":
        yield f"{place}: its questions are asked once; nothing is repeated here."
    if item.get("label"):
        yield f"{place}: the heading of the group was left out."


class _Moving:
    """One form on its way: what is asked so far, what was lost, and the notice that waits for a question."""

    def __init__(self, languages: Languages, instrument_id: str) -> None:
        self.id = instrument_id
        self.questions: list[Question] = []
        self.losses: list[str] = []
        self.translations: dict[str, dict[str, str]] = {}
        self._languages = languages
        self._by_name: dict[str, EarlierQuestion] = {}
        self._notices: list[tuple[_Row, Label]] = []

    def take(self, row: _Row) -> None:
        """Take one line: a notice waits, a question is asked, everything else is named."""
        if row.kind not in ("note", "text", "string", "select one", "select all that apply"):
            self._lose(row, why_left_out(row.kind))
            if row.item.get("label"):  # a note before it spoke of it
                self._drop_notices()
            return
        label, hint = (self._languages.read(row.item.get(name)) for name in ("label", "hint"))
        if reason := _unsayable(row, label, hint):
            self._lose(row, reason)
            self._drop_notices()
        elif row.kind == "note":
            self._notices.append((row, label))
        else:
            self._ask(row, label, hint)

    def end(self) -> None:
        """Nothing comes after a last note for it to stand before."""
        self._drop_notices()

    def _ask(self, row: _Row, label: Label, hint: Label) -> None:
        choices = None if row.kind in ("text", "string") else read_choices(row.item, self._languages)
        if choices and len(choices.options) < 2:  # noqa: PLR2004 - one option is no choice
            self._lose(row, "was left out: it offers fewer than two options", *choices.losses)
            self._drop_notices()
            return
        for loss in (
            *lost_columns(row.item),
            *_lost_words(row, label, hint),
            *(choices.losses if choices else ()),
        ):
            self._lose(row, loss)
        question = self._with_id(row, _question(row, label, hint, choices, self._notice(row)))
        question = msgspec.structs.replace(question, show_if=self._condition(row, question))
        self.questions.append(question)
        self._by_name[row.name] = EarlierQuestion(question, choices.codes if choices else {})
        for it in (label, hint, *(choices.wordings if choices else ())):
            self._translate(it)

    def _with_id(self, row: _Row, question: Question) -> Question:
        """Give it an id: its name, unless that is another question's here or in a shipped instrument."""
        name = slug(row.name) or f"question-{row.number}"
        if not name[0].isalpha():
            name = f"q-{name}"
        ids = {it.id for it in self.questions}
        candidate = msgspec.structs.replace(question, id=name)
        if _means_another(candidate) or (candidate.is_core and name in ids):
            candidate = msgspec.structs.replace(question, id=f"{_prefix(self.id)}-{name}")
        question_id = unlike(candidate.id, ids)
        if question_id != name:
            self._lose(row, f"its id is {question_id}, because {name} is another question's")
        return msgspec.structs.replace(question, id=question_id)

    def _condition(self, row: _Row, question: Question) -> ShowIf | None:
        if not row.conditions:
            return None
        condition = read_condition(row.conditions[0], self._by_name) if len(row.conditions) == 1 else None
        if condition is None or question.is_core:
            conditions = " and ".join(f"“{' '.join(it.split())}”" for it in row.conditions)
            self._lose(row, f"its condition {conditions} was left out; it is shown to everyone")
            return None
        return condition

    def _notice(self, row: _Row) -> str:
        """Join the notes that wait, and forget them. A note with a condition goes where its question goes."""
        notes, self._notices = self._notices, []
        for note, wording in notes:
            self._translate(wording)
            if note.conditions and note.conditions != row.conditions:
                self._lose(note, f"its condition was left out; it is shown with {row.name}")
        notice = Label(" ".join(wording.english for _, wording in notes))
        if len(notes) > 1:
            tags = set.intersection(*(set(wording.translations) for _, wording in notes))
            translations = {tag: " ".join(wording.translations[tag] for _, wording in notes) for tag in tags}
            self._translate(Label(notice.english, translations))
        return notice.english

    def _drop_notices(self) -> None:
        for note, _ in self._notices:
            self._lose(note, "was left out: the question it stands before is not asked")
        self._notices = []

    def _translate(self, wording: Label) -> None:
        for tag, text in wording.translations.items() if wording.english else ():
            translation = self.translations.setdefault(tag, {}).setdefault(wording.english, text)
            if translation != text:
                self.losses.append(
                    f"“{wording.english}” is said in two ways in {tag}: “{translation}” stays,"
                    f" “{text}” was left out."
                )

    def _lose(self, row: _Row, *losses: str) -> None:
        self.losses += [f"Row {row.number}, {row.name}: {it}." for it in losses]


def _question(row: _Row, label: Label, hint: Label, choices: Choices | None, notice: str) -> Question:
    return Question(
        id="",
        kind=choices.kind if choices else _text_kind(row.item),
        text=label.english,
        domain=_domain(row.item),
        strategies=_strategies(row.item),
        options=choices.options if choices else (),
        favourable=choices.favourable if choices else None,
        hint=hint.english,
        notice=notice,
    )


def _lost_words(row: _Row, label: Label, hint: Label) -> Iterator[str]:
    if label.had_markup or hint.had_markup:
        yield "its markup was left out; the words are plain"
    if row.item.get("hint") and not hint.english:
        yield "its hint was left out: it has no English words"


def _prefix(instrument_id: str) -> str:
    head = instrument_id[:_LONGEST_PREFIX]
    if head != instrument_id and "-" in head:
        head = head.rpartition("-")[0]
    return "own" if f"{head}-".startswith("core-") else head


def _unsayable(row: _Row, label: Label, hint: Label) -> str | None:
    if not label.english:
        return "was left out: it has no English words"
    if label.quotes_an_answer or hint.quotes_an_answer:
        return "was left out: its words quote another answer"
    if row.kind in ("text", "string") and _ASKS_WHO.search(label.english):
        return "was left out: it asks who the person is"
    return None


def _means_another(question: Question) -> bool:
    if question.id == "theme" or (question.is_core and (question.kind, question.id) != _core(question)):
        return True
    shipped = (it for instrument in shipped_instruments().values() for it in instrument.questions)
    return any(it.id == question.id and not it.is_one_with(question) for it in shipped)


def _core(question: Question) -> tuple[Kind, str]:
    return "scale", f"core-{question.domain}"


def _text_kind(item: Mapping[str, Any]) -> Kind:
    multiline = item.get("control", {}).get("appearance") == "multiline"
    return "long-text" if multiline else "short-text"


def _domain(item: Mapping[str, Any]) -> str | None:
    domain = item.get("heard", {}).get("domain")
    return domain if domain in DOMAINS else None


def _strategies(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(item.get("heard", {}).get("strategies", "")).replace(",", " ").split())
