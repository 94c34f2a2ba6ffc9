"""Shares: how many of so many, with an interval over prompts."""

import math
from collections.abc import Hashable, Iterable

import numpy as np
from scipy.special import stdtrit  # type: ignore[import-untyped]  # ships no types

from ..intervals import CONFIDENCE, Estimate, Interval


def share(cases: Iterable[tuple[Hashable, float]]) -> tuple[Interval, int] | None:
    """Return the mean of the cases with its interval, and how many there are; None where there are none.

    Cases of one prompt are not independent, so prompts are what counts as drawn: the share is a ratio of two sums over
    them, and each prompt pulls it by what it adds beyond its part (the ratio estimator of survey sampling). Where no
    prompt pulls, all being alike, that interval has no width, and Wilson's for as many prompts stands in its place.

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
    estimate = Estimate.of_mean(value + (hits - value * counts) / counts.mean())
    interval = estimate.interval() if estimate.error else _wilson(value, len(sums))
    low, high = (None if end is None else min(max(end, 0.0), 1.0) for end in (interval.low, interval.high))
    return Interval(value, low, high), int(counts.sum())


def _wilson(value: float, count: int) -> Interval:
    """Return Wilson's score interval for a share of `count` independent cases."""
    z = float(stdtrit(math.inf, (1 + CONFIDENCE) / 2))
    middle = (value + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * math.sqrt(value * (1 - value) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return Interval(value, middle - half, middle + half)
