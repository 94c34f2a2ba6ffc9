"""Gaps: a run's scores in, in-distribution minus out-of-distribution with intervals out. No model is asked again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from math import inf
from typing import Final

import numpy as np

from ...errors import BadInput, GendivError
from ...metrics import METRICS, Direction, Graded, Level, Metric
from ...tasks import Shift
from ..grades import graders
from ..intervals import Estimate, Interval, holm
from ..record import Result, RunRecord, SplitRecord
from ..registry import find_metric
from ..run import Run
from ..signatures import Signature
from ..verdicts import SURE
from .ratio import ratio

READINGS: Final[Mapping[Direction, tuple[str, str]]] = {
    "higher_is_better": ("worse", "better"),
    "higher_is_more_diverse": ("less diverse", "more diverse"),
    "lower_is_more_diverse": ("more diverse", "less diverse"),
    "neutral": ("lower", "higher"),
}
"""What the model is out of distribution where a gap is positive, and where it is negative."""

UNCLEAR: Final = "no clear gap"


@dataclass(frozen=True)
class Pair:
    """Two splits of a task: one in distribution, one out of it."""

    task: str
    id_split: SplitRecord
    ood_split: SplitRecord

    def unlike(self) -> str | None:
        """Say what keeps the scores of the two from being compared at all, or None."""
        ours, theirs = self.id_split, self.ood_split
        names = (ours.name, theirs.name)
        return ours.other_format(theirs, *names) or ours.other_version(theirs, *names)


@dataclass(frozen=True)
class Gap:
    """One metric at one level: its score in distribution minus its score out of distribution.

    Attributes:
        task: its name.
        id_split: TASK/SPLIT of the split in distribution.
        ood_split: TASK/SPLIT of the one out of it.
        shift: how far out.
        metric: its name.
        level: per input or across inputs.
        signature: of both scores, or of the first where they differ.
        direction: of the metric.
        id_value: the score in distribution, None where it is undefined or not there.
        ood_value: the score out of distribution.
        gap: the first minus the second, with its 95% interval; None where there is none to state.
        relative: the gap over the score in distribution, with Fieller's 95% interval; None where there is none.
        p_value: two-sided, of no gap.
        adjusted: the same after Holm's correction for all gaps of the run.
        id_inputs: inputs that the score in distribution rests on.
        ood_inputs: inputs that the other rests on.
        reason: why there is no gap to state or no interval of it, or why it rests on fewer inputs than were asked.
        relative_reason: why there is no relative gap to state, or no interval of it.
    """

    task: str
    id_split: str
    ood_split: str
    shift: Shift
    metric: str
    level: Level
    signature: str
    direction: Direction
    id_value: float | None
    ood_value: float | None
    gap: Interval | None
    relative: Interval | None
    p_value: float | None
    adjusted: float | None
    id_inputs: int
    ood_inputs: int
    reason: str | None
    relative_reason: str | None

    @property
    def reading(self) -> str | None:
        """What the model is out of distribution: worse, less diverse, ...; None where there is no gap or no p-value."""
        if self.gap is None or self.adjusted is None:
            return None
        return UNCLEAR if self.adjusted >= SURE else READINGS[self.direction][self.gap.value < 0]

    def to_json(self) -> dict[str, object]:
        """Return the gap as a JSON value."""
        return {**asdict(self), "reading": self.reading}


def gaps(run: Run, only: Sequence[str] = (), *, relative: bool = True) -> list[Gap]:
    """Return the gaps of a run: of every task with a split in distribution and one out of it, by metric and level.

    The splits have different prompts, so the two scores are independent and their variances add up.

    Args:
        run: with its scores.
        only: metrics, by name or with the settings of their signature; all that have scores unless told.
        relative: whether relative gaps are wanted, whose intervals take most of the time.

    Raises:
        BadInput: no task of the run has both sides, or a metric has no scores there.
    """
    both, by_split = pairs(run.record), scores_of(run, only)
    if not both:
        sides = ", ".join(f"{split.name} ({split.shift})" for split in run.record.splits)
        raise BadInput(
            f"{run.folder}: a gap needs a split in distribution (id) and one out of it (near, far) of one task, found "
            f"{sides}; `gendiv tasks` lists the splits that `gendiv run --task` can add"
        )
    found = []
    for pair in both:
        ours, theirs = by_split[pair.id_split.name], by_split[pair.ood_split.name]
        found += [
            _gap(pair, key, ours.get(key, []), theirs.get(key, []), run, relative)
            for key in dict.fromkeys([*ours, *theirs])
        ]
    adjusted = iter(holm(np.array([gap.p_value for gap in found if gap.p_value is not None])).tolist())
    return [replace(gap, adjusted=next(adjusted)) if gap.p_value is not None else gap for gap in found]


def pairs(record: RunRecord) -> list[Pair]:
    """Return every pair of a split in distribution and one out of it that belong to one task, in the run's order."""
    tasks = {split.name: split.name.rpartition("/")[0] for split in record.splits}
    return [
        Pair(tasks[ours.name], ours, theirs)
        for ours in record.splits
        for theirs in record.splits
        if ours.shift == "id" and theirs.shift != "id" and tasks[ours.name] == tasks[theirs.name]
    ]


