"""Short lines for work with passwords: a few at a time, whoever comes later waits, and not for long.

Side by side they would take the machine's memory, and a crowd at the sign-in page the time of everybody else.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

INSIDE = 2
"""One whose password is compared, and one who is looked up or let in meanwhile."""
PATIENCE = 5
"""Seconds: who waits longer is told to come again, before anything of theirs is counted or looked up.

Told so at once, somebody who does not stop would ask as often as the door can say it, and take its time.
"""


class Crowded(Exception):
    """More people want a password compared than this machine does in some seconds."""

    seconds = PATIENCE

    def __str__(self) -> str:
        return "Many people are signing in at this moment. Please try again in a few seconds."


class WaitingLine:
    """A line of those who wait, before one thread that works."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place. Raises Crowded where none is free in time."""
        places = self._places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(INSIDE))
        try:
            async with asyncio.timeout(PATIENCE):
                await places.acquire()
        except TimeoutError:
            raise Crowded from None
        try:
            yield
        finally:
            places.release()

    async def work(self, work: Callable[..., T], *arguments: str) -> T:
        """Do it away from the loop that answers others."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


KNOWN, STRANGERS = WaitingLine("known"), WaitingLine("strangers")
"""Whoever is signed in, invited, or on a device that signed in before waits where no stranger does."""
