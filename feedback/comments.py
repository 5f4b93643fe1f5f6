"""Comments between a release and their review: cut loose, redacted, sealed, and as many rows whoever wrote.

A row says nothing in the clear, not even of which batch it is: of eleven people, how many wrote is already
about each of them. A release stores as many rows as its people could have filled.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from analysis.ledger import Batch
from analysis.tallying import Comment
from surveys.instruments import Instrument

COMMENT_BYTES = 4_096


class Loose(msgspec.Struct, frozen=True):
    """What is sealed in a row: a comment and the batch of whoever wrote it, or nothing at all."""

    batch: str = ""
    comment: Comment | None = None


PADDING = Loose()


def with_padding(
    comments: Sequence[tuple[str, Comment]], batches: Iterable[Batch], instruments: Mapping[str, Instrument]
) -> list[Loose]:
    """In random order, and as many as the text boxes that the people of these batches can have met.

    Only their number and the surveys decide how many; both are public.
    """
    boxes = max((sum(it.is_text for it in each.questions) for each in instruments.values()), default=0)
    rows = boxes * sum(batch.n for batch in batches if batch.kind != "language")
    loose = [Loose(batch, comment) for batch, comment in comments]
    loose += [PADDING] * (rows - len(loose))
    secrets.SystemRandom().shuffle(loose)
    return loose


def written(opened: Iterable[tuple[bytes, Loose]]) -> Iterator[tuple[bytes, str, Comment]]:
    """Pass over the padding, once rows are opened for their review: id, batch and comment of the others."""
    for row, it in opened:
        if it.comment is not None:
            yield row, it.batch, it.comment
