"""Back-off of sign-in: after a few failed tries with one address, each further one has to wait longer.

An account counts on a row of its own, which no flood can drive out; addresses that have none share a fixed
number of rows, so that whoever makes them up fills nothing. Both wait alike, and nobody's failures slow
another account down. A device on which a person signed in before is counted alone: a stranger who guesses at
an address keeps its owner out only on devices they never used.
"""

import base64
import datetime as dt
import hmac
import secrets

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.storage.database import insert_if_new
from feedback.storage.keys import StaffKeys
from feedback.storage.staff_tables import TriesRow

FREE = 5
"""So many tries without a wait: people mistype."""
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=1)
FORGOTTEN_AFTER = dt.timedelta(days=1)
BUCKETS = 65_536
"""Rows that addresses without an account share. Who fills them all, to see which address does not wait, makes
300,000 tries, each of a tenth of a second of this machine."""


class TooSoon(Exception):
    """Too many tries with this address; the next one has to wait."""

    def __init__(self, wait: dt.timedelta) -> None:
        self.seconds = max(1, int(wait.total_seconds()))
        minutes = -(-self.seconds // 60)
        span = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(
            f"Too many tries with this address. Wait {span}, or use a passkey or a device on which you signed"
            " in before."
        )


async def count_try(session: AsyncSession, address: bytes, now: dt.datetime) -> int:
    """Count a try before it is looked at, so that many at once are not one. Raises TooSoon.

    Returns how many there were since the last sign-in, this one included.
    """
    is_old = TriesRow.last_at < now - FORGOTTEN_AFTER
    await session.execute(delete(TriesRow).where(is_old & (TriesRow.unnoted == 0)))
    await insert_if_new(session, TriesRow, address=address, failures=0, last_at=now, unnoted=0)
    row = await session.get_one(TriesRow, address, with_for_update=True, populate_existing=True)
    if row.last_at < now - FORGOTTEN_AFTER:
        row.failures = 0
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


async def to_note(session: AsyncSession, address: bytes, today: dt.date) -> int:
    """How many failures of an account are to be noted now, this one included; 0 when it has to wait.

    Each of the first five at once, and then all of a day with the first of another: a log that somebody can
    fill by guessing hides what they are after.
    """
    row = await session.get(TriesRow, address, with_for_update=True, populate_existing=True)
    if row is None:  # they signed in meanwhile
        return 1
    row.unnoted += 1
    if row.failures > FREE and row.noted_on == today:
        return 0
    count, row.unnoted, row.noted_on = row.unnoted, 0, today
    return count


async def forgive(session: AsyncSession, address: bytes) -> int:
    """Somebody signed in: what failed before counts no longer. Returns how many failures nobody noted yet."""
    row = await session.get(TriesRow, address)
    unnoted = row.unnoted if row is not None else 0
    await session.execute(delete(TriesRow).where(TriesRow.address == address))
    return unnoted


def account_key(keys: StaffKeys, email: str, device: str) -> bytes:
    """Under what the tries of an account are counted: by themselves on a device that it signed in on."""
    return keys.hash("tries", email, device if is_known(keys, email, device) else "")


def bucket_key(keys: StaffKeys, email: str) -> bytes:
    """Under what an address without an account is counted, with the others of its bucket."""
    number = int.from_bytes(keys.hash("tries", email, "")[:8]) % BUCKETS
    return keys.hash("bucket", str(number))


def pending_key(keys: StaffKeys, token: str) -> bytes:
    """Under what the wrong codes of one half session are counted."""
    return keys.hash("half", token)


def new_device(keys: StaffKeys, email: str) -> str:
    """A mark for a device on which somebody signed in. It opens nothing."""
    number = secrets.token_urlsafe(16)
    return f"{number}.{_mark(keys, email, number)}"


def is_known(keys: StaffKeys, email: str, device: str) -> bool:
    number, _, mark = device.partition(".")
    return hmac.compare_digest(_mark(keys, email, number).encode(), mark.encode())


def _mark(keys: StaffKeys, email: str, number: str) -> str:
    return base64.urlsafe_b64encode(keys.hash("device", email, number)).decode().rstrip("=")
