"""The columns of every file that is taken away: what each is called, what it holds, and of which kind.

Sources: docs/interface.md, “Files of results”; kinds are those of the Data Package standard
(https://datapackage.org/standard/table-schema/), which `datapackage.json` describes them by.
"""

from typing import Literal, get_args

import msgspec

from analysis.publishing.metrics import DIRECTIONS
from analysis.publishing.publication import SCOPES, YEAR
from analysis.publishing.rows import Status, Table
from surveys.answers import Origin

Kind = Literal["string", "integer", "date", "year", "list"]
MEASURES = "measures"
"""What stands under `table` in the lines of measures."""
BETWEEN = "|"
"""Between the quarters of one cell."""
_QUARTER = "[12][0-9]{3}Q[1-4]"
_WIDE = 48


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column. Where it has codes, or a pattern, it holds nothing else."""

    name: str
    title: str
    text: str
    kind: Kind = "string"
    codes: tuple[str, ...] = ()
    pattern: str = ""
    is_required: bool = False
    width: int = 14


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a file: a sheet of an XLSX, a CSV of its own otherwise."""

    name: str
    title: str
    text: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def noted(self) -> "Sheet":
        """The same where answers are made up: every line says so."""
        return msgspec.structs.replace(self, columns=(*self.columns, NOTE))


_TABLE = Column(
    name="table",
    title="Table",
    text="Which published table the line is of, or “measures”; the dictionary says what each is.",
    codes=(*get_args(Table), MEASURES),
    is_required=True,
)
_TABLE_NAME = Column(name="table_name", title="Name of the table", text="The table in words.", width=24)
_WHEN = (
    Column(
        name="release",
        title="Release",
        text="The quarter whose release published the line. It never changed afterwards.",
        pattern=_QUARTER,
        is_required=True,
    ),
    Column(name="released_on", title="Released on", text="The day of that release.", kind="date"),
    Column(
        name="fiscal_year",
        title="Fiscal year",
        text="The County's fiscal year, July to June, that the quarter of the release is in.",
        pattern="[12][0-9]{3}-[0-9]{2}",
        is_required=True,
    ),
    Column(
        name="fiscal_quarter",
        title="Quarter of the fiscal year",
        text="Which quarter of that year: July to September is Q1.",
        codes=("Q1", "Q2", "Q3", "Q4"),
        is_required=True,
    ),
)
_ABOUT = (
    Column(
        name="about",
        title="About",
        text="What the line is about; its own columns say which.",
        codes=("program", "pool", "strategy", "language", "question", "audience", "county"),
    ),
    Column(name="program", title="Program", text="The id of the program."),
    Column(name="program_name", title="Name of the program", text="The program in words.", width=30),
    Column(name="pool", title="Pool", text="The kind of programs that are added up here.", width=24),
    Column(name="strategy", title="Strategy", text="The number of the strategy in the plan."),
    Column(
        name="strategy_id",
        title="Id of the strategy",
        text="Its id, which stays when the plan's numbers do not.",
    ),
    Column(name="strategy_title", title="Title of the strategy", text="The strategy in words.", width=30),
)
_AUDIENCE = (
    Column(
        name="audience", title="Audience", text="Whose answers; empty where all of one class are together."
    ),
    Column(name="audience_name", title="Name of the audience", text="The audience in words.", width=28),
)
_QUESTION = (
    Column(name="question", title="Question", text="The id of the question, where the line is about one."),
    Column(
        name="question_text",
        title="The question as asked",
        text="The question in the words for this audience, or for young people where several are together.",
        width=_WIDE,
    ),
)
_ORIGIN = Column(
    name="origin",
    title="Origin",
    text="“live”: people sent the answers themselves. “entered”: a program collected them.",
    codes=get_args(Origin),
    is_required=True,
)
_ANSWERS = Column(
    name="n", title="Answers", text="How many answers the line is about, exactly.", kind="integer"
)
_QUARTERS = (
    Column(name="periods", title="Quarters", text="In which quarters they were given.", kind="list"),
    Column(
        name="n_details",
        title="Answers with single questions",
        text="How many answers single questions and fields are about. Never add it to the column before.",
        kind="integer",
    ),
    Column(
        name="detail_periods",
        title="Quarters of single questions",
        text="In which quarters those were given.",
        kind="list",
    ),
)
_FIGURE = (
    Column(
        name="value",
        title="Value",
        text="The figure as a whole number: percent, points of a change, or what the measure counts.",
        kind="integer",
    ),
    Column(
        name="low", title="It could be from", text="The lower end of how sure the figure is.", kind="integer"
    ),
    Column(name="high", title="It could be to", text="The upper end of it.", kind="integer"),
    Column(
        name="display",
        title="In words",
        text="The figure as pages say it; where there is none, why.",
        is_required=True,
        width=28,
    ),
)
NOTE = Column(
    name="note",
    title="Note",
    text="Stands in every line where the answers are made up.",
    is_required=True,
    width=40,
)

