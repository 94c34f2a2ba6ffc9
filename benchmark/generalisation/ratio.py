"""Ratios of independent estimates, with Fieller's interval."""

from collections.abc import Callable
from typing import Final

from ..intervals import CONFIDENCE, Estimate, Interval

STEPS: Final = 60
"""Halvings of what holds an end: more than the digits of a float."""


def ratio(numerator: Estimate, denominator: Estimate, confidence: float = CONFIDENCE) -> Interval | None:
    """Return the ratio of two estimates that rest on different prompts and cannot be negative.

    Fieller's interval: all r for which the test of "numerator - r denominator is 0" does not reject. The test is that
    of a difference (`Estimate.minus`), so the interval of the ratio holds 1 just where that of the difference holds 0.
    Where the denominator is not clearly away from 0, no bounded interval keeps its promise, and the ends are None.

    Source: Fieller (1954), "Some Problems in Interval Estimation"; with normal estimates and known errors it is his
    closed form.

    >>> found = ratio(Estimate(6.0, 0.3, 1e9), Estimate(10.0, 0.4, 1e9))
    >>> [round(end, 3) for end in (found.value, found.low, found.high)]
    [0.6, 0.528, 0.679]

    Args:
        numerator: what is divided.
        denominator: by what.
        confidence: of the interval.

    Returns:
        None where the denominator is 0.
    """
    if denominator.value <= 0:
        return None
    value, wrong = numerator.value / denominator.value, 1 - confidence
    sure = denominator.p_value()
    if numerator.error is None or sure is None or sure >= wrong:
        return Interval(value, None, None)
    if numerator.error == 0 and 0 in (numerator.value, denominator.error):
        return Interval(value, value, value)

    def is_held(other: float) -> bool:
        p_value = numerator.minus(denominator.times(other)).p_value()
        return p_value is not None and p_value >= wrong

    step = (numerator.error + numerator.value) / denominator.value
    outside = value + step
    while is_held(outside):  # ends, since the denominator alone is clearly away from 0
        step *= 2
        outside = value + step
    least = value * 1e-9
    low = 0.0 if is_held(least) else _end(is_held, value, least)
    return Interval(value, low, _end(is_held, value, outside))


def _end(is_held: Callable[[float], bool], inside: float, outside: float) -> float:
    """Return where what holds ends, between a ratio that is held and one that is not."""
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if is_held(middle) else (inside, middle)
    return inside
