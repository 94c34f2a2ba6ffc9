"""CosineNgram: how far apart the n-gram counts of texts point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .counting.bags import Rows, bags
from .counting.interning import representatives
from .counting.ngrams import blocks, ngrams
from .counting.tokenizer import WHITESPACE, pieces
from .metric import Cost, Direction, Level
from .ngram_metric import NgramMean
from .orders import Orders
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class CosineNgram(NgramMean):
    """N-gram cosine diversity: 1 minus the mean cosine of n-gram count vectors over all pairs, averaged over n.

    Source: the cosine similarity of the released code of Kirk et al. (2024), there for n = 3, averaged over n = 1..5
    here as for the other n-gram metrics. A text of fewer than n words has no vector and is left out of that order (the
    published code gives its pairs a cosine of 0, so that short answers look varied). For K unit vectors u with the sum
    S the mean cosine is (|S|^2 - K) / (K (K - 1)), so no pair is ever formed.
    Range: 0 (all counts in the same proportions, as in copies) to 1 (no two texts share an n-gram).
    Unit: cosine distance.
    Direction: higher is more diverse.
    Undefined: when no order n has two texts of n or more words. An order without two such texts stays out of the mean.
    Tokeniser: words between whitespace unless `tokenizer` says otherwise.
    Edge cases: the order of n-grams within a text plays no part, so that at n = 1 two texts of the same words in
    another order are the same. Copies give 0 to within rounding (1e-15 or so, of either sign).
    Do not use: to compare texts of different length, since long texts share frequent words and look alike at n = 1, or
    where the same thing may be said in other words, which looks varied: see `sbert`.

    "a b" and "a c" share one of two words each: a cosine of 1/2. They share no pair of words: a cosine of 0:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.cosine_ngram import CosineNgram
    >>> texts = Texts.of([["a b", "a c"]])
    >>> round(CosineNgram(n=(1, 2)).value(texts, texts.groups[0]), 12)  # (1/2 + 1) / 2
    0.75
    """

    name: ClassVar[str] = "cosine_ngram"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "cosine distance"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    n: Orders = (1, 2, 3, 4, 5)
    tokenizer: str = WHITESPACE

    def at(self, texts: Texts, sets: Sequence[IntArray], n: int) -> FloatArray:
        """Return the value of each set at one order."""
        found = bags(texts, self.tokenizer, n)
        grams = ngrams(texts, self.tokenizer, n)
        return np.concatenate([self._of_sets(found.of(some), len(some)) for some in blocks(sets, grams.sizes(sets))])

    def at_without_each(self, texts: Texts, members: IntArray, n: int) -> FloatArray:
        """Return the value at one order without each member: its cosines with the others go, from either side."""
        cosines, has = cosines_with_others(bags(texts, self.tokenizer, n).of([members]))
        paired = self.paired(has)
        return distance(cosines.sum() - 2.0 * cosines, np.count_nonzero(paired) - paired)

    def paired(self, has: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which texts are paired with the others, given which have a vector: those alone."""
        return has

    def reason(self, texts: Texts, members: IntArray) -> str:
        """Say why a set has no value."""
        lengths = ngrams(texts, self.tokenizer, min(self.n)).lengths(members)
        wanted = f"two texts of {min(self.n)} or more {pieces(self.tokenizer)}"
        return f"a pair needs {wanted}, the set has {np.count_nonzero(lengths)}"

    def _of_sets(self, rows: Rows, sets: int) -> FloatArray:
        cosines, has = cosines_with_others(rows)
        sums = np.bincount(rows.set_of, weights=cosines, minlength=sets).astype(np.float64)
        return distance(sums, np.bincount(rows.set_of[self.paired(has)], minlength=sets))


def cosines_with_others(rows: Rows) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the sum of each member's cosines with the others of its set, and which members have a vector.

    The sum is u.(S - u) for unit vectors u with the sum S; where nothing is shared it is exactly 0.
    """
    members = len(rows.set_of)
    norms = np.sqrt(np.bincount(rows.owner, weights=rows.count.astype(np.float64) ** 2, minlength=members))
    units = rows.count / norms[rows.owner]
    place = representatives(rows.kind)
    total = np.bincount(place, weights=units, minlength=len(place))
    shared = units * (total[place] - units)
    cosines: FloatArray = np.bincount(rows.owner, weights=shared, minlength=members).astype(np.float64)
    return cosines, norms > 0


def distance(cosines: FloatArray, count: IntArray) -> FloatArray:
    """Return 1 minus the mean cosine, from the sum over ordered pairs and the number of texts; NaN for no pair."""
    pairs = count * (count - 1)
    found: FloatArray = np.where(pairs > 0, 1.0 - cosines / np.maximum(pairs, 1), np.nan)
    return found
