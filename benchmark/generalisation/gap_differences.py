"""Differences of gaps: does one model lose more out of distribution than another? Paired where prompts are shared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from ...errors import BadInput, GendivError
from ...metrics import Direction, Level, Metric
from ...tasks import Shift
from ..comparing import common_means, paired
from ..intervals import Estimate, Interval, holm
from ..measuring import Measurement, measure
from ..record import Result
from ..run import Run
from ..samples import read_split
from ..scoring import signature
from ..signatures import Signature
from ..verdicts import SURE, Verdict, gap_verdict
from .gaps import (
    UNCLEAR,
    Key,
    Pair,
    alike,
    clipped,
    estimate_of,
    metric_class,
    not_scored,
    pairs,
    partly_undefined,
    scores_of,
    without_interval,
)

Pairs: TypeAlias = Mapping[Key, tuple[Measurement, Measurement]]
"""By metric and level the measurements of two models on the prompts that both have."""


@dataclass(frozen=True)
class GapDifference:
    """One metric at one level: the first model's gap minus the second one's.

    Attributes:
        task: its name.
        id_split: TASK/SPLIT of the split in distribution.
        ood_split: TASK/SPLIT of the one out of it.
        shift: how far out.
        metric: its name.
        level: per input or across inputs.
        signature: of all four scores, or of the first where they differ.
        direction: of the metric.
        first: the first model's gap, on the prompts of the difference.
        second: the second one's.
        difference: the first minus the second, with its 95% interval; None where there is none to state.
        p_value: two-sided, of no difference.
        adjusted: the same after Holm's correction for all differences shown.
        id_paired: prompts in distribution on which the models are paired; 0 where their scores were taken as
            independent.
        ood_paired: the same out of distribution.
        reason: why there is no difference to state, why it is not paired, or what it leaves out.
    """

    task: str
    id_split: str
    ood_split: str
    shift: Shift
    metric: str
    level: Level
    signature: str
    direction: Direction
    first: float | None
    second: float | None
    difference: Interval | None
    p_value: float | None
    adjusted: float | None
    id_paired: int
    ood_paired: int
    reason: str | None

    @property
    def reading(self) -> str | None:
        """What the first model does out of distribution beside the second; None where there is no p-value."""
        if self.difference is None or self.adjusted is None:
            return None
        if self.adjusted >= SURE:
            return UNCLEAR
        falls_more = self.difference.value > 0
        if self.direction == "neutral":
            return "A falls more" if falls_more else "A falls less"
        return "A loses more" if falls_more == (self.direction != "lower_is_more_diverse") else "A loses less"

    @property
    def verdict(self) -> Verdict:
        """What the difference says of the first model: it is better if it loses less out of distribution."""
        return gap_verdict(self.difference.value if self.difference else None, self.adjusted, self.direction)

    def to_json(self) -> dict[str, object]:
        """Return the difference as a JSON value."""
        return {**asdict(self), "reading": self.reading}


@dataclass(frozen=True)
class SplitDifference:
    """One metric at one level on one split: two models' scores, and the estimate of the first minus the second.

    Attributes:
        signature: of both, or of the first where they differ.
        first: the first one's score.
        second: the second one's.
        estimate: None where there is none to state.
        paired: prompts on which they are paired; 0 where they are taken as independent.
        reason: why there is no estimate, or what must be known of it.
    """

    signature: str
    first: float | None = None
    second: float | None = None
    estimate: Estimate | None = None
    paired: int = 0
    reason: str | None = None


def gap_differences(
    first: Run,
    second: Run,
    only: Sequence[str] = (),
    *,
    pairing: bool = True,
    names: tuple[str, str] = ("A", "B"),
    known: Mapping[str, Pairs] = MappingProxyType({}),
    tell: Callable[[str], None] = lambda line: None,
) -> list[GapDifference]:
    """Return the first run's gaps minus the second's, by task, metric and level.

    On each split the models are paired on the prompts that both have: each prompt's difference is one value per input,
    and across inputs the jackknife leaves the same prompt out of both. For that the metrics are computed again, models
    from their cache. Where the two share no prompt of a split, a model cannot be loaded, or pairing is not wanted, the
    scores of both are taken as independent. The two splits have different prompts, so their variances add up.

    Args:
        first: with its scores and samples.
        second: the same of the other model.
        only: metrics, by name or with the settings of their signature; all that have scores unless told.
        pairing: False takes the scores as they stand, and nothing is computed again.
        names: what reasons call the two.
        known: by split, what has been measured already on the prompts that both have.
        tell: told which split is being paired.

    Raises:
        BadInput: they have no task with both sides in common, or a metric has no scores.
        StoreFailed: a run folder is damaged.
    """
    ones, twos = scores_of(first, only), scores_of(second, only)
    both = common_pairs(first, second)
    if not both:
        one, two = (", ".join(split.name for split in run.record.splits) for run in (first, second))
        raise BadInput(
            "the runs have no task in common with a split in distribution (id) and one out of it (near, far): "
            f"{first.folder} holds {one}; {second.folder} holds {two}"
        )
    splits = dict.fromkeys(split.name for pair, _ in both for split in (pair.id_split, pair.ood_split))
    by_split = {}
    for split in splits:
        whole = dict.fromkeys(metric for metric, level in ones[split] if (metric, level) in twos[split])
        measured, notes = _measured(first, second, split, whole, known.get(split, {}), tell) if pairing else ({}, {})
        by_split[split] = _of_split(first, second, split, ones[split], twos[split], names, measured, notes)
    found = []
    for of_first, of_second in both:
        ours, theirs = by_split[of_first.id_split.name], by_split[of_first.ood_split.name]
        keys = dict.fromkeys([*ours, *theirs])
        unlike = of_first.unlike() or of_second.unlike() or of_first.id_split.other_version(of_second.id_split, *names)
        found += [_gap_difference(of_first, unlike, key, ours.get(key), theirs.get(key)) for key in keys]
    adjusted = iter(holm(np.array([one.p_value for one in found if one.p_value is not None])).tolist())
    return [replace(one, adjusted=next(adjusted)) if one.p_value is not None else one for one in found]


def common_pairs(first: Run, second: Run) -> list[tuple[Pair, Pair]]:
    """Return every pair of splits that both runs have, as each of them has it."""
    theirs = {(pair.id_split.name, pair.ood_split.name): pair for pair in pairs(second.record)}
    ours = {(pair.id_split.name, pair.ood_split.name): pair for pair in pairs(first.record)}
    return [(pair, theirs[names]) for names, pair in ours.items() if names in theirs]


def _of_split(
    first: Run,
    second: Run,
    name: str,
    ones: Mapping[Key, Sequence[Result]],
    twos: Mapping[Key, Sequence[Result]],
    names: tuple[str, str],
    measured: Pairs,
    notes: Mapping[str, str],
) -> dict[Key, SplitDifference]:
    """Return the difference of two models on one split for every metric and level that one of them has."""
    found = {}
    for key in dict.fromkeys([*ones, *twos]):
        if not (key in ones and key in twos):
            result, bare = (ones[key][-1], second) if key in ones else (twos[key][-1], first)
            found[key] = SplitDifference(result.signature, reason=not_scored(name, bare, result))
        elif key in measured:
            found[key] = _paired(*measured[key], first, second, name, names)
        else:
            found[key] = _independent(*alike(ones[key], twos[key]), first, second, names, notes.get(key[0]))
    return found


def _measured(
    first: Run, second: Run, name: str, metrics: Iterable[str], known: Pairs, tell: Callable[[str], None]
) -> tuple[Pairs, dict[str, str]]:
    """Return both models' measurements on the prompts that they share, and why a metric has none."""
    missing = [metric for metric in metrics if metric not in {text for text, _ in known}]
    if not missing:
        return known, {}
    samples = [read_split(run.folder, name, run.record.samples_per_prompt).rows for run in (first, second)]
    ones, twos = ({row.id: row for row in rows} for rows in samples)
    common = [prompt for prompt in ones if prompt in twos]
    if not common:
        return {}, dict.fromkeys(missing, f"not paired: the runs share no prompt of {name}")
    usable, notes = [], {}
    for text in missing:
        try:
            usable.append(metric_again(text))
        except GendivError as error:
            notes[text] = f"not paired, since the metric cannot be computed again: {error}"
    if usable:
        tell(f"pairing {len(common)} prompts of {name}")
    both = [measure([rows[prompt] for prompt in common], usable) for rows in (ones, twos)]
    measured = {(one.metric.signature, one.level): (one, two) for one, two in zip(*both, strict=True)}
    return {**known, **measured}, notes


