"""The survey: one link, one document, one Send."""

from collections.abc import Sequence

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.exc import SQLAlchemyError

from feedback.catalogs import Catalog
from feedback.deployment import Deployment
from feedback.inbox import Stored
from feedback.languages import Language, by_preference, page_language
from feedback.links import Link, LinkUnknown, open_link
from feedback.page_numbers import is_shaped
from feedback.sections import texts_of
from feedback.web.public_pages import thank
from feedback.web.rendering import see_other, survey_page
from feedback.web.surroundings import Surroundings
from feedback.web.survey_form import (
    PROOF,
    Filled,
    Note,
    check_origin,
    nothing_filled,
    read_form,
    show_if_style,
    shown,
)
from feedback.words import Words
from surveys.answers import LONGEST_TEXT, AnswersRefused, Problem, read_answers, read_consent
from surveys.answers import Response as Answered
from surveys.asking import asked_questions
from surveys.help import help_lines


@get("/s/{slug:str}")
async def show_survey(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    kiosk: FromQuery[str | None] = None,
) -> Response[str]:
    """Open a link. Reads nothing of the reader but the language wished for, and keeps none of it."""
    link, words = await read_link(deployment, slug)
    return _fresh(deployment, link, words, Surroundings(slug, kiosk=kiosk == "1"), request, lang)


@post("/s/{slug:str}")
async def send_answers(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    kiosk: FromQuery[str | None] = None,
) -> Response[str] | Response[None]:
    """Store what was last meant and thank when it is on disk, or show the page again as it was sent."""
    check_origin(request, deployment.settings.survey_url)
    filled = await read_form(request)
    link, words = await read_link(deployment, slug)
    around = Surroundings(slug, kiosk=kiosk == "1")
    return await Sent(deployment, link, around, filled, *_spoken(link, words, request, filled)).answer()


@get("/e/{slug:str}")
async def show_framed_survey(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
) -> Response[str]:
    """The same survey inside the site of the program that made the link, and inside no other."""
    link, words = await _framed_link(deployment, slug)
    return _fresh(deployment, link, words, Surroundings(slug, frames=link.embed), request, lang)


@post("/e/{slug:str}")
async def send_framed_answers(
    slug: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    deployment: NamedDependency[Deployment],
) -> Response[str] | Response[None]:
    """Takes an answer from a sandboxed frame too (`Origin: null`): there is no session to borrow."""
    filled = await read_form(request)
    link, words = await _framed_link(deployment, slug)
    around = Surroundings(slug, frames=link.embed)
    return await Sent(deployment, link, around, filled, *_spoken(link, words, request, filled)).answer()


@get("/e/{slug:str}/thanks")
async def thank_in_frame(
    slug: FromPath[str],
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    about: FromQuery[str | None] = None,
) -> Response[str]:
    """Thank where the survey stood: the page of its own may not be framed."""
    link, _ = await _framed_link(deployment, slug)
    return await thank(deployment, lang, Surroundings(slug, frames=link.embed), about)


def preview(deployment: Deployment, link: Link, catalog: Catalog) -> Response[str]:
    """A survey as it reads in a language, offered or not, for whoever checks its words. It cannot be sent."""
    answer = survey(deployment, link, Surroundings(), catalog, (), nothing_filled(""))
    answer.headers["Content-Security-Policy"] += "; sandbox"
    return answer


def texts_read(link: Link) -> list[str]:
    """What a link's own survey says: a language is offered on it only when it says all of that."""
    return [link.program.said_as[link.audience], *texts_of(link.instrument)]


async def read_link(deployment: Deployment, slug: str) -> tuple[Link, Words]:
    """Open a link for a respondent, with the words of this moment. Raises LinkUnknown or LinkClosed."""
    async with deployment.database.snapshot() as session:
        return await open_link(session, slug, deployment.settings.today), await deployment.words.now(session)


async def _framed_link(deployment: Deployment, slug: str) -> tuple[Link, Words]:
    link, words = await read_link(deployment, slug)
    if not link.embed:
        raise LinkUnknown
    return link, words


def words_for(
    link: Link,
    words: Words,
    request: Request,  # type: ignore[type-arg]
    lang: str | None,
) -> tuple[Catalog, list[Language]]:
    """The words a page speaks, and the languages to choose from, the reader's own first. Neither is kept."""
    offered = words.offered(texts_read(link))
    wished = by_preference(offered, request.headers.get("accept-language", ""))
    return words.spoken(page_language(lang, link.language, offered)), wished


