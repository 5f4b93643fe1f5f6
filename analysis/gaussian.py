"""Discrete Gaussian noise, drawn exactly: P(Z = z) proportional to exp(-z² / (2 variance)), whole numbers z.

Source: Canonne, Kamath, Steinke 2020, “The Discrete Gaussian for Differential Privacy”, algorithms 1 to 3.
Whole numbers only: a float would round the chances, and the rounding is what such noise was broken by
(Mironov 2012).
"""

import math
from collections.abc import Callable
from fractions import Fraction

Below = Callable[[int], int]
"""Draws a whole number under its argument, each as likely as any other."""


def discrete_gaussian(variance: Fraction, below: Below) -> int:
    """Draw Z. `variance` is above zero; on average it takes about 1.5 tries of a discrete Laplace."""
    over, under = variance.numerator, variance.denominator
    scale = math.isqrt(over // under) + 1
    while True:
        number = _discrete_laplace(scale, below)
        # (|y| - variance / scale)² / (2 variance), over a common denominator.
        misfit = (abs(number) * under * scale - over) ** 2
        if _with_chance_exp(misfit, 2 * over * under * scale**2, below):
            return number


def _discrete_laplace(scale: int, below: Below) -> int:
    """Draw Y with P(Y = y) proportional to exp(-|y| / scale)."""
    while True:
        fine = below(scale)
        if not _with_chance_exp(fine, scale, below):
            continue
        coarse = 0
        while _with_chance_exp(1, 1, below):
            coarse += 1
        size = fine + scale * coarse
        negative = below(2)
        if not (negative and size == 0):  # zero has no sign, and would come twice as often
            return -size if negative else size


def _with_chance_exp(over: int, under: int, below: Below) -> bool:
    """Return True with chance exp(-over / under)."""
    while over > under:
        if not _with_chance_exp_of_part(1, 1, below):
            return False
        over -= under
    return _with_chance_exp_of_part(over, under, below)


def _with_chance_exp_of_part(over: int, under: int, below: Below) -> bool:
    """Return True with chance exp(-over / under), for a share between 0 and 1."""
    tries = 1
    while below(under * tries) < over:
        tries += 1
    return tries % 2 == 1
