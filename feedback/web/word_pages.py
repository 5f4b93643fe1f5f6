"""Where translators read and write words, message by message. They see strings and nothing else."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.access import NotYours
from feedback.accounts import Account
from feedback.audit import record
from feedback.catalogs import Catalog, Counts, Message, State, Translation, examples, form_count
from feedback.deployment import Deployment
from feedback.languages import LANGUAGES, SOURCE, Language
from feedback.links import Link
from feedback.programs import all_programs
from feedback.proofreading import alike, faults
from feedback.sections import Section, messages_in, texts_of
from feedback.web.rendering import see_other
from feedback.web.staff import FormRefused, account_page, form_fields
from feedback.web.word_lists import STATES, Asked, Shown, mark_of, parts_of, show
from feedback.wordfiles import FORMATS, write_words
from feedback.words import Words, instruments_here, last_written, messages_here, store_translations
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
    words, found = await _read(deployment)
    sources = [message.source for message in messages_in(found)]
    counted: list[tuple[Language, Counts]] = [
        (it.language, it.count(sources)) for it in words.catalogs.values() if it.language is not SOURCE
    ]
    return account_page(request, "staff/words.html", account, counted=counted, offered=words.offered())


@get("/words/{tag:str}", does="translate")
async def messages_page(
    tag: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """Every message of a language, in the order in which a person reads them."""
    language = _language(tag)
    words, found = await _read(deployment)
    catalog = words.spoken(language)
    asked = _asked(request)
    return account_page(
        request, "staff/messages.html", account, catalog=catalog, asked=asked, states=STATES,
        counts=catalog.count(it.source for it in messages_in(found)),
        parts=parts_of(catalog, found, asked), offered=language in words.offered(),
        surveys=[it for it in found if it.instrument],
    )  # fmt: skip


@get("/words/{tag:str}/{key:str}", does="translate")
async def message_page(
    tag: FromPath[str],
    key: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str]:
    """One message, to translate or to review."""
    language = _language(tag)
    words, found = await _read(deployment)
    shown = show(words.spoken(language), _message(found, key))
    return await _message_page(request, deployment, account, language, shown, _asked(request), found)


@post("/words/{tag:str}/{key:str}", does="translate")
async def save_message(
    tag: FromPath[str],
    key: FromPath[str],
    request: Request[Any, Any, Any],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[str] | Redirect:
    """Keep what was typed, or say what is wrong with it and show it again."""
    language = _language(tag)
    fields = await form_fields(request)
    asked = _asked(request)
    try:
        async with deployment.database.transaction() as session:
            await _save(session, deployment, account, language, key, fields)
    except FormRefused as refused:
        words, found = await _read(deployment)
        shown = show(words.spoken(language), _message(found, key))
        typed = msgspec.structs.replace(shown, said=_written(language, shown.message, fields))
        return await _message_page(
            request, deployment, account, language, typed, asked, found, refused.args, fields.get("seen", "")
        )
    return see_other(f"/words/{tag}{'?' * bool(asked.query)}{asked.query}#m{key}")


async def _save(
    session: AsyncSession,
    deployment: Deployment,
    account: Account,
    language: Language,
    key: str,
    fields: dict[str, str],
) -> None:
    """Keep what was typed. Raises FormRefused with a sentence for each fault, and then nothing is kept."""
    found = await messages_here(session)
    message = _message(found, key)
    written = _written(language, message, fields)
    # First, so that of two who write at once the second waits here and then reads what the first wrote.
    await record(session, account.email, "words.save", f"{language.tag} {key} {written.state}")
    catalog = (await deployment.words.now(session)).spoken(language)
    wrong = _wrong(catalog, await instruments_here(session), message, written, fields.get("seen", ""))
    if wrong:
        raise FormRefused(*wrong)
    await store_translations(session, language, [(message, written)], account.email)


def _written(language: Language, message: Message, fields: dict[str, str]) -> Translation:
    """Read the form. Only the button of a person who vouches for the words makes them reviewed."""
    count = form_count(language) if message.plural else 1
    typed = (fields.get(f"form-{number}", "").replace("\r\n", "\n").strip() for number in range(count))
    forms = tuple(text if "\n" in message.source else " ".join(text.split("\n")) for text in typed)
    state: State = "reviewed" if fields.get("as") == "reviewed" else "draft"
    return Translation(forms, state)


def _wrong(
    catalog: Catalog, instruments: Sequence[Instrument], message: Message, written: Translation, seen: str
) -> list[str]:
    if seen != mark_of(catalog.said.get(message.source)):
        return ["Somebody else changed this message since you opened it. Open it again to see their words."]
    wrong = faults(catalog.language, message, written.forms)
    if wrong:
        return wrong
    after = Catalog(catalog.language, catalog.said | {message.source: written})
    asking = [it for it in instruments if message.source in texts_of(it)]
    return [fault for it in asking for fault in alike(catalog.language, it, after.gettext)]


@get("/words/{tag:str}/file/{kind:str}", does="translate")
async def words_file(
    tag: FromPath[str],
    kind: FromPath[str],
    deployment: NamedDependency[Deployment],
    account: NamedDependency[Account],
) -> Response[bytes]:
    """Every message of a language as a file for a translator's own tools."""
    language = _language(tag)
    chosen = next((it for it in FORMATS if it == kind), None)
    if chosen is None:
        raise NotYours
    words, found = await _read(deployment)
    async with deployment.database.transaction() as session:
        await record(session, account.email, "words.export", f"{tag} {kind}")
    name = f"heard-{tag}.{_SUFFIX[chosen]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    written = write_words(words.spoken(language), found, chosen)
    return Response(written, media_type="application/octet-stream", headers=headers)


