"""A survey somebody already has becomes an instrument here, and whatever cannot come along is named."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from surveys.domains import DOMAINS
from surveys.instruments import Audience, Instrument, Kind, Question, ShowIf, shipped_instruments
from surveys.xlsform import FormRefused
from surveys.xlsform.completing import complete
from surveys.xlsform.conditions import AskedBefore, read_condition
from surveys.xlsform.options import Choices, read_choices
from surveys.xlsform.unsupported import lost_columns, lost_settings, why_left_out
from surveys.xlsform.words import Languages, Said, form_languages, slug, unlike
from surveys.xlsform.workbooks import NAMELESS, ROW, Form

_LONGEST_PREFIX = 16
_ASKS_WHO = re.compile(
    r"\b(your|first|last|full|client|participant|youth|family|child)('s)? (first |last |full )?name\b"
    r"|\b(phone|telephone|cell) ?(number)?\b|\be-?mail\b|\baddress\b|\bzip ?code\b|\bdate of birth\b"
    r"|\bbirth ?(day|date)\b|\b(case|client|id|file) (number|no|id)\b|\bsocial security\b",
    re.IGNORECASE,
)


class Wanted(msgspec.Struct, frozen=True):
    """What the operator says about the instrument to be."""

    id: str | None = None
    audiences: tuple[Audience, ...] = ()


class Moved(msgspec.Struct, frozen=True):
    """The instrument, what was not carried over, and the words in other languages: tag, English, said."""

    instrument: Instrument
    lost: tuple[str, ...]
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


def move_in(form: Form, wanted: Wanted, tag_of: Callable[[str], str | None]) -> Moved:
    """Turn a form into an instrument. Raises FormRefused.

    `tag_of` knows languages by what people call them.
    """
    languages, unknown = form_languages(form.tree, tag_of)
    if languages is None:
        raise FormRefused(
            "The form has no English words; an instrument is written in English, and translated from it."
        )
    moving = _Moving(languages, wanted.id or _id(form))
    moving.lost += [f"The words in “{name}” were left out: no page speaks it." for name in unknown]
    moving.lost += lost_settings(form.tree, form.sheets)
    for row in _rows(form.tree["children"], (), moving.lost):
        moving.take(row)
    moving.end()
    if not moving.questions:
        raise FormRefused("\n".join([*moving.lost, "The form asks nothing that can be asked here."]))
    instrument = complete(moving.id, moving.questions, form.tree, wanted.audiences, moving.lost)
    return Moved(instrument, tuple(moving.lost), moving.translations)


def _id(form: Form) -> str:
    told = str(form.tree.get("id_string", ""))
    found = (slug(told) if told != NAMELESS else "") or slug(form.name) or "survey"
    return found if found[0].isalpha() else f"survey-{found}"


def _rows(items: Sequence[Any], conditions: tuple[str, ...], lost: list[str]) -> Iterator[_Row]:
    """Every line in order, groups flattened. What pyxform put in by itself has no row."""
    above = ""
    for item in items:
        number = item.get(ROW)
        own = item.get("bind", {}).get("relevant")
        if "children" in item and item["type"] in ("group", "repeat", "loop"):
            lost += _lost_of_group(item)
            yield from _rows(item["children"], (*conditions, own) if own else conditions, lost)
        elif number is not None:
            above = number
            yield _Row(number, item, (*conditions, own) if own else conditions)
        elif item["type"] == "text":
            lost.append(
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
        self.lost: list[str] = []
        self.translations: dict[str, dict[str, str]] = {}
        self._languages = languages
        self._asked: dict[str, AskedBefore] = {}
        self._notices: list[tuple[_Row, Said]] = []

    def take(self, row: _Row) -> None:
        """Take one line: a notice waits, a question is asked, everything else is named."""
        if row.kind not in ("note", "text", "string", "select one", "select all that apply"):
            self._lose(row, why_left_out(row.kind))
            if row.item.get("label"):  # a note before it spoke of it
                self._drop_notices()
            return
        said, hint = (self._languages.read(row.item.get(name)) for name in ("label", "hint"))
        if why := _unsayable(row, said, hint):
            self._lose(row, why)
            self._drop_notices()
        elif row.kind == "note":
            self._notices.append((row, said))
        else:
            self._ask(row, said, hint)

    def end(self) -> None:
        """Nothing comes after a last note for it to stand before."""
        self._drop_notices()

    def _ask(self, row: _Row, said: Said, hint: Said) -> None:
        choices = None if row.kind in ("text", "string") else read_choices(row.item, self._languages)
        if choices and len(choices.options) < 2:  # noqa: PLR2004 - one option is no choice
            self._lose(row, "was left out: it offers fewer than two options", *choices.lost)
            self._drop_notices()
            return
        for told in (
            *lost_columns(row.item),
            *_lost_words(row, said, hint),
            *(choices.lost if choices else ()),
        ):
            self._lose(row, told)
        question = self._named(row, _question(row, said, hint, choices, self._notice(row)))
        question = msgspec.structs.replace(question, show_if=self._condition(row, question))
        self.questions.append(question)
        self._asked[row.name] = AskedBefore(question, choices.codes if choices else {})
        for it in (said, hint, *(choices.said if choices else ())):
            self._translate(it)

    def _named(self, row: _Row, question: Question) -> Question:
        """Give it an id: its name, unless that is another question's here or in a shipped instrument."""
        wanted = slug(row.name) or f"question-{row.number}"
        if not wanted[0].isalpha():
            wanted = f"q-{wanted}"
        taken = {it.id for it in self.questions}
        free = msgspec.structs.replace(question, id=wanted)
        if _means_another(free) or (free.is_core and wanted in taken):
            free = msgspec.structs.replace(question, id=f"{_prefix(self.id)}-{wanted}")
        found = unlike(free.id, taken)
        if found != wanted:
            self._lose(row, f"its id is {found}, because {wanted} is another question's")
        return msgspec.structs.replace(question, id=found)

    def _condition(self, row: _Row, question: Question) -> ShowIf | None:
        if not row.conditions:
            return None
        found = read_condition(row.conditions[0], self._asked) if len(row.conditions) == 1 else None
        if found is None or question.is_core:
            told = " and ".join(f"“{' '.join(it.split())}”" for it in row.conditions)
            self._lose(row, f"its condition {told} was left out; it is shown to everyone")
            return None
        return found

    def _notice(self, row: _Row) -> str:
        """Join the notes that wait, and forget them. A note with a condition goes where its question goes."""
        waiting, self._notices = self._notices, []
        for note, said in waiting:
            self._translate(said)
            if note.conditions and note.conditions != row.conditions:
                self._lose(note, f"its condition was left out; it is shown with {row.name}")
        whole = Said(" ".join(said.english for _, said in waiting))
        if len(waiting) > 1:
            shared = set.intersection(*(set(said.others) for _, said in waiting))
            others = {tag: " ".join(said.others[tag] for _, said in waiting) for tag in shared}
            self._translate(Said(whole.english, others))
        return whole.english

    def _drop_notices(self) -> None:
        for note, _ in self._notices:
            self._lose(note, "was left out: the question it stands before is not asked")
        self._notices = []

    def _translate(self, said: Said) -> None:
        for tag, text in said.others.items() if said.english else ():
            before = self.translations.setdefault(tag, {}).setdefault(said.english, text)
            if before != text:
                self.lost.append(
                    f"“{said.english}” is said in two ways in {tag}: “{before}” stays, “{text}” was left out."
                )

    def _lose(self, row: _Row, *told: str) -> None:
        self.lost += [f"Row {row.number}, {row.name}: {it}." for it in told]


