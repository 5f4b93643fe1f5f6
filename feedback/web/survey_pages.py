"""The survey: one link, one document, one Send."""

from collections.abc import Sequence

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from feedback.catalogs import Catalog
from feedback.deployment import Deployment
from feedback.languages import Language, by_preference, page_language
from feedback.links import Link, LinkUnknown, open_link
from feedback.sections import texts_of
from feedback.web.public_pages import thank
from feedback.web.rendering import see_other, survey_page
from feedback.web.surroundings import Surroundings
from feedback.web.survey_form import Filled, nothing_filled, read_form, show_if_style, shown
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
    """Store exactly one response and thank when it is on disk, or show the page again as it was sent."""
    filled = await read_form(request)
    link, words = await read_link(deployment, slug)
    return await _store(deployment, link, words, Surroundings(slug, kiosk=kiosk == "1"), filled)


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
    return await _store(deployment, link, words, Surroundings(slug, frames=link.embed), filled)


@get("/e/{slug:str}/thanks")
async def thank_in_frame(
    slug: FromPath[str], deployment: NamedDependency[Deployment], lang: FromQuery[str | None] = None
) -> Response[str]:
    """Thank where the survey stood: the page of its own may not be framed."""
    link, _ = await _framed_link(deployment, slug)
    return await thank(deployment, lang, Surroundings(slug, frames=link.embed))


def preview(deployment: Deployment, link: Link, catalog: Catalog) -> Response[str]:
    """A survey as it reads in a language, offered or not, for whoever checks its words. It cannot be sent."""
    answer = _page(deployment, link, Surroundings(), catalog, (), nothing_filled())
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


def _fresh(
    deployment: Deployment,
    link: Link,
    words: Words,
    around: Surroundings,
    request: Request,  # type: ignore[type-arg]
    lang: str | None,
) -> Response[str]:
    catalog, wished = words_for(link, words, request, lang)
    return _page(deployment, link, around, catalog, wished, nothing_filled())


async def _store(
    deployment: Deployment, link: Link, words: Words, around: Surroundings, filled: Filled
) -> Response[str] | Response[None]:
    offered = words.offered(texts_read(link))
    language = page_language(filled.language, link.language, offered)
    catalog = words.spoken(language)
    if filled.by_enter:
        return _page(deployment, link, around, catalog, offered, filled)
    try:
        answers = read_answers(link.instrument, filled.given, wants_comments=link.comments)
    except AnswersRefused as refused:
        return _page(deployment, link, around, catalog, offered, filled, refused.problems)
    response = Answered(
        link.program.id,
        link.audience,
        link.instrument.id,
        language.tag,
        str(deployment.settings.period),
        "live",
        answers,
        read_consent(filled.consent),
    )
    if not await _is_kept(deployment, link, filled.once):
        if not deployment.damping.takes(link.slug):
            return _damped(deployment, link, around, catalog, offered, filled)
        async with deployment.database.transaction() as session:
            await deployment.inbox.store(session, link.slug, filled.once, response)
    return see_other(around.thanks(language))


async def _is_kept(deployment: Deployment, link: Link, number: str) -> bool:
    """Whether this page was sent before: then it is thanked again, however many are sending."""
    async with deployment.database.snapshot() as session:
        return await deployment.inbox.holds(session, link.slug, number)


def _damped(
    deployment: Deployment,
    link: Link,
    around: Surroundings,
    catalog: Catalog,
    offered: Sequence[Language],
    filled: Filled,
) -> Response[str]:
    """Ask to send again in a minute; the optional script does it by itself."""
    answer = _page(deployment, link, around, catalog, offered, filled, damped=True)
    answer.headers["Retry-After"] = "60"
    return answer


def _page(
    deployment: Deployment,
    link: Link,
    around: Surroundings,
    catalog: Catalog,
    offered: Sequence[Language],
    filled: Filled,
    problems: Sequence[Problem] = (),
    *,
    damped: bool = False,
) -> Response[str]:
    asked = asked_questions(link.instrument, comments=link.comments)
    questions = shown(asked, filled, problems)
    return survey_page(
        "survey/survey.html",
        catalog,
        style=show_if_style(questions),
        scripts=("survey/ask.js",),
        status=429 if damped else 400 if problems else 200,
        around=around,
        link=link,
        asked=questions,
        count=sum(it.number is not None for it in asked),
        filled=filled,
        problems=problems,
        damped=damped,
        offered=offered,
        reviewed=catalog.is_reviewed and catalog.count(texts_read(link)).is_reviewed,
        longest=LONGEST_TEXT,
        help_lines=help_lines(link.audience),
        settings=deployment.settings,
    )


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