Key = tuple[str, Level]
"""A metric with its settings, and a level."""


def scores_of(run: Run, only: Sequence[str] = ()) -> dict[str, dict[Key, list[Result]]]:
    """Return the results of a run by split, then by metric and level; several where it was computed in several ways.

    Raises:
        BadInput: a metric of `only` has none.
    """
    found: dict[str, dict[Key, list[Result]]] = {split.name: {} for split in run.record.splits}
    wanted = {_spelt_out(name) for name in only}
    missing = set(wanted)
    for result in run.scores.results:
        metric = Signature.of(result.signature).metric
        if result.split in found and (not wanted or {metric, result.metric} & wanted):
            missing -= {metric, result.metric}
            found[result.split].setdefault((metric, result.level), []).append(result)
    for name in missing:
        known = ", ".join(dict.fromkeys(result.metric for result in run.scores.results))
        raise BadInput(f"{run.folder} has scores of {known}, not of {name}: gendiv score {run.folder} --metrics {name}")
    return found


def _spelt_out(name: str) -> str:
    """Return a metric's spec with all its settings, as signatures have it; a bare name stands for all settings."""
    bare, colon, settings = name.partition(":")
    return find_metric(bare).from_settings(settings).signature if colon else name


def estimate_of(result: Result) -> Estimate | None:
    """Return a score as an estimate, or None where it is undefined."""
    return None if result.value is None else Estimate(result.value, result.error, result.freedom, result.skew)


@lru_cache(maxsize=4096)
def metric_class(name: str) -> type[Metric] | None:
    """Return the class of a metric that a record names; None where whoever scored had it from elsewhere."""
    if name in METRICS:  # which no package can replace
        return METRICS[name]
    try:
        return find_metric(name)
    except GendivError:
        return None


def clipped(interval: Interval, metric: type[Metric] | None, differences: int = 1) -> Interval:
    """Keep an interval within what `differences` differences of the metric's values can add up to."""
    widest = differences * (metric.range[1] - metric.range[0]) if metric else inf
    if interval.low is None or interval.high is None:
        return interval
    return replace(interval, low=max(interval.low, -widest), high=min(interval.high, widest))


def without_errors(run: Run) -> str | None:
    """Say what brings scores up to date that were written before they kept standard errors, or None."""
    old = (result for result in run.scores.results if result.error is None and result.low is not None)
    metrics = ",".join(dict.fromkeys(Signature.of(result.signature).metric for result in old))
    if not metrics:
        return None
    return (
        f"{run.folder} was scored by an older gendiv, without standard errors, so differences have no interval; "
        f"this brings it up to date: gendiv score {run.folder} --metrics {metrics}"
    )


def without_interval(results: Iterable[Result], run: Run) -> str | None:
    """Say why a difference of these results has no interval, or None where it has one."""
    for result in results:
        if result.error is None:
            return without_errors(run) if result.low is not None else f"one input in {result.split}: no interval"
    return None


def alike(ours: Sequence[Result], theirs: Sequence[Result]) -> tuple[Result, Result]:
    """Return the newest two results of one signature, or, where no two have one, the newest of each."""
    equal = [(one, two) for one in ours for two in theirs if one.signature == two.signature]
    return equal[-1] if equal else (ours[-1], theirs[-1])


