"""Damping: how fast one link takes answers, so that a flood at one link leaves every other alone.

Per link and never per person: behind one network everybody has one address, and an address that is looked at
is one that could be kept. In memory only: a door that starts again begins with full buckets.
"""

import secrets
from collections.abc import Callable

from feedback import clock

_MINUTE = 60
_CHANCE = secrets.SystemRandom()


class RateLimit:
    """A bucket of tokens for each link: full at first, one for each Send, refilled at moments of chance.

    Refilled by the clock, a bucket that somebody keeps empty would tell them to seconds when another sends.
    """

    def __init__(
        self,
        at_once: int,
        a_minute: int,
        ticks: Callable[[], float] = clock.ticks,
        wait: Callable[[float], float] = _CHANCE.expovariate,
    ) -> None:
        """`wait` takes how many tokens come in a second, and says how long the next one takes."""
        self._most = at_once
        self._a_second = a_minute / _MINUTE
        self._ticks = ticks
        self._wait = wait
        self._left: dict[str, tuple[int, float]] = {}
        """What is left in a link's bucket, and when the next token comes into it."""

    def takes(self, slug: str) -> bool:
        """Whether this link takes one more Send now. Ask only of links that exist, or memory would grow."""
        now = self._ticks()
        left, coming = self._left.get(slug, (self._most, now))
        while left < self._most and coming <= now:
            left, coming = left + 1, coming + self._wait(self._a_second)
        if left == self._most:
            coming = now + self._wait(self._a_second)
        self._left[slug] = (max(left - 1, 0), coming)
        return left > 0
