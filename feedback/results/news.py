"""What is new for an account since it last opened the overview: releases, by quarter and day alone.

It says nothing about answers: that a release ran, and when, stands in the log of releases for all staff.
"""

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.storage.staff_tables import UserRow
from feedback.storage.tables import ReleaseRow
from surveys.periods import Period


class NewRelease(msgspec.Struct, frozen=True, kw_only=True):
    """A release that an account has not been told of on its overview."""

    period: Period
    released_on: str


class News(msgspec.Struct, frozen=True, kw_only=True):
    """Releases since an account last looked, oldest first, and the newest there is."""

    releases: tuple[NewRelease, ...] = ()
    latest: str = ""
    """Empty before any release: whoever looked then is told of the first one."""


async def read_news(session: AsyncSession, account: int) -> News:
    """What this account has not seen. Whoever looks for the first time has missed nothing."""
    seen = (await session.execute(select(UserRow.seen_release).where(UserRow.id == account))).scalar()
    query = select(ReleaseRow.period, ReleaseRow.released_on).order_by(ReleaseRow.period)
    rows = (await session.execute(query)).all()
    releases = tuple(
        NewRelease(period=Period.parse(period), released_on=day.isoformat())
        for period, day in rows
        if seen is not None and period > seen
    )
    return News(releases=releases, latest=rows[-1].period if rows else "")


async def note_looked(session: AsyncSession, account: int, news: News) -> None:
    """Note that an account was shown this. A page that was asked for earlier never takes it back."""
    never, earlier = UserRow.seen_release.is_(None), UserRow.seen_release < news.latest
    row = update(UserRow).where(UserRow.id == account, never | earlier)
    await session.execute(row.values(seen_release=news.latest))