@get("/words/{tag:str}/preview/{instrument_id:str}", does="translate")
async def preview_page(
    tag: FromPath[str],
    instrument_id: FromPath[str],
    deployment: NamedDependency[Deployment],
    preview: NamedDependency[Preview],
) -> Response[str]:
    """A survey as it reads in this language, offered or not; no answer can be sent from it."""
    language = _language(tag)
    async with deployment.database.snapshot() as session:
        words = await deployment.words.now(session)
        instruments = {it.id: it for it in await instruments_here(session)}
        if instrument_id not in instruments:
            raise NotYours
        link = _pretended(deployment, instruments[instrument_id], await all_programs(session))
    return preview(deployment, link, words.spoken(language))


def _pretended(deployment: Deployment, instrument: Instrument, programs: Sequence[Program]) -> Link:
    """A link that nobody made, to the first program whose people this survey is written for."""
    for program in programs:
        for audience in program.audiences:
            if audience in instrument.audiences:
                today = deployment.settings.today
                return Link(
                    "preview", program, audience, instrument, None, "", (), True, None, today, None, None
                )
    raise NotYours


def _asked(request: Request[Any, Any, Any]) -> Asked:
    only, search = (request.query_params.get(name, "") for name in ("only", "search"))
    return Asked(only if only in STATES else "", search.strip()[:200])


def _language(tag: str) -> Language:
    if tag not in LANGUAGES or LANGUAGES[tag] is SOURCE:
        raise NotYours
    return LANGUAGES[tag]


async def _read(deployment: Deployment) -> tuple[Words, list[Section]]:
    async with deployment.database.snapshot() as session:
        return await deployment.words.now(session), await messages_here(session)


def _message(found: Sequence[Section], key: str) -> Message:
    message = next((it for it in messages_in(found) if it.key == key), None)
    if message is None:
        raise NotYours
    return message


async def _message_page(
    request: Request[Any, Any, Any],
    deployment: Deployment,
    account: Account,
    language: Language,
    shown: Shown,
    asked: Asked,
    found: Sequence[Section],
    wrong: Sequence[str] = (),
    seen: str | None = None,
) -> Response[str]:
    async with deployment.database.snapshot() as session:
        who = await last_written(session, language, shown.message)
    count = form_count(language) if shown.message.plural else 1
    forms = [*(shown.said.forms if shown.said else ()), *("",) * count][:count]
    return account_page(
        request, "staff/message.html", account, status=400 if wrong else 200, shown=shown, asked=asked,
        who=who, edited=language, forms=forms, examples=examples(language) if shown.message.plural else (),
        wrong=wrong, seen=mark_of(shown.said) if seen is None else seen,
        instrument=next((it.instrument for it in found if shown.message in it.messages), None),
    )  # fmt: skip


word_router = Router(
    "",
    route_handlers=[languages_page, messages_page, message_page, save_message, words_file, preview_page],
)
