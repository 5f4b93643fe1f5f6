"""Rows that a release might have published, for pages that have to show any of them."""

from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import delete, insert, select, update

from analysis.figures import TOO_FEW, Figure
from analysis.publishing.changes import AGAINST, HIGHER, LOWER
from analysis.publishing.rows import Row
from analysis.text.themes import shipped_codebook
from feedback.storage.tables import MeasureRow, PublishedRow
from surveys.domains import CORE_DOMAINS
from surveys.instruments import AUDIENCES, shipped_instruments
from surveys.registry import shipped_programs

QUARTERS = ["2023Q4", "2026Q4"]
_TABLES = ("T3", "T7", "T9", "themes")


def changes(*displays: str) -> list[Figure]:
    """What is said of the year before and of the first year."""
    return [Figure(measure=name, display=words) for name, words in zip(AGAINST, displays, strict=True)]


async def say_changes(session, owner: dict[str, str], *displays: str) -> None:
    """Say on the rows of all so far whether something changed; `owner` is a filter of theirs."""
    rows = (await session.execute(select(PublishedRow).where(PublishedRow.name.in_(("T3", "T7"))))).scalars()
    for stored in rows:
        row = msgspec.convert(stored.row, Row)
        if row.n and owner.items() <= row.filters.items() and row.filters["scope"] == "cumulative":
            figures = [it for it in row.figures if it.measure not in AGAINST]
            changed = msgspec.structs.replace(row, figures=(*figures, *changes(*displays)))
            where = (PublishedRow.release == stored.release, PublishedRow.position == stored.position)
            await session.execute(update(PublishedRow).where(*where).values(row=msgspec.to_builtins(changed)))


async def publish_all_there_can_be(session, release: str) -> None:
    """Put in the place of a release's public rows the longest that its pages of results may have to show."""
    await session.execute(
        delete(PublishedRow).where(PublishedRow.release == release, PublishedRow.name.in_(_TABLES))
    )
    rows = [
        {
            "release": release,
            "position": 10_000 + position,
            "name": row.table,
            "subject": row.subject,
            "readers": ["public"],
            "row": msgspec.to_builtins(row),
        }
        for position, row in enumerate(_every_row(release))
    ]
    await session.execute(insert(PublishedRow), rows)
    flags = [
        {
            "release": release,
            "viewer": "public",
            "position": 10_000 + position,
            "row": {
                "measure": "over-answered",
                "release": release,
                "scope": {"program": it.id},
                "origin": "live",
                "display": "more answers than people served",
                "n": 4_321,
            },
        }
        for position, it in enumerate(shipped_programs().programs)
    ]
    await session.execute(insert(MeasureRow), flags)


def _every_row(release: str) -> Iterator[Row]:
    for origin in ("live", "entered"):
        for scope in ("release", "last four", "cumulative"):
            figures = [*_fields(), *(changes(HIGHER, LOWER) if scope == "cumulative" else [])]
            yield _row(release, "T7", origin, {"county": "county", "scope": scope}, figures)
        for program in shipped_programs().programs:
            own = {"program": program.id, "scope": "cumulative"}
            figures = [*_fields(), *_every_question(), *changes(HIGHER, LOWER)]
            yield _row(release, "T3", origin, own, figures)
        for audience in ("everyone", *AUDIENCES):
            for domain in CORE_DOMAINS:
                own = {"question": f"core-{domain}", "audience": audience, "scope": "cumulative"}
                yield _row(release, "T9", origin, own, [_figure(f"item:core-{domain}")])
    themes = [Figure(measure=f"theme:{it.id}", display="about 1234-5678") for it in shipped_codebook().themes]
    yield _row(release, "themes", "live", {"county": "county", "year": "2026"}, themes)


def _row(release, table, origin, filters, figures: Iterable[Figure]) -> Row:
    return Row(
        table=table,
        release=release,
        released_on="2027-01-15",
        filters={**filters, "periods": QUARTERS},
        origin=origin,
        n=54_321,
        status="released",
        figures=tuple(figures),
        n_details=43_210,
        detail_periods=tuple(QUARTERS),
    )


def _figure(measure: str) -> Figure:
    """Every third is too unsure to show."""
    if len(measure) % 3 == 0:
        return Figure(measure=measure, display=TOO_FEW)
    value = 20 + len(measure)
    return Figure(measure=measure, display=f"{value} %", value=value, low=value - 11, high=value + 12)


def _fields() -> list[Figure]:
    return [_figure(it) for it in ("overall", *(f"domain:{domain}" for domain in CORE_DOMAINS))]


def _every_question() -> Iterator[Figure]:
    """Every question beside the core ones that a shipped survey asks: no program asks more of people."""
    for question in {q.id: q for it in shipped_instruments().values() for q in it.questions}.values():
        if question.kind == "scale" and not question.is_core:
            yield _figure(f"item:{question.id}")
        elif question.kind != "scale":
            yield from (_figure(f"option:{question.id}:{code}") for code in question.codes)
