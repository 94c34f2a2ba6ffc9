"""Ranks as ranges: the best and the worst place that a model can have, all intervals of a table holding together."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from ...benchmark.intervals import CONFIDENCE, Estimate
from ...metrics import Direction
from ...metrics.texts import FloatArray

Range = tuple[int, int] | None
"""Best and worst possible rank; None where there is none to state."""


@dataclass(frozen=True)
class Bounds:
    """The ends of intervals that hold together: all of them with 95% confidence, by Bonferroni's inequality."""

    low: FloatArray
    high: FloatArray


def bounds(estimates: Sequence[Estimate], limits: tuple[float, float] = (-inf, inf)) -> Bounds:
    """Return intervals of estimates at a joint confidence of 95%.

    An estimate without a standard error could be anywhere within the limits of the metric.
    """
    alone = 1 - (1 - CONFIDENCE) / max(1, len(estimates))
    found = [estimate.interval(alone) for estimate in estimates]
    low = np.array([limits[0] if one.low is None else one.low for one in found], dtype=np.float64)
    high = np.array([limits[1] if one.high is None else one.high for one in found], dtype=np.float64)
    return Bounds(low.clip(*limits), high.clip(*limits))


def ranks(
    estimates: Sequence[Estimate | None], direction: Direction | None, limits: tuple[float, float] = (-inf, inf)
) -> list[Range]:
    """Return the range of ranks of each estimate; 1 is the best, or the most diverse.

    The best possible rank is 1 + the number of those whose whole interval lies on the better side, the worst one n less
    the number of those whose whole interval lies on the worse side: a joint confidence set for the ranks of all (Klein,
    Wright & Wieczorek 2020, "A Joint Confidence Region for an Overall Ranking of Populations"). A metric without a
    direction has no ranks, and neither has an undefined value.

    >>> sure = [Estimate(value, 0.01, 100) for value in (0.9, 0.5, 0.51, 0.1)]
    >>> ranks([*sure, None], "higher_is_better")
    [(1, 1), (2, 3), (2, 3), (4, 4), None]
    """
    if direction in (None, "neutral"):
        return [None] * len(estimates)
    places = [place for place, estimate in enumerate(estimates) if estimate is not None]
    found = bounds([estimate for estimate in estimates if estimate is not None], limits)
    low, high = (found.low, found.high) if direction != "lower_is_more_diverse" else (-found.high, -found.low)
    count = len(places)
    better = count - np.searchsorted(np.sort(low), high, side="right")
    worse = np.searchsorted(np.sort(high), low, side="left")
    ranges: list[Range] = [None] * len(estimates)
    for place, above, below in zip(places, better.tolist(), worse.tolist(), strict=True):
        ranges[place] = (1 + above, count - below)
    return ranges
