"""The instruments of a deployment: the shipped ones, and its own, which are stored here.

Ids and codes are forever (surveys/instruments.py). An instrument that was ever asked may grow and be worded
better; it may not mean something else, because answers to both would be added up as one.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.storage.tables import AskedRow, InstrumentRow, LinkRow
from surveys.instruments import LONGEST_CODE, Instrument, Question, shipped_instruments
from surveys.registry import LONGEST_ID

LONGEST_WORDS = 1_000
LONGEST_QUESTION_ID = 60
"""It stands beside the code in the name of an item (surveys.instruments.LONGEST_CODE)."""


class InstrumentRefused(Exception):
    """An instrument was not stored; the message says why."""


async def known_instruments(session: AsyncSession) -> dict[str, Instrument]:
    """Return every instrument by id: the shipped ones, then the deployment's own."""
    stored = (await session.execute(select(InstrumentRow.definition).order_by(InstrumentRow.id))).scalars()
    own = [msgspec.convert(definition, Instrument) for definition in stored]
    return {**{it.id: it for it in own if it.id not in shipped_instruments()}, **shipped_instruments()}


async def instrument_by_id(session: AsyncSession, wanted: str) -> Instrument | None:
    """Return one instrument, or None. A page asks for one and does not read all of them."""
    if wanted in shipped_instruments():
        return shipped_instruments()[wanted]
    row = await session.get(InstrumentRow, wanted)
    return msgspec.convert(row.definition, Instrument) if row else None


async def add_instrument(session: AsyncSession, new: Instrument, today: dt.date) -> None:
    """Store a deployment's own instrument, or what may be changed of one. Raises InstrumentRefused."""
    known = await known_instruments(session)
    before = known.pop(new.id, None)
    if new.id in shipped_instruments():
        raise InstrumentRefused(f"{new.id} comes with the product; give yours an id of its own.")
    if before == new:
        raise InstrumentRefused(f"{new.id} is stored exactly so already.")
    asked = before if await _was_used(session, new.id) else None
    problems = [*_too_long(new), *(_changes(asked, new) if asked else ()), *_clashes(new, before, known)]
    if problems:
        raise InstrumentRefused("\n".join(problems))
    definition = msgspec.to_builtins(new)
    await session.merge(InstrumentRow(id=new.id, definition=definition, added_on=today))
    await session.flush()


async def _was_used(session: AsyncSession, name: str) -> bool:
    used = or_(exists().where(LinkRow.instrument == name), exists().where(AskedRow.instrument == name))
    return bool((await session.execute(select(used))).scalar())


def _too_long(new: Instrument) -> Iterator[str]:
    if len(new.id) > LONGEST_ID:
        yield f"{new.id}: an id has at most {LONGEST_ID} characters."
    if len(new.title) > LONGEST_WORDS:
        yield f"{new.id}: the title has more than {LONGEST_WORDS:,} characters."
    for question in new.questions:
        words = (question.text, question.hint, question.notice, *(it.text for it in question.options))
        if max(map(len, words)) > LONGEST_WORDS:
            yield f"{new.id}, {question.id}: a text has more than {LONGEST_WORDS:,} characters."
        if len(question.id) > LONGEST_QUESTION_ID:
            yield f"{new.id}, {question.id}: the id has more than {LONGEST_QUESTION_ID} characters."
        for code in question.codes:
            if len(code) > LONGEST_CODE:
                yield f"{new.id}, {question.id}: the code {code} has more than {LONGEST_CODE} characters."


def _changes(before: Instrument, new: Instrument) -> Iterator[str]:
    """What would give another meaning to answers that are there, or take their question away."""
    if new.version <= before.version:
        yield f"{new.id} was asked already as version {before.version}; a change needs a higher version."
    if set(before.audiences) - set(new.audiences):
        yield f"{new.id} was asked already; it may not lose an audience."
    questions = {question.id: question for question in new.questions}
    for asked in before.questions:
        now = questions.get(asked.id)
        if now is None:
            yield f"{new.id} was asked already; the question {asked.id} may not go away."
        elif now.meaning != asked.meaning:
            yield f"{new.id}, {asked.id}: was asked already; kind, domain and good end may not change."
        elif set(asked.codes) - set(now.codes):
            gone = ", ".join(sorted(set(asked.codes) - set(now.codes)))
            yield f"{new.id}, {asked.id}: was asked already; the codes {gone} may not go away."


def _clashes(new: Instrument, before: Instrument | None, others: Mapping[str, Instrument]) -> Iterator[str]:
    """One id is one question in all tables, whichever instrument asks it."""
    stood = {question.id for question in before.questions} if before else set()
    for question in new.questions:
        for other in others.values():
            same = next((it for it in other.questions if it.id == question.id), None)
            if same and not (question.is_one_with(same) or _only_reworded(question, same, stood)):
                yield f"{new.id}, {question.id}: is another question in {other.id}; use another id."
                break


def _only_reworded(question: Question, same: Question, stood: set[str]) -> bool:
    """Both were one question when it came here; better words in one of them do not part them."""
    return question.id in stood and (*question.meaning, question.codes) == (*same.meaning, same.codes)
