"""What tables and codes mean, what is promised and what is not, in the words of the data dictionary.

Sources: docs/disclosure.md, “The promise”, “Tables” and “Figures”; docs/measures.md, “Good answers”.
"""

from collections.abc import Mapping

import msgspec

from analysis.figures import HIGHEST, LOWEST, TOO_FEW, WIDEST
from analysis.publishing.changes import BY_CHANCE
from feedback.results.columns import MEASURES


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What something is called, and what it means."""

    name: str
    text: str


TABLES: Mapping[str, Meaning] = {
    "T1": Meaning(
        name="A program's answers, batch by batch",
        text="Each group of answers of one program and audience that a release let out: eleven or more, once."
        " Where there was none, a line says so. Its figure is all core questions together.",
    ),
    "T1d": Meaning(
        name="A program's single questions, batch by batch",
        text="The same answers in larger groups, from which single questions can be told: with the release"
        " of October to December, or as soon as 100 answers of one audience are together.",
    ),
    "T2": Meaning(
        name="A program, this release and the last four",
        text="Everybody of one program together, in one release and over a year of releases. With a"
        " contractor, only what was answered under its contracts.",
    ),
    "T3": Meaning(
        name="A program, all releases",
        text="Everybody of one program over all releases so far, and whether the last four changed.",
    ),
    "T4": Meaning(
        name="A strategy of the plan",
        text="The programs that are part of a strategy, by audience: all core questions together, and the"
        " questions that were written for this strategy.",
    ),
    "T5": Meaning(
        name="Programs of one kind",
        text="A pool: all programs of one kind together, to hold one of them against.",
    ),
    "T6": Meaning(
        name="An audience in this release",
        text="One audience in the whole County, with the eight fields; of experts and partners also their"
        " own questions.",
    ),
    "T7": Meaning(
        name="The whole County",
        text="Young people, parents and caregivers of the whole County together, with the eight fields.",
    ),
    "T8": Meaning(
        name="A language",
        text="All core questions together by the language of the answers, once a year. Languages in which"
        " few answered are one line.",
    ),
    "T9": Meaning(
        name="A question in the whole County",
        text="One question by audience, over the year and over all releases, once a year.",
    ),
    "themes": Meaning(
        name="What people wrote about",
        text="About how many answers named a theme in their own words, in bands, once a year. A large theme"
        " is not the most important one.",
    ),
    MEASURES: Meaning(
        name="Measures",
        text="How the work of the plan goes: one number with its definition, as it stood at a release.",
    ),
}
CODES: Mapping[str, Mapping[str, str]] = {
    "scope": {
        "release": "This release alone.",
        "last four": "The last four releases together: a year.",
        "cumulative": "All releases so far.",
        "year": "The releases of one calendar year.",
    },
    "origin": {
        "live": "People sent the answers themselves.",
        "entered": "A program collected the answers, on paper or in a file. Never added to live ones.",
    },
    "status": {
        "released": "There are answers to tell of.",
        "not_released": "There are not; “display” says the cause, which is never how many wait.",
    },
    "measure": {
        "overall": "All core questions together: the average of each answer's share of good ones.",
        "domain:": "A field: its questions together, as a share of those who answered them.",
        "item:": "One question: the share of good answers among those who answered it.",
        "option:": "One answer to a question: its share of everybody who was asked.",
        "theme:": "A theme of what people wrote: about how many answers.",
        "change:": "The last four releases against earlier ones, in points, with a 99 % interval.",
    },
}
"""Codes of columns whose names alone do not say it; a code that ends in a colon begins longer ones."""
NOTES: Mapping[str, Meaning] = {
    "promise": Meaning(
        name="What is promised",
        text="What is published about answers is numbers about groups of eleven or more, each moved by"
        " chance; only how many answers there were is exact. From all these numbers together nobody can be"
        " certain of anything that one person answered, not even somebody who knows what everybody else in"
        " the group answered. Who could only toss a coin before is right in at most 77 of 100 after. This"
        " holds for one answer: of two that are known to be one person's, in up to 93 of 100.",
    ),
    "not-promised": Meaning(
        name="What is not",
        text="It does not hide that somebody answered, with which survey, in which three months, in which"
        " language; nor how a group felt. Words that were passed on with permission may be recognised."
        " Anybody who has a link can send made-up answers.",
    ),
    "answers": Meaning(
        name="Answers, not people",
        text="Answers are counted. Nobody can know whether one person sent several, nor who did not answer:"
        " a blank is not good news.",
    ),
    "good-answers": Meaning(
        name="Good answers",
        text="One of the two best of five points. A blank, “I'd rather not say” and a question that was not"
        " shown are none, and no bad answer either.",
    ),
    "interval": Meaning(
        name="How sure a figure is",
        text="“low” and “high” are the ends of a 95 % interval, from people and chance together. Where it"
        f" would be wider than {WIDEST} points, “{TOO_FEW}” stands there and no value. No share is given"
        f" under {LOWEST} or over {HIGHEST} percent.",
    ),
    "comparing": Meaning(
        name="Comparing",
        text="Nothing is ranked, and neighbouring quarters are not compared: too few answer in one to tell a"
        f" change from chance. {BY_CHANCE} A program stands beside its pool, never beside another program.",
    ),
    "adding-up": Meaning(
        name="Do not add lines up",
        text="The same answers stand in many lines: of a program, its strategies, its pool, the County, one"
        " release and all of them. Live and collected answers, experts, and partners are never added to"
        " others.",
    ),
    "frozen": Meaning(
        name="Lines stay as they are",
        text="A line was written with its release and never changes; a later release adds lines. Names and"
        " questions are those of the day on which the file was made.",
    ),
    "apostrophe": Meaning(
        name="An apostrophe in front",
        text="In a CSV, text that a spreadsheet might run as a formula begins with an apostrophe, and so does"
        " text that began with one already.",
    ),
    "licence": Meaning(
        name="Whose these files are",
        text="They come from the County of Los Angeles and grant no licence: ask before you pass them on."
        " Programs and strategies are those of its Five-Year Strategic Plan to Prevent and Address Child"
        " Trafficking 2025-2030.",
    ),
    "work": Meaning(
        name="Work records",
        text="People served and offered, and minutes, are what programs report of their own work. They are"
        " exact, and about no answer.",
    ),
}
MADE_UP_NOTE = Meaning(
    name="Made up",
    text="A demonstration. Every answer, and every number from work records, in these files is made up.",
)
