"""What time it is, in one place: no part of the service disagrees with another, and a test moves one clock.

The survey door keeps no time of day; what it knows of time is the day of its settings, and these ticks.
"""

import datetime as dt
import time
from zoneinfo import ZoneInfo

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def now() -> dt.datetime:
    """This moment in UTC, in whole seconds and without a zone, as the database keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)


def today() -> dt.date:
    """The day in Los Angeles, where quarters begin and end."""
    return dt.datetime.now(LOS_ANGELES).date()


def ticks() -> float:
    """Seconds from any beginning, never back: how long something took or waits, and nothing else."""
    return time.monotonic()
