"""Rows of published tables, and who may read each.

Source: docs/disclosure.md, “Tables”; JSON, CSV, XLSX and the API have this shape.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from analysis.batch_ledger import survey_of
from analysis.figures import Figure
from analysis.publishing.viewers import Viewer
from surveys.answers import Origin

Table = Literal["T1", "T1d", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "themes"]
Status = Literal["released", "not_released"]
NOT_ENOUGH = "Not enough answers yet (fewer than 11)"
"""The same words for every cause: which cause it was would be a count."""
NOT_YET = "Single questions, options, languages and themes come with the release of October to December"


class Row(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One row of a published table."""

    table: Table
    release: str
    released_on: str
    filters: dict[str, Any]
    origin: Origin
    n: int | None
    status: Status
    figures: tuple[Figure, ...]
    batch: str | None = None
    cause: str | None = None
    n_details: int | None = None
    """People in the detail batches that single questions are about, and their quarters."""
    detail_periods: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The program or strategy that it is about; empty for all others."""
        return subject_of(self.filters)

    @property
    def is_own(self) -> bool:
        """Whether it is about own experience, without a wave: what is comparable over years."""
        return {"class", "wave"}.isdisjoint(self.filters)

    @property
    def survey(self) -> str:
        """The survey without core questions that it is about; empty where it is about no such one."""
        return survey_of(self.filters.get("class", ""))

    def figure(self, measure: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.measure == measure), None)


class GuardedRow(msgspec.Struct, frozen=True):
    """A row and everyone who may read it."""

    row: Row
    readers: tuple[Viewer, ...]


def may_read(published: GuardedRow, viewer: Viewer) -> bool:
    return viewer in published.readers


def subject_of(filters: Mapping[str, Any]) -> str:
    """Of which program or strategy a row with these filters is; empty for all others."""
    return filters.get("program") or filters.get("strategy_id") or ""
