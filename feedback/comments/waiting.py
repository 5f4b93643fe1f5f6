"""Comments between a release and their review: cut loose, redacted, sealed, and as many rows whoever wrote.

A row says nothing in the clear, not even of which batch it is: of eleven people, how many wrote is already
about each of them. A release stores as many rows as its people could have filled.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from analysis.comments import Comment
from surveys.instruments import Instrument

COMMENT_BYTES = 4_096


class Loose(msgspec.Struct, frozen=True):
    """What is sealed in a row: a comment, or nothing at all."""

    comment: Comment | None = None


PADDING = Loose()


def rows_for(people: int, instruments: Mapping[str, Instrument]) -> int:
    """How many rows a release stores: as many as the text boxes that its people can have met.

    Only their number and the surveys decide how many; both are public.
    """
    boxes = max((sum(it.is_text for it in each.questions) for each in instruments.values()), default=0)
    return boxes * people


def written(opened: Iterable[tuple[bytes, Loose]]) -> Iterator[tuple[bytes, Comment]]:
    """Pass over the padding, once rows are opened for their review: id and comment of the others."""
    for row, it in opened:
        if it.comment is not None:
            yield row, it.comment