def metric_again(text: str) -> Metric:
    """Return the metric that the head of a signature names, ready to be computed again.

    Raises:
        GendivError: it cannot be.
    """
    name, _, settings = text.partition(":")
    kind = metric_class(name)
    if kind is None:
        raise BadInput(f"no metric is called {name!r} here")
    metric = kind.from_settings(settings)
    metric.require()
    if metric.signature != text:
        raise BadInput(f"{text} is {metric.signature} here")
    return metric


def _paired(
    one: Measurement, two: Measurement, first: Run, second: Run, name: str, names: tuple[str, str]
) -> SplitDifference:
    """Return the difference on the prompts that both have."""
    samplers = (next(split.sampler for split in run.record.splits if split.name == name) for run in (first, second))
    texts = [signature(side, sampler) for side, sampler in zip((one, two), samplers, strict=True)]
    first_score, second_score = one.estimate(), two.estimate()
    found = SplitDifference(
        texts[0], first_score.value if first_score else None, second_score.value if second_score else None
    )
    if unlike := Signature.of(texts[0]).unlike(Signature.of(texts[1]), *names):
        return replace(found, reason=f"not comparable: {unlike}")
    if None in (first_score, second_score):
        return replace(found, reason=f"undefined in {name}: {next(iter(one.reasons or two.reasons))}")
    estimate, inputs = paired(one, two)
    if estimate is None:
        return replace(found, reason=f"undefined in one or the other for every input of {name}")
    reason = None
    if one.level == "per_input" and inputs < one.inputs:
        values = common_means(one, two)
        found = replace(found, first=values[0], second=values[1])
        reason = f"undefined in one or the other for {one.inputs - inputs} of {one.inputs} inputs of {name}"
    elif estimate.error is None:
        reason = f"one input in {name}: no interval"
    return replace(found, estimate=estimate, paired=inputs, reason=reason)


