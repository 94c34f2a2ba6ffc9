"""Contrasts: one policy's scores minus another's, on the same prompts, over splits of one severity and over seeds.

Two things were drawn at random: the prompts, and the seeds of training. On one split and seed the models are paired on
their prompts. Splits have different prompts, so variances of their mean add up. Over seeds, the spread of the seeds'
differences says how far another training would move the result; the prompts are the same for all seeds, so their own
error does not shrink with more of them and is added. That counts what is peculiar to one seed on one prompt twice: the
interval is a little too wide rather than too narrow.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import BadInput
from ...metrics import Level, Metric
from ...tasks import Shift
from ..comparing import paired
from ..intervals import Estimate
from ..measuring import Measurement, measure
from ..record import RunRecord, read_run
from ..samples import read_split


@dataclass(frozen=True)
class Score:
    """A number that is measured: a metric at a level, by the name that tables show."""

    metric: Metric
    level: Level
    name: str


@dataclass
class Measured:
    """A run folder, whose samples are measured split by split when they are asked for.

    Attributes:
        folder: of the run.
        metrics: to be measured.
    """

    folder: Path
    metrics: Sequence[Metric]
    _found: dict[str, Mapping[tuple[str, Level], Measurement]] = field(default_factory=dict)

    @cached_property
    def record(self) -> RunRecord:
        """What the run was."""
        return read_run(self.folder)

    def splits(self, shift: Shift) -> list[str]:
        """Return the names of the splits on one side of the shift."""
        return [split.name for split in self.record.splits if split.shift == shift]

    def of(self, split: str, score: Score) -> Measurement:
        """Return a measurement of one split."""
        if split not in self._found:
            rows = read_split(self.folder, split, self.record.samples_per_prompt).rows
            found = measure(rows, self.metrics)
            self._found[split] = {(one.metric.signature, one.level): one for one in found}
        return self._found[split][score.metric.signature, score.level]


def level_of(run: Measured, shift: Shift, score: Score) -> Estimate | None:
    """Return the score of one run, over its splits on one side of the shift."""
    return over_splits([run.of(split, score).estimate() for split in run.splits(shift)])


def contrast(first: Measured, second: Measured, shift: Shift, score: Score) -> Estimate | None:
    """Return the first run's score minus the second's, paired on prompts, over the splits on one side of the shift.

    Raises:
        BadInput: the runs do not have the same prompts.
    """
    found = []
    for split in first.splits(shift):
        one, two = first.of(split, score), second.of(split, score)
        if one.inputs != two.inputs:
            raise BadInput(
                f"{split}: {one.inputs} prompts in {first.folder}, {two.inputs} in {second.folder}; wanted the same"
            )
        found.append(paired(one, two)[0])
    return over_splits(found)


def over_splits(estimates: Sequence[Estimate | None]) -> Estimate | None:
    """Return the mean of estimates that rest on different prompts; None where there is none, or one is missing."""
    known = _known(estimates)
    return Estimate.weighted_sum([(1 / len(known), estimate) for estimate in known]) if known else None


def over_seeds(estimates: Sequence[Estimate | None]) -> Estimate | None:
    """Return the mean over seeds of estimates on the same prompts; of one seed, that one, whose error knows no seeds.

    >>> all = over_seeds([Estimate(0.1, 0.01, 50), Estimate(0.2, 0.01, 50), Estimate(0.3, 0.01, 50)])
    >>> round(all.value, 6), round(all.error, 5), round(all.freedom, 3)  # error: sqrt(0.01 / 3 + 0.0001)
    (0.2, 0.05859, 2.122)
    """
    known = _known(estimates)
    if not known:
        return None
    if len(known) == 1:
        return known[0]
    values = np.array([estimate.value for estimate in known])
    of_seeds = float(values.var(ddof=1)) / len(known)
    of_prompts = float(np.mean([(estimate.error or 0.0) ** 2 for estimate in known]))
    both = of_seeds + of_prompts
    value = float(values.mean())
    if both == 0:
        return Estimate(value, 0.0, len(known) - 1)
    slack = min(estimate.freedom for estimate in known)
    freedom = both**2 / (of_seeds**2 / (len(known) - 1) + of_prompts**2 / slack)
    return Estimate(value, math.sqrt(both), freedom)


def _known(estimates: Sequence[Estimate | None]) -> list[Estimate]:
    """Return the estimates, or none of them where one is missing or has no error."""
    known = [estimate for estimate in estimates if estimate is not None and estimate.error is not None]
    return known if len(known) == len(estimates) else []
