"""Best of n out of a pool, in closed form: how likely each rank is the best of n, and what the best is worth.

n of M scored samples drawn without replacement have the sample of rank r (0 is the best of all) as their best with
probability C(M-1-r, n-1) / C(M, n): it is drawn, and the n-1 others all come from those below it. Weighting by these
probabilities is what drawing again and again comes to, without its noise.
"""

import math
import random
from collections.abc import Sequence

import numpy as np

from ...metrics import FloatArray


def rank_weights(pool: int, n: int) -> FloatArray:
    """Return, for each rank from the best, the probability that it is the best of n out of `pool`.

    >>> rank_weights(4, 2).tolist()  # of the 6 pairs of 4 samples, 3 hold the best, 2 the next without it, 1 the third
    [0.5, 0.3333333333333333, 0.16666666666666666, 0.0]

    Raises:
        ValueError: n is not from 1 to `pool`.
    """
    _check(pool, n)
    whole = math.comb(pool, n)
    return np.array([math.comb(pool - 1 - rank, n - 1) / whole for rank in range(pool)], dtype=np.float64)


def expected_best(rewards: Sequence[float], n: int) -> float:
    """Return the expected reward of the best of n, drawn without replacement from samples with these rewards.

    Over pools of independent samples its mean is the expected best of n fresh ones: it is an unbiased estimate, the
    U-statistic of "best of n".

    >>> expected_best([1.0, 3.0, 2.0], 2)  # the pairs' best: 3, 2 and 3
    2.6666666666666665

    Raises:
        ValueError: n is not from 1 to the number of rewards.
    """
    weights = rank_weights(len(rewards), n)
    return float(weights @ np.sort(np.asarray(rewards, dtype=np.float64))[::-1])


def draw_rank(pool: int, n: int, generator: random.Random) -> int:
    """Return the rank of the best of n out of `pool`, drawn exactly: by whole numbers, without rounding.

    Raises:
        ValueError: n is not from 1 to `pool`.
    """
    _check(pool, n)
    left = generator.randrange(math.comb(pool, n))
    for rank in range(pool - n + 1):
        left -= math.comb(pool - 1 - rank, n - 1)
        if left < 0:
            return rank
    raise AssertionError("the weights add up to all draws")


def ranking(rewards: Sequence[float]) -> list[int]:
    """Return the places of rewards from the best to the worst; of equal ones the earliest comes first, NaN last.

    >>> ranking([0.5, float("nan"), 2.0, 0.5])
    [2, 0, 3, 1]
    """
    best = [-math.inf if math.isnan(reward) else reward for reward in rewards]
    return sorted(range(len(rewards)), key=lambda place: (-best[place], math.isnan(rewards[place]), place))


def divergence_bound(n: int) -> float:
    """Return how far the best of n can at most be from what it is the best of: log n - (n - 1) / n nats of KL.

    Source: Beirami et al. (2024), "Theoretical Guarantees on the Best-of-n Alignment Policy".

    >>> round(divergence_bound(16), 3)
    1.835
    """
    return math.log(n) - (n - 1) / n


def _check(pool: int, n: int) -> None:
    if not 1 <= n <= pool:
        raise ValueError(f"best of n: wanted n from 1 to the {pool} samples there are, found {n}")
