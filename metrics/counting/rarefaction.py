"""Rarefaction: what a smaller sample of a set would hold, in expectation over all of them, so that none is drawn."""

import numpy as np

from ..texts import FloatArray


def seen(total: int, draws: float, most: int) -> FloatArray:
    """Return how likely a kind that occurs 0, 1, ... `most` times among `total` is among draws without replacement.

    It is missed with probability C(total - c, draws) / C(total, draws), the product of 1 - draws / (total - j) for
    j < c: summing logarithms of these one after the other gives all c at once, and loses no digits, as the difference
    of the logarithms of factorials would. The product holds between whole numbers of draws, too.

    >>> seen(3, 2, 2)[1:].round(6).tolist()
    [0.666667, 1.0]
    """
    with np.errstate(divide="ignore"):  # log 0 is right: a kind that cannot be missed
        steps = np.log1p(-draws / np.maximum(total - np.arange(most), draws))
    found: FloatArray = -np.expm1(np.concatenate([[0.0], np.cumsum(steps)]))
    return found
