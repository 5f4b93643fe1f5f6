"""Facts of a deployment that change: one row each, noted in the transaction of what they are about."""

import enum

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.storage.database import insert_if_new
from feedback.storage.tables import DeploymentRow


class Fact(enum.StrEnum):
    """What a deployment knows of itself, by the names of the rows. No name changes: rows last."""

    FIRST_PERIOD = "first_period"
    """The quarter in which it began."""
    REHEARSAL = "rehearsal"
    """Its private keys had no passphrase when they were made: no answer in it is real."""
    INBOX_REWRITTEN = "inbox_rewritten"
    """The day on which the inbox was last laid out anew in random order."""
    INBOX_CHANGED = "inbox_changed"
    """A mark that changes whenever a stored row of the inbox does."""
    COMPACTION_DUE = "compaction_due"
    """What was deleted lies in the database's file until it is overwritten."""
    RESTORED = "restored"
    """The day on which a backup was restored, until a release is told of it."""
    WORDS_EDITION = "words"
    """A mark that changes whenever a translator's words do."""
    AUDIT_TURN = "audit_turn"
    """No fact but a row to wait at: whoever writes into the audit log holds it."""


async def read_fact(session: AsyncSession, fact: Fact) -> str | None:
    """The value that was noted, as of the session's moment."""
    query = select(DeploymentRow.value).where(DeploymentRow.name == fact)
    return (await session.execute(query)).scalar_one_or_none()


async def note(session: AsyncSession, fact: Fact, value: str) -> bool:
    """Note a fact of the deployment. Returns whether it is new; of two at once the second waits."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(DeploymentRow).values(name=fact, value=value)
    upsert = row.on_conflict_do_update(
        index_elements=["name"], set_={"value": value}, where=DeploymentRow.value != value
    )
    return bool((await session.execute(upsert)).rowcount)  # type: ignore[attr-defined]


async def hold(session: AsyncSession, fact: Fact) -> str:
    """Read a fact, and let nobody else note or hold it until this transaction is over."""
    query = select(DeploymentRow.value).where(DeploymentRow.name == fact).with_for_update()
    value = (await session.execute(query)).scalar_one_or_none()
    if value is None:
        # A row that is not there cannot be held.
        await insert_if_new(session, DeploymentRow, name=fact, value="")
        value = (await session.execute(query)).scalar_one()
    return value


async def forget(session: AsyncSession, fact: Fact, value: str | None = None) -> None:
    """Take a fact away; with `value` only if that is still what was noted."""
    row = delete(DeploymentRow).where(DeploymentRow.name == fact)
    await session.execute(row if value is None else row.where(DeploymentRow.value == value))
