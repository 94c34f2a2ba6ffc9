"""The best of n out of a pool in closed form, against counting every draw and against drawing."""

import math
import random
from collections import Counter
from fractions import Fraction
from itertools import combinations, product

import pytest

from gendiv.benchmark.rewarding.best_of_weights import divergence_bound, draw_rank, expected_best, rank_weights, ranking

NAN = float("nan")
SIZES = [(pool, n) for pool in range(1, 9) for n in range(1, pool + 1)]


class Given:
    """A generator whose next whole number is given."""

    def __init__(self, number):
        self.number = number

    def randrange(self, stop):
        assert self.number < stop
        return self.number


@pytest.mark.parametrize(("pool", "n"), SIZES)
def test_the_weights_are_what_counting_all_draws_gives(pool, n):
    best = Counter(min(drawn) for drawn in combinations(range(pool), n))
    counted = [Fraction(best[rank], math.comb(pool, n)) for rank in range(pool)]
    assert rank_weights(pool, n).tolist() == [float(share) for share in counted]


@pytest.mark.parametrize(("pool", "n"), SIZES)
def test_a_rank_is_drawn_for_exactly_its_share_of_all_whole_numbers(pool, n):
    drawn = Counter(draw_rank(pool, n, Given(number)) for number in range(math.comb(pool, n)))
    assert drawn == Counter(min(some) for some in combinations(range(pool), n))


def test_the_weights_are_what_drawing_without_replacement_again_and_again_comes_to():
    generator, draws = random.Random(0), 40_000
    simulated = Counter(min(generator.sample(range(16), 4)) for _ in range(draws))
    direct = Counter(draw_rank(16, 4, generator) for _ in range(draws))
    for rank, weight in enumerate(rank_weights(16, 4)):
        deviation = math.sqrt(draws * weight * (1 - weight))
        assert abs(simulated[rank] - draws * weight) <= 4 * deviation
        assert abs(direct[rank] - draws * weight) <= 4 * deviation


@pytest.mark.parametrize(
    "rewards", [[3.0, 1.0, 2.0, 2.0, -5.0], [0.0, 0.0, 0.0], [7.0], [1e9, -1e9, 0.5, 2.0]], ids=str
)
def test_the_expected_best_is_the_mean_of_the_best_over_all_draws(rewards):
    for n in range(1, len(rewards) + 1):
        bests = [max(drawn) for drawn in combinations(rewards, n)]
        assert expected_best(rewards, n) == pytest.approx(sum(bests) / len(bests), rel=1e-12)
    assert expected_best(rewards, 1) == pytest.approx(sum(rewards) / len(rewards))
    assert expected_best(rewards, len(rewards)) == max(rewards)


def test_over_all_pools_it_is_the_expected_best_of_fresh_draws():
    values = (0.0, 1.0, 5.0)  # a model that gives each with probability 1/3
    fresh = sum(max(drawn) for drawn in product(values, repeat=2)) / 9
    pools = list(product(values, repeat=4))
    assert sum(expected_best(pool, 2) for pool in pools) / len(pools) == pytest.approx(fresh, rel=1e-12)


def test_large_pools_neither_overflow_nor_lose_weight():
    assert rank_weights(2000, 512).sum() == pytest.approx(1, rel=1e-12)
    assert rank_weights(2000, 16)[0] == pytest.approx(16 / 2000, rel=1e-12)


@pytest.mark.parametrize(("pool", "n"), [(4, 0), (4, 5), (0, 1), (4, -1)])
def test_there_is_no_best_of_none_nor_of_more_than_the_pool(pool, n):
    for ask in (rank_weights, lambda pool, n: draw_rank(pool, n, random.Random(0))):
        with pytest.raises(ValueError, match=f"wanted n from 1 to the {pool} samples there are, found {n}"):
            ask(pool, n)


def test_equal_rewards_rank_by_place_and_missing_ones_last():
    assert ranking([1.0, NAN, 2.0, 1.0, NAN, 2.0, -math.inf]) == [2, 5, 0, 3, 6, 1, 4]


def test_best_of_one_is_the_model_itself():
    assert divergence_bound(1) == 0
    assert divergence_bound(2) == pytest.approx(math.log(2) - 0.5)
