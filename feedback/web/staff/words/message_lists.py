"""Messages as a translator looks for them: with their words, their state, and what waits beside them."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request

from feedback.deployment import Deployment
from feedback.languages import LANGUAGES, SOURCE, Language
from feedback.staff.access import NotYours
from feedback.translations.catalogs import Catalog, Message, Translation
from feedback.translations.proposals import Proposal, all_proposals
from feedback.translations.sections import Section, messages_in
from feedback.translations.words import Catalogs, messages_here

WAITING = "waiting"
STATES = (WAITING, "draft", "reviewed", "changed", "missing")


class MessageView(msgspec.Struct, frozen=True):
    """One message as a translator reads it."""

    message: Message
    state: str
    translation: Translation | None
    proposal: Proposal | None


class SectionView(msgspec.Struct, frozen=True):
    """The messages that stand together, as far as they were looked for."""

    section: Section
    views: Sequence[MessageView]


class MessageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a translator looks for."""

    only: str = ""
    search: str = ""

    @property
    def query(self) -> str:
        return self.about()

    def about(self, **more: str) -> str:
        """For an address: what is looked for, and more that a single page is told."""
        parameters = {**msgspec.structs.asdict(self), **more}
        return urlencode({name: value for name, value in parameters.items() if value})


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the messages before and after one, of those that were looked for."""

    before: str = ""
    after: str = ""


class Here(msgspec.Struct, frozen=True):
    """The words of one moment, which messages there are, and what waits in one language or in all."""

    words: Catalogs
    sections: Sequence[Section]
    proposals: Mapping[str, Mapping[str, Proposal]]

    def of(self, language: Language) -> Mapping[str, Proposal]:
        return self.proposals.get(language.tag, {})

    def number_waiting(self, language: Language) -> int:
        return sum(it.key in self.of(language) for it in messages_in(self.sections))


async def read_here(deployment: Deployment) -> Here:
    async with deployment.database.snapshot() as session:
        words = await deployment.words.now(session)
        return Here(words, await messages_here(session), await all_proposals(session))


def filter_of(request: Request[Any, Any, Any]) -> MessageFilter:
    only, search = (request.query_params.get(name, "") for name in ("only", "search"))
    return MessageFilter(only=only if only in STATES else "", search=search.strip()[:200])


def language_of(tag: str) -> Language:
    if tag not in LANGUAGES or LANGUAGES[tag] is SOURCE:
        raise NotYours
    return LANGUAGES[tag]


def message_at(sections: Sequence[Section], key: str) -> Message:
    message = next((it for it in messages_in(sections) if it.key == key), None)
    if message is None:
        raise NotYours
    return message


def parts_of(
    catalog: Catalog,
    sections: Sequence[Section],
    proposals: Mapping[str, Proposal],
    message_filter: MessageFilter,
) -> list[SectionView]:
    parts = [
        SectionView(it, [_show(catalog, proposals, message) for message in it.messages]) for it in sections
    ]
    matching = [
        SectionView(part.section, [it for it in part.views if _matches(it, message_filter)]) for part in parts
    ]
    return [part for part in matching if part.views]


def beside(parts: Sequence[SectionView], sections: Sequence[Section], key: str) -> Beside:
    """What stands before and after a message, also after it stopped to be one of those looked for."""
    order = [message.key for message in messages_in(sections)]
    keys = {it.message.key for part in parts for it in part.views}
    place = order.index(key)
    before = [it for it in order[:place] if it in keys]
    after = [it for it in order[place + 1 :] if it in keys]
    return Beside(before=before[-1] if before else "", after=after[0] if after else "")


def _show(catalog: Catalog, proposals: Mapping[str, Proposal], message: Message) -> MessageView:
    source = message.source
    return MessageView(
        message, catalog.state(source), catalog.translations.get(source), proposals.get(message.key)
    )


def _matches(view: MessageView, message_filter: MessageFilter) -> bool:
    forms = view.translation.forms if view.translation else ()
    proposed_forms = view.proposal.forms if view.proposal else ()
    texts = (*view.message.english, *view.message.places, *forms, *proposed_forms)
    has_text = message_filter.search.casefold() in "\n".join(texts).casefold()
    states = (view.state, WAITING) if view.proposal else (view.state,)
    return has_text and (not message_filter.only or message_filter.only in states)
