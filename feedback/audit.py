"""The audit log of the staff door and the commands: who, what, object, when. Append-only and hash-chained.

Never an answer, and never a row caused by a respondent.
"""

import datetime as dt
import hashlib

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.schedule import FIRST_PERIOD
from feedback.tables import AuditRow, DeploymentRow

_START = "0" * 64


async def record(session: AsyncSession, who: str, action: str, subject: str) -> None:
    """Write one entry, chained to the one before it, in the caller's transaction."""
    # Two entries at once would both follow the same one and break the chain: the second waits here.
    one_row = DeploymentRow.name == FIRST_PERIOD
    await session.execute(update(DeploymentRow).where(one_row).values(value=DeploymentRow.value))
    latest = select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
    previous = (await session.execute(latest)).scalar() or _START
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    session.add(
        AuditRow(
            at=at, who=who, action=action, object=subject, hash=_hash(previous, at, who, action, subject)
        )
    )
    await session.flush()


async def first_broken(session: AsyncSession) -> int | None:
    """The id of the first entry that does not follow from the one before it, or None when the chain holds."""
    previous = _START
    for row in (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars():
        if row.hash != _hash(previous, row.at, row.who, row.action, row.object):
            return row.id
        previous = row.hash
    return None


def _hash(previous: str, at: dt.datetime, who: str, action: str, subject: str) -> str:
    written = msgspec.json.encode([previous, at.isoformat(), who, action, subject])
    return hashlib.sha256(written).hexdigest()
