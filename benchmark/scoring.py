"""Scores: rows of samples in, one number with an interval and a signature for each metric and level out."""

from collections.abc import Callable, Iterable, Sequence

from ..metrics import Metric
from .formats.row import Row
from .measuring import Measurement, measure
from .record import Result


def score(
    rows: Iterable[Row],
    metrics: Sequence[Metric],
    *,
    split: str | None = None,
    sampler: str = "unknown",
    tell: Callable[[str], None] = lambda line: None,
) -> list[Result]:
    """Score samples by every metric at every level it has.

    Args:
        rows: the inputs with their samples in draw order; they may differ in number.
        metrics: what to compute.
        split: written into the results.
        sampler: the sampler's part of the signature: the decoding parameters where they are known.
        tell: told what is being computed.
    """
    return [_result(measurement, split, sampler) for measurement in measure(rows, metrics, tell)]


def _result(measurement: Measurement, split: str | None, sampler: str) -> Result:
    estimate = measurement.estimate()
    interval = estimate.interval() if estimate else None
    undefined = measurement.reasons.total()
    counted = measurement.inputs - undefined if measurement.level == "per_input" else measurement.inputs
    return Result(
        split=split,
        metric=measurement.metric.name,
        signature=signature(measurement, sampler),
        level=measurement.level,
        value=interval.value if interval else None,
        low=_within(measurement.metric, interval.low) if interval else None,
        high=_within(measurement.metric, interval.high) if interval else None,
        error=estimate.error if estimate else None,
        freedom=estimate.freedom if estimate else 0,
        skew=estimate.skew if estimate else 0.0,
        inputs=counted if interval else 0,
        undefined=undefined,
        reason=max(measurement.reasons, key=measurement.reasons.__getitem__) if undefined else None,
    )


def signature(measurement: Measurement, sampler: str) -> str:
    """Return all that decides the number, the metric's part in the syntax of `--metrics`.

    The number of samples is part of it because set metrics depend on the size of the set; across inputs so is the
    number of inputs.
    """
    metric, fewest, most = measurement.metric, measurement.fewest, measurement.most
    size = f"k={most}" if fewest == most else f"k={fewest}-{most}"
    if measurement.level == "across_input":
        size += f"|inputs={measurement.inputs}"
    return f"{metric.signature}|version={metric.version}|profile={metric.profile}|{measurement.level}|{size}|{sampler}"


def _within(metric: Metric, end: float | None) -> float | None:
    """Keep the end of an interval within the range of the metric."""
    low, high = metric.range
    return None if end is None else min(max(end, low), high)