def _question(row: _Row, said: Said, hint: Said, choices: Choices | None, notice: str) -> Question:
    return Question(
        id="",
        kind=choices.kind if choices else _text_kind(row.item),
        text=said.english,
        domain=_domain(row.item),
        strategies=_strategies(row.item),
        options=choices.options if choices else (),
        favourable=choices.favourable if choices else None,
        hint=hint.english,
        notice=notice,
    )


def _lost_words(row: _Row, said: Said, hint: Said) -> Iterator[str]:
    if said.had_markup or hint.had_markup:
        yield "its markup was left out; the words are plain"
    if row.item.get("hint") and not hint.english:
        yield "its hint was left out: it has no English words"


def _prefix(instrument_id: str) -> str:
    head = instrument_id[:_LONGEST_PREFIX]
    if head != instrument_id and "-" in head:
        head = head.rpartition("-")[0]
    return "own" if f"{head}-".startswith("core-") else head


def _unsayable(row: _Row, said: Said, hint: Said) -> str | None:
    if not said.english:
        return "was left out: it has no English words"
    if said.quotes_an_answer or hint.quotes_an_answer:
        return "was left out: its words quote another answer"
    if row.kind in ("text", "string") and _ASKS_WHO.search(said.english):
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
    found = item.get("heard", {}).get("domain")
    return found if found in DOMAINS else None


def _strategies(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(item.get("heard", {}).get("strategies", "")).replace(",", " ").split())
