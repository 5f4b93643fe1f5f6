"""Somebody before a survey: which link they opened, where its page stands, and in which words it speaks.

A visit lasts as long as one request. Nothing of it is kept, and nothing in it tells who it is.
"""

from collections.abc import Sequence

import msgspec
from litestar import Request

from feedback.deployment import Deployment
from feedback.fieldwork.links import Link, LinkUnknown, open_link
from feedback.languages import Language, by_preference, first_screen, page_language
from feedback.translations.catalogs import Catalog
from feedback.translations.sections import texts_of
from feedback.translations.words import Catalogs
from feedback.web.survey.page_context import PageContext


class Wording(msgspec.Struct, frozen=True):
    """In which words a page is shown, and what its reader may choose instead."""

    catalog: Catalog
    offered: Sequence[Language] = ()
    """The reader's own first."""
    beside: Sequence[Language] = ()
    """What stands on the first screen, where nobody has to look for it."""


class Visit(msgspec.Struct, frozen=True):
    """What every page of a survey needs, whether it is opened, sent, or given back."""

    deployment: Deployment
    link: Link
    page_context: PageContext
    wording: Wording

    @property
    def language(self) -> Language:
        return self.wording.catalog.language

    def new_submission_key(self) -> str:
        return self.deployment.submission_keys.new(self.link.slug, self.deployment.settings.period)


async def open_visit(
    deployment: Deployment,
    request: Request,  # type: ignore[type-arg]
    slug: str,
    lang: str | None,
    *,
    kiosk: bool = False,
    framed: bool = False,
) -> Visit:
    """Open a link for a respondent, in the words of this moment. Raises LinkUnknown or LinkClosed.

    Reads nothing of the reader but wished languages. In a frame a link that no site may frame is unknown.
    """
    async with deployment.database.snapshot() as session:
        link = await open_link(session, slug, deployment.settings.today)
        words = await deployment.words.now(session)
    if framed and not link.embed:
        raise LinkUnknown
    if framed:
        deployment.framing[slug] = link.embed
    page_context = PageContext(slug, kiosk=kiosk, frames=link.embed if framed else ())
    return Visit(deployment, link, page_context, _wording(link, words, request, lang))


def texts_read(link: Link) -> list[str]:
    """What a link's own survey says: a language is offered on it only when it says all of that."""
    return [link.program.respondent_names[link.audience], *texts_of(link.instrument)]


def _wording(
    link: Link,
    words: Catalogs,
    request: Request,  # type: ignore[type-arg]
    lang: str | None,
) -> Wording:
    """The words a page speaks, by what was asked for, the link's language, or English."""
    offered, preferences = words.offered(texts_read(link)), request.headers.get("accept-language", "")
    language = page_language(lang, link.language, offered)
    beside = first_screen(offered, preferences, language)
    return Wording(words.spoken(language), by_preference(offered, preferences), beside)
