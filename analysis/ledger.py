"""The ledger: every batch ever let out. Every figure about answers is arithmetic on these rows alone."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from surveys.answers import Origin

Kind = Literal["program", "pool", "county", "language"]
MIXED = "mixed"
"""The audience of a batch that holds several."""
PARTNER = "partner"
"""Professionals; never summed with youth, caregivers or experts."""
COUNTY = "county"


class Batch(msgspec.Struct, frozen=True):
    """At least k people of one origin, let out together, once.

    `items` holds one noised count of people per item, each between 0 and n.
    """

    id: str
    kind: Kind
    owner: str
    """A program's id, a pool's name, `county`, or a language tag."""
    audience: str
    origin: Origin
    first: str
    last: str
    """First and last quarter in which its people answered."""
    release: str
    n: int
    items: dict[str, int]
    contractor: str | None = None
    """Under whose contract its people were served."""
    rule: str = ""


class Sums(msgspec.Struct, frozen=True):
    """A union of disjoint batches, added up item by item.

    `held[item]` is (sum of counts, sum of n over the batches that have the item, how many those are): a
    question that only some batches were asked is compared with the people of those batches alone.
    """

    n: int
    batches: int
    held: dict[str, tuple[int, int, int]]

    def count(self, item: str) -> int:
        return self.held.get(item, (0, 0, 0))[0]

    def people(self, item: str) -> int:
        return self.held.get(item, (0, 0, 0))[1]

    def draws(self, item: str) -> int:
        """How many random adjustments stand in the sum."""
        return self.held.get(item, (0, 0, 0))[2]


def add_up(batches: Sequence[Batch], *, core_only: bool = False) -> Sums:
    """Add batches. `core_only` keeps what everyone was asked; a total over audiences has nothing else."""
    held: dict[str, tuple[int, int, int]] = {}
    for batch in batches:
        for item, count in batch.items.items():
            if core_only and not item.startswith(("core-", "theme:")):
                continue
            before = held.get(item, (0, 0, 0))
            held[item] = (before[0] + count, before[1] + batch.n, before[2] + 1)
    return Sums(sum(batch.n for batch in batches), len(batches), held)


def fingerprint(batches: Iterable[Batch]) -> str:
    """SHA-256 of the ledger, batches by id, so that two copies can be compared and a change is seen."""
    digest = hashlib.sha256()
    for batch in sorted(batches, key=lambda batch: batch.id):
        digest.update(msgspec.json.encode(batch, order="sorted") + b"\n")
    return digest.hexdigest()
