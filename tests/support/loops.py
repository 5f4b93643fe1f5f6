"""Work of another loop, beside the one that a driven browser keeps in this thread."""

import asyncio
import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def apart(work: Callable, *args):
    """Do work in a thread of its own: a driven browser keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work, *args).result()


def finish(coroutine):
    """Run a coroutine to its end, in a loop that goes on afterwards: what it opened may stay open."""
    return asyncio.run_coroutine_threadsafe(coroutine, _lasting_loop()[0]).result()


def is_meanwhile() -> bool:
    """Whether somebody else acts in the middle of what `finish` is at: they need a loop of their own."""
    return threading.current_thread() is _lasting_loop()[1]


def renew() -> None:
    """Let the next work have a new loop: a thread is counted or not as it was when it began."""
    if _lasting_loop.cache_info().currsize:
        loop, thread = _lasting_loop()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        _lasting_loop.cache_clear()


@functools.cache
def _lasting_loop() -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    return loop, thread
