"""Answers that come as a file: checked row by row, sealed one by one, marked as entered."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from feedback.deployment import Deployment
from feedback.entering.entries import Entry, store_entries
from feedback.fieldwork.instruments import instrument_by_id
from feedback.fieldwork.programs import all_programs
from feedback.languages import LANGUAGES, known_language
from feedback.staff.audit import record
from surveys.answers import DECLINED, Answers, AnswersRefused, Problem, Response, read_answers
from surveys.instruments import Audience, Instrument
from surveys.periods import Period
from surveys.registry import Program

_ABOUT = ("program", "audience", "language", "period")
_REASONS = {
    "unknown-option": "{column} holds what is none of {allowed}",
    "unknown-question": "{column} is not asked by this instrument",
    "one-only": "{column} takes one of {allowed}",
    "too-long": "{column} is longer than 1,000 characters or 3,000 bytes",
    "not-asked": "{column} has words, but the answer before it says that nobody was asked for them",
    "not-read": "{column} has words, and nobody is asked for any here",
    "unreadable": "{column} holds characters that cannot be stored",
}
_NOTHING = "Nothing of the file was stored."
_UNEVEN = "it has more or fewer cells than the first line"

# No sentence here repeats a cell or a heading: whoever forgot the first line, or has a cell too many, would
# find an answer in the terminal, in its log and in whatever mail the sentence is pasted into.


class ImportRefused(Exception):
    """A file was not stored, or nothing of it; the message says where it is bad and what may stand there."""


class ImportOutcome(msgspec.Struct, frozen=True):
    """What an import did."""

    n_stored: int
    n_already: int
    skipped: tuple[str, ...]


async def import_responses(
    deployment: Deployment, file: Path, instrument_id: str, operator: str, *, skip_bad: bool
) -> ImportOutcome:
    """Store a CSV file's rows. Raises ImportRefused, and then nothing was stored.

    The same file a second time stores nothing: a row's key follows from the file and its line.
    """
    raw = file.read_bytes()
    async with deployment.database.transaction() as session:
        instrument = await instrument_by_id(session, instrument_id)
        if instrument is None:
            raise ImportRefused(
                f"There is no instrument “{instrument_id}”; `feedback survey list` names them."
            )
        programs = {program.id: program for program in await all_programs(session)}
        reader = _Reader(instrument, programs, deployment.settings.period)
        good, bad = reader.read(raw)
        if bad and not skip_bad:
            raise ImportRefused("\n".join([*bad, _NOTHING]))
        name = f"file/{hashlib.sha256(raw).hexdigest()}"
        n_stored = await store_entries(deployment.inbox, session, name, good)
        # Never how many: a release says that, and only from eleven people on.
        await record(session, operator, "responses.import", f"{instrument.id} from {file.name}")
    return ImportOutcome(n_stored, len(good) - n_stored, tuple(bad))


class _Reader(msgspec.Struct, frozen=True):
    """Reads the rows of one file for one instrument."""

    instrument: Instrument
    programs: dict[str, Program]
    now: Period

    def read(self, raw: bytes) -> tuple[list[Entry], list[str]]:
        """Return the good rows, and a sentence for each bad one. Raises ImportRefused for a bad file."""
        lines = csv.reader(io.StringIO(_text(raw), newline=""), strict=True)
        good: list[Entry] = []
        bad: list[str] = []
        try:
            columns = next(lines, [])
            self._check_columns(columns)
            for row, cells in enumerate(lines, start=2):
                if not cells:
                    continue  # an empty line is no answer, and a row all the same where a spreadsheet counts
                reasons = list(self._reasons(columns, cells))
                if reasons:
                    bad.append(f"Row {row}: {'; '.join(reasons)}.")
                else:
                    # By the line of the file and not the row: so a file of an earlier version is known again.
                    entry = self._response(dict(zip(columns, cells, strict=True)))
                    good.append(Entry(str(lines.line_num), entry))
        except csv.Error as error:
            raise ImportRefused(
                f"Line {lines.line_num} of the file is not CSV: {error}. {_NOTHING}"
            ) from error
        return good, bad

    def _check_columns(self, names: Sequence[str]) -> None:
        missing = [name for name in _ABOUT if name not in names]
        columns = {*_ABOUT, *(question.id for question in self.instrument.questions)}
        unknown = [str(number) for number, name in enumerate(names, start=1) if name not in columns]
        if missing:
            raise ImportRefused(f"The first line lacks the columns {', '.join(missing)}.")
        if unknown:
            raise ImportRefused(
                f"Row 1: the headings of columns {', '.join(unknown)} are no questions of"
                f" {self.instrument.id}; `feedback survey show {self.instrument.id}` names them."
            )
        if len(set(names)) < len(names):
            raise ImportRefused("A column stands twice in the first line.")

    def _reasons(self, columns: Sequence[str], row: Sequence[str]) -> Iterator[str]:
        if len(row) != len(columns):
            yield _UNEVEN
            return
        cells = dict(zip(columns, row, strict=True))
        program = self.programs.get(cells["program"])
        if program is None:
            yield "program is no program's id; `feedback programs list` names them"
        elif cells["audience"] not in program.audiences:
            yield f"audience is none that this program asks, which are {_comma_list(program.audiences)}"
        if cells["audience"] not in self.instrument.audiences:
            yield (
                f"audience is none that {self.instrument.id} is written for, which are"
                f" {_comma_list(self.instrument.audiences)}"
            )
        if known_language(cells["language"]) is None:
            yield f"language is none of {_comma_list(LANGUAGES)}"
        yield from self._period_reasons(cells["period"])
        try:
            self._answers(cells)
        except AnswersRefused as refused:
            # Several wrong codes of one cell are one fault of that cell.
            yield from dict.fromkeys(map(self._problem, refused.problems))

    def _problem(self, it: Problem) -> str:
        codes = (
            code
            for question in self.instrument.questions
            if question.id == it.question
            for code in (*question.codes, DECLINED)
        )
        return _REASONS[it.reason].format(column=it.question, allowed=_comma_list(codes))

    def _period_reasons(self, text: str) -> Iterator[str]:
        try:
            if Period.parse(text) > self.now:
                yield f"period is later than {self.now}, this quarter"
        except ValueError:
            yield "period is not a quarter; write it like 2026Q3"

    def _answers(self, cells: Mapping[str, str]) -> Answers:
        fields = {}
        for question in self.instrument.questions:
            cell = cells.get(question.id, "")
            fields[question.id] = [cell] if question.is_text else cell.split("|")
        return read_answers(self.instrument, fields)

    def _response(self, cells: Mapping[str, str]) -> Response:
        language = known_language(cells["language"])
        return Response(
            program=cells["program"],
            audience=msgspec.convert(cells["audience"], Audience),
            instrument=self.instrument.id,
            language=language.tag if language else "",
            period=cells["period"],
            origin="entered",
            answers=self._answers(cells),
            entered=str(self.now),
        )


def _text(raw: bytes) -> str:
    """Raises ImportRefused with the line that is not UTF-8: Python's own words would show a letter of it."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ImportRefused(f"Line {line} of the file is not UTF-8. {_NOTHING}") from None


def _comma_list(names: Iterable[str]) -> str:
    return ", ".join(names)
