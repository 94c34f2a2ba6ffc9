"""MMD: by hand, by the plain double sum, by a closed form, and its p-value by what it promises."""

import numpy as np
import pytest

from gendiv.benchmark.generalisation.distances import discrepancy_interval
from gendiv.metrics.metric import Undefined
from gendiv.metrics.mmd import MMD, Discrepancy
from gendiv.metrics.texts import Texts


def gaussian(points, bandwidth=1.0):
    points = np.asarray(points, dtype=np.float64).reshape(len(points), -1)
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    return np.exp(-squares / (2 * bandwidth**2))


def by_double_sum(kernel, m):
    n = len(kernel) - m
    one, two = range(m), range(m, m + n)
    within = sum(kernel[i, j] for i in one for j in one if i != j) / (m * (m - 1))
    other = sum(kernel[i, j] for i in two for j in two if i != j) / (n * (n - 1))
    return within + other - 2 * sum(kernel[i, j] for i in one for j in two) / (m * n)


def test_it_is_the_double_sum_of_its_definition_whole_and_without_each_member():
    generator = np.random.default_rng(0)
    kernel = gaussian(generator.normal(size=(9, 3)))
    found = Discrepancy(kernel, 4)
    assert found.value == pytest.approx(by_double_sum(kernel, 4))
    first, second = found.without_each()
    for left in range(9):
        rest = np.delete(np.delete(kernel, left, axis=0), left, axis=1)
        expected = by_double_sum(rest, 3 if left < 4 else 4)
        assert (first[left] if left < 4 else second[left - 4]) == pytest.approx(expected)


def test_relabelling_is_the_value_of_another_partition_and_averages_to_nothing():
    kernel = gaussian(np.random.default_rng(1).normal(size=(7, 2)))
    drawn = Discrepancy(kernel, 3).relabelled(np.random.default_rng(0), 600)
    orders = np.random.default_rng(2)
    partitions = {
        round(by_double_sum(kernel[np.ix_(order, order)], 3), 9) for order in map(orders.permutation, [7] * 600)
    }
    assert {round(value, 9) for value in drawn} == partitions
    assert len(partitions) == 35  # 7 over 3
    assert np.mean(list(partitions)) == pytest.approx(0, abs=1e-9)


def test_two_opposite_points_are_as_far_apart_as_can_be():
    texts = Texts.of([["n"] * 4, ["s"] * 4])
    texts.view(("embedding", "by hand"), lambda pool: np.array([[1.0, 0.0], [-3.0, 0.0]]))  # lengths do not matter
    for bandwidth in (0.5, 1.0):
        found = MMD(model="by hand", bandwidth=bandwidth).between(texts, *texts.groups)
        assert found.value == pytest.approx(2 - 2 * np.exp(-2 / bandwidth**2))
        assert MMD(model="by hand", permutations=199).p_value(found) <= 0.06  # 2 of 70 partitions are as extreme


def test_a_text_without_a_direction_has_no_distance():
    texts = Texts.of([["n"] * 3, ["z"] * 3])
    texts.view(("embedding", "by hand"), lambda pool: np.array([[1.0, 0.0], [0.0, 0.0]]))
    with pytest.raises(Undefined, match="zero or non-finite"):
        MMD(model="by hand").between(texts, *texts.groups)


@pytest.mark.parametrize(("apart", "least"), [(0.0, 0.95), (0.3, 0.93), (0.5, 0.93), (1.0, 0.93)])
def test_the_interval_covers_the_closed_form_of_two_normal_distributions(apart, least):
    # E k(x, y) of normals with variance 1, h = 1 and means d apart: exp(-d^2 / 6) / sqrt(3).
    generator = np.random.default_rng(3)
    true = 2 / np.sqrt(3) * (1 - np.exp(-(apart**2) / 6))
    held, values = [], []
    for _ in range(600):
        points = np.concatenate([generator.normal(size=60), generator.normal(apart, size=80)])
        found = Discrepancy(gaussian(points), 60)
        interval = discrepancy_interval(found)
        values.append(found.value)
        held.append(interval.low <= true <= interval.high)
        assert interval.low <= found.value <= interval.high
    assert np.mean(values) == pytest.approx(true, abs=0.004)
    assert least <= np.mean(held) <= 1.0


def test_p_values_of_one_distribution_are_uniform_and_of_two_are_small():
    generator = np.random.default_rng(4)
    metric = MMD(permutations=99)
    null = [metric.p_value(Discrepancy(gaussian(generator.normal(size=(30, 2))), 12)) for _ in range(600)]
    assert np.mean(np.array(null) <= 0.05) == pytest.approx(0.05, abs=0.025)
    assert np.mean(null) == pytest.approx(0.5, abs=0.04)
    other = np.concatenate([generator.normal(size=(25, 2)), generator.normal(0, 2.5, size=(25, 2))])
    assert metric.p_value(Discrepancy(gaussian(other), 25)) <= 0.02  # the same mean, another spread


def test_a_p_value_repeats_with_its_seed_and_the_signature_names_every_setting():
    found = Discrepancy(gaussian(np.random.default_rng(5).normal(size=(20, 2))), 10)
    assert MMD(seed=1).p_value(found) == MMD(seed=1).p_value(found) != MMD(seed=2).p_value(found)
    assert MMD(seed=3, bandwidth=0.5).signature == (
        "mmd:bandwidth=0.5:model=minilm:dtype=float32:permutations=999:seed=3|version=1"
    )


@pytest.mark.parametrize("wrong", [{"bandwidth": 0.0}, {"bandwidth": float("nan")}, {"permutations": 0}, {"model": ""}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MMD(**wrong)
