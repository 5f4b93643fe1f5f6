"""The data dictionary: what stands in the files of results, each thing in a line of its own."""

from collections.abc import Iterator, Mapping

from analysis.publishing.metrics import DIRECTIONS, METRICS
from analysis.publishing.process_measures import VERSION
from feedback.results.columns import BETWEEN, DICTIONARY, MEASURES, NOTE, PROCESS, RESULTS, Sheet
from feedback.results.meanings import CODES, MADE_UP_NOTE, NOTES, TABLES, Meaning
from feedback.results.naming import AUDIENCE_NAMES
from feedback.results.spreadsheets import Part
from feedback.results.tidy import Tidy
from surveys.domains import MEASURE_NAMES
from surveys.instruments import Instrument, Question

_GOOD = {"first": "the first two", "last": "the last two"}


def entries(tidy: Tidy) -> Iterator[Part]:
    """Everything that the lines made so far need in order to be understood, and nothing of other programs."""
    if tidy.made_up:
        yield from _meanings("note", {"made-up": MADE_UP_NOTE})
    yield from _meanings("note", NOTES)
    yield from _meanings("table", TABLES)
    for sheet in (RESULTS, PROCESS, DICTIONARY):
        yield from _columns(sheet, made_up=tidy.made_up)
    yield from _codes()
    yield from _metrics()
    for instrument in tidy.names.own_instruments:
        for question in instrument.questions:
            if question.id in tidy.questions:
                yield from _question(instrument, question)


def _entry(kind: str, name: str, title: str | None, text: str, *more: str | int | None) -> Part:
    cells = (kind, name, title, text, *more)
    return (*cells, *(None,) * (len(DICTIONARY.columns) - len(cells)))


def _meanings(kind: str, meanings: Mapping[str, Meaning]) -> Iterator[Part]:
    return (_entry(kind, name, it.name, it.text) for name, it in meanings.items())


def _columns(sheet: Sheet, *, made_up: bool) -> Iterator[Part]:
    for it in (*sheet.columns, *((NOTE,) if made_up else ())):
        yield _entry("column", it.name, it.title, it.text, sheet.name, it.kind)


def _codes() -> Iterator[Part]:
    for column, codes in CODES.items():
        for code, text in codes.items():
            yield _entry("code", code, column, text, RESULTS.name)
    for code, text in AUDIENCE_NAMES.items():
        yield _entry("code", code, "audience", f"{text[0].upper()}{text[1:]}.", None)
    for direction, text in DIRECTIONS.items():
        yield _entry("code", direction, "direction", text, MEASURES)
    for measure, text in MEASURE_NAMES.items():
        yield _entry("code", measure, "measure", f"{text}.", RESULTS.name)


def _metrics() -> Iterator[Part]:
    for it in METRICS:
        text = f"{it.meaning} {it.formula[0].upper()}{it.formula[1:]}. {DIRECTIONS[it.direction]}"
        strategies = BETWEEN.join(it.strategies)
        yield _entry("measure", it.id, it.name, text, MEASURES, None, None, None, VERSION, strategies)


def _question(instrument: Instrument, question: Question) -> Iterator[Part]:
    audiences = BETWEEN.join(instrument.audiences)
    about = (question.kind, audiences, instrument.id, instrument.version)
    good = f"Good answers are {_GOOD[question.favourable]}." if question.favourable else None
    strategies = BETWEEN.join(question.strategies) or None
    yield _entry("question", question.id, good, question.text, RESULTS.name, *about, strategies)
    for option in question.options:
        yield _entry("option", f"{question.id}:{option.code}", None, option.text, RESULTS.name, *about)
