"""Measurements: rows of samples in, the values of each metric at each level out, a block of texts at a time."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np

from ..errors import BadInput
from ..metrics import FloatArray, Graded, IntArray, Level, Metric, QualityMetric, ReferenceMetric, Texts, Undefined
from .formats.row import Row
from .intervals import Estimate
from .spool import Spool

BLOCK: Final = 2**18
"""Characters of text held at a time; as many as fit are tokenised once for both levels."""

LEAST_INPUTS: Final = 3
"""Inputs below which an across-input value says nothing."""


@dataclass
class Measurement:
    """One metric at one level.

    Attributes:
        metric: what was measured.
        level: of what: each input's samples, or one sample of each input.
        values: per input one value each, NaN where it is undefined; across inputs one a draw that has one.
        left_out: across inputs, for each draw the values without each part of it.
        fewest: samples of the input that has fewest.
        most: samples of the input that has most.
        inputs: how many there are.
        reasons: how often the metric was undefined for which reason.
    """

    metric: Metric
    level: Level
    values: list[float] = field(default_factory=list)
    left_out: list[FloatArray] = field(default_factory=list)
    fewest: int = 0
    most: int = 0
    inputs: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def count(self, rows: Sequence[Row]) -> None:
        """Take note of the sizes of some inputs."""
        sizes = [len(row.samples) for row in rows]
        self.fewest = min(sizes) if not self.inputs else min(self.fewest, *sizes)
        self.most = max(self.most, *sizes)
        self.inputs += len(rows)
        if self.level == "across_input" and self.fewest == 0:
            self.reasons["an input has no samples"] = 1

    def estimate(self) -> Estimate | None:
        """Return the score with its uncertainty, or None where the metric is undefined everywhere."""
        values = np.array(self.values, dtype=np.float64)
        defined = values[~np.isnan(values)]
        if not defined.size:
            return None
        if self.level == "per_input":
            return Estimate.of_mean(defined)
        return Estimate.of_left_out(float(defined.mean()), np.mean(self.left_out, axis=0))


def measure(
    rows: Iterable[Row],
    metrics: Sequence[Metric],
    tell: Callable[[str], None] = lambda line: None,
    levels: Sequence[Level] = ("per_input", "across_input"),
) -> list[Measurement]:
    """Measure samples by every metric at every level it has.

    Per input, a metric takes all samples of one input. Across inputs, it takes one sample of each input, once for every
    draw (sample 0 of each input, sample 1 of each input, ...); an input with fewer samples than another limits the
    draws, and the as-released profile knows the first one only.

    Args:
        rows: the inputs with their samples, read once; memory holds `BLOCK` characters of them, or one draw.
        metrics: what to measure.
        tell: told which metric is being computed.
        levels: those that are wanted, of those that a metric has.
    """
    found = [Measurement(metric, level) for metric in metrics for level in metric.levels if level in levels]
    per_input = [measurement for measurement in found if measurement.level == "per_input"]
    across = [measurement for measurement in found if measurement.level == "across_input"]
    with Spool() as spool:
        for block, is_whole in _blocks(rows):
            for measurement in found:
                measurement.count(block)
            texts = Texts.of(row.samples for row in block)
            for measurement in per_input:
                tell(f"computing {measurement.metric.name} per input")
                _measure_inputs(measurement, texts, block)
            if is_whole:
                _measure_draws(across, texts, [np.array(draw) for draw in zip(*texts.groups, strict=False)], 0, tell)
            elif across:
                spool.add(block)
        for number, draw in enumerate(spool):
            texts = Texts.of([draw])
            _measure_draws(across, texts, texts.groups, number, tell)
    return found


def _draws_of(metric: Metric) -> int:
    """Return how many draws a metric takes across inputs: the published code takes the first sample of each input."""
    return 1 if metric.profile == "as-released" else sys.maxsize


def _blocks(rows: Iterable[Row]) -> Iterator[tuple[list[Row], bool]]:
    """Cut rows into blocks of about `BLOCK` characters; the flag says that a block holds all of them."""
    first = True
    block: list[Row] = []
    size = 0
    for row in rows:
        characters = sum(map(len, row.samples))
        if block and size + characters > BLOCK:
            yield block, False
            first, block, size = False, [], 0
        block.append(row)
        size += characters
    if block:
        yield block, first


def _measure_inputs(measurement: Measurement, texts: Texts, block: Sequence[Row]) -> None:
    for members, value in zip(texts.groups, _values_of_inputs(measurement.metric, texts, block), strict=True):
        try:
            measurement.values.append(_finite(measurement.metric, value(members)))
        except Undefined as undefined:
            measurement.reasons[str(undefined)] += 1
            measurement.values.append(np.nan)


def _values_of_inputs(metric: Metric, texts: Texts, block: Sequence[Row]) -> list[Callable[[IntArray], float]]:
    """Return, for each input, what gives its value; some metrics look at more than its samples, where it is known."""
    plain = partial(metric.value, texts)
    if isinstance(metric, Graded):
        found = [row.grades.get(metric.signature) for row in block]
        return [plain if grades is None else partial(_graded, metric, grades) for grades in found]
    if isinstance(metric, ReferenceMetric):
        return [
            plain if row.reference is None else partial(metric.against, texts, reference=row.reference) for row in block
        ]
    if not isinstance(metric, QualityMetric):
        metric.prepare(texts, texts.groups)
        return [plain] * len(block)
    graded = [place for place, row in enumerate(block) if row.quality is not None]
    grades = {place: np.array(block[place].quality, dtype=np.float64) for place in graded}
    metric.prepare_judged(texts, [texts.groups[place] for place in graded], list(grades.values()))
    return [
        partial(metric.judged, texts, quality=grades[place]) if place in grades else plain
        for place in range(len(block))
    ]


def _graded(metric: Graded, grades: Sequence[float], members: IntArray) -> float:  # noqa: ARG001  texts do not matter
    return metric.graded(np.array(grades, dtype=np.float64))


def _measure_draws(
    measurements: Sequence[Measurement],
    texts: Texts,
    draws: Sequence[IntArray],
    before: int,
    tell: Callable[[str], None],
) -> None:
    """Measure some draws, `before` being how many came before them."""
    for measurement in measurements:
        wanted = draws[: max(0, _draws_of(measurement.metric) - before)]
        if wanted:
            tell(f"computing {measurement.metric.name} across inputs")
            measurement.metric.prepare(texts, wanted)
        for members in wanted:
            _measure_draw(measurement, texts, members)


def _measure_draw(measurement: Measurement, texts: Texts, members: IntArray) -> None:
    metric = measurement.metric
    try:
        if len(members) < LEAST_INPUTS:
            raise Undefined(f"an across-input value needs {LEAST_INPUTS} inputs, found {len(members)}")
        value, left_out = _finite(metric, metric.value(texts, members)), metric.leave_out(texts, members)
    except Undefined as undefined:
        measurement.reasons[str(undefined)] += 1
    else:
        measurement.values.append(value)
        measurement.left_out.append(left_out)


def _finite(metric: Metric, value: float) -> float:
    """Refuse what a metric of somebody's own should not return."""
    if not isinstance(value, (int, float)) or not np.isfinite(value):
        raise BadInput(f"metric {metric.name!r}: wanted a finite number or Undefined from value(), found {value!r:.60}")
    return float(value)
