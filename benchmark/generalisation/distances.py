"""Distances between splits: how far out of distribution one is from another, with intervals and baselines."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np

from ...errors import BadInput
from ...metrics.metric import Undefined
from ...metrics.mmd import MMD, Discrepancy
from ...metrics.novelty import LEAST, New, Novelty, words_of
from ...metrics.texts import IntArray, Texts
from ..intervals import Estimate, Interval, holm
from .shown import Shown

PROMPTS: Final = 500
"""Prompts of a split that are looked at unless told otherwise."""

MEASURES: Final = (MMD.name, Novelty.name)


@dataclass(frozen=True)
class Distance:
    """How far a split is from another by one measure.

    Attributes:
        measure: `mmd` (what prompts are about) or `novelty` (their wording).
        signature: the measure's settings and the numbers of prompts.
        first: the split that is measured from.
        second: the one whose distance it is.
        value: with its 95% interval over prompts; None where there is none to state.
        baseline: what other prompts of the first split's own kind would give; 0 for `mmd`, by its construction.
        excess: the value less the baseline, with its 95% interval.
        p_value: of no distance: by relabelling prompts for `mmd`, from the excess for `novelty`.
        adjusted: the same after Holm's correction for all distances shown.
        first_prompts: prompts of the first split that were looked at.
        second_prompts: those of the second.
        shared: prompts of the second that are in the first, word for word.
        reason: why there is no number.
    """

    measure: str
    signature: str
    first: str
    second: str
    value: Interval | None
    baseline: float | None
    excess: Interval | None
    p_value: float | None
    adjusted: float | None
    first_prompts: int
    second_prompts: int
    shared: int
    reason: str | None

    def to_json(self) -> dict[str, object]:
        """Return the distance as a JSON value."""
        return asdict(self)


Pairs = Sequence[tuple[Shown, Shown]]
"""Splits to measure from, each with one to measure to."""


def distances(
    between: Pairs, measures: Sequence[MMD | Novelty], tell: Callable[[str], None] = lambda line: None
) -> list[Distance]:
    """Measure how far the second split of each pair is from the first.

    Args:
        between: the pairs.
        measures: by what; `choose_measures` gives the usual ones.
        tell: told what is being computed.

    Raises:
        BadInput: a split has too few prompts, or a model cannot be loaded.
        NotInstalled: a package that a measure needs is missing.
    """
    splits = {split.name: split for pair in between for split in pair}
    for split in splits.values():
        if len(split.texts) < LEAST:
            raise BadInput(f"{split.name}: a distance needs {LEAST} prompts or more, found {len(split.texts)}")
    for measure in measures:
        measure.require()
    texts = Texts.of(split.texts for split in splits.values())
    members = dict(zip(splits, texts.groups, strict=True))
    found = []
    for measure in measures:
        tell(f"measuring {measure.name} of {len(texts.pool)} prompts")
        for first, second in between:
            bare = _unmeasured(measure, first, second)
            try:
                found.append(_measured(bare, measure, texts, members[first.name], members[second.name]))
            except Undefined as undefined:
                found.append(replace(bare, reason=str(undefined)))
    adjusted = iter(holm(np.array([one.p_value for one in found if one.p_value is not None])).tolist())
    return [replace(one, adjusted=next(adjusted)) if one.p_value is not None else one for one in found]


def choose_measures(
    between: Pairs, names: Sequence[str] = (), *, sbert_model: str = MMD.model, seed: int = MMD.seed
) -> list[MMD | Novelty]:
    """Return the measures by name, both unless told.

    The reference of `novelty` is half the words of the smallest split that is measured from: one size for all pairs,
    and one half of each such split can be held against the other.

    Raises:
        BadInput: no measure has that name, or no model.
    """
    for name in names:
        if name not in MEASURES:
            raise BadInput(f"no measure is called {name!r}: {' or '.join(MEASURES)}")
    wanted: list[MMD | Novelty] = []
    if not names or "mmd" in names:
        try:
            wanted.append(MMD(model=sbert_model, seed=seed))
        except ValueError as refused:
            raise BadInput(f"mmd: {refused}") from None
    if not names or "novelty" in names:
        texts = Texts.of(first.texts for first, _ in between)
        fewest = min(words_of(texts, Novelty.tokenizer, members) for members in texts.groups)
        wanted.append(Novelty(words=max(1, fewest // 2)))
    return wanted


def _unmeasured(measure: MMD | Novelty, first: Shown, second: Shown) -> Distance:
    there = set(first.texts)
    return Distance(
        measure=measure.name,
        signature=f"{measure.signature}|prompts={len(first.texts)}+{len(second.texts)}",
        first=first.name,
        second=second.name,
        value=None,
        baseline=None,
        excess=None,
        p_value=None,
        adjusted=None,
        first_prompts=len(first.texts),
        second_prompts=len(second.texts),
        shared=sum(text in there for text in second.texts),
        reason=None,
    )


def _measured(bare: Distance, measure: MMD | Novelty, texts: Texts, first: IntArray, second: IntArray) -> Distance:
    """Return the distance with its numbers; both splits' prompts are what was sampled, and independent."""
    if isinstance(measure, MMD):
        found = measure.between(texts, first, second)
        interval = discrepancy_interval(found)
        return replace(bare, value=interval, baseline=0.0, excess=interval, p_value=measure.p_value(found))
    new = measure.of(texts, first, second)
    value, excess = novelty_estimates(new)
    return replace(
        bare,
        value=_within(value.interval(), 0.0, 1.0),
        baseline=new.baseline,
        excess=_within(excess.interval(), -1.0, 1.0),
        p_value=excess.p_value(),
    )


def discrepancy_interval(found: Discrepancy) -> Interval:
    """Return a discrepancy with its interval, from leaving out each prompt of either split."""
    without_first, without_second = (Estimate.of_left_out(found.value, left) for left in found.without_each())
    return square_interval(_plus_noise(without_first, without_second))


def novelty_estimates(new: New) -> tuple[Estimate, Estimate]:
    """Return the novelty, and what it exceeds the baseline by, with the uncertainty of both splits' prompts.

    What belongs to a pair of prompts, one of each split, is counted for both of them.
    """
    values, baselines = new.without_each()
    of_second = Estimate.of_mean(new.each)
    value = _plus_noise(of_second, Estimate.of_left_out(new.value, values))
    excess = _plus_noise(of_second, Estimate.of_left_out(new.value, values - baselines))
    return value, replace(excess, value=new.value - new.baseline)


def _plus_noise(estimate: Estimate, other: Estimate) -> Estimate:
    """Return an estimate with the uncertainty of another sample that it rests on as well."""
    return estimate.minus(replace(other, value=0.0, skew=-other.skew))


def square_interval(estimate: Estimate) -> Interval:
    """Return the interval of an estimated square, whose root is what is nearly normal.

    The root's interval is root -+ half with half = margin / (2 root), margin being the square's own; squared again,
    that is the square's interval, moved up by margin^2 / (4 square). A square that is not above half of its margin may
    be 0, and what it is moved by is no more than its margin.
    """
    margins = replace(estimate, value=0.0, skew=0.0).interval()
    if margins.high is None:
        return Interval(estimate.value, None, None)
    square, margin = estimate.value, margins.high
    moved = margin if 4 * square <= margin else margin**2 / (4 * square)
    low = square - margin + moved if 2 * square > margin else min(square, 0.0)
    return Interval(square, low, max(square + margin + moved, 0.0))


def _within(interval: Interval, low: float, high: float) -> Interval:
    if interval.low is None or interval.high is None:
        return interval
    return replace(interval, low=max(interval.low, low), high=min(interval.high, high))
