"""The insider: who knows what everybody else in a group answered, reads all that is published, and guesses.

Two histories differ in one response alone. Both are released with the real code; what is drawn, and with
which variance, is the release's own. The reader is Bayes: given everything else it works out under which of
the two the published values are likelier, and names that one.
"""

import math
import random

from analysis import tally
from analysis.batch_ledger import Batch
from analysis.draw import Drawing
from analysis.stream import Definition
from tests.support.ledger.county import SECRET, County, Q, content

WINTER = Q + 3
GOOD = content(**{"felt-rushed": "1", "answered-freely": "5", "should-change": "shelter, staff, food"})
MUTE = content(good=False, **{"felt-rushed": "5", "answered-freely": "1"})
BAD = MUTE | {"should-change": "food", "going-well": "the judge"}
"""All that one response can differ in: every answer, and two themes for two others."""


def _silent(*_):
    return 0


class Case:
    """One response under two histories: what each publishes, batch by batch, before any noise."""

    def __init__(self, one=GOOD, other=BAD, *, others=110, answers=1, only=None, patch=None):
        self.values = [self._released(it, others, answers, patch) for it in (one, other)]
        kinds = only or {batch.kind for batch, _ in self.values[0]}
        self.moved = [
            (batch, definition, first.values[definition.name], second.values[definition.name])
            for (batch, definitions), (second, _) in zip(*self.values, strict=True)
            for first in [batch]
            for definition in definitions
            if batch.kind in kinds and first.values[definition.name] != second.values[definition.name]
        ]

    def _released(self, response, others, answers, patch) -> list[tuple[Batch, tuple[Definition, ...]]]:
        lot = County()
        lot.send(answers, quarter=WINTER, answers=response)
        lot.send(others - 30, quarter=WINTER, answers=content(of=5)).send(30, quarter=WINTER, language="es")
        definitions = {}

        class WatchedDrawing(Drawing):
            def close(self):
                tallies = [*self._pulses.values(), *(joining.tally for joining in self._joinings)]
                definitions.update({it.head.id: tuple(it._definitions) for it in tallies})
                return super().close()

        patch.setattr(tally, "noise", _silent)
        batches = lot.release(WINTER, WatchedDrawing)
        patch.undo()
        return [(batch, definitions[batch.id]) for batch in batches]

    @property
    def root(self) -> float:
        """The root of the sum of squares: what the promise bounds."""
        return math.sqrt(sum((a - b) ** 2 / definition.variance for _, definition, a, b in self.moved))

    def right(self, tries, seed, noise=tally.noise, display=lambda value, _: value) -> float:
        """Share of tries in which the reader names the right history."""
        source, hits = random.Random(seed), 0
        for _ in range(tries):
            truth = source.random() < 0.5
            odds, members_digest = 0.0, source.randbytes(32)
            for batch, it, one, other in self.moved:
                value = display((one if truth else other) + noise(it, batch.n, members_digest, SECRET), batch)
                odds += ((value - other) ** 2 - (value - one) ** 2) / (2 * float(it.variance))
            hits += (odds > 0 or (odds == 0 and source.random() < 0.5)) == truth
        return hits / tries


def most_right(root: float) -> float:
    """How often the reader is right at best, with even chances before: Phi(mu / 2)."""
    return (1 + math.erf(root / 2 / math.sqrt(2))) / 2
