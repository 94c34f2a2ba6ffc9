"""Verdicts: what the difference of two numbers says of the first one, read by the metric's direction."""

from typing import Final, Literal, TypeAlias

from ..metrics import Direction

Verdict: TypeAlias = Literal["better", "worse", "higher", "lower", "no difference shown", "not comparable"]

VERDICTS: Final[tuple[Verdict, ...]] = ("better", "worse", "higher", "lower", "no difference shown", "not comparable")
"""In the order in which they are counted."""

SURE: Final = 0.05
"""Adjusted p-value below which a difference is called one."""


def verdict(difference: float | None, adjusted: float | None, direction: Direction) -> Verdict:
    """Return what "first minus second" says of the first: more diverse counts as better, a neutral metric as neither.

    Args:
        difference: None where there is none to state.
        adjusted: its p-value after correction; None where a single input leaves no way to know.
        direction: of the metric.

    >>> verdict(-0.2, 0.001, "lower_is_more_diverse"), verdict(-0.2, 0.001, "neutral"), verdict(-0.2, 0.2, "neutral")
    ('better', 'lower', 'no difference shown')
    """
    if difference is None:
        return "not comparable"
    if adjusted is None or adjusted >= SURE:
        return "no difference shown"
    if direction == "neutral":
        return "higher" if difference > 0 else "lower"
    return "better" if (difference > 0) != (direction == "lower_is_more_diverse") else "worse"


def gap_verdict(difference: float | None, adjusted: float | None, direction: Direction) -> Verdict:
    """Return what a difference of gaps says of the first: it is better if it loses less out of distribution.

    A gap is the value in distribution minus the value out of it, so the greater one is the greater loss. Of a neutral
    metric the gap itself is higher or lower.

    >>> gap_verdict(-0.2, 0.001, "higher_is_better"), gap_verdict(-0.2, 0.001, "neutral")
    ('better', 'lower')
    """
    if difference is None or direction == "neutral":
        return verdict(difference, adjusted, direction)
    return verdict(-difference, adjusted, direction)
