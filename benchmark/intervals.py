"""Estimates: how far a score would move had other prompts been drawn.

A per-input score is a mean over prompts (`Estimate.of_mean`). What prompts add to a score is often skewed, and then
Student's interval misses on one side; Hall's transformation of the t statistic takes the skewness out and needs no
resampling.

An across-input score is one value of one set of texts, a text per prompt, and there drawing prompts again would be
wrong: a redrawn set holds the same text several times (only about 63% of its prompts are different ones), repeats hold
no new n-grams, so distinct-n and EAD of redrawn sets lie below the value itself, often all of them, and the interval
misses what it should cover. Leaving out parts of the set never repeats a text: `Estimate.of_left_out`, the jackknife.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import stdtr, stdtrit  # type: ignore[import-untyped]  # ships no types

from ..metrics.texts import FloatArray

CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Interval:
    """A value with its confidence interval; the ends are None where a single prompt leaves no way to know."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Estimate:
    """A value, and what there is to know about how sure it is.

    Attributes:
        value: the estimate.
        error: its standard error; None where a single prompt leaves no way to know.
        freedom: degrees of freedom of Student's distribution; those of a difference need not be whole.
        skew: skewness of what each prompt adds / (6 sqrt(n)).
    """

    value: float
    error: float | None
    freedom: float
    skew: float = 0.0

    @classmethod
    def of_mean(cls, values: FloatArray) -> "Estimate":
        """Return the mean of one value per prompt."""
        values = _checked(values)
        return cls._of_influences(float(values.mean()), values - values.mean(), float(np.abs(values).max()))

    @classmethod
    def of_left_out(cls, value: float, left_out: FloatArray) -> "Estimate":
        """Return an across-input value with the error that its values without each part give.

        A prompt's pull is (n-1) (mean theta - theta_i), theta_i being the value without it: the jackknife. For a mean
        over several draws, pass the mean of the values and the mean, part by part, of the values without them: the
        prompts are what was sampled.
        """
        left_out = _checked(left_out)
        influences = (len(left_out) - 1) * (left_out.mean() - left_out)
        return cls._of_influences(float(value), influences, float(np.abs(left_out).max()))

    @classmethod
    def _of_influences(cls, value: float, influences: FloatArray, size: float) -> "Estimate":
        """Return an estimate from how much each prompt pulls it; for a mean, that is each value less the mean.

        The t statistic of skewed values is skewed itself, and Hall's monotone cubic g(t) = t + a (2 t^2 + 1) +
        4/3 a^2 t^3, with a = skewness / (6 sqrt n), makes it nearly Student's again (Hall 1992, "On the Removal of
        Skewness by Transformation").
        """
        count = len(influences)
        if count == 1:
            return cls(value, None, 0)
        spread = float(np.sqrt(np.square(influences).mean()))
        if spread <= 1e-13 * size * count:  # nothing but rounding
            return cls(value, 0.0, count - 1)
        skewness = float((influences**3).mean() / spread**3)
        return cls(value, spread / float(np.sqrt(count - 1)), count - 1, skewness / (6 * float(np.sqrt(count))))

    def minus(self, other: "Estimate") -> "Estimate":
        """Return the difference of two estimates that rest on different prompts.

        See `weighted_sum`.
        """
        return Estimate.weighted_sum([(1.0, self), (-1.0, other)])

    @classmethod
    def weighted_sum(cls, parts: Sequence[tuple[float, "Estimate"]]) -> "Estimate":
        """Return the sum of weighted estimates that rest on different prompts.

        Variances and third cumulants of independent means add up; the degrees of freedom are Welch and Satterthwaite's.

        >>> mean = Estimate.weighted_sum([(0.5, Estimate(0.2, 0.03, 40)), (0.5, Estimate(0.4, 0.04, 40))])
        >>> round(mean.value, 6), mean.error, round(mean.freedom, 2)
        (0.3, 0.025, 74.18)
        """
        value = sum(weight * part.value for weight, part in parts)
        errors = [weight * part.error for weight, part in parts if part.error is not None]
        if len(errors) < len(parts):
            return cls(value, None, 0)
        error = float(np.hypot.reduce(errors))
        if error == 0:
            return cls(value, 0.0, min(part.freedom for _, part in parts))
        shares = [(own / error, part) for own, (_, part) in zip(errors, parts, strict=True)]
        freedom = 1 / sum(share**4 / part.freedom for share, part in shares)
        return cls(value, error, freedom, sum(share**3 * part.skew for share, part in shares))

    def times(self, factor: float) -> "Estimate":
        """Return the estimate of a multiple, the factor being known and not negative."""
        return replace(self, value=self.value * factor, error=None if self.error is None else self.error * factor)

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Return the value with its two-sided interval."""
        if not 0 < confidence < 1:
            raise ValueError(f"confidence: wanted a number between 0 and 1, found {confidence!r}")
        if self.error is None:
            return Interval(self.value, None, None)
        quantile = float(stdtrit(self.freedom, (1 + confidence) / 2))
        low, high = (self.value - self._untransform(end) * self.error for end in (quantile, -quantile))
        return Interval(self.value, low, high)

    def p_value(self) -> float | None:
        """Return the two-sided p-value of "the true value is 0"; None where a single prompt leaves no way to know.

        Where all n prompts agree to the last digit Student's p would be 0 even for two of them; the chance that n signs
        agree, 2^(1-n), stands in its place.
        """
        if self.error is None:
            return None
        if self.error == 0:
            return 1.0 if self.value == 0 else 2.0**-self.freedom
        t = self.value / self.error
        transformed = t + self.skew * (2 * t * t + 1) + 4 / 3 * self.skew**2 * t**3
        return float(2 * stdtr(self.freedom, -abs(transformed)))

    def _untransform(self, transformed: float) -> float:
        """Return the t whose transform this is: g is a shifted and scaled cube, so its inverse is a cube root."""
        if abs(self.skew) < 1e-8:
            return transformed
        return float((np.cbrt(1 + 6 * self.skew * (transformed - self.skew)) - 1) / (2 * self.skew))


def holm(p_values: FloatArray) -> FloatArray:
    """Return p-values adjusted for having looked at all of them (Holm 1979, "A Simple Sequentially Rejective ...").

    Rejecting what is adjusted to below 5% keeps the chance of any false rejection below 5%, whatever the dependence.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p_values)
    stepped = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted


def _checked(values: FloatArray) -> FloatArray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(
            f"an estimate needs one finite value per prompt, found an array of shape {values.shape}: {values}"
        )
    return values
