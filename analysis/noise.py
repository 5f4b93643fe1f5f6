"""The random adjustment: one draw per batch and item, ever."""

import itertools
import math
import random
import secrets

_OS_RANDOM = secrets.SystemRandom()


def noised(count: int, people: int, epsilon: float, bound: int, source: random.Random = _OS_RANDOM) -> int:
    """Return clamp(count + Z, 0, people) with P(Z = z) proportional to exp(-epsilon |z|), z = -bound..bound.

    The operating system's randomness by default: a reader who could guess the generator's state could take
    the adjustment away again. Rule: disclosure.md, “Ledger values”.
    """
    draws = range(-bound, bound + 1)
    weights = list(itertools.accumulate(math.exp(-epsilon * abs(z)) for z in draws))
    (adjustment,) = source.choices(draws, cum_weights=weights)
    return min(max(count + adjustment, 0), people)