def _independent(
    one: Result, two: Result, first: Run, second: Run, names: tuple[str, str], note: str | None
) -> SplitDifference:
    """Return the difference of two scores, taken as independent."""
    found = SplitDifference(one.signature, one.value, two.value)
    if unlike := Signature.of(one.signature).unlike(Signature.of(two.signature), *names):
        return replace(found, reason=f"not comparable: {unlike}")
    ours, theirs = estimate_of(one), estimate_of(two)
    if ours is None or theirs is None:
        undefined = one if ours is None else two
        return replace(found, reason=f"undefined in {undefined.split}: {undefined.reason}")
    without = without_interval([one], first) or without_interval([two], second)
    lines = dict.fromkeys(line for line in (note, without, partly_undefined([one, two])) if line)
    return replace(found, estimate=ours.minus(theirs), reason="; ".join(lines) or None)


def _gap_difference(
    pair: Pair, unlike: str | None, key: Key, ours: SplitDifference | None, theirs: SplitDifference | None
) -> GapDifference:
    """Return the difference in distribution minus the difference out of it."""
    either = ours or theirs
    assert either is not None  # noqa: S101  a key comes from one of the two
    name = Signature.of(either.signature).name
    kind = metric_class(name)
    found = GapDifference(
        task=pair.task,
        id_split=pair.id_split.name,
        ood_split=pair.ood_split.name,
        shift=pair.ood_split.shift,
        metric=name,
        level=key[1],
        signature=either.signature,
        direction=kind.direction if kind else "neutral",
        first=None,
        second=None,
        difference=None,
        p_value=None,
        adjusted=None,
        id_paired=ours.paired if ours else 0,
        ood_paired=theirs.paired if theirs else 0,
        reason=None,
    )
    if ours is None or theirs is None:
        bare = pair.id_split if ours is None else pair.ood_split
        return replace(found, reason=f"not scored in {bare.name}; if it has samples, `gendiv score` computes it")
    here, there = Signature.of(ours.signature), Signature.of(theirs.signature)
    if unlike := unlike or here.unlike(there, pair.id_split.name, pair.ood_split.name):
        return replace(found, reason=f"not comparable: {unlike}")
    found = replace(found, first=_minus(ours.first, theirs.first), second=_minus(ours.second, theirs.second))
    if ours.estimate is None or theirs.estimate is None:
        return replace(found, reason=ours.reason if ours.estimate is None else theirs.reason)
    estimate = ours.estimate.minus(theirs.estimate)
    lines = dict.fromkeys(line for line in (ours.reason, theirs.reason) if line)
    return replace(
        found,
        difference=clipped(estimate.interval(), kind, 2),
        p_value=estimate.p_value(),
        reason="; ".join(lines) or None,
    )


def _minus(one: float | None, two: float | None) -> float | None:
    return None if one is None or two is None else one - two
