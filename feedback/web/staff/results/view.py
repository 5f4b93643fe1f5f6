"""Of which release a page is, the latest or an earlier one, and when the next comes."""

import datetime as dt
from collections.abc import Sequence

import msgspec
from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row
from feedback.results.queries import (
    LastHeard,
    PublishedRelease,
    last_heard,
    read_measures,
    read_releases,
    read_tables,
)
from feedback.results.remembering import remembered
from feedback.results.schedule import Schedule, schedule
from feedback.settings import Settings
from feedback.staff.access import NotYours
from feedback.staff.accounts import Account
from surveys.periods import Period

RELEASE_FIELD = "release"
"""The filter in an address that opens a page as it was at an earlier release."""


class ReleaseView(msgspec.Struct, frozen=True, kw_only=True):
    """The release that a page is about. Nothing of it tells whether anybody answers meanwhile."""

    account: Account
    upcoming: Schedule
    release: PublishedRelease | None
    """None before the first release."""
    yearly_due_on: dt.date
    """When single questions, options, languages and themes come next."""

    @property
    def period(self) -> Period | None:
        return self.release.quarter if self.release else None

    @property
    def published_on(self) -> str | None:
        return self.release.released_on if self.release else None

    @property
    def is_latest(self) -> bool:
        return self.period == self.upcoming.latest

    @property
    def year(self) -> Period | None:
        """The release of October to December that was the latest then; it alone has questions and themes."""
        if self.period is None:
            return None
        latest = self.period if self.period == self.period.year_end else self.period.year_end + -4
        return latest if latest >= self.upcoming.first else None

    @property
    def sees_whole(self) -> bool:
        """Whether the account reads of its programs more than the public does."""
        return self.account.viewer is not None and self.account.viewer.reads_whole_programs

    def is_mine(self, row: Row) -> bool:
        """Whether a program's row is the one of this reader: a contractor's own contract, or the whole."""
        return row.filters.get("contractor") == self.account.contractor

    @property
    def name(self) -> str:
        return self.period.in_words if self.period else ""

    @property
    def next_name(self) -> str:
        return self.upcoming.next_period.in_words

    @property
    def next_year_name(self) -> str:
        return self.upcoming.next_yearly.months

    @property
    def query(self) -> str:
        """What an address needs to stay at this release."""
        return "" if self.is_latest else f"?{RELEASE_FIELD}={self.period}"

    async def rows(self, session: AsyncSession, *tables: str, **about: str) -> list[Row]:
        """Published rows of this release that the reader may read."""
        return await self._of(session, self.period, tables, about)

    async def rows_of_year(self, session: AsyncSession, *tables: str, **about: str) -> list[Row]:
        """Rows that come once a year, of the latest year then."""
        return await self._of(session, self.year, tables, about)

    async def history(self, session: AsyncSession, *tables: str, **about: str) -> list[Row]:
        """Rows of this release and of every one before it, oldest first."""
        rows = await read_tables(session, self.account.viewer, tables=tables, about=about)
        return [row for row in rows if self.period and row.release <= str(self.period)]

    async def measures(
        self, session: AsyncSession, *measures: str, program: str | None = None
    ) -> list[Measure]:
        """Measures of this release: those with these ids, or all; with `program` those about it alone."""
        if self.period is None:
            return []
        viewer, release = self.account.viewer, str(self.period)
        return await read_measures(session, viewer, release, measures=measures, program=program)

    async def _of(
        self, session: AsyncSession, period: Period | None, tables: Sequence[str], about: dict[str, str]
    ) -> list[Row]:
        if period is None or self.release is None:
            return []
        viewer, release = self.account.viewer, str(period)
        key = ("rows", self.release.chain_sha256, str(viewer), release, *tables, *about.items())
        rows = await remembered(
            key, lambda: read_tables(session, viewer, release=release, tables=tables, about=about)
        )
        return list(rows)  # whoever adds to it adds nothing to what is remembered

    async def last_heard(self, session: AsyncSession) -> LastHeard:
        """Of each audience of each program the latest release, up to this one, that heard it."""
        if self.release is None:
            return {}
        until = self.release.period
        return await remembered(
            ("heard", self.release.chain_sha256, until), lambda: last_heard(session, until)
        )


async def open_view(
    session: AsyncSession,
    settings: Settings,
    account: Account,
    request: Request,  # type: ignore[type-arg]
) -> ReleaseView:
    """The release that an address asks for, or the latest. Raises NotYours for one that there never was."""
    upcoming, releases = await schedule(session, settings), await read_releases(session)
    name = request.query_params.get(RELEASE_FIELD, "")
    release = _named(releases, name) if name else next(iter(releases), None)
    return ReleaseView(
        account=account,
        upcoming=upcoming,
        release=release,
        yearly_due_on=settings.due_on(upcoming.next_yearly),
    )


def _named(releases: Sequence[PublishedRelease], name: str) -> PublishedRelease:
    release = next((it for it in releases if it.period == name), None)
    if release is None:
        raise NotYours
    return release
