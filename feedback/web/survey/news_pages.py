"""News without an account or an e-mail: on which days results come, as a calendar and as a feed.

Both hold days and no figure, alike for whoever asks and whenever they ask: nobody can tell from such a file
who fetched it.
"""

import datetime as dt
from collections.abc import Mapping

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from feedback.deployment import Deployment
from feedback.languages import SOURCE, page_language
from feedback.results.schedule import Schedule, days_of_releases, schedule
from feedback.settings import Settings
from feedback.translations.catalogs import Catalog
from feedback.web.rendering import in_day, in_months, plain_words
from feedback.web.survey.atom_feed import Entry, Feed
from feedback.web.survey.calendar_file import Calendar, Event
from surveys.domains import gettext_noop
from surveys.periods import Period

_TITLE = gettext_noop("What people said")
_RESULTS = gettext_noop("Results of %(months)s")
_HAVE_COME = gettext_noop("They came out on %(day)s.")
_WILL_COME = gettext_noop("They come out around this day.")
_MADE_UP = gettext_noop("A demonstration. Every answer here is made up.")
_COUNTY = gettext_noop("Los Angeles County")
_NEXT = 4
"""How many releases to come a calendar has: a year."""


class News(msgspec.Struct, frozen=True):
    """All that is news here, in one language."""

    settings: Settings
    catalog: Catalog
    upcoming: Schedule
    days: Mapping[Period, dt.date]
    """On which day each release came."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Language": self.catalog.language.tag}

    def calendar(self) -> Calendar:
        come = [self._event(period, day, day, has_been=True) for period, day in self.days.items()]
        to_come = [self.upcoming.next_period + step for step in range(_NEXT)]
        return Calendar(
            name=self._say(_TITLE),
            language=self.catalog.language.tag,
            events=(
                *come,
                *(self._event(it, self.settings.due_on(it), self._since, has_been=False) for it in to_come),
            ),
        )

    def feed(self) -> Feed:
        entries = [
            Entry(
                id=f"{self._page}#{period}",
                title=self._results(period),
                summary=self._note(_HAVE_COME, day=in_day(self.catalog.language, day)),
                day=day,
            )
            for period, day in self.days.items()
        ]
        return Feed(
            id=self._address("/heard/feed.xml"),
            page=self._page,
            language=self.catalog.language.tag,
            title=self._say(_TITLE),
            author=self._say(_COUNTY),
            since=self._since,
            entries=tuple(reversed(entries)),
        )

    @property
    def _since(self) -> dt.date:
        """Since when the days to come are known: the last release, or the first day of all."""
        begins = (self.upcoming.first + -1).ends + dt.timedelta(days=1)
        return max(self.days.values(), default=begins)

    def _event(self, period: Period, day: dt.date, known_since: dt.date, *, has_been: bool) -> Event:
        note = self._note(_HAVE_COME, day=in_day(self.catalog.language, day)) if has_been else None
        return Event(
            uid=f"{period}@{self.settings.survey_url.partition('://')[2]}",
            day=day,
            known_since=known_since,
            summary=self._results(period),
            description=note or self._note(_WILL_COME),
            address=self._page,
            has_been=has_been,
        )

    def _results(self, period: Period) -> str:
        return self._say(_RESULTS, months=in_months(self.catalog.language, [str(period)]))

    def _note(self, english: str, **places: str) -> str:
        own = [_MADE_UP] if self.settings.made_up else []
        return " ".join([self._say(english, **places), *map(self._say, own)])

    def _say(self, english: str, **places: str) -> str:
        return plain_words(self.catalog, english, **places)

    @property
    def _page(self) -> str:
        return self._address("/heard")

    def _address(self, path: str) -> str:
        language = self.catalog.language
        return f"{self.settings.survey_url}{path}{'' if language is SOURCE else f'?lang={language.tag}'}"


@get("/heard/calendar.ics")
async def show_calendar(
    deployment: NamedDependency[Deployment], lang: FromQuery[str | None] = None
) -> Response[str]:
    """The days on which results came, and the next four."""
    news = await _news(deployment, lang)
    return Response(news.calendar().text(), media_type="text/calendar", headers=news.headers)


@get("/heard/feed.xml")
async def show_feed(
    deployment: NamedDependency[Deployment], lang: FromQuery[str | None] = None
) -> Response[bytes]:
    """An entry for each release, the latest first."""
    news = await _news(deployment, lang)
    return Response(
        news.feed().text(), media_type="application/atom+xml; charset=utf-8", headers=news.headers
    )


async def _news(deployment: Deployment, lang: str | None) -> News:
    async with deployment.database.snapshot() as session:
        upcoming = await schedule(session, deployment.settings)
        days = await days_of_releases(session)
        words = await deployment.words.now(session)
    catalog = words.spoken(page_language(lang, None, words.offered()))
    return News(deployment.settings, catalog, upcoming, days)


news_router = Router("", route_handlers=[show_calendar, show_feed])