RESULTS = Sheet(
    name="results",
    title="Results",
    text="Published figures about answers, a line each; where there is no figure, a line that says why.",
    columns=(
        _TABLE,
        _TABLE_NAME,
        *_WHEN,
        *_ABOUT,
        Column(name="contractor", title="Contractor", text="Under whose contracts alone: its id."),
        Column(name="contractor_name", title="Name of the contractor", text="Its name.", width=24),
        *_AUDIENCE,
        Column(
            name="class",
            title="Class",
            text="Empty for own experience. “expert” and “partner” are never added to others, nor is a survey"
            " of its own (“survey:” and its id).",
        ),
        Column(name="wave", title="Wave", text="Before or after a class.", codes=("before", "after")),
        Column(name="language", title="Language", text="In which language people answered: its tag."),
        Column(name="language_name", title="Name of the language", text="Its name.", width=20),
        Column(name="year", title="Year", text="The calendar year of a yearly line.", kind="year"),
        Column(
            name="scope",
            title="Scope",
            text="Over which releases the line adds up.",
            codes=(*SCOPES, YEAR),
        ),
        _ORIGIN,
        Column(name="batch", title="Batch", text="The batch, where the line is about one alone."),
        Column(
            name="status",
            title="Status",
            text="Whether there is anything to show.",
            codes=get_args(Status),
            is_required=True,
        ),
        _ANSWERS,
        *_QUARTERS,
        Column(name="measure", title="Figure of what", text="The code of what the figure is a share of."),
        Column(name="measure_name", title="Figure of what, in words", text="The same in words.", width=_WIDE),
        *_QUESTION,
        Column(name="option", title="Answer", text="The code of the answer that was chosen."),
        Column(name="option_text", title="The answer as offered", text="The answer in words.", width=28),
        *_FIGURE,
    ),
)
PROCESS = Sheet(
    name=MEASURES,
    title="Measures",
    text="Process metrics of the plan, a line for each and whom it is about, as they stood at a release.",
    columns=(
        _TABLE,
        _TABLE_NAME,
        Column(name="measure", title="Measure", text="The id of the metric.", is_required=True, width=20),
        Column(name="measure_name", title="Name of the measure", text="The metric in words.", width=_WIDE),
        Column(name="definition", title="Definition", text="How it is computed.", width=_WIDE),
        Column(
            name="direction",
            title="Direction",
            text="Which way is good: up, down; to watch; or a flag.",
            codes=tuple(DIRECTIONS),
            is_required=True,
        ),
        Column(name="direction_text", title="Which way is good", text="The same in words.", width=28),
        Column(
            name="version",
            title="Version",
            text="The version of the definitions that computed it.",
            kind="integer",
            is_required=True,
        ),
        Column(
            name="informs",
            title="Strategies it informs",
            text="The numbers of the strategies that the metric speaks to.",
            kind="list",
        ),
        *_WHEN,
        *_ABOUT,
        *_AUDIENCE,
        *_QUESTION,
        _ORIGIN,
        _ANSWERS,
        *_QUARTERS,
        Column(name="numerator", title="Numerator", text="Where it counts things: how many.", kind="integer"),
        Column(name="denominator", title="Denominator", text="Of how many.", kind="integer"),
        *_FIGURE,
    ),
)
DICTIONARY = Sheet(
    name="dictionary",
    title="Dictionary",
    text="What every table, column, code, measure and question means, what is promised, and what is not.",
    columns=(
        Column(name="kind", title="Kind", text="What is explained here.", is_required=True, width=12),
        Column(name="name", title="Name", text="As it stands in the files.", is_required=True, width=24),
        Column(name="title", title="Title", text="The same in words.", width=30),
        Column(name="text", title="Meaning", text="What it means.", is_required=True, width=90),
        Column(name="file", title="File", text="In which of the tables a column or code stands."),
        Column(name="type", title="Type", text="Of a column or question: its kind."),
        Column(name="audience", title="Audience", text="Of a question: who is asked it so.", width=28),
        Column(name="instrument", title="Survey", text="Of a question: the survey that asks it.", width=20),
        Column(name="version", title="Version", text="Of a measure or survey: its version.", kind="integer"),
        Column(name="informs", title="Strategies it informs", text="Their numbers.", kind="list"),
    ),
)
