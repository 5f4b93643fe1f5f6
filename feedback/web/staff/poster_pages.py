"""A poster to hang up: the code, the address to type and a few calm words, in one language or two."""

import segno
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from markupsafe import Markup

from feedback.deployment import Deployment
from feedback.fieldwork.links import Link
from feedback.languages import page_language
from feedback.translations.catalogs import Catalog
from feedback.web.rendering import environment, to_type
from feedback.web.staff.page import FormRefused, staff_page


@get("/links/{slug:str}/poster", does="make links")
async def show_poster(
    link: NamedDependency[Link],
    deployment: NamedDependency[Deployment],
    lang: FromQuery[str | None] = None,
    beside: FromQuery[str | None] = None,
) -> Response[str]:
    """Show a link's poster to print. Raises NotYours, LinkUnknown, or FormRefused for a closed link."""
    settings = deployment.settings
    async with deployment.database.snapshot() as session:
        words = await deployment.words.now(session)
    if not link.is_open(settings.today):
        raise FormRefused("This link is closed: its poster would lead nowhere.")
    offered = words.offered()
    language = page_language(lang, link.language, offered)
    second = page_language(beside, None, offered) if beside else language
    languages = [language] if second is language else [language, second]
    address = settings.survey_address(link.slug)
    tag = (
        "" if len(languages) > 1 or language is page_language(None, link.language, offered) else language.tag
    )
    spoken = [words.spoken(it) for it in languages]
    heard = to_type(f"{settings.survey_url}/heard")
    return staff_page(
        "staff/poster.html",
        settings=settings,
        link=link,
        spoken=languages,
        offered=offered,
        panels=[_words("paper/poster.html", it, link) for it in spoken],
        notes=[_words("paper/poster_results.html", it, link, heard=heard) for it in spoken],
        address=to_type(address),
        code=_code(f"{address}?lang={tag}" if tag else address),
    )


def _words(template: str, catalog: Catalog, link: Link, **context: str) -> Markup:
    return Markup(environment(catalog).get_template(template).render(link=link, **context))  # noqa: S704 - our own templates


def _code(address: str) -> Markup:
    """The code as lines inside the page, so that printing needs no second request."""
    return Markup(segno.make(address, error="m").svg_inline(omitsize=True, svgclass="code", lineclass=None))  # noqa: S704 - drawn by us


poster_router = Router("", route_handlers=[show_poster])
