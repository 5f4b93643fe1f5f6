"""Whether all that a deployment stored is whole: opened with its keys, read by the product itself."""

from collections.abc import Iterable, Sequence

import msgspec
from nacl.public import PublicKey
from sqlalchemy import insert

from feedback.fieldwork import instruments, links, programs
from feedback.fieldwork.totals import work_totals
from feedback.inbox import sealing
from feedback.inbox.sealing import ROW_BYTES, Envelope, seal
from feedback.inbox.unsealing import Opener
from feedback.languages import LANGUAGES, SOURCE
from feedback.staff import accounts, audit
from feedback.storage import keys
from feedback.storage.tables import InboxRow
from feedback.translations import words
from feedback.translations.proofreading import problems
from feedback.translations.sections import messages_in
from surveys.answers import NOT_SHOWN, AnswersRefused, Response, read_answers
from tests.support.sandbox import Sandbox


def sealed_rows(sandbox: Sandbox) -> dict[bytes, Response]:
    """Every response that waits, by its key, opened with the release key. Raises CannotOpen."""
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
    rows = sandbox.in_transaction(waiting_rows)
    return {key: opener.open(sealed, Envelope).response for key, sealed in rows}


def halves(sandbox: Sandbox, responses: Iterable[Response]) -> list[str]:
    """What no whole response holds: answers that no link asks for, a language or a quarter that is none."""
    every_link = sandbox.in_transaction(links.all_links)
    period = sandbox.settings.period
    mistakes = []
    for it in responses:
        own_links = [link for link in every_link if _asks(link, it)]
        earliest = period + -4 if it.origin == "entered" else period
        if not any(_takes(link, it) for link in own_links):
            mistakes.append(f"{it.instrument}: {it.answers}")
        if it.language not in LANGUAGES or not str(earliest) <= it.period <= str(period):
            mistakes.append(f"{it.instrument}: {it.language} {it.period}")
    return mistakes


def _asks(link: links.Link, it: Response) -> bool:
    return (link.program.id, link.audience, link.instrument.id) == (it.program, it.audience, it.instrument)


def _takes(link: links.Link, it: Response) -> bool:
    """Whether the answers, sent again to this link, would be the same."""
    fields = {
        name: [answer] if isinstance(answer, str) else answer
        for name, answer in it.answers.items()
        if answer != NOT_SHOWN
    }
    try:
        return read_answers(link.instrument, fields, wants_comments=link.comments) == it.answers
    except AnswersRefused:
        return False


async def read_everything(session) -> dict[str, int]:
    """Read all that staff and translators store, and say how much of each there is."""
    drafts = await words.read_words(session, drafts=True)
    messages = list(messages_in(await words.messages_here(session)))
    wrong = [
        (it.language.tag, message.source)
        for it in drafts.catalogs.values()
        if it.language is not SOURCE
        for message in messages
        if (translation := it.translations.get(message.source))
        and problems(it.language, message, translation.forms)
    ]
    assert not wrong
    assert (await audit.read_chain(session)).broken is None
    return {
        "links": len(await links.all_links(session)),
        "programs": len(await programs.all_programs(session)),
        "contracts": len(await programs.all_contracts(session)),
        "people": len(await accounts.people(session)),
        "work totals": len(await work_totals(session)),
        "instruments": len(await instruments.known_instruments(session)),
    }


async def waiting_rows(session) -> list[tuple[bytes, bytes]]:
    """Every sealed row of the inbox, in the order of its random key."""
    return [row async for rows in sealing.sealed_rows(session, InboxRow) for row in rows]


class SealedBefore(msgspec.Struct, frozen=True):
    """What version 1 of the release rule sealed: no random bytes beside the response, and no digest."""

    response: Response
    place: str = "program"
    since: str | None = None


def seal_before(public: PublicKey, response: Response) -> bytes:
    """A row of the inbox as version 1 sealed it."""
    return seal(public, SealedBefore(response), ROW_BYTES)


def put_sealed_before(sandbox: Sandbox, responses: Sequence[Response]) -> None:
    """Put rows into the inbox as version 1 left them."""

    async def insert_rows(deployment):
        rows = [
            {"key": number.to_bytes(32), "sealed": seal_before(deployment.inbox.public, it)}
            for number, it in enumerate(responses, start=1)
        ]
        async with deployment.database.transaction() as session:
            await session.execute(insert(InboxRow), rows)

    sandbox.run(insert_rows)
