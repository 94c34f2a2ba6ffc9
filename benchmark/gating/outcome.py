"""Outcomes: an estimate and a limit in; passed, failed, or not decided yet."""

from dataclasses import dataclass
from math import ceil
from typing import Final, Literal, TypeAlias

from ..intervals import Estimate

Outcome: TypeAlias = Literal["pass", "fail", "inconclusive"]

CONFIDENCE: Final = 0.95
"""Of each bound: at a true value on the limit itself, one release in twenty passes, and one in twenty fails."""

WORTHWHILE: Final = 100
"""Times the prompts there are, beyond which asking more is no advice."""


@dataclass(frozen=True)
class Range:
    """Where a value may lie: from `low` to `high`, either of which may be infinite."""

    low: float
    high: float


@dataclass(frozen=True)
class Decision:
    """What is known of a value and its limits.

    Attributes:
        outcome: "pass" where the value is shown to lie within the limits, "fail" where it is shown to lie outside,
            "inconclusive" otherwise.
        low: one-sided lower bound; None where a single prompt leaves no way to know.
        high: one-sided upper bound.
        factor: how many times as many prompts would decide, if the value stays as it is; None where that cannot be
            said, because it is decided, or no number would.
    """

    outcome: Outcome
    low: float | None
    high: float | None
    factor: float | None = None


def decide(estimate: Estimate, allowed: Range, confidence: float = CONFIDENCE) -> Decision:
    """Hold an estimate against the range it may lie in: a non-inferiority test with three outcomes.

    Both bounds are one-sided with the given confidence, so each of the two errors (a pass beyond the limit, a fail
    within it) has a chance of at most 1 - confidence, and is largest for a value on the limit itself. For a range with
    two ends this is the test of equivalence by two one-sided tests (Schuirmann, 1987).

    >>> decide(Estimate(0.01, 0.005, 200), Range(-1, 0.03)).outcome
    'pass'
    >>> decide(Estimate(0.06, 0.005, 200), Range(-1, 0.03)).outcome
    'fail'
    >>> found = decide(Estimate(0.02, 0.01, 200), Range(-1, 0.03))
    >>> found.outcome, round(found.factor, 2)  # 1.65 standard errors must fit between 0.02 and 0.03
    ('inconclusive', 2.73)
    """
    bounds = estimate.interval(2 * confidence - 1)
    low, high = bounds.low, bounds.high
    if low is None or high is None:
        return Decision("inconclusive", None, None)
    if allowed.low <= low and high <= allowed.high:
        return Decision("pass", low, high)
    if low > allowed.high or high < allowed.low:
        return Decision("fail", low, high)
    return Decision("inconclusive", low, high, _factor(estimate.value, low, high, allowed))


def more(factor: float | None, prompts: int) -> int | None:
    """Return how many prompts beside those there are would decide, or None where that is no advice."""
    return None if factor is None or factor > WORTHWHILE else max(1, ceil(prompts * factor) - prompts)


def _factor(value: float, low: float, high: float, allowed: Range) -> float | None:
    """Return by how much the number of prompts must grow for the bounds to leave the limits they hold.

    Bounds come nearer to the value with the root of the number of prompts.
    """
    factors = []
    for limit in (allowed.low, allowed.high):
        if low <= limit <= high:
            if value == limit:
                return None
            factors.append((((high if value < limit else low) - value) / (limit - value)) ** 2)
    return max(factors)
