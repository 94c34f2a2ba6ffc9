"""Numbers of prompts: the textbook's, and right as often as promised when the test is run on them."""

import numpy as np
import pytest
from scipy import stats

from gendiv.benchmark.intervals import Estimate
from gendiv.benchmark.planning.power import MOST, prompts_for_difference, prompts_for_gap, prompts_for_width


@pytest.mark.parametrize(
    ("effect", "power", "count"),
    # Cohen's d for the paired (one-sample) t-test, two-sided 5%: as G*Power and R's power.t.test give them.
    [(0.2, 0.8, 199), (0.5, 0.8, 34), (0.8, 0.8, 15), (0.2, 0.9, 265), (0.5, 0.9, 44)],
)
def test_paired_numbers_are_the_textbooks(effect, power, count):
    assert prompts_for_difference(1.0, effect, power) == count
    assert prompts_for_difference(0.25, effect / 2, power) == count  # what counts is the effect in deviations


@pytest.mark.parametrize(
    ("effect", "power", "count"), [(0.2, 0.8, 394), (0.5, 0.8, 64), (0.8, 0.8, 26), (0.5, 0.9, 86)]
)
def test_numbers_of_two_groups_are_the_textbooks(effect, power, count):
    assert prompts_for_gap((1.0, 1.0), effect, power) == count


def test_the_width_is_what_was_asked_for_and_one_prompt_fewer_is_too_few():
    def half(count):
        return stats.t.ppf(0.975, count - 1) * 0.3 / np.sqrt(count)

    count = prompts_for_width(0.09, 0.05)
    assert half(count) <= 0.05 < half(count - 1)


def test_large_numbers_come_from_the_normal_distribution_without_a_step():
    numbers = [prompts_for_difference(1.0, effect, 0.8) for effect in (0.065, 0.0625, 0.06, 0.001)]
    assert numbers == sorted(numbers)
    assert numbers[-1] == pytest.approx((1.959964 + 0.841621) ** 2 / 0.001**2, rel=1e-4)


def test_without_any_spread_two_prompts_do_and_beyond_reason_nobody_counts():
    assert prompts_for_width(0.0, 0.1) == prompts_for_difference(0.0, 0.1, 0.9) == 2
    assert prompts_for_gap((0.0, 0.0), 0.1, 0.9) == 2
    assert prompts_for_difference(1.0, 1e-9, 0.8) == MOST


@pytest.mark.parametrize("power", [0.8, 0.9])
def test_the_paired_test_has_the_power_that_was_promised(power):
    generator = np.random.default_rng(1)
    count = prompts_for_difference(0.04, 0.08, power)
    draws = 0.08 + generator.normal(0, 0.2, size=(3000, count))
    assert np.mean([Estimate.of_mean(row).p_value() < 0.05 for row in draws]) == pytest.approx(power, abs=0.025)


def test_the_test_of_a_gap_between_splits_of_unequal_spread_has_the_power_that_was_promised():
    generator = np.random.default_rng(2)
    count = prompts_for_gap((0.04, 0.25), 0.2, 0.8)
    ours = 0.2 + generator.normal(0, 0.2, size=(3000, count))
    theirs = generator.normal(0, 0.5, size=(3000, count))
    found = [
        Estimate.of_mean(one).minus(Estimate.of_mean(two)).p_value() < 0.05
        for one, two in zip(ours, theirs, strict=True)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.025)
