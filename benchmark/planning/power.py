"""Power: how many prompts it takes to see a difference of a given size, by the t-tests behind gendiv's p-values."""

import math
from collections.abc import Callable
from typing import Final

from scipy.special import nctdtr, ndtr, ndtri, stdtrit  # type: ignore[import-untyped]  # ships no types

ALPHA: Final = 0.05
"""Two-sided level of the tests, and one minus the confidence of the intervals."""

MOST: Final = 10**12
"""Prompts beyond which nobody counts."""

NORMAL: Final = 2000.0
"""Degrees of freedom from which on the t-test's power is the normal one to the third digit."""


def prompts_for_width(variance: float, half: float) -> int:
    """Return the fewest prompts whose mean has a 95% interval of no more than +- `half`.

    Args:
        variance: of the values of single prompts, sampling included.
        half: in the metric's unit.

    >>> prompts_for_width(0.04, 0.1)  # 18 would do for a known variance: (1.96 x 0.2 / 0.1)^2 = 15.4, and Student's t
    18
    """
    return _fewest(lambda count: float(stdtrit(count - 1, 1 - ALPHA / 2)) * math.sqrt(variance / count) <= half)


def prompts_for_difference(variance: float, effect: float, power: float) -> int:
    """Return the fewest prompts on which a paired test finds a mean difference of `effect` with a chance of `power`.

    Args:
        variance: of the differences of single prompts, sampling of both models included.
        effect: the true difference, in the metric's unit.
        power: chance of p < 0.05.

    >>> prompts_for_difference(1.0, 0.5, 0.8)  # the textbook's 34
    34
    """
    return _fewest(lambda count: _power(count - 1, effect, math.sqrt(variance / count)) >= power)


def prompts_for_gap(variances: tuple[float, float], effect: float, power: float) -> int:
    """Return the fewest prompts of each of two splits on which a gap of `effect` is found with a chance of `power`.

    Args:
        variances: of the values of single prompts in each split, sampling included.
        effect: the true gap, in the metric's unit.
        power: chance of p < 0.05, by Welch's test.

    >>> prompts_for_gap((1.0, 1.0), 0.5, 0.8)  # the textbook's 64 in each group
    64
    """
    total, squares = sum(variances), sum(variance**2 for variance in variances)

    def is_enough(count: int) -> bool:
        freedom = (count - 1) * (total**2 / squares if squares else 2)
        return _power(freedom, effect, math.sqrt(total / count)) >= power

    return _fewest(is_enough)


def _power(freedom: float, effect: float, error: float) -> float:
    """Return how likely a two-sided t-test rejects, from the true effect and the true standard error."""
    if error == 0:
        return 1.0
    shift = abs(effect) / error
    if freedom > NORMAL or shift > 30:
        z = float(ndtri(1 - ALPHA / 2))
        return float(ndtr(shift - z) + ndtr(-shift - z))
    t = float(stdtrit(freedom, 1 - ALPHA / 2))
    return float(1 - nctdtr(freedom, shift, t) + nctdtr(freedom, shift, -t))


def _fewest(is_enough: Callable[[int], bool]) -> int:
    """Return the smallest count, of 2 and more, that is enough; more than enough stays enough."""
    few, many = 1, 2
    while not is_enough(many):
        few, many = many, 2 * many
        if many > MOST:
            return MOST
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if is_enough(middle) else (middle, many)
    return many
