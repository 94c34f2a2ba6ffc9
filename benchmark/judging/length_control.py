"""Length control: the win rate had the answers been as long as their opponents'.

A logistic model of wins against length, as in Dubois et al. (2024), "Length-Controlled AlpacaEval", without their term
for the difficulty of single prompts, which needs the answers of many models:

    logit P(win) = a + b tanh((length of ours - length of theirs) / their standard deviation)

Its prediction at equal lengths, the logistic of a, is the value.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit  # type: ignore[import-untyped]  # ships no types

from ...metrics.texts import FloatArray, IntArray

RIDGE: Final = 0.01
"""Penalty RIDGE/2 b^2 on the slope, which keeps it finite where length decides every win: as strong as a normal prior
of standard deviation 10, which a slope that some dozens of comparisons support does not feel."""

SUPPORT: Final = 0.05
LEAST: Final = 3
"""Share and number of comparisons that must lie on either side of equal lengths: with fewer, the value is a guess far
from all data, whose interval covers the truth too seldom (tests/benchmarks/length_control.py)."""

STEPS: Final = 100
"""Newton steps, far more than the concave likelihood of two parameters takes."""


@dataclass(frozen=True)
class LengthControl:
    """A win rate without the advantage of length.

    Attributes:
        value: the win rate at equal lengths.
        slope: b, in logits: above 0, the judge prefers longer answers.
        pseudo_values: for each cluster the value plus how far that cluster pulls it (the influence function of the
            estimate times the number of clusters); their mean is the value, their spread gives its standard error.
    """

    value: float
    slope: float
    pseudo_values: FloatArray


def supported(differences: FloatArray) -> bool:
    """Tell whether enough answers are as short as their opponents', or shorter, and enough as long, or longer."""
    either = min(np.count_nonzero(differences <= 0), np.count_nonzero(differences >= 0))
    return bool(either >= max(LEAST, SUPPORT * len(differences)))


def control_length(preferences: FloatArray, differences: FloatArray, clusters: IntArray) -> LengthControl:
    """Fit the model and return what it says of equal lengths.

    The likelihood is that of fractional logistic regression (Papke & Wooldridge 1996), so that ties and halves count
    as what they are. Where all preferences are 0, or all are 1, no length changes anything: that is the value. Whether
    the lengths allow for a fit is for `supported` to tell.

    >>> even = np.array([1.0, 0.0, 1.0, 0.0])
    >>> round(control_length(even, np.array([3.0, -3.0, 3.0, -3.0]), np.arange(4)).value, 3)
    0.5

    Args:
        preferences: of each comparison, from 0 (lost) to 1 (won), finite.
        differences: length of ours less length of theirs.
        clusters: number of the prompt that each comparison is about, from 0 without gaps.
    """
    count = int(clusters.max()) + 1
    if np.ptp(preferences) == 0 and preferences[0] in (0, 1):
        return LengthControl(float(preferences[0]), 0.0, np.full(count, preferences[0], dtype=np.float64))
    scale = float(differences.std())
    scaled = differences / scale if scale > 0 else np.zeros_like(differences)
    design = np.column_stack([np.ones_like(scaled), np.tanh(scaled)])  # (comparisons, 2)
    found = _fit(preferences, design)
    value = float(expit(found[0]))
    pulls = _pulls(preferences, design, found, scaled, clusters, count)
    return LengthControl(value, float(found[1]), value + value * (1 - value) * pulls)


def _fit(preferences: FloatArray, design: FloatArray) -> FloatArray:
    """Return a and b of the highest penalised likelihood, by Newton's method with halved steps."""
    penalty = np.array([0.0, RIDGE])

    def loss(at: FloatArray) -> float:
        logits = design @ at
        return float(np.logaddexp(0, logits).sum() - preferences @ logits + penalty @ at**2 / 2)

    at = np.zeros(2)
    for _ in range(STEPS):
        likely = expit(design @ at)
        slope = design.T @ (preferences - likely) - penalty * at
        step = np.linalg.solve(_curvature(design, likely), slope)
        best, here = loss(at), at + step
        while loss(here) > best and np.abs(step).max() > 1e-12:
            step = step / 2
            here = at + step
        at = here
        if np.abs(step).max() <= 1e-10:
            break
    return at


def _curvature(design: FloatArray, likely: FloatArray) -> FloatArray:
    weighted = design * (likely * (1 - likely))[:, None]
    return np.asarray(design.T @ weighted + np.diag([0.0, RIDGE]))


def _pulls(
    preferences: FloatArray, design: FloatArray, found: FloatArray, scaled: FloatArray, clusters: IntArray, count: int
) -> FloatArray:
    """Return how far each cluster pulls a, times the number of clusters; they sum to zero.

    A comparison pulls by its score and, through the standard deviation that lengths are divided by, by how far its
    length lies from that. What depends on the logarithm of the scale is differentiated by it.
    """
    likely = expit(design @ found)
    scores = design * (preferences - likely)[:, None]
    bend = -(1 - design[:, 1] ** 2) * scaled  # of tanh, by the logarithm of the scale
    by_scale = np.array(
        [
            -np.sum(likely * (1 - likely) * found[1] * bend),
            np.sum(bend * (preferences - likely) - design[:, 1] * likely * (1 - likely) * found[1] * bend),
        ]
    )
    centred = scaled - scaled.mean()
    log_scale = (centred**2 - (centred**2).mean()) / 2 / len(scaled)  # how far a comparison pulls it
    whole = scores + log_scale[:, None] * by_scale
    whole -= whole.mean(axis=0)  # the penalty's share, so that all sum to zero
    pulls = np.linalg.solve(_curvature(design, likely), whole.T)[0]
    return np.asarray(np.bincount(clusters, weights=pulls, minlength=count) * count)
