"""Throttling of sign-in: after a few failed tries with one address, each further one has to wait longer.

Counted per address, whether it has an account or not, so that the wait tells nobody which have one, and so
that nobody's failures slow anybody else down. A device on which a person signed in before is counted alone: a
stranger who guesses at an address keeps its owner out only on devices they never used.
"""

import base64
import datetime as dt
import hmac
import secrets

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.database import insert_if_new
from feedback.keys import StaffKeys
from feedback.tables import TriesRow

FREE = 5
"""So many tries without a wait: people mistype."""
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=1)
FORGOTTEN_AFTER = dt.timedelta(days=1)
MOST_ADDRESSES = 10_000


class TooSoon(Exception):
    """Too many tries with this address; the next one has to wait."""

    def __init__(self, wait: dt.timedelta) -> None:
        self.seconds = max(1, int(wait.total_seconds()))
        minutes = -(-self.seconds // 60)
        told = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(
            f"Too many tries with this address. Wait {told}, or use a passkey or a device on which you signed"
            " in before."
        )


async def count_try(session: AsyncSession, address: bytes, now: dt.datetime) -> int:
    """Count a try before it is looked at, so that many at once are not one. Raises TooSoon.

    Returns how many there were since the last sign-in, this one included.
    """
    await _forget_old(session, now)
    await insert_if_new(session, TriesRow, address=address, failures=0, last_at=now)
    row = await session.get_one(TriesRow, address, with_for_update=True)
    wait = row.last_at + wait_after(row.failures) - now
    if wait > dt.timedelta(0):
        raise TooSoon(wait)
    row.failures += 1
    row.last_at = now
    return row.failures


def wait_after(failures: int) -> dt.timedelta:
    """How long to wait after so many failures: nothing, then half a minute, doubled up to an hour."""
    over = failures - FREE
    return dt.timedelta(0) if over < 0 else min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)


async def forgive(session: AsyncSession, address: bytes) -> None:
    """Somebody signed in: what failed before counts no longer."""
    await session.execute(delete(TriesRow).where(TriesRow.address == address))


async def _forget_old(session: AsyncSession, now: dt.datetime) -> None:
    """Keep the table small; a flood of made-up addresses drives out its own rows, which failed once each."""
    await session.execute(delete(TriesRow).where(TriesRow.last_at < now - FORGOTTEN_AFTER))
    count = (await session.execute(select(func.count()).select_from(TriesRow))).scalar_one()
    if count > MOST_ADDRESSES:
        ordered = select(TriesRow.address).order_by(TriesRow.failures, TriesRow.last_at)
        fewest = ordered.limit(count - MOST_ADDRESSES)
        await session.execute(delete(TriesRow).where(TriesRow.address.in_(fewest)))


def address_key(keys: StaffKeys, email: str, device: str) -> bytes:
    """Under what the tries of an address are counted: by themselves on a device that it signed in on."""
    known = device if is_known(keys, email, device) else ""
    return keys.hash("tries", email, known)


def new_device(keys: StaffKeys, email: str) -> str:
    """A mark for a device on which somebody signed in. It opens nothing."""
    number = secrets.token_urlsafe(16)
    return f"{number}.{_mark(keys, email, number)}"


def is_known(keys: StaffKeys, email: str, device: str) -> bool:
    number, _, mark = device.partition(".")
    return hmac.compare_digest(_mark(keys, email, number).encode(), mark.encode())


def _mark(keys: StaffKeys, email: str, number: str) -> str:
    return base64.urlsafe_b64encode(keys.hash("device", email, number)).decode().rstrip("=")
