"""What anyone may read of published rows, line by line: whose answers, from which months, and how sure."""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from analysis.figures import SPREAD_FROM, Figure
from analysis.publishing.changes import AGAINST, HIGHER, LOWER, NONE
from analysis.publishing.publication import CUMULATIVE
from analysis.publishing.rows import Row
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES
from surveys.instruments import AUDIENCES, Instrument, Question
from surveys.registry import Program

_AUDIENCES = ("everyone", *AUDIENCES)
_BAND = re.compile(r"(\d+)-(\d+)")


class ResultLine(msgspec.Struct, frozen=True):
    """One line of a table, in English. Without a figure it stands over the choices below it."""

    words: str
    figure: Figure | None = None


class PublicRow(msgspec.Struct, frozen=True):
    """One row of a published table, as the public reads it."""

    row: Row
    lines: Sequence[ResultLine]
    """The overall, the fields that everyone is asked about, and questions of this survey alone."""
    choices: Sequence[ResultLine] = ()
    """Questions without a good end, each over the answers that were chosen."""
    survey: str = ""
    """The title of a survey that asks something else than the others do."""

    @property
    def is_live(self) -> bool:
        return self.row.origin == "live"

    @property
    def audience(self) -> str:
        """Whose answers these are, where the row says it; `everyone` is all of own experience."""
        return str(self.row.filters.get("audience") or self.row.filters.get("class", ""))

    @property
    def wave(self) -> str:
        return str(self.row.filters.get("wave", ""))

    @property
    def changes(self) -> list[Figure]:
        """What is said of the years; nothing on rows of releases that said nothing of it."""
        return _changes(self.row)


class ProgramChange(msgspec.Struct, frozen=True):
    """A program of which a change can be told from chance."""

    program: Program
    changes: Sequence[Figure]


class ProgramChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What changed, program by program in the plan's order, and of how many nothing can be told."""

    changed: Sequence[ProgramChange]
    unchanged: int
    too_few: int


class ThemeBand(msgspec.Struct, frozen=True):
    """What people wrote about, and between which numbers of answers name it."""

    id: str
    low: int
    high: int


def of_all(rows: Sequence[Row], instruments: Mapping[str, Instrument]) -> list[PublicRow]:
    """Tell rows that hold answers: what people sent themselves and met themselves comes first."""
    questions = {q.id: q for instrument in instruments.values() for q in instrument.questions}
    return [
        PublicRow(
            row,
            [*_fields(row), *_scales(row, questions)],
            list(_choices(row, questions)),
            _survey(row, instruments),
        )
        for row in sorted((it for it in rows if it.n), key=_order)
    ]


def _order(row: Row) -> tuple[bool, str, str]:
    return row.origin != "live", row.filters.get("class", ""), row.filters.get("wave", "")


def _survey(row: Row, instruments: Mapping[str, Instrument]) -> str:
    return instruments[row.survey].title if row.survey in instruments else ""


def _fields(row: Row) -> list[ResultLine]:
    names = ("overall", *(f"domain:{domain}" for domain in CORE_DOMAINS))
    figures = ((name, row.figure(name)) for name in names)
    return [ResultLine(MEASURE_NAMES[name], figure) for name, figure in figures if figure]


def _scales(row: Row, questions: Mapping[str, Question]) -> Iterator[ResultLine]:
    """Yield what is asked beside the core questions, which are told as fields."""
    for question in questions.values():
        if not question.is_core and (figure := row.figure(f"item:{question.id}")):
            yield ResultLine(question.text, figure)


def _choices(row: Row, questions: Mapping[str, Question]) -> Iterator[ResultLine]:
    for question in questions.values():
        figures = [(it.text, row.figure(f"option:{question.id}:{it.code}")) for it in question.options]
        options = [ResultLine(words, figure) for words, figure in figures if figure]
        if options:
            yield ResultLine(question.text)
            yield from options


def of_county(rows: Sequence[Row], scope: str) -> list[PublicRow]:
    return of_all(county_rows(rows, scope), {})


def county_rows(rows: Sequence[Row], scope: str) -> list[Row]:
    return [row for row in rows if row.table == "T7" and row.filters["scope"] == scope]


def of_scopes(rows: Sequence[Row]) -> list[Row]:
    """What people of the whole county sent themselves, over each span of time that was published."""
    own = [it for it in rows if it.table == "T7" and it.origin == "live" and it.is_own]
    return own if any(it.n for it in own) else []


def of_changes(rows: Sequence[Row], programs: Sequence[Program]) -> ProgramChanges | None:
    """Tell which programs changed, by what people sent themselves; None where no release said so yet."""
    own = {
        row.filters["program"]: _changes(row)
        for row in rows
        if row.table == "T3" and row.origin == "live" and row.is_own and row.n
    }
    comparable = [ProgramChange(it, own[it.id]) for it in programs if own.get(it.id)]
    if not comparable:
        return None
    changed = [it for it in comparable if _shows(it.changes, HIGHER, LOWER)]
    unchanged = [it for it in comparable if it not in changed and _shows(it.changes, NONE)]
    return ProgramChanges(
        changed=changed,
        unchanged=len(unchanged),
        too_few=len(programs) - len(changed) - len(unchanged),
    )


def _shows(changes: Sequence[Figure], *words: str) -> bool:
    return any(it.display in words for it in changes)


def _changes(row: Row) -> list[Figure]:
    return [figure for measure in AGAINST if (figure := row.figure(measure))]


def of_core(rows: Sequence[Row]) -> list[PublicRow]:
    """Tell the core questions of the whole county, one table for each audience and kind of answer."""
    groups: dict[tuple[bool, str, str, str], list[Row]] = {}
    for row in rows:
        if row.table == "T9" and row.filters["scope"] == CUMULATIVE and row.n:
            groups.setdefault((*_order(row), row.filters["audience"]), []).append(row)
    return [
        PublicRow(group[0], [line for domain in CORE_DOMAINS for line in _core(group, domain)])
        for _, group in sorted(groups.items(), key=lambda it: (*it[0][:3], _AUDIENCES.index(it[0][3])))
    ]


def _core(rows: Sequence[Row], domain: str) -> Iterator[ResultLine]:
    for row in rows:
        if figure := row.figure(f"item:core-{domain}"):
            yield ResultLine(MEASURE_NAMES[f"domain:{domain}"], figure)


def of_themes(rows: Sequence[Row]) -> list[ThemeBand]:
    """Tell what people all over the county wrote about, as the codebook has it and never ranked."""
    own = [row for row in rows if row.table == "themes" and "county" in row.filters and row.origin == "live"]
    plain = [row for row in own if row.is_own]
    return [
        ThemeBand(figure.measure.removeprefix("theme:"), int(band[1]), int(band[2]))
        for row in plain
        for figure in row.figures
        if (band := _BAND.search(figure.display))
    ]


def is_thin(rows: Sequence[Row]) -> bool:
    """Whether the county has so few answers yet that most figures are too unsure to show."""
    return sum(row.n or 0 for row in rows if row.origin == "live" and "wave" not in row.filters) < SPREAD_FROM
