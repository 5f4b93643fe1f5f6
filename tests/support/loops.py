"""Work of another loop, beside the one that a driven browser keeps in this thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def apart(work: Callable, *told):
    """Do work in a thread of its own: a driven browser keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work, *told).result()


def finish(coroutine):
    """Run a coroutine to its end."""
    return apart(asyncio.run, coroutine)
