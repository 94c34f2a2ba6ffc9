"""Ratios of estimates: Fieller's ends by his own formula, by the test they invert, and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from gendiv.benchmark.generalisation.ratio import ratio
from gendiv.benchmark.intervals import Estimate, Interval

SURE = 10.0**9
"""Degrees of freedom that make Student's distribution the normal one."""


def fieller(numerator, error_of_numerator, denominator, error_of_denominator):
    """Fieller's closed form for independent normal estimates."""
    t = stats.norm.ppf(0.975)
    value, g = numerator / denominator, (t * error_of_denominator / denominator) ** 2
    half = t / denominator * math.sqrt(error_of_numerator**2 * (1 - g) + (value * error_of_denominator) ** 2)
    return (value - half) / (1 - g), (value + half) / (1 - g)


@pytest.mark.parametrize("case", [(6, 0.3, 10, 0.4), (1, 0.3, 2, 0.9), (7, 0.5, 2, 0.4), (3, 1.0, 3, 0.0)], ids=str)
def test_with_normal_estimates_the_ends_are_fiellers(case):
    found = ratio(Estimate(case[0], case[1], SURE), Estimate(case[2], case[3], SURE))
    assert found.value == pytest.approx(case[0] / case[2])
    assert (found.low, found.high) == pytest.approx(fieller(*case), rel=1e-6)


def test_the_ends_are_where_the_test_of_the_difference_begins_to_reject():
    one, two = Estimate(2.0, 0.3, 7, skew=0.05), Estimate(3.0, 0.4, 11, skew=-0.04)
    found = ratio(one, two)
    for end in (found.low, found.high):
        assert one.minus(two.times(end)).p_value() == pytest.approx(0.05, rel=1e-9)
    assert ratio(one, two, confidence=0.8).high < found.high


@pytest.mark.parametrize("shift", np.linspace(0.2, 1.2, 11))
def test_the_ratio_is_clearly_not_1_just_where_the_difference_is_clearly_not_0(shift):
    one, two = Estimate(3.0 - shift, 0.2, 12, skew=0.03), Estimate(3.0, 0.25, 9, skew=0.02)
    relative, difference = ratio(one, two), one.minus(two).interval()
    assert (relative.high < 1) == (difference.high < 0)


def test_a_denominator_that_may_be_0_leaves_the_ratio_unbounded():
    found = ratio(Estimate(1.0, 0.1, 20), Estimate(0.5, 0.3, 20))
    assert found == Interval(2.0, None, None)
    assert ratio(Estimate(1.0, 0.1, 20), Estimate(0.5, None, 0)) == Interval(2.0, None, None)
    assert ratio(Estimate(1.0, 0.1, 20), Estimate(0.0, 0.3, 20)) is None


def test_a_numerator_that_may_be_0_leaves_0_in_and_nothing_below():
    found = ratio(Estimate(0.1, 0.3, 50), Estimate(2.0, 0.1, 50))
    assert found.low == 0
    assert found.high > 0.3


def test_estimates_without_any_spread_have_a_ratio_without_width():
    assert ratio(Estimate(1.0, 0.0, 5), Estimate(4.0, 0.0, 5)) == Interval(0.25, 0.25, 0.25)
    assert ratio(Estimate(0.0, 0.0, 5), Estimate(4.0, 0.1, 5)) == Interval(0.0, 0.0, 0.0)


@pytest.mark.parametrize("draw", ["exponential", "gamma"])
def test_the_ratio_of_skewed_means_is_covered(draw):
    generator = np.random.default_rng(5)
    held = []
    for _ in range(1500):
        below, above = (getattr(generator, draw)(2.0, size=40) for _ in range(2))
        found = ratio(Estimate.of_mean(0.6 * above), Estimate.of_mean(below))
        held.append(found.low <= 0.6 <= found.high)
    assert 0.93 <= np.mean(held) <= 0.97
