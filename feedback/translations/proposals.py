"""Words of two: what somebody writes waits beside the words in force until another person agrees.

One translator alone could turn round the promise that young people read. So nobody puts words of their own in
force (docs/decisions/0024-words-of-two.md), and no door for respondents reads this table.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback import clock
from feedback.languages import Language
from feedback.storage.keys import StaffKeys
from feedback.storage.staff_tables import ProposalRow
from feedback.translations.catalogs import Catalog, Message, Translation
from feedback.translations.proofreading import ambiguous_options, problems
from feedback.translations.sections import texts_of
from feedback.translations.words import behind, store_translations, together
from surveys.instruments import Instrument

SHIPPED = "Heard"
"""Who wrote the drafts that are shipped."""
STALE = "Somebody else changed this message since you opened it. It stands here as it is now."
OWN = "You wrote these words. A second person has to say that they are right."
IN_FORCE = "These are the words in force. Nothing was proposed."
WAITS = "Exactly these words were proposed already. They wait for a second person."
CHANGED = "You changed the words. Propose yours, or put them back as they were."
NOTHING = "Nothing waits here. Open the message again to see its words."
NOT_SO = "Only a draft can be marked as reviewed as it stands. Propose the words instead."


class ProposalRefused(Exception):
    """What somebody wanted to do with words cannot be done; each argument is a sentence that says why."""


class Proposal(msgspec.Struct, frozen=True):
    """Words that somebody wrote and nobody else has agreed to."""

    forms: tuple[str, ...]
    who: str
    on: dt.date

    def is_by(self, who: str) -> bool:
        return is_same(self.who, who)


class Sight(msgspec.Struct, frozen=True):
    """A message as somebody sees it who is about to do something with its words."""

    catalog: Catalog
    message: Message
    behind: tuple[str, ...]
    """Who stands behind the words in force, where it is not the shipped draft alone."""
    proposal: Proposal | None

    @property
    def translation(self) -> Translation | None:
        return self.catalog.translations.get(self.message.source)

    @property
    def in_force(self) -> tuple[str, ...] | None:
        """What a page may say. Words made for another English are shown to nobody."""
        return self.translation.forms if self.translation and self.translation.state != "changed" else None

    def waits_as(self, forms: tuple[str, ...]) -> bool:
        """Whether exactly these words wait, as a page shows them and takes them back."""
        return self.proposal is not None and tidy(self.message, self.proposal.forms) == forms

    def stands_as(self, forms: tuple[str, ...]) -> bool:
        """Whether exactly these words are in force."""
        return self.in_force is not None and tidy(self.message, self.in_force) == forms

    def mark(self, keys: StaffKeys, reader: str) -> str:
        """Stands for all of it before the eyes of one person, who can agree to nothing else with it.

        Keyed, so that nobody makes one up for somebody else: a form can be left in a browser in which another
        person signs in and goes on. And whole: of a shortened one a writer could make two texts.
        """
        proposal = (self.proposal.forms, self.proposal.who) if self.proposal else ()
        parts = [self.catalog.language.tag, self.message, self.translation, proposal, self.behind]
        return keys.hash("words seen", reader, msgspec.json.encode(parts).decode()).hex()

    def may_agree(self, who: str) -> bool:
        """Whether this person can be the second one for what waits."""
        return self.proposal is not None and not self.proposal.is_by(who)

    def may_vouch(self, who: str) -> bool:
        """Whether this person can be the second one for the words in force, as they stand."""
        return self.needs_one_more and not self.stands_behind(who)

    @property
    def needs_one_more(self) -> bool:
        """Whether the words in force are a draft, or stand there since one person alone was enough."""
        is_draft = self.translation is not None and self.translation.state == "draft"
        return is_draft or (self.in_force is not None and len(self.behind) == 1)

    def stands_behind(self, who: str) -> bool:
        return any(is_same(it, who) for it in self.behind)


def is_same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def tidy(message: Message, forms: Iterable[str]) -> tuple[str, ...]:
    """Words as a page takes them: what a browser or a hurry adds around them is no other text."""
    lines = (form.replace("\r\n", "\n").strip() for form in forms)
    return tuple(text if "\n" in message.source else " ".join(text.split("\n")) for text in lines)


async def look(session: AsyncSession, catalog: Catalog, message: Message) -> Sight:
    """Read what waits for a message, beside the words in force."""
    row = await session.get(ProposalRow, (catalog.language.tag, message.key))
    people = await behind(session, catalog.language, message)
    return Sight(catalog, message, people, _proposal(row) if row else None)


async def all_proposals(session: AsyncSession) -> dict[str, dict[str, Proposal]]:
    """All that waits, by language and by the key of its message."""
    proposals: dict[str, dict[str, Proposal]] = {}
    for row in (await session.execute(select(ProposalRow))).scalars():
        proposals.setdefault(row.language, {})[row.key] = _proposal(row)
    return proposals


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(tuple(row.forms), row.who, row.at.date())


def laid_over(catalog: Catalog, proposals: Mapping[str, Proposal], messages: Iterable[Message]) -> Catalog:
    """What a language would say if somebody agreed to all that waits."""
    translations = {it.source: Translation(proposals[it.key].forms) for it in messages if it.key in proposals}
    return Catalog(catalog.language, catalog.translations | translations) if translations else catalog


async def propose(
    session: AsyncSession, sight: Sight, instruments: Iterable[Instrument], forms: tuple[str, ...], who: str
) -> None:
    """Let words wait, in the place of those that waited. Raises ProposalRefused."""
    if sight.waits_as(forms):
        raise ProposalRefused(WAITS)
    if sight.stands_as(forms):
        raise ProposalRefused(IN_FORCE)
    _check(sight, instruments, forms)
    await keep_waiting(session, sight.catalog.language, [(sight.message, forms)], who)


async def agree(
    session: AsyncSession, sight: Sight, instruments: Iterable[Instrument], forms: tuple[str, ...], who: str
) -> None:
    """Put what waits in force, as words of two. `forms` is what stood before the second person's eyes."""
    if sight.proposal is None:
        raise ProposalRefused(NOTHING)
    if not sight.may_agree(who):
        raise ProposalRefused(OWN)
    if not sight.waits_as(forms):
        raise ProposalRefused(CHANGED)
    _check(sight, instruments, sight.proposal.forms)
    await _put_in_force(session, sight, sight.proposal.forms, together(sight.proposal.who, who))
    await withdraw(session, sight)


