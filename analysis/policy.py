"""The numbers of the release policy (disclosure.md, “Definitions”), which may only be made stricter."""

import math
from typing import Final

import msgspec

K_FLOOR: Final = 11
"""No batch is ever smaller, whatever a setting says."""
_STRICTER: Final = "the release rule may only be made stricter."
RULE_VERSION: Final = "frozen-batches-1"


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How big a batch must be and how much noise its items carry. Refuses anything laxer than the default."""

    k: int = K_FLOOR
    """Fewest people in a batch."""
    epsilon: float = 1.0
    """Noise of program, pool and county batches: P(Z = z) is proportional to exp(-epsilon |z|)."""
    noise_bound: int = 5
    """Largest |Z| there."""
    language_epsilon: float = 0.5
    language_noise_bound: int = 10
    waiting_quarters: int = 4
    """A program's waiting responses move to its pool when one is older than this (H)."""
    pool_programs: int = 3
    """Fewest programs in a pool or county batch."""
    pool_quarters: int = 2
    """What a pool has held this long joins the county pool."""
    destroyed_quarters: int = 8
    """What has waited this long in all is destroyed unread."""

    def __post_init__(self) -> None:
        default = dict(zip(self.__struct_fields__, self.__struct_defaults__, strict=True))
        for name in ("k", "noise_bound", "language_noise_bound", "pool_programs"):
            if getattr(self, name) < default[name]:
                raise ValueError(f"policy.{name}: may not be under {default[name]}; {_STRICTER}")
        for name in ("waiting_quarters", "pool_quarters", "destroyed_quarters"):
            if getattr(self, name) != default[name]:
                raise ValueError(
                    f"policy.{name}: is fixed at {default[name]}; people were told how long it is."
                )
        _check_noise("epsilon", self.epsilon, self.noise_bound, default["epsilon"], default["noise_bound"])
        wide = (default["language_epsilon"], default["language_noise_bound"])
        _check_noise("language_epsilon", self.language_epsilon, self.language_noise_bound, *wide)


def _check_noise(name: str, epsilon: float, bound: int, usual: float, usual_bound: int) -> None:
    if not 0 < epsilon <= usual:
        raise ValueError(f"policy.{name}: must be above 0 and at most {usual}; {_STRICTER}")
    if _cut_off(epsilon, bound) > _cut_off(usual, usual_bound):
        raise ValueError(f"policy.{name}: needs a larger bound of the noise; {_STRICTER}")


def _cut_off(epsilon: float, bound: int) -> float:
    """Return P(Z = bound): how often the largest adjustment shows that the count was not one lower."""
    weights = [math.exp(-epsilon * abs(z)) for z in range(-bound, bound + 1)]
    return weights[-1] / sum(weights)
