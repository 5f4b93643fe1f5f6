"""One batch being counted: rows are added up one by one and forgotten; then each value is drawn once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from analysis.batch_ledger import Batch
from analysis.counting import variances
from analysis.gaussian import discrete_gaussian
from analysis.stream import Definition, Stream, encoded, members_digest


class TallyIncomplete(Exception):
    """A batch was closed before everyone in it was counted, or somebody was counted twice."""


class Tally:
    """Sums over the people of one batch, and the digests of their rows: nothing else stays in memory."""

    def __init__(self, head: Batch, definitions: Sequence[Definition]) -> None:
        self.head = head
        self._definitions = definitions
        self._sums: Counter[str] = Counter()
        self._digests: list[bytes] = []

    def add(self, digest: bytes, adds: Iterable[tuple[str, int]]) -> None:
        """Add one response; what the batch does not count is passed over."""
        self._digests.append(digest)
        for name, value in adds:
            self._sums[name] += value

    def close(self, secret: bytes) -> Batch:
        """Return the ledger's row. Raises TallyIncomplete; true sums and noise are in no message."""
        self._digests.sort()
        twice = any(one == next_one for one, next_one in pairwise(self._digests))
        if len(self._digests) != self.head.n or twice:
            raise TallyIncomplete(f"{self.head.id} was to count {self.head.n} responses, each once.")
        who = members_digest(self._digests)
        values = {
            it.name: self._sums[it.name] + noise(it, self.head.n, who, secret) for it in self._definitions
        }
        return msgspec.structs.replace(self.head, variances=variances(self._definitions), values=values)


def noise(definition: Definition, members: int, who: bytes, secret: bytes) -> int:
    """Draw the noise of one value: the same for the same rows and definitions, forever."""
    stream = Stream(secret, encoded(definition, members, who))
    return discrete_gaussian(definition.variance, stream.below)