async def vouch(
    session: AsyncSession, sight: Sight, instruments: Iterable[Instrument], forms: tuple[str, ...], who: str
) -> None:
    """Mark the words in force as reviewed as they stand: somebody else wrote them. Raises ProposalRefused."""
    if sight.in_force is None or not sight.needs_one_more:
        raise ProposalRefused(NOT_SO)
    if sight.stands_behind(who):
        raise ProposalRefused(OWN)
    if not sight.stands_as(forms):
        raise ProposalRefused(CHANGED)
    _check(sight, instruments, sight.in_force)
    await _put_in_force(session, sight, sight.in_force, together(*(sight.behind or (SHIPPED,)), who))


async def _put_in_force(session: AsyncSession, sight: Sight, forms: tuple[str, ...], people: str) -> None:
    translation = Translation(forms, "reviewed")
    await store_translations(session, sight.catalog.language, [(sight.message, translation)], people)


async def withdraw(session: AsyncSession, sight: Sight, *_: object) -> None:
    """Let nothing wait any more: its writer takes it back, or somebody keeps the words in force."""
    row = await session.get(ProposalRow, (sight.catalog.language.tag, sight.message.key))
    if row is None:
        raise ProposalRefused(NOTHING)
    await session.delete(row)


async def keep_waiting(
    session: AsyncSession, language: Language, proposals: Sequence[tuple[Message, tuple[str, ...]]], who: str
) -> None:
    """Keep words that wait, in the place of those that waited.

    Where exactly these do, they stay whose they are: whoever wrote them could else agree to them.
    """
    at = clock.now()
    before = (await all_proposals(session)).get(language.tag, {})
    others = (it for it in proposals if it[0].key not in before or before[it[0].key].forms != it[1])
    for message, forms in others:
        await session.merge(
            ProposalRow(
                language=language.tag, key=message.key, source=message.source, forms=list(forms), who=who,
                at=at,
            )
        )  # fmt: skip


async def settle(
    session: AsyncSession, language: Language, translations: Iterable[tuple[Message, Translation]]
) -> None:
    """Let no words wait that a file has just put in force."""
    in_force = {message.key: words.forms for message, words in translations if words.state != "changed"}
    for key, it in (await all_proposals(session)).get(language.tag, {}).items():
        if in_force.get(key) == it.forms:
            await session.execute(
                delete(ProposalRow).where(ProposalRow.language == language.tag, ProposalRow.key == key)
            )


def _check(sight: Sight, instruments: Iterable[Instrument], forms: tuple[str, ...]) -> None:
    """Raise ProposalRefused for each fault, also for those that came up since somebody wrote the words."""
    language, source = sight.catalog.language, sight.message.source
    sentences = problems(language, sight.message, forms)
    if not sentences:
        after = Catalog(language, sight.catalog.translations | {source: Translation(forms)})
        surveys = [it for it in instruments if source in texts_of(it)]
        sentences = [problem for it in surveys for problem in ambiguous_options(language, it, after.gettext)]
    if sentences:
        raise ProposalRefused(*sentences)
