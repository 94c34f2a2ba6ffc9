"""Shares: how many of so many, with an interval over prompts."""

import math
from collections.abc import Hashable, Iterable

import numpy as np
from scipy.special import stdtrit  # type: ignore[import-untyped]  # ships no types

from ..intervals import CONFIDENCE, Estimate, Interval


def share(cases: Iterable[tuple[Hashable, float]]) -> tuple[Interval, int] | None:
    """Return the mean of the cases with its interval, and how many there are; None where there are none.

    Cases of one prompt are not independent, so prompts are what counts as drawn: the share is a ratio of two sums over
    them, and each prompt pulls it by what it adds beyond its part (the ratio estimator of survey sampling). The
    interval is Wilson's for as many independent cases as would give the same standard error, or for as many as there
    are prompts where all cases agree, so that it has a width there too and stays within 0 and 1; Student's quantile
    stands in the place of the normal one (Korn & Graubard 1998, who do the same for Clopper and Pearson's).

    Args:
        cases: the prompt that each is about, and its value from 0 to 1.
    """
    sums: dict[Hashable, list[float]] = {}
    for prompt, value in cases:
        total = sums.setdefault(prompt, [0.0, 0.0])
        total[0] += value
        total[1] += 1
    if not sums:
        return None
    hits, counts = np.array(list(sums.values())).T
    value = float(hits.sum() / counts.sum())
    error = Estimate.of_mean(value + (hits - value * counts) / counts.mean()).error
    if error is None:
        return Interval(value, None, None), int(counts.sum())
    effective = value * (1 - value) / error**2 if error else len(sums)
    return _wilson(value, effective, len(sums) - 1), int(counts.sum())


def _wilson(value: float, count: float, freedom: int) -> Interval:
    """Return Wilson's score interval for a share of `count` independent cases."""
    quantile = float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
    shrink = 1 + quantile**2 / count
    middle = (value + quantile**2 / (2 * count)) / shrink
    half = quantile * math.sqrt(value * (1 - value) / count + quantile**2 / (4 * count**2)) / shrink
    return Interval(value, max(0.0, middle - half), min(1.0, middle + half))
