"""The tables of October to December: languages, single questions of the whole county, themes."""

from collections.abc import Iterator, Sequence
from typing import Any

from analysis import figures, viewers
from analysis.batch_ledger import COUNTY, Batch, add_up
from analysis.rows import Published, Row
from analysis.sheet import (
    COUNTY_READERS,
    CUMULATIVE,
    EVERYBODY,
    EVERYONE,
    RELEASE,
    YEAR,
    Part,
    Sheet,
    by_sort,
    named_by,
    of_audience,
)
from analysis.units import Unit
from analysis.viewers import CTLT, Viewer
from surveys.instruments import AUDIENCES, Question
from surveys.registry import county_plan


def yearly_rows(sheet: Sheet) -> list[Published]:
    return [*_languages(sheet), *_questions(sheet), *_themes(sheet)]


def _languages(sheet: Sheet) -> Iterator[Published]:
    batches = sheet.within(sheet.kind("language"), RELEASE)
    for language in (*sheet.registry.languages, "other"):
        part = Part([b for b in batches if b.owner == language])
        filters = {"language": language, "year": str(sheet.period.year)}
        yield from sheet.sums("T8", filters, part, (RELEASE,), COUNTY_READERS, with_scope=False)


def _questions(sheet: Sheet) -> Iterator[Published]:
    details = [b for b in sheet.kind("detail") if not b.sort.is_survey]
    for question in sheet.registry.questions.values():
        readers = EVERYBODY if question.is_core else COUNTY_READERS
        for audience in (EVERYONE, *AUDIENCES) if question.is_core else AUDIENCES:
            for scope in (YEAR, CUMULATIVE):
                batches = sheet.within(of_audience(details, audience), scope)
                filters = {"question": question.id, "audience": audience, "scope": scope}
                yield from (Published(row, readers) for row in _question(sheet, question, filters, batches))


def _question(
    sheet: Sheet, question: Question, filters: dict[str, Any], batches: Sequence[Batch]
) -> Iterator[Row]:
    """One row per sort in which enough people were asked; a question nobody was asked has no row."""
    for sort, own in by_sort(batches):
        unit = Unit(own, own, with_overall=False)
        unit_figures = unit.figures(sheet.registry.questions, 1.0, {question.id})
        if singles := tuple(it for it in unit_figures if not it.measure.startswith("domain:")):
            yield sheet.row("T9", {**filters, **named_by(sort)}, unit, sort, singles)


def _themes(sheet: Sheet) -> Iterator[Published]:
    batches = sheet.within(sheet.kind("themes"), RELEASE)
    own = [b for b in batches if b.scope == "program"]
    for program in sheet.registry.programs:
        theirs = [b for b in own if b.owner == program.id]
        keepers = sheet.registry.keepers_of([program.id])
        yield from _themed(sheet, {"program": program.id}, theirs, (CTLT, *keepers))
        for contractor in sheet.registry.contractors.get(program.id, ()):
            filters = {"program": program.id, "contractor": contractor}
            under_contract = [b for b in theirs if b.contractor == contractor]
            yield from _themed(sheet, filters, under_contract, (viewers.contractor(contractor),))
    yield from _themes_of_many(sheet, own)
    yield from _themed(sheet, {"county": COUNTY}, [b for b in batches if b.scope == "county"], EVERYBODY)


def _themes_of_many(sheet: Sheet, own: Sequence[Batch]) -> Iterator[Published]:
    for strategy in county_plan().strategies:
        programs = [p.id for p in sheet.registry.programs if strategy.number in p.strategies]
        filters = {"strategy": strategy.number, "strategy_id": strategy.id}
        yield from _themed(sheet, filters, [b for b in own if b.owner in programs], COUNTY_READERS)
    for pool in sheet.registry.pools:
        programs = [p.id for p in sheet.registry.programs if p.pool == pool]
        readers = (CTLT, *sheet.registry.contractors_of(programs), *sheet.registry.keepers_of(programs))
        yield from _themed(sheet, {"pool": pool}, [b for b in own if b.owner in programs], readers)


def _themed(
    sheet: Sheet, filters: dict[str, Any], batches: Sequence[Batch], readers: Sequence[Viewer]
) -> Iterator[Published]:
    for sort, own in by_sort(b for b in batches if "program" in filters or not b.sort.is_survey):
        bands = tuple(figures.themes(add_up(own)))
        own_filters = {**filters, "year": str(sheet.period.year), **named_by(sort)}
        yield Published(sheet.row("themes", own_filters, Unit(own), sort, bands), tuple(readers))