def not_scored(split: str, run: Run, result: Result) -> str:
    """Say that a split has no score like that of another, and what computes it."""
    kind = metric_class(result.metric)
    if kind is not None and issubclass(kind, Graded) and not graders(run.folder, [split]):
        return f"not graded in {split} of {run.folder}: gendiv judge or gendiv reward brings {result.metric}"
    metric = Signature.of(result.signature).metric
    return f"not scored in {split} of {run.folder}; if it has samples: gendiv score {run.folder} --metrics {metric}"


def partly_undefined(results: Iterable[Result]) -> str | None:
    """Say for how many inputs results are undefined, or None where they are not."""
    counted = {"per_input": "inputs", "across_input": "draws"}
    lines = (
        f"undefined for {one.undefined} {counted[one.level]} of {one.split}: {one.reason}"
        for one in results
        if one.undefined
    )
    return "; ".join(lines) or None


def _gap(pair: Pair, key: Key, ours: Sequence[Result], theirs: Sequence[Result], run: Run, with_relative: bool) -> Gap:
    """Return the gap of one metric at one level."""
    one, two, reason = _matching(pair, ours, theirs, run)
    either = one or two
    assert either is not None  # noqa: S101  a key comes from a result
    metric = metric_class(either.metric)
    estimates = [estimate_of(result) if result else None for result in (one, two)]
    found = Gap(
        task=pair.task,
        id_split=pair.id_split.name,
        ood_split=pair.ood_split.name,
        shift=pair.ood_split.shift,
        metric=either.metric,
        level=key[1],
        signature=either.signature,
        direction=metric.direction if metric else "neutral",
        id_value=one.value if one else None,
        ood_value=two.value if two else None,
        gap=None,
        relative=None,
        p_value=None,
        adjusted=None,
        id_inputs=one.inputs if one else 0,
        ood_inputs=two.inputs if two else 0,
        reason=reason,
        relative_reason=None,
    )
    first, second = estimates
    if reason or one is None or two is None or first is None or second is None:
        return found
    difference = first.minus(second)
    relative, relative_reason = _relative(first, second, metric) if with_relative else (None, "not asked for")
    return replace(
        found,
        gap=clipped(difference.interval(), metric),
        relative=relative,
        p_value=difference.p_value(),
        reason=without_interval((one, two), run) or partly_undefined((one, two)),
        relative_reason=relative_reason,
    )


def _matching(
    pair: Pair, ours: Sequence[Result], theirs: Sequence[Result], run: Run
) -> tuple[Result | None, Result | None, str | None]:
    """Return the two results to subtract, and why they cannot be."""
    if not (ours and theirs):
        bare, there = (pair.ood_split, ours) if ours else (pair.id_split, theirs)
        found = (there[-1], None) if ours else (None, there[-1])
        return *found, not_scored(bare.name, run, there[-1])
    one, two = alike(ours, theirs)
    unlike = Signature.of(one.signature).unlike(Signature.of(two.signature), pair.id_split.name, pair.ood_split.name)
    if reason := pair.unlike() or unlike:
        return one, two, f"not comparable: {reason}"
    undefined = next((result for result in (one, two) if result.value is None), None)
    return one, two, f"undefined in {undefined.split}: {undefined.reason}" if undefined else None


def _relative(ours: Estimate, theirs: Estimate, metric: type[Metric] | None) -> tuple[Interval | None, str | None]:
    """Return the gap as a share of the score in distribution, and why it or its interval is missing."""
    if metric is None:
        return None, "the metric's range is not known here, so neither is whether its zero is a true one"
    if metric.range[0] != 0:
        return None, f"a share needs a scale with a true zero, and {metric.name} runs from {metric.range[0]:g}"
    found = ratio(theirs, ours)
    if found is None:
        return None, "the score in distribution is 0"
    if found.low is None or found.high is None:
        known = None not in (ours.error, theirs.error)
        reason = "the score in distribution is not clearly above 0, so no bounded interval holds the ratio"
        return Interval(1 - found.value, None, None), reason if known else None
    return Interval(1 - found.value, 1 - found.high, 1 - found.low), None
