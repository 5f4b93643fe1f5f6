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
    rows = (await session.execute(select(InstrumentRow.definition).order_by(InstrumentRow.id))).scalars()
    own = [msgspec.convert(definition, Instrument) for definition in rows]
    return {**{it.id: it for it in own if it.id not in shipped_instruments()}, **shipped_instruments()}


async def instrument_by_id(session: AsyncSession, instrument_id: str) -> Instrument | None:
    """Return one instrument, or None. A page asks for one and does not read all of them."""
    if instrument_id in shipped_instruments():
        return shipped_instruments()[instrument_id]
    row = await session.get(InstrumentRow, instrument_id)
    return msgspec.convert(row.definition, Instrument) if row else None


async def add_instrument(session: AsyncSession, new: Instrument, today: dt.date) -> None:
    """Store a deployment's own instrument, or what may be changed of one. Raises InstrumentRefused."""
    others = await known_instruments(session)
    before = others.pop(new.id, None)
    if new.id in shipped_instruments():
        raise InstrumentRefused(f"{new.id} comes with the product; give yours an id of its own.")
    if before == new:
        raise InstrumentRefused(f"{new.id} is stored exactly so already.")
    was_used = await _was_used(session, new.id)
    changes = _changes(before, new) if before and was_used else ()
    problems = [*_too_long(new), *changes, *_clashes(new, before, others)]
    if problems:
        raise InstrumentRefused("\n".join(problems))
    definition = msgspec.to_builtins(new)
    await session.merge(InstrumentRow(id=new.id, definition=definition, added_on=today))
    await session.flush()


async def _was_used(session: AsyncSession, name: str) -> bool:
    uses = or_(exists().where(LinkRow.instrument == name), exists().where(AskedRow.instrument == name))
    return bool((await session.execute(select(uses))).scalar())


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
    for question in before.questions:
        same = questions.get(question.id)
        if same is None:
            yield f"{new.id} was asked already; the question {question.id} may not go away."
        elif same.meaning != question.meaning:
            yield f"{new.id}, {question.id}: was asked already; kind, domain and good end may not change."
        elif set(question.codes) - set(same.codes):
            lost_codes = ", ".join(sorted(set(question.codes) - set(same.codes)))
            yield f"{new.id}, {question.id}: was asked already; the codes {lost_codes} may not go away."


def _clashes(new: Instrument, before: Instrument | None, others: Mapping[str, Instrument]) -> Iterator[str]:
    """One id is one question in all tables, whichever instrument asks it."""
    old_ids = {question.id for question in before.questions} if before else set()
    for question in new.questions:
        for other in others.values():
            same = next((it for it in other.questions if it.id == question.id), None)
            if same and not (question.is_one_with(same) or _only_reworded(question, same, old_ids)):
                yield f"{new.id}, {question.id}: is another question in {other.id}; use another id."
                break


def _only_reworded(question: Question, same: Question, old_ids: set[str]) -> bool:
    """Both were one question when it came here; better words in one of them do not part them."""
    return question.id in old_ids and (*question.meaning, question.codes) == (*same.meaning, same.codes)
