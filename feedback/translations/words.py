"""The words of a deployment: the shipped catalogs with what its own translators wrote laid over them."""

import datetime as dt
import functools
import secrets
from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import clock
from feedback.fieldwork.instruments import known_instruments
from feedback.fieldwork.programs import all_programs
from feedback.languages import LANGUAGES, SOURCE, Language
from feedback.storage.facts import Fact, note, read_fact
from feedback.storage.staff_tables import TranslationRow
from feedback.translations.catalogs import (
    Catalog,
    Message,
    Translation,
    message_of,
    shipped_by_source,
    shipped_catalogs,
)
from feedback.translations.sections import Section, sections
from surveys.instruments import Instrument

_BETWEEN = ", "
"""No address of an account holds one."""


class Catalogs(msgspec.Struct, frozen=True, eq=False):
    """The words of every language at one moment. They depend on the deployment and never on a reader."""

    edition: str
    drafts: bool
    catalogs: Mapping[str, Catalog]

    def offered(self, own: Iterable[str] = ()) -> tuple[Language, ...]:
        """Languages that say a whole page: every shipped message, and the page's `own` ones."""
        others = [source for source in own if source not in shipped_by_source()]
        spoken = (it for it in self.catalogs.values() if it.speaks(others, drafts=self.drafts))
        return tuple(catalog.language for catalog in spoken)

    def speaking(self, sources: Iterable[str]) -> list[Catalog]:
        """The languages that say all of these messages, whether or not they are offered."""
        texts = list(sources)
        return [it for it in self.catalogs.values() if it.count(texts).is_whole]

    def spoken(self, language: Language) -> Catalog:
        return self.catalogs[language.tag]


@functools.cache
def shipped_words(*, drafts: bool) -> Catalogs:
    """The words before any translator of a deployment changed one."""
    return Catalogs("", drafts, shipped_catalogs())


class CatalogCache:
    """The words of one deployment, kept in memory until somebody changes one."""

    def __init__(self, *, drafts: bool) -> None:
        self._drafts = drafts
        self._last_read: Catalogs | None = None

    @property
    def last_read(self) -> Catalogs:
        """The words as they were last read: for a page that has to be there when the database is not."""
        return self._last_read or shipped_words(drafts=self._drafts)

    async def now(self, session: AsyncSession) -> Catalogs:
        """The words of this moment. Costs one row by its key unless they changed."""
        edition = await read_fact(session, Fact.WORDS_EDITION) or ""
        words = self.last_read
        if edition != words.edition:
            words = self._last_read = await _read(session, edition, words)
        return words


async def read_words(session: AsyncSession, *, drafts: bool) -> Catalogs:
    return await CatalogCache(drafts=drafts).now(session)


async def _read(session: AsyncSession, edition: str, before: Catalogs) -> Catalogs:
    own: dict[str, dict[str, Translation]] = {}
    for row in (await session.execute(select(TranslationRow))).scalars():
        if row.key != message_of(row.source).key:
            continue  # it was written for other plural forms than the message has today
        translation = msgspec.convert(
            {"forms": row.forms, "state": row.state, "made_for": row.made_for}, Translation
        )
        own.setdefault(row.language, {})[row.source] = translation
    catalogs = {tag: _laid_over(language, own.get(tag, {})) for tag, language in LANGUAGES.items()}
    # What did not change stays the same object, and with it the templates made for it.
    for tag, it in before.catalogs.items():
        if it.translations == catalogs[tag].translations:
            catalogs[tag] = it
    return Catalogs(edition, before.drafts, catalogs)


def _laid_over(language: Language, own: Mapping[str, Translation]) -> Catalog:
    shipped = shipped_catalogs()[language.tag].translations
    translations = {**shipped, **own}
    for source, it in shipped.items():
        # An update of Heard changed the English: what was written here for the old one is nearer.
        if it.state == "changed" and source not in own and it.made_for in own:
            translations[source] = Translation(own[it.made_for].forms, "changed", it.made_for)
    return Catalog(language, translations)


async def messages_here(session: AsyncSession) -> list[Section]:
    """Which messages exist in this deployment, in the order in which a person reads them.

    The shipped ones, and those of what the deployment itself holds: its programs' names, its instruments.
    """
    return sections(await instruments_here(session), await all_programs(session))


async def instruments_here(session: AsyncSession) -> list[Instrument]:
    """Every instrument that this deployment may ask with."""
    return list((await known_instruments(session)).values())


async def store_translations(
    session: AsyncSession, language: Language, translations: Iterable[tuple[Message, Translation]], who: str
) -> None:
    """Keep what somebody wrote, and have every door read it from its next page on."""
    at = clock.now()
    for message, translation in translations:
        await session.merge(
            TranslationRow(
                language=language.tag, key=message.key, source=message.source, forms=list(translation.forms),
                state=translation.state, made_for=translation.made_for, who=who, at=at,
            )
        )  # fmt: skip
    # A random word and no count: of two who write at once neither may leave the number that the other left.
    await note(session, Fact.WORDS_EDITION, secrets.token_hex(8))


def together(*people: str) -> str:
    """Whoever stands behind words, as it is stored: who wrote them first."""
    return _BETWEEN.join(people)


async def behind(session: AsyncSession, language: Language, message: Message) -> tuple[str, ...]:
    """Who stands behind a message's words here; nobody of this deployment where they are the shipped ones."""
    row = await session.get(TranslationRow, (language.tag, message.key))
    return tuple(row.who.split(_BETWEEN)) if row else ()


async def last_written(session: AsyncSession, language: Language, message: Message) -> str:
    """Who wrote a message's words here and on which day; nothing where they are the shipped ones."""
    row = await session.get(TranslationRow, (language.tag, message.key))
    return f"{row.who}, {row.at.date()}" if row else ""


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """Reviewed words that one person alone stands behind, and where a second one can look at them."""

    language: str
    key: str
    source: str
    who: str
    on: dt.date


async def by_one_alone(session: AsyncSession) -> list[Alone]:
    """As was possible before there had to be two."""
    query = select(TranslationRow).where(
        TranslationRow.state == "reviewed", ~TranslationRow.who.contains(_BETWEEN, autoescape=True)
    )
    query = query.order_by(TranslationRow.language, TranslationRow.who, TranslationRow.source)
    rows = (await session.execute(query)).scalars()
    return [
        Alone(language=it.language, key=it.key, source=it.source, who=it.who, on=it.at.date()) for it in rows
    ]


async def source_changed(session: AsyncSession, was: str, now: str, who: str) -> None:
    """Keep every language's words for an English text that this deployment changed, marked as changed."""
    for catalog in (await read_words(session, drafts=True)).catalogs.values():
        translation = catalog.translations.get(was)
        if translation and now not in catalog.translations and catalog.language is not SOURCE:
            words = Translation(translation.forms, "changed", was)
            await store_translations(session, catalog.language, [(Message(source=now), words)], who)
