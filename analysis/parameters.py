"""The numbers of the release rule, version 2, and every noise that follows from them.

Source: docs/disclosure.md, “Definitions” and “Values”. They may only be made stricter; whatever depends on
them is computed from them, as exact fractions, so that a variance in the ledger is the one that was drawn.
"""

from fractions import Fraction
from typing import Final

import msgspec

K_FLOOR: Final = 11
"""No batch is ever smaller, whatever a setting says."""
RULE_VERSION: Final = "2"
GRAIN: Final = 840
"""A person's score is counted in 840ths: the smallest unit that divides into eight parts and fewer."""
MOST_ROOT: Final = Fraction("1.4777")
"""The promise: the root of the sum of squares of all that is published from one answer."""
LEAST_VARIANCE: Final = Fraction(9)
"""Under a deviation of three steps the discrete Gaussian is no longer as good as its continuous bound."""
SCALES_SHARE: Final = Fraction("0.83")
"""Of the questions' budget, where options are asked too."""
MOST_THEMES: Final = 2
CORE_QUESTIONS: Final = 8
_STRICTER: Final = "the release rule may only be made stricter."


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How large a batch must be and how much may be told of one answer. Refuses anything laxer."""

    k: int = K_FLOOR
    """Fewest people in a pulse batch."""
    mu_pulse: float = 0.90
    mu_questions: float = 0.888
    mu_theme_program: float = 0.45
    mu_theme_county: float = 0.36
    mu_language: float = 0.40
    mu_fields: float = 0.30
    detail_n: int = 100
    """From here a program's audience has its questions in any release."""
    audience_n: int = 38
    """From here it has them in the fourth quarter's release."""
    fields_n: int = 80
    mixed_n: int = 30
    language_n: int = 30
    waiting_quarters: int = 4
    """A program's waiting responses move to its pool when one is older than this (H)."""
    pool_programs: int = 3
    """Fewest programs in a pool or county batch."""
    pool_quarters: int = 2
    """What a pool has held this long joins the county's."""
    destroyed_quarters: int = 8
    """What has waited this long in all is destroyed unread."""

    def __post_init__(self) -> None:
        usual = dict(zip(self.__struct_fields__, self.__struct_defaults__, strict=True))
        for name, default in usual.items():
            setting = getattr(self, name)
            if name.startswith("mu_"):
                if not 0 < setting <= default:
                    raise ValueError(f"policy.{name}: must be above 0 and at most {default}; {_STRICTER}")
            elif name.endswith("_quarters"):
                if setting != default:
                    raise ValueError(
                        f"policy.{name}: is fixed at {default}; people were told how long it is."
                    )
            elif setting < default:
                raise ValueError(f"policy.{name}: may not be under {default}; {_STRICTER}")
        check_promise(self)

    def exactly(self, name: str) -> Fraction:
        """Return a mu as it was written: 0.9 is nine tenths, not the nearest binary number."""
        return Fraction(repr(getattr(self, name)))

    @property
    def score_variance(self) -> Fraction:
        """Of a pulse's sum of scores, in 840ths squared."""
        return _variance(Fraction(GRAIN**2), self.exactly("mu_pulse"))

    @property
    def spread_variance(self) -> Fraction:
        """Of a pulse's sum of s (1 - s): a third of the score's deviation, and it costs nothing."""
        return self.score_variance / 9

    @property
    def language_variance(self) -> Fraction:
        return _variance(Fraction(GRAIN**2), self.exactly("mu_language"))

    @property
    def fields_variance(self) -> Fraction:
        """Of F and of U of each core question; one answer moves both of all eight."""
        return _variance(Fraction(2 * CORE_QUESTIONS), self.exactly("mu_fields"))

    def scales_variance(self, scales: int, *, with_options: bool) -> Fraction:
        """Of F and of U of each scale, where one instrument asks at most `scales` of them."""
        share = SCALES_SHARE if with_options else Fraction(1)
        return _of_share(Fraction(2 * scales), self.exactly("mu_questions"), share)

    def options_variance(self, squares: int) -> Fraction:
        """Of each option; `squares` is the squared L2 sensitivity of all options of one instrument."""
        return _of_share(Fraction(squares), self.exactly("mu_questions"), 1 - SCALES_SHARE)

    def themes_variance(self, *, county: bool) -> Fraction:
        name = "mu_theme_county" if county else "mu_theme_program"
        return _variance(Fraction(2 * MOST_THEMES), self.exactly(name))


def check_promise(parameters: Parameters) -> None:
    """Raise ValueError where all that is published from one answer would say more than was promised."""
    names = [name for name in parameters.__struct_fields__ if name.startswith("mu_")]
    squares = sum((parameters.exactly(name) ** 2 for name in names), Fraction(0))
    if squares > MOST_ROOT**2:
        raise ValueError(
            f"policy: the parameters together tell more of one answer than promised; {_STRICTER}"
        )


def _of_share(squares: Fraction, mu: Fraction, share: Fraction) -> Fraction:
    return max(LEAST_VARIANCE, squares / (mu**2 * share))


def _variance(squares: Fraction, mu: Fraction) -> Fraction:
    return _of_share(squares, mu, Fraction(1))


check_promise(Parameters())
