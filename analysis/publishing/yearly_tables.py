"""The tables of October to December: languages, single questions of the whole county, themes."""

from collections.abc import Iterator, Sequence
from typing import Any

from analysis import figures
from analysis.batch_ledger import COUNTY, Batch, add_up
from analysis.publishing import viewers
from analysis.publishing.publication import (
    COUNTY_READERS,
    CUMULATIVE,
    EVERYBODY,
    EVERYONE,
    RELEASE,
    YEAR,
    BatchSelection,
    Publication,
    by_sort,
    named_by,
    of_audience,
)
from analysis.publishing.rows import GuardedRow, Row
from analysis.publishing.units import Unit
from analysis.publishing.viewers import CTLT, Viewer
from surveys.instruments import AUDIENCES, Question
from surveys.registry import county_plan


def yearly_rows(publication: Publication) -> list[GuardedRow]:
    return [*_languages(publication), *_questions(publication), *_themes(publication)]


def _languages(publication: Publication) -> Iterator[GuardedRow]:
    batches = publication.within(publication.kind("language"), RELEASE)
    for language in (*publication.registry.languages, "other"):
        part = BatchSelection([b for b in batches if b.owner == language])
        filters = {"language": language, "year": str(publication.period.year)}
        yield from publication.sums("T8", filters, part, (RELEASE,), COUNTY_READERS, with_scope=False)


def _questions(publication: Publication) -> Iterator[GuardedRow]:
    details = [b for b in publication.kind("detail") if not b.sort.is_survey]
    for question in publication.registry.questions.values():
        readers = EVERYBODY if question.is_core else COUNTY_READERS
        for audience in (EVERYONE, *AUDIENCES) if question.is_core else AUDIENCES:
            for scope in (YEAR, CUMULATIVE):
                batches = publication.within(of_audience(details, audience), scope)
                filters = {"question": question.id, "audience": audience, "scope": scope}
                yield from (
                    GuardedRow(row, readers) for row in _question(publication, question, filters, batches)
                )


def _question(
    publication: Publication, question: Question, filters: dict[str, Any], batches: Sequence[Batch]
) -> Iterator[Row]:
    """One row per sort in which enough people were asked; a question nobody was asked has no row."""
    for sort, own in by_sort(batches):
        unit = Unit(own, own, with_overall=False)
        unit_figures = unit.figures(publication.registry.questions, 1.0, {question.id})
        if singles := tuple(it for it in unit_figures if not it.measure.startswith("domain:")):
            yield publication.row("T9", {**filters, **named_by(sort)}, unit, sort, singles)


def _themes(publication: Publication) -> Iterator[GuardedRow]:
    batches = publication.within(publication.kind("themes"), RELEASE)
    own = [b for b in batches if b.scope == "program"]
    for program in publication.registry.programs:
        theirs = [b for b in own if b.owner == program.id]
        keepers = publication.registry.keepers_of([program.id])
        yield from _themed(publication, {"program": program.id}, theirs, (CTLT, *keepers))
        for contractor in publication.registry.contractors.get(program.id, ()):
            filters = {"program": program.id, "contractor": contractor}
            under_contract = [b for b in theirs if b.contractor == contractor]
            yield from _themed(publication, filters, under_contract, (viewers.contractor(contractor),))
    yield from _themes_of_many(publication, own)
    yield from _themed(
        publication, {"county": COUNTY}, [b for b in batches if b.scope == "county"], EVERYBODY
    )


def _themes_of_many(publication: Publication, own: Sequence[Batch]) -> Iterator[GuardedRow]:
    for strategy in county_plan().strategies:
        programs = [p.id for p in publication.registry.programs if strategy.number in p.strategies]
        filters = {"strategy": strategy.number, "strategy_id": strategy.id}
        yield from _themed(publication, filters, [b for b in own if b.owner in programs], COUNTY_READERS)
    for pool in publication.registry.pools:
        programs = [p.id for p in publication.registry.programs if p.pool == pool]
        readers = (
            CTLT,
            *publication.registry.contractors_of(programs),
            *publication.registry.keepers_of(programs),
        )
        yield from _themed(publication, {"pool": pool}, [b for b in own if b.owner in programs], readers)


def _themed(
    publication: Publication, filters: dict[str, Any], batches: Sequence[Batch], readers: Sequence[Viewer]
) -> Iterator[GuardedRow]:
    for sort, own in by_sort(b for b in batches if "program" in filters or not b.sort.is_survey):
        bands = tuple(figures.themes(add_up(own)))
        own_filters = {**filters, "year": str(publication.period.year), **named_by(sort)}
        yield GuardedRow(publication.row("themes", own_filters, Unit(own), sort, bands), tuple(readers))
