"""Differences: two models' samples for the same inputs in, paired differences with intervals out."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import BadInput
from ..metrics import Direction, Level, Metric
from .formats.files import read_files
from .formats.row import Row
from .intervals import Estimate, Interval
from .measuring import Measurement, measure
from .record import read_run
from .samples import read_split
from .scoring import signature
from .verdicts import Verdict, verdict


@dataclass(frozen=True)
class Difference:
    """One metric at one level: first minus second, on the inputs that both have.

    Attributes:
        split: TASK/SPLIT, or None for samples that are not a run's.
        metric: its name.
        level: per input or across inputs.
        signature: of both numbers, or of the first where they differ.
        first: the first one's value, on the inputs of the difference or, where there is none, on the common inputs.
        second: the second one's.
        difference: first minus second with its 95% interval; None where there is none.
        p_value: two-sided, of no difference.
        adjusted: the same after Holm's correction for all differences of the comparison.
        inputs: how many inputs it rests on.
        reason: why there is no difference to state, or why it rests on fewer inputs than are in both.
        other_prompts: common inputs whose prompt in the second is not that in the first: another template, or ids that
            do not name the same inputs.
        direction: of the metric.
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
    other_prompts: int = 0
    direction: Direction = "neutral"

    @property
    def verdict(self) -> Verdict:
        """What the difference says of the first, once p-values are adjusted."""
        return verdict(self.difference.value if self.difference else None, self.adjusted, self.direction)

    def to_json(self) -> dict[str, object]:
        """Return the difference as a JSON value."""
        return {**asdict(self), "verdict": self.verdict}


@dataclass(frozen=True)
class Side:
    """One of the two that are compared: its samples of one split, and how they were drawn."""

    rows: Sequence[Row]
    sampler: str = "unknown"


def differences(
    first: Side,
    second: Side,
    metrics: Sequence[Metric],
    split: str | None = None,
    keep: Callable[[Measurement, Measurement], None] = lambda one, two: None,
) -> list[Difference]:
    """Return the difference of every metric at every level, on the inputs whose ids are in both.

    Per input, each input's difference is one value. Across inputs, the jackknife leaves the same input out of both.
    The p-values are not adjusted yet: that takes all differences of a comparison (`comparisons.py`).

    Args:
        first: samples and how they were drawn.
        second: the same of the other model.
        metrics: what to compare.
        split: TASK/SPLIT, of both.
        keep: given each pair of measurements, for who needs them again.

    Raises:
        BadInput: no id is in both.
    """
    ones, twos = ({row.id: row for row in side.rows} for side in (first, second))
    common = [row_id for row_id in ones if row_id in twos]
    if not common:
        raise BadInput(f"{split or 'the samples'}: no input is in both, so nothing can be paired; ids name inputs")
    prompts = ((ones[row_id].prompt, twos[row_id].prompt) for row_id in common)
    other_prompts = sum(None not in pair and pair[0] != pair[1] for pair in prompts)
    measured = [measure([rows[row_id] for row_id in common], metrics) for rows in (ones, twos)]
    for one, two in zip(*measured, strict=True):
        keep(one, two)
    return [
        replace(
            _difference(one, two, (signature(one, first.sampler), signature(two, second.sampler)), split),
            other_prompts=other_prompts,
        )
        for one, two in zip(*measured, strict=True)
    ]


def read_sides(samples: Sequence[Row] | Sequence[Path]) -> dict[str | None, Side]:
    """Return the samples by split; those that are not a run's are of the split None."""
    paths = [path for path in samples if isinstance(path, Path)]
    if len(paths) == 1 and (paths[0] / "run.json").exists():
        record = read_run(paths[0])
        return {
            split.name: Side(read_split(paths[0], split.name, record.samples_per_prompt).rows, split.sampler)
            for split in record.splits
        }
    rows = list(read_files(paths)) if paths else [row for row in samples if isinstance(row, Row)]
    return {None: Side(rows)}


def _difference(one: Measurement, two: Measurement, signatures: tuple[str, str], split: str | None) -> Difference:
    alone = [estimate.value if estimate else None for estimate in (one.estimate(), two.estimate())]
    estimate, inputs, reason = None, 0, None
    if signatures[0] != signatures[1]:
        first, second = _differing(*signatures)
        reason = f"not comparable: {one.metric.signature}|{one.level} with {first} and with {second}"
    elif None in alone:
        reason = next(iter(one.reasons or two.reasons), "not a number")
    else:
        estimate, inputs = paired(one, two)
        if estimate and one.level == "per_input" and inputs < one.inputs:
            alone = common_means(one, two)
            reason = f"undefined in one or the other for {one.inputs - inputs} of {one.inputs} inputs, left out of both"
        elif not estimate:
            reason = "undefined in one or the other for every input"
        elif estimate.error is None:
            reason = "one input says nothing of others: no interval, no p-value"
    return Difference(
        split=split,
        metric=one.metric.name,
        level=one.level,
        signature=signatures[0],
        first=alone[0],
        second=alone[1],
        difference=estimate.interval() if estimate else None,
        p_value=estimate.p_value() if estimate else None,
        adjusted=None,
        inputs=inputs,
        reason=reason,
        direction=one.metric.direction,
    )


def paired(one: Measurement, two: Measurement) -> tuple[Estimate | None, int]:
    """Return the estimate of the difference of two measurements of the same inputs, and the inputs it rests on."""
    if one.level == "per_input":
        each = np.array(one.values) - np.array(two.values)
        both = each[~np.isnan(each)]
        return (Estimate.of_mean(both), both.size) if both.size else (None, 0)
    value = float(np.mean(one.values) - np.mean(two.values))
    left_out = np.mean(one.left_out, axis=0) - np.mean(two.left_out, axis=0)
    return Estimate.of_left_out(value, left_out), one.inputs


def common_means(one: Measurement, two: Measurement) -> list[float | None]:
    """Return the means of both over the inputs for which both have a value."""
    values = np.array([one.values, two.values])
    return list(values[:, ~np.isnan(values).any(axis=0)].mean(axis=1).tolist())


def _differing(first: str, second: str) -> tuple[str, str]:
    """Return what of two signatures of the same metric and level differs."""
    parts = [re.split(r"[|:]", text) for text in (first, second)]
    if len(parts[0]) != len(parts[1]):  # a stop text may hold the marks
        return first, second
    pairs = [pair for pair in zip(*parts, strict=True) if pair[0] != pair[1]]
    return ", ".join(pair[0] for pair in pairs), ", ".join(pair[1] for pair in pairs)
