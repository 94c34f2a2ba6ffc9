"""Differences: two models' samples for the same inputs in, paired differences with intervals out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import BadInput
from ..metrics import Level, Metric
from .formats.row import Row
from .intervals import Estimate, Interval, holm
from .measuring import Measurement, measure
from .scoring import signature


@dataclass(frozen=True)
class Difference:
    """One metric at one level: first minus second, on the inputs that both have.

    Attributes:
        split: TASK/SPLIT, or None for samples that are not a run's.
        metric: its name.
        level: per input or across inputs.
        signature: of both numbers, or of the first where they differ.
        first: the first one's value on the common inputs.
        second: the second one's.
        difference: first minus second with its 95% interval; None where there is none.
        p_value: two-sided, of no difference.
        adjusted: the same after Holm's correction for all differences of the comparison.
        inputs: how many inputs it rests on.
        reason: why there is no difference to state.
    """

    split: str | None
    metric: str
    level: Level
    signature: str
    first: float | None
    second: float | None
    difference: Interval | None
    p_value: float | None
    adjusted: float | None
    inputs: int
    reason: str | None


@dataclass(frozen=True)
class Side:
    """One of the two that are compared: its samples of one split, and how they were drawn."""

    rows: Sequence[Row]
    sampler: str = "unknown"


def compare(first: Side, second: Side, metrics: Sequence[Metric], split: str | None = None) -> list[Difference]:
    """Return the paired difference of every metric at every level, on the inputs whose ids are in both.

    Per input, each input's difference is one value. Across inputs, the jackknife leaves the same input out of both.
    The p-values are not adjusted yet: `adjust` does that once all splits are there.

    Raises:
        BadInput: no id is in both.
    """
    ones, twos = ({row.id: row for row in side.rows} for side in (first, second))
    common = [row_id for row_id in ones if row_id in twos]
    if not common:
        raise BadInput(f"{split or 'the samples'}: no input is in both, so nothing can be paired; ids name inputs")
    measured = (measure([rows[row_id] for row_id in common], metrics) for rows in (ones, twos))
    return [
        _difference(one, two, (signature(one, first.sampler), signature(two, second.sampler)), split)
        for one, two in zip(*measured, strict=True)
    ]


def adjust(differences: Sequence[Difference]) -> list[Difference]:
    """Return the differences with p-values adjusted for their number."""
    p_values = [difference.p_value for difference in differences if difference.p_value is not None]
    adjusted = iter(holm(np.array(p_values)).tolist())
    return [
        replace(difference, adjusted=next(adjusted)) if difference.p_value is not None else difference
        for difference in differences
    ]


def _difference(one: Measurement, two: Measurement, signatures: tuple[str, str], split: str | None) -> Difference:
    first, second = one.estimate(), two.estimate()
    estimate, inputs, reason = None, 0, None
    if signatures[0] != signatures[1]:
        reason = f"not comparable: {signatures[0]} and {signatures[1]}"
    elif first is None or second is None:
        reason = next(iter((one.reasons or two.reasons).keys()))
    else:
        estimate, inputs = _paired(one, two)
        reason = None if estimate else "undefined in one or the other for every input"
    return Difference(
        split=split,
        metric=one.metric.name,
        level=one.level,
        signature=signatures[0],
        first=first.value if first else None,
        second=second.value if second else None,
        difference=estimate.interval() if estimate else None,
        p_value=estimate.p_value() if estimate else None,
        adjusted=None,
        inputs=inputs,
        reason=reason,
    )


def _paired(one: Measurement, two: Measurement) -> tuple[Estimate | None, int]:
    """Return the estimate of the difference, and the inputs it rests on."""
    if one.level == "per_input":
        each = np.array(one.values) - np.array(two.values)
        both = each[~np.isnan(each)]
        return (Estimate.of_mean(both), both.size) if both.size else (None, 0)
    value = float(np.mean(one.values) - np.mean(two.values))
    left_out = np.mean(one.left_out, axis=0) - np.mean(two.left_out, axis=0)
    return Estimate.of_left_out(value, left_out), one.inputs
