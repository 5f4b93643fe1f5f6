"""Where translators see how far each language is, and read it whole. They see strings and nothing else."""

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from feedback.deployment import Deployment
from feedback.fieldwork.links import Link
from feedback.fieldwork.programs import all_programs
from feedback.languages import SOURCE, Language
from feedback.staff.access import NotYours
from feedback.staff.accounts import Account
from feedback.staff.audit import record
from feedback.translations.catalogs import Catalog, Counts
from feedback.translations.proposals import laid_over
from feedback.translations.sections import messages_in
from feedback.translations.wordfiles import FORMATS, write_words
from feedback.translations.words import instruments_here
from feedback.web.staff.page import account_page
from feedback.web.staff.words.message_lists import STATES, filter_of, language_of, parts_of, read_here
from feedback.web.staff.words.message_pages import message_handlers
from feedback.web.staff.words.word_marks import pieces
from surveys.instruments import Instrument
from surveys.registry import Program

Preview = Callable[[Deployment, Link, Catalog], Response[str]]
"""The survey door's own page, joined in feedback/app.py: a translator must see the page a respondent sees."""
_SUFFIX = {"po": "po", "xliff": "xlf"}


@get("/words", does="translate")
async def languages_page(
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Every language and how far it is."""
    here = await read_here(deployment)
    sources = [message.source for message in messages_in(here.sections)]
    counts: list[tuple[Language, Counts, int]] = [
        (it.language, it.count(sources), here.number_waiting(it.language))
        for it in here.words.catalogs.values()
        if it.language is not SOURCE
    ]
    return account_page(request, "staff/words.html", account, counted=counts, offered=here.words.offered())


@get("/words/{tag:str}", does="translate")
async def messages_page(
    tag: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Every message of a language, in the order in which a person reads them."""
    language = language_of(tag)
    here = await read_here(deployment)
    catalog, message_filter = here.words.spoken(language), filter_of(request)
    return account_page(
        request, "staff/messages.html", account, catalog=catalog, asked=message_filter, states=STATES,
        counts=catalog.count(it.source for it in messages_in(here.sections)),
        waiting=here.number_waiting(language), offered=language in here.words.offered(),
        parts=parts_of(catalog, here.sections, here.of(language), message_filter),
        pieces=pieces, surveys=[it for it in here.sections if it.instrument],
    )  # fmt: skip


@get("/words/{tag:str}/file/{kind:str}", does="translate")
async def words_file(
    tag: FromPath[str],
    kind: FromPath[str],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[bytes]:
    """Every message of a language, with the words in force, as a file for a translator's own tools."""
    language = language_of(tag)
    word_format = next((it for it in FORMATS if it == kind), None)
    if word_format is None:
        raise NotYours
    here = await read_here(deployment)
    async with deployment.database.transaction() as session:
        await record(session, account.email, "words.export", f"{tag} {kind}")
    name = f"heard-{tag}.{_SUFFIX[word_format]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = write_words(here.words.spoken(language), here.sections, word_format)
    return Response(content, media_type="application/octet-stream", headers=headers)


@get("/words/{tag:str}/preview/{instrument_id:str}", does="translate")
async def preview_page(
    tag: FromPath[str],
    instrument_id: FromPath[str],
    deployment: NamedDependency[Deployment],
    preview: NamedDependency[Preview],
) -> Response[str]:
    """A survey as it would read, offered or not, with what waits laid over; no answer can be sent from it."""
    language = language_of(tag)
    here = await read_here(deployment)
    catalog = laid_over(here.words.spoken(language), here.of(language), messages_in(here.sections))
    async with deployment.database.snapshot() as session:
        instruments = {it.id: it for it in await instruments_here(session)}
        if instrument_id not in instruments:
            raise NotYours
        link = _preview_link(deployment, instruments[instrument_id], await all_programs(session))
    return preview(deployment, link, catalog)


def _preview_link(deployment: Deployment, instrument: Instrument, programs: Sequence[Program]) -> Link:
    """A link that nobody made, to the first program whose people this survey is written for."""
    for program in programs:
        for audience in program.audiences:
            if audience in instrument.audiences:
                today = deployment.settings.today
                return Link(
                    slug="preview",
                    program=program,
                    audience=audience,
                    instrument=instrument,
                    language=None,
                    place="",
                    embed=(),
                    comments=True,
                    reading=None,
                    made_on=today,
                    expires_on=None,
                    closed_on=None,
                )
    raise NotYours


word_router = Router(
    "",
    route_handlers=[languages_page, messages_page, *message_handlers, words_file, preview_page],
)
