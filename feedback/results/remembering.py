"""What a release published never changes: it is read once, and remembered for the next page.

By the release's fingerprint, which covers every row: another database, or a release that came out otherwise,
has another one. Bounded, because somebody may open every page of every release there was.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 64
_answers: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()


async def remembered(key: tuple[Hashable, ...], read: Callable[[], Awaitable[T]]) -> T:
    """Return what was read under a key; the key names the fingerprint, the reader, and what was asked."""
    if key not in _answers:
        _answers[key] = await read()
        while len(_answers) > MOST:
            _answers.popitem(last=False)
    _answers.move_to_end(key)
    answer: T = _answers[key]
    return answer
