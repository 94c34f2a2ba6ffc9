"""Outcomes: an estimate and a limit in; passed, failed, or not decided yet."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, inf, isinf, sqrt
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


ANYTHING: Final = Range(-inf, inf)


def decide(estimate: Estimate, allowed: Range, confidence: float = CONFIDENCE, possible: Range = ANYTHING) -> Decision:
    """Hold an estimate against the range it may lie in: a non-inferiority test with three outcomes.

    Both bounds are one-sided with the given confidence, so each of the two errors (a pass beyond the limit, a fail
    within it) has a chance of at most 1 - confidence, and is largest for a value on the limit itself. For a range with
    two ends this is the test of equivalence by two one-sided tests (Schuirmann, 1987).

    >>> decide(Estimate(0.01, 0.005, 200), Range(-1, 0.03)).outcome
    'pass'
    >>> decide(Estimate(0.06, 0.005, 200), Range(-1, 0.03)).outcome
    'fail'
    >>> found = decide(Estimate(0.02, 0.01, 200), Range(-1, 0.03))
    >>> found.outcome, round(found.factor, 1)  # 1.65 standard errors must fit between 0.02 and 0.03
    ('inconclusive', 2.7)

    Args:
        estimate: of the value.
        allowed: where it may lie.
        confidence: of each bound.
        possible: between what one prompt's value can lie; it counts where all prompts have the same one.
    """
    low, high = _bounds(estimate, confidence, possible)
    outcome = _outcome(low, high, allowed)
    if outcome != "inconclusive" or low is None:
        return Decision(outcome, low, high)
    decided = partial(_decided, estimate, allowed, confidence, possible)
    return Decision(outcome, low, high, _least(decided) if decided(WORTHWHILE) else None)


def more(factor: float | None, prompts: int) -> int | None:
    """Return how many prompts beside those there are would decide, or None where that is no advice."""
    return None if factor is None else max(1, ceil(prompts * factor) - prompts)


def _outcome(low: float | None, high: float | None, allowed: Range) -> Outcome:
    if low is None or high is None:
        return "inconclusive"
    if allowed.low <= low and high <= allowed.high:
        return "pass"
    return "fail" if low > allowed.high or high < allowed.low else "inconclusive"


def _bounds(estimate: Estimate, confidence: float, possible: Range) -> tuple[float, float] | tuple[None, None]:
    """Return the one-sided bounds of a value; none where there is no way to know.

    That all n prompts share a value does not mean that every other prompt does too: with the given confidence at most a
    share q = 1 - (1 - confidence)^(1/n) of all prompts differs (the rule of three: about 3/n), and each of those by no
    more than is possible. Where anything is possible, the chance that n signs agree must do, as in `Estimate.p_value`.

    >>> _bounds(Estimate(0.0, 0.0, 99), 0.95, Range(-1, 1))[1]  # 1 - 0.05 ** (1 / 100)
    0.02951...
    """
    if estimate.error != 0:
        bounds = estimate.interval(2 * confidence - 1)
        return (None, None) if bounds.low is None or bounds.high is None else (bounds.low, bounds.high)
    value = estimate.value
    if isinf(possible.low) or isinf(possible.high):
        return (value, value) if 0.5**estimate.freedom <= 1 - confidence else (None, None)
    share = 1 - (1 - confidence) ** (1 / (estimate.freedom + 1))
    return value - share * (value - possible.low), value + share * (possible.high - value)


def _decided(estimate: Estimate, allowed: Range, confidence: float, possible: Range, factor: float) -> bool:
    """Tell whether so many times as many prompts like those there are would decide."""
    grown = replace(
        estimate,
        error=None if estimate.error is None else estimate.error / sqrt(factor),
        freedom=(estimate.freedom + 1) * factor - 1,
        skew=estimate.skew / sqrt(factor),
    )
    low, high = _bounds(grown, confidence, possible)
    return _outcome(low, high, allowed) != "inconclusive"


def _least(decided: Callable[[float], bool]) -> float:
    """Return the smallest factor that decides, within a thousandth."""
    low, high = 1.0, float(WORTHWHILE)
    while high / low > 1.001:
        middle = sqrt(low * high)
        low, high = (low, middle) if decided(middle) else (middle, high)
    return high
