"""NgramRatio: the mean, over orders n, of a function of how many n-grams there are and how many of them differ."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from .metric import Metric, Undefined
from .ngrams import ngrams
from .orders import Orders, check_orders
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class NgramRatio(Metric):
    """The mean of `ratio` over those orders n for which the set has an n-gram at all.

    An order that no text of the set is long enough for says nothing about diversity, so it stays out of the mean; the
    published code counts it as 0, which makes short answers look alike. With no word in the whole set the metric is
    undefined.
    """

    n: Orders = (1, 2, 3, 4, 5)

    def __post_init__(self) -> None:
        check_orders(self.n)

    @abstractmethod
    def ratio(self, distinct: FloatArray, total: FloatArray) -> FloatArray:
        """Return the value at one n, elementwise, from the numbers of distinct and of all n-grams (never 0)."""

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        counts = np.array([ngrams(texts, n).count(members) for n in self.n], dtype=np.float64)  # (orders, 2)
        return float(self._mean(counts[:, 0:1], counts[:, 1:2])[0])

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the value without each member, from one count of the whole set per order."""
        counts = np.array([ngrams(texts, n).count_without_each(members) for n in self.n], dtype=np.float64)
        return self._mean(counts[:, 0], counts[:, 1])  # each (orders, members)

    def _mean(self, distinct: FloatArray, total: FloatArray) -> FloatArray:
        """Average over the orders (first axis) that have n-grams."""
        present = total > 0
        if not present.any(axis=0).all():
            raise Undefined(f"no text of the set has {min(self.n)} or more words")
        ratios = self.ratio(distinct, np.where(present, total, 1.0))
        mean: FloatArray = np.where(present, ratios, 0.0).sum(axis=0) / present.sum(axis=0)
        return mean
