"""Sweeps: quality and diversity along KL coefficients or temperatures, and diversity where quality is equal."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..intervals import Estimate, Interval
from .contrasts import Measured, Score, level_of, over_seeds


@dataclass(frozen=True)
class Point:
    """One setting of a sweep, on the split in distribution.

    Attributes:
        setting: the KL coefficient, or the temperature.
        kl: measured KL from the SFT model in nats a sample, the mean over seeds; None where it was not measured.
        scores: by name, with 95% intervals over seeds and prompts.
    """

    setting: float
    kl: float | None
    scores: dict[str, Interval]


@dataclass(frozen=True)
class Match:
    """What one policy has more than another of one score, where they are equal in another score.

    Attributes:
        text: what is subtracted from what, and what is equal.
        interval: the difference, over seeds and prompts; None where the two are equal nowhere.
        at: the temperatures that make them equal, one a seed.
        reason: why there is no difference.
    """

    text: str
    interval: Interval | None
    at: tuple[float, ...] = ()
    reason: str | None = None


def sweep(
    runs: dict[float, list[Measured]], scores: Sequence[Score], kls: dict[float, list[float]] | None = None
) -> list[Point]:
    """Return a point for each setting, in order; `kls` holds the measured KL of each seed."""
    points = []
    for setting in sorted(runs):
        found = {score.name: over_seeds([level_of(run, "id", score) for run in runs[setting]]) for score in scores}
        kl = float(np.mean(kls[setting])) if kls and kls.get(setting) else None
        shown = {name: estimate.interval() for name, estimate in found.items() if estimate is not None}
        points.append(Point(setting, kl, shown))
    return points


def match(
    swept: dict[float, list[Measured]], fixed: Sequence[Measured], equal: Score, compared: Score, names: tuple[str, str]
) -> Match:
    """Return how much more of `compared` a policy has than another, at the temperature at which `equal` is equal.

    That temperature is found for each seed between the two neighbours in the sweep whose scores lie on both sides of
    the other policy's; what is compared is interpolated between the same two, prompt by prompt, so that it stays
    paired. Where in the sweep it is crossed more than once, the highest temperature counts.

    Args:
        swept: the first policy's runs by temperature, one a seed.
        fixed: the other policy's runs, one a seed.
        equal: per input; what is made equal.
        compared: per input; what is compared.
        names: what the two policies are called.
    """
    text = f"{compared.name}, {names[0]} - {names[1]}, at equal {equal.name}"
    temperatures = sorted(swept)
    found, at = [], []
    for seed, other in enumerate(fixed):
        curve, level = [(heat, _mean(swept[heat][seed], equal)) for heat in temperatures], _mean(other, equal)
        crossing = _crossing(curve, level)
        if crossing is None:
            reached = [value for _, value in curve]
            reason = (
                f"seed {seed + 1}: {names[0]} has {equal.name} from {min(reached):.3f} to {max(reached):.3f} at "
                f"temperatures {temperatures[0]:g} to {temperatures[-1]:g}, {names[1]} has {level:.3f}"
            )
            return Match(text, None, reason=reason)
        low, high, share = crossing
        cool, hot = (_values(swept[heat][seed], compared) for heat in (low, high))
        each = (1 - share) * cool + share * hot - _values(other, compared)
        found.append(Estimate.of_mean(each[~np.isnan(each)]))
        at.append(low + share * (high - low))
    estimate = over_seeds(found)
    return Match(text, estimate.interval() if estimate else None, tuple(at))


def _crossing(curve: Sequence[tuple[float, float]], level: float) -> tuple[float, float, float] | None:
    """Return the neighbours between which a curve crosses a level, and how far between them.

    >>> _crossing([(0.5, 0.9), (1.0, 0.7), (1.5, 0.3)], 0.6)
    (1.0, 1.5, 0.25)
    """
    for (low, first), (high, second) in reversed(list(pairwise(curve))):
        if min(first, second) <= level <= max(first, second) and first != second:
            return low, high, round((level - first) / (second - first), 12)
    return None


def _values(run: Measured, score: Score) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    (split,) = run.splits("id")
    return np.array(run.of(split, score).values, dtype=np.float64)


def _mean(run: Measured, score: Score) -> float:
    return float(np.nanmean(_values(run, score)))
