"""Damping: how fast one link takes answers, so that a flood at one link leaves every other alone.

Per link and never per person: behind one network everybody has one address, and an address that is looked at
is one that could be kept. In memory only: a door that starts again begins with full buckets.
"""

import time
from collections.abc import Callable

_MINUTE = 60


class Damping:
    """A bucket of tokens for each link: full at first, one token for each answer, refilled with time."""

    def __init__(self, at_once: int, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = at_once
        self._a_second = a_minute / _MINUTE
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}
        """What was left in a link's bucket, and when that was."""

    def takes(self, slug: str) -> bool:
        """Whether this link takes one more answer now. Ask only of links that exist, or memory would grow."""
        now = self._clock()
        left, then = self._left.get(slug, (self._most, now))
        left = min(self._most, left + (now - then) * self._a_second)
        is_taken = left >= 1
        self._left[slug] = (left - is_taken, now)
        return is_taken
