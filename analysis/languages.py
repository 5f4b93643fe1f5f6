"""The language partition: once a year, everyone batched since the last language close, by language.

Rule: disclosure.md, “Closing batches”, point 4. The gate keeps anyone from subtracting a set of program
batches from a set of language batches and being left with one to ten people.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from analysis.policy import Policy

OTHER = "other"


class Batched(msgspec.Struct, frozen=True):
    """One response that is in a program, pool or county batch already and waits for the language close."""

    key: bytes
    batch: str
    language: str


def close_languages(responses: Iterable[Batched], policy: Policy) -> dict[str, tuple[Batched, ...]]:
    """Return the people of each language batch; nothing at all when no split passes the gate.

    Every response is in exactly one of the groups: languages that are too small, or whose size would betray
    a difference, are merged into `other`.
    """
    groups: dict[str, list[Batched]] = defaultdict(list)
    for response in sorted(responses, key=lambda response: response.key):
        groups[response.language].append(response)
    for language in sorted(groups):
        if len(groups[language]) < policy.k:
            _merge(groups, language)
    while len(groups) > 1 and not _passes(groups, policy.k):
        _merge(groups, min(set(groups) - {OTHER}, key=lambda language: (len(groups[language]), language)))
    if len(groups) < 2:  # noqa: PLR2004 - one group is the whole county, which is no language table
        return {}
    return {language: tuple(members) for language, members in sorted(groups.items())}


def _merge(groups: dict[str, list[Batched]], language: str) -> None:
    if language != OTHER:
        groups.setdefault(OTHER, []).extend(groups.pop(language))


def _passes(groups: Mapping[str, list[Batched]], k: int) -> bool:
    """Check every non-empty proper subset S of the languages against the batches of the other partition.

    Both the people of S's batches who are outside S, and the people of S who are in batches that reach
    outside S, must be nobody or at least k; and every language is at least k itself.
    """
    sizes: Counter[str] = Counter()
    touched: dict[str, int] = defaultdict(int)
    counts = []
    for bit, language in enumerate(sorted(groups)):
        counts.append(len(groups[language]))
        for response in groups[language]:
            sizes[response.batch] += 1
            touched[response.batch] |= 1 << bit
    if min(counts) < k:
        return False
    everyone = (1 << len(counts)) - 1
    inside = _sums_over_subsets(len(counts), sizes, touched)
    for subset in range(1, everyone):
        people = sum(count for bit, count in enumerate(counts) if subset >> bit & 1)
        beyond = inside[everyone] - inside[everyone & ~subset] - people
        straddling = people - inside[subset]
        if 0 < beyond < k or 0 < straddling < k:
            return False
    return True


def _sums_over_subsets(bits: int, sizes: Mapping[str, int], touched: Mapping[str, int]) -> list[int]:
    """Return, for every set of languages, how many people are in batches wholly inside it."""
    inside = [0] * (1 << bits)
    for batch, size in sizes.items():
        inside[touched[batch]] += size
    for bit in range(bits):
        for subset in range(1 << bits):
            if subset >> bit & 1:
                inside[subset] += inside[subset ^ (1 << bit)]
    return inside