def _spoken(
    link: Link,
    words: Words,
    request: Request,  # type: ignore[type-arg]
    filled: Filled,
) -> tuple[Catalog, list[Language]]:
    return words_for(link, words, request, filled.language)


def _fresh(
    deployment: Deployment,
    link: Link,
    words: Words,
    around: Surroundings,
    request: Request,  # type: ignore[type-arg]
    lang: str | None,
) -> Response[str]:
    catalog, offered = words_for(link, words, request, lang)
    empty = nothing_filled(deployment.page_numbers.new(link.slug, deployment.settings.period))
    return survey(deployment, link, around, catalog, offered, empty)


class Sent(msgspec.Struct, frozen=True):
    """A page that came back: what it says, and in which words it is answered."""

    deployment: Deployment
    link: Link
    around: Surroundings
    filled: Filled
    catalog: Catalog
    offered: Sequence[Language]

    async def answer(self) -> Response[str] | Response[None]:
        """Thank, or give the page back filled. Nothing that was read here is lost, whatever goes wrong."""
        page = await self._answered()
        if is_shaped(self.filled.once):
            # What a hotel's or a school's network answers in our place does not know the number of the page.
            page.headers[PROOF] = self.filled.once
        return page

    async def _answered(self) -> Response[str] | Response[None]:
        filled, now, numbers = self.filled, self.deployment.settings.period, self.deployment.page_numbers
        if filled.by_enter:
            return self._back(Note.BY_ENTER)
        if not numbers.is_current(self.link.slug, filled.once, now):
            return self._back(Note.OLD, numbers.new(self.link.slug, now))
        try:
            response = self._response()
        except AnswersRefused as refused:
            return self._back(Note.REFUSED, problems=refused.problems)
        return await self._settle(response)

    async def _settle(self, response: Answered) -> Response[str] | Response[None]:
        """Store it, and say what became of it."""
        # Before anybody looks whether it was sent before: who empties a link's allowance learns nothing.
        if not self.deployment.damping.takes(self.link.slug):
            return self._back(Note.DAMPED)
        try:
            stored = await self._stored(response)
        except (SQLAlchemyError, OSError):
            return self._back(Note.BUSY)
        thanks = self.around.thanks(self.catalog.language, "late" if stored is Stored.LET_OUT else None)
        if self.filled.by_script:
            # Not a redirect: a script cannot tell ours from that of a network on the way.
            return Response(thanks, media_type=MediaType.TEXT, status_code=201)
        return see_other(thanks)

    def _response(self) -> Answered:
        link = self.link
        return Answered(
            link.program.id,
            link.audience,
            link.instrument.id,
            self.catalog.language.tag,
            str(self.deployment.settings.period),
            "live",
            read_answers(link.instrument, self.filled.given, wants_comments=link.comments),
            read_consent(self.filled.consent),
        )

    async def _stored(self, response: Answered) -> Stored:
        filled, inbox = self.filled, self.deployment.inbox
        async with self.deployment.database.transaction() as session:
            return await inbox.store(session, self.link.slug, filled.once, response, filled.version)

    def _back(self, note: Note, once: str | None = None, problems: Sequence[Problem] = ()) -> Response[str]:
        filled = self.filled.again(once)
        return survey(
            self.deployment, self.link, self.around, self.catalog, self.offered, filled, note, problems
        )


def survey(
    deployment: Deployment,
    link: Link,
    around: Surroundings,
    catalog: Catalog,
    offered: Sequence[Language],
    filled: Filled,
    note: Note | None = None,
    problems: Sequence[Problem] = (),
) -> Response[str]:
    """A link's survey, filled with what was sent before."""
    asked = shown(asked_questions(link.instrument, comments=link.comments), filled, problems)
    page = survey_page(
        "survey/survey.html",
        catalog,
        style=show_if_style(asked),
        scripts=("survey/ask.js",),
        status=note.value if note else 200,
        around=around,
        link=link,
        asked=asked,
        count=sum(it.number is not None for it in asked),
        filled=filled,
        note=note.name if note else "",
        problems=problems,
        offered=offered,
        reviewed=catalog.is_reviewed and catalog.count(texts_read(link)).is_reviewed,
        longest=LONGEST_TEXT,
        help_lines=help_lines(link.audience),
        settings=deployment.settings,
    )
    if note in (Note.DAMPED, Note.BUSY):
        page.headers["Retry-After"] = "60"
    return page


survey_router = Router(
    "",
    route_handlers=[
        show_survey,
        send_answers,
        show_framed_survey,
        send_framed_answers,
        thank_in_frame,
    ],
)
