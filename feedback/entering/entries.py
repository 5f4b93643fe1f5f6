"""Answers that somebody enters for others, from paper or a file: each place of a source is stored once."""

from collections.abc import Iterable

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.fieldwork.programs import note_asked
from feedback.inbox.sealing import Inbox, SendOutcome
from surveys.answers import Response


class Entry(msgspec.Struct, frozen=True):
    """One response and its place in what it came from."""

    place: str
    response: Response


async def store_entries(inbox: Inbox, session: AsyncSession, source: str, entries: Iterable[Entry]) -> int:
    """Store what is new of these in the caller's transaction, and note who was asked with what.

    The same place of the same source a second time stores nothing. Returns how many were new.
    """
    n_stored = 0
    surveys = set()
    for entry in entries:
        it = entry.response
        n_stored += await inbox.store(session, source, entry.place, it) is SendOutcome.NEW
        surveys.add((it.program, it.audience, it.instrument))
    for program, audience, instrument in sorted(surveys):
        await note_asked(session, program, audience, instrument)
    return n_stored
