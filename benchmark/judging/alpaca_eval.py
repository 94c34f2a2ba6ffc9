"""The win rate as AlpacaEval writes it, so that tables of the two can be read side by side."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, stdev


@dataclass(frozen=True)
class AlpacaEval:
    """The figures of a leaderboard of AlpacaEval.

    Attributes:
        win_rate: in percent, a draw counting half.
        standard_error: of it, in percent; NaN for a single preference.
        comparisons: preferences that it rests on.
    """

    win_rate: float
    standard_error: float
    comparisons: int


def alpaca_eval(preferences: Iterable[float]) -> AlpacaEval | None:
    """Return the figures for preferences in AlpacaEval's coding: 1 the reference, 2 the model, 1.5 a draw.

    win_rate = 100 * mean(preference - 1); standard_error = 100 * s / sqrt(n), s being the sample standard deviation
    (n - 1 in its denominator). Missing preferences (NaN) are left out, as AlpacaEval leaves out what it cannot read;
    without any there are no figures.

    >>> alpaca_eval([2, 1, 1.5, 2])
    AlpacaEval(win_rate=62.5, standard_error=23.935677693908453, comparisons=4)

    Raises:
        ValueError: a preference is not between 1 and 2.
    """
    found = [preference for preference in preferences if not math.isnan(preference)]
    for preference in found:
        if not 1 <= preference <= 2:
            raise ValueError(f"preferences run from 1 (reference) to 2 (model), found {preference!r}")
    if not found:
        return None
    error = 100 * stdev(found) / math.sqrt(len(found)) if len(found) > 1 else math.nan
    return AlpacaEval(100 * (fmean(found) - 1), error, len(found))
