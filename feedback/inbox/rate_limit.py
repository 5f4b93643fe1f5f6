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
        self._buckets: dict[str, tuple[int, float]] = {}
        """What is left in a link's bucket, and when the next token comes into it."""

    def takes(self, slug: str) -> bool:
        """Whether this link takes one more Send now. Ask only of links that exist, or memory would grow."""
        now = self._ticks()
        tokens, next_at = self._buckets.get(slug, (self._most, now))
        while tokens < self._most and next_at <= now:
            tokens, next_at = tokens + 1, next_at + self._wait(self._a_second)
        if tokens == self._most:
            next_at = now + self._wait(self._a_second)
        self._buckets[slug] = (max(tokens - 1, 0), next_at)
        return tokens > 0
