"""What stands in a message for what a page fills in, told by example to whoever translates it."""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import msgspec
from babel.dates import format_date

from feedback.translations.catalogs import Catalog, Message, english
from feedback.web.rendering import in_months
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs

_PLACE = r"%\(\w+\)s"
_PLACE_NAME = re.compile(r"%\((\w+)\)s")
Example = str | Callable[[Catalog], str]


class Placeholder(msgspec.Struct, frozen=True, kw_only=True):
    """A place to fill: how it is written, what the page puts there, and one thing that it puts there."""

    notation: str
    meaning: str
    example: str = ""


def _day(catalog: Catalog) -> str:
    return format_date(dt.date(2026, 10, 15), "long", locale=catalog.language.folder)


def _months(catalog: Catalog) -> str:
    return in_months(catalog.language, ("2026Q3",))


def _program(catalog: Catalog) -> str:
    return catalog.gettext(shipped_programs().programs[0].respondent_names["youth"])


def _program_in_results(catalog: Catalog) -> str:
    return catalog.gettext(shipped_programs().programs[0].results_name)


def _names(catalog: Catalog) -> str:
    return " / ".join(map(catalog.gettext, shipped_programs().programs[0].respondent_names.values()))


def _title(catalog: Catalog) -> str:
    return catalog.gettext(shipped_instruments()["event"].title)


def _choices(catalog: Catalog) -> str:
    return " / ".join(map(catalog.gettext, ("Yes", "Not sure")))


MEANINGS: Mapping[str, tuple[str, Example]] = {
    "answers": ("how many answers there were", "240"),
    "count": ("how many questions there are", "13"),
    "day": ("a day", _day),
    "few": ("how many programs there are", "2"),
    "high": ("the larger of two numbers", "78"),
    "low": ("the smaller of two numbers", "64"),
    "minutes": ("how many minutes it takes", "3"),
    "months": ("from which month to which", _months),
    "names": ("what a program is called to each who is asked, messages of their own", _names),
    "number": ("a telephone number", "988"),
    "program": ("what a program is called, a message of its own", _program),
    "questions": ("how many questions there are", "13"),
    "title": ("the title of a survey, a message of its own", _title),
    "value": ("a number", "72"),
    "year": ("a year", "2026"),
}
OTHERWISE: Mapping[tuple[str, str], tuple[str, Example]] = {
    ("Only if you chose before: %(answers)s", "answers"): (
        "answers that one chose, messages of their own",
        _choices,
    ),
    ("Question %(number)s of %(count)s", "number"): ("the number of the question", "3"),
    ("In the results this is called “%(program)s”.", "program"): (
        "what a program is called in results, a message of its own",
        _program_in_results,
    ),
    (
        "Programs with no clear change: %(count)s. Programs with too few answers to say: %(few)s.",
        "count",
    ): ("how many programs there are", "13"),
}
"""Where a message means something else by a name than the others do."""


def marks_in(catalog: Catalog, message: Message) -> list[Placeholder]:
    """Each place to fill of a message, once and in its order, and the sign for one percent."""
    source = message.english[-1]
    marks = [_mark(catalog, message, name) for name in dict.fromkeys(_PLACE_NAME.findall(source))]
    # Without a place to fill a message may come from data, where a percent sign is only that.
    return (
        [*marks, Placeholder(notation="%%", meaning="one percent sign", example="%")]
        if "%%" in source
        else marks
    )


def _mark(catalog: Catalog, message: Message, name: str) -> Placeholder:
    description = OTHERWISE.get((message.source, name)) or MEANINGS.get(name)
    if description is None:
        return Placeholder(notation=f"%({name})s", meaning="something that the page fills in")
    meaning, example = description
    return Placeholder(
        notation=f"%({name})s",
        meaning=meaning,
        example=example if isinstance(example, str) else example(catalog),
    )


def as_shown(message: Message) -> str:
    """The English with an example in each place."""
    text = message.english[-1]
    for it in marks_in(english(), message):
        text = text.replace(it.notation, it.example or it.notation)
    return text


def pieces(message: Message, form: str) -> list[tuple[str, bool]]:
    """Words in parts, each with whether it is a mark of the message: one that would read turned round."""
    marks = {*re.findall(_PLACE, message.english[-1])}
    parts = re.split(f"({_PLACE})", form)
    return [(part, part in marks) for part in parts if part]


def unseen_in(forms: Iterable[str]) -> str:
    """Which unseen characters words hold, so that two people can see what only a program reads."""
    characters = Counter(it for form in forms for it in form if unicodedata.category(it) == "Cf")
    return ", ".join(f"{unicodedata.name(it, hex(ord(it)))} × {number}" for it, number in characters.items())
