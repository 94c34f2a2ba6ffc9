"""NgramRatio: the mean, over orders n, of a function of how many n-grams there are and how many of them differ."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from .counting.ngrams import ngrams
from .counting.tokenizer import pieces
from .ngram_metric import NgramMean
from .texts import FloatArray, IntArray, Texts


class NgramRatio(NgramMean):
    """The mean of `ratio` over those orders n for which the set has an n-gram at all."""

    @abstractmethod
    def ratio(self, distinct: FloatArray, total: FloatArray) -> FloatArray:
        """Return the value at one n, elementwise, from the numbers of distinct and of all n-grams (never 0)."""

    def at(self, texts: Texts, sets: Sequence[IntArray], n: int) -> FloatArray:
        """Return the ratio of each set at one order."""
        # What was counted last is kept for the next ratio: `ead` is asked for the sets that `distinct` was asked for.
        last: dict[tuple[bytes, ...], tuple[IntArray, IntArray]]
        last = texts.view(("ngram counts", self.tokenizer, n), lambda pool: {})
        key = tuple([members.tobytes() for members in sets])
        if key not in last:
            grams = ngrams(texts, self.tokenizer, n)
            last.clear()
            last[key] = grams.distinct(sets), grams.sizes(sets)
        distinct, total = last[key]
        return self._ratio(distinct.astype(np.float64), total)

    def at_without_each(self, texts: Texts, members: IntArray, n: int) -> FloatArray:
        """Return the ratio at one order without each member."""
        grams = ngrams(texts, self.tokenizer, n)
        lengths = grams.lengths(members)
        return self._ratio(grams.distinct_without_each(members).astype(np.float64), lengths.sum() - lengths)

    def reason(self, texts: Texts, members: IntArray) -> str:  # noqa: ARG002  the same for every set
        """Say why a set has no value."""
        return f"no text of the set has {min(self.n)} or more {pieces(self.tokenizer)}"

    def _ratio(self, distinct: FloatArray, total: IntArray) -> FloatArray:
        present = total > 0
        ratios: FloatArray = np.where(present, self.ratio(distinct, np.where(present, total, 1.0)), np.nan)
        return ratios
