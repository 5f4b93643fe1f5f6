"""Answers that come as a file: checked row by row, sealed one by one, marked as entered."""

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import msgspec

from feedback.audit import record
from feedback.deployment import Deployment
from feedback.entering import Entry, store_entries
from feedback.instruments import instrument_by_id
from feedback.languages import known_language
from feedback.programs import all_programs
from surveys.answers import AnswersRefused, Response, read_answers
from surveys.instruments import Audience, Instrument
from surveys.periods import Period
from surveys.registry import Program

_ABOUT = ("program", "audience", "language", "period")
_REASONS = {
    "unknown-option": "“{given}” is not an option of {question}",
    "unknown-question": "{question} is not asked by this instrument",
    "one-only": "{question} takes one answer",
    "too-long": "{question} is longer than 1,000 characters or 3,000 bytes",
    "unreadable": "{question} holds characters that cannot be stored",
}


class ImportRefused(Exception):
    """A file was not stored, or nothing of it; the message names every bad row by line and reason."""


class Imported(msgspec.Struct, frozen=True):
    """What an import did."""

    stored: int
    already: int
    skipped: tuple[str, ...]


async def import_responses(
    deployment: Deployment, file: Path, instrument_id: str, operator: str, *, skip_bad: bool
) -> Imported:
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
            raise ImportRefused("\n".join([*bad, "Nothing of the file was stored."]))
        name = f"file/{hashlib.sha256(raw).hexdigest()}"
        stored = await store_entries(deployment.inbox, session, name, good)
        # Never how many: a release says that, and only from eleven people on.
        await record(session, operator, "responses.import", f"{instrument.id} from {file.name}")
    return Imported(stored, len(good) - stored, tuple(bad))


class _Reader(msgspec.Struct, frozen=True):
    """Reads the rows of one file for one instrument."""

    instrument: Instrument
    programs: dict[str, Program]
    now: Period

    def read(self, raw: bytes) -> tuple[list[Entry], list[str]]:
        """Return the good rows, and a sentence for each bad one. Raises ImportRefused for a bad file."""
        try:
            table = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
            columns = table.fieldnames or ()
        except (UnicodeDecodeError, csv.Error) as error:
            raise ImportRefused(f"The file is not CSV in UTF-8: {error}.") from error
        self._check_columns(columns)
        good: list[Entry] = []
        bad: list[str] = []
        try:
            for cells in table:
                reasons = list(self._reasons(cells))
                if reasons:
                    bad.append(f"Line {table.line_num}: {'; '.join(reasons)}.")
                else:
                    good.append(Entry(str(table.line_num), self._response(cells)))
        except csv.Error as error:
            raise ImportRefused(
                f"Line {table.reader.line_num}: {error}. Nothing of the file was stored."
            ) from error
        return good, bad

    def _check_columns(self, columns: object) -> None:
        names = list(columns)  # type: ignore[call-overload]
        missing = [name for name in _ABOUT if name not in names]
        unknown = sorted(set(names) - {*_ABOUT, *(question.id for question in self.instrument.questions)})
        if missing:
            raise ImportRefused(f"The first line lacks the columns {', '.join(missing)}.")
        if unknown:
            raise ImportRefused(
                f"{self.instrument.id} does not ask {', '.join(f'“{name}”' for name in unknown)};"
                " no such column can be."
            )
        if len(set(names)) < len(names):
            raise ImportRefused("A column stands twice in the first line.")

    def _reasons(self, cells: dict[str | None, str | None]) -> Iterator[str]:
        if None in cells or None in cells.values():
            yield "it has more or fewer cells than the first line"
            return
        program = self.programs.get(cells["program"] or "")
        if program is None:
            yield f"there is no program “{cells['program']}”"
        elif cells["audience"] not in program.audiences:
            yield f"{program.id} does not ask the audience “{cells['audience']}”"
        if cells["audience"] not in self.instrument.audiences:
            yield f"{self.instrument.id} is not written for “{cells['audience']}”"
        language = known_language(cells["language"])
        if language is None:
            yield f"“{cells['language']}” is not a language we know"
        yield from self._period_reasons(cells["period"] or "")
        try:
            self._answers(cells)
        except AnswersRefused as refused:
            for it in refused.problems:
                yield _REASONS[it.reason].format(given=it.given, question=it.question)

    def _period_reasons(self, text: str) -> Iterator[str]:
        try:
            if Period.parse(text) > self.now:
                yield f"{text} has not come yet"
        except ValueError as error:
            yield str(error).rstrip(".")

    def _answers(self, cells: dict[str | None, str | None]) -> dict[str, str | tuple[str, ...]]:
        given = {}
        for question in self.instrument.questions:
            cell = cells.get(question.id) or ""
            given[question.id] = [cell] if question.is_text else cell.split("|")
        return read_answers(self.instrument, given)

    def _response(self, cells: dict[str | None, str | None]) -> Response:
        language = known_language(cells["language"])
        return Response(
            cells["program"] or "",
            msgspec.convert(cells["audience"], Audience),
            self.instrument.id,
            language.tag if language else "",
            cells["period"] or "",
            "entered",
            self._answers(cells),
            entered=str(self.now),
        )
