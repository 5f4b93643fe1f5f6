"""Short lines for work with passwords: one at a time, below whatever else the machine does.

Side by side they would take its memory, and a crowd at the sign-in page the time of whoever is in or answers.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

T = TypeVar("T")

MOST_INSIDE = 16
"""Two seconds of work: whoever comes then is told so, before anything of theirs is counted or looked up."""
_LAST = 19


class Crowded(Exception):
    """More people want a password compared than this machine does in two seconds."""

    seconds = 5

    def __str__(self) -> str:
        return "Many people are signing in at this moment. Please try again in a few seconds."


class Line:
    """Who waits for one thread of the lowest priority."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_give_way)
        self._inside = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Stand in the line. Raises Crowded where it is full."""
        if self._inside >= MOST_INSIDE:
            raise Crowded
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    async def work(self, work: Callable[..., T], *told: str) -> T:
        """Do it away from the loop that answers others."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *told)


def _give_way() -> None:
    """On Linux every thread has a priority of its own."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)


KNOWN, STRANGERS = Line("known"), Line("strangers")
"""Whoever is signed in, invited, or on a device that signed in before stands where no stranger does."""
