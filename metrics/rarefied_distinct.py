"""RarefiedDistinct: the share of n-grams that differ, at a fixed number of n-grams."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from .counting.bags import Rows, bags
from .counting.interning import representatives
from .counting.ngrams import blocks, ngrams
from .counting.rarefaction import seen
from .counting.tokenizer import WHITESPACE
from .metric import Cost, Direction, Level
from .ngram_metric import NgramMean
from .orders import Orders
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class RarefiedDistinct(NgramMean):
    """Rarefied distinct-n: the expected share of different n-grams among m drawn from the set's, averaged over n.

    With C n-grams, kind k among them c_k times, m draws without replacement miss it with probability
    C(C - c_k, m) / C(C, m), so D = sum over kinds of (1 - C(C - c_k, m) / C(C, m)), over m. No draw is made: the
    expectation is exact.

    Source: rarefaction, as ecologists compare the numbers of species in samples of different size: Hurlbert (1971),
    "The Nonconcept of Species Diversity"; Heck et al. (1975), "Explicit Calculation of the Rarefaction Diversity
    Measurement". distinct-n divides different n-grams by all of them, and the later ones find more already said, so it
    falls with length whatever the variety; at the same m for all sets it is a comparison like with like. `ead` divides
    by what uniform draws from a vocabulary would give instead, which no language does.
    Range: above 0 (1/m when all n-grams are the same) to 1 (no n-gram occurs twice).
    Unit: n-grams per n-gram.
    Direction: higher is more diverse.
    Undefined: when at some order n the set has fewer than m = `draws` n-grams. Leaving the order out would average over
    other orders for other sets, which is what this metric is there to avoid.
    Tokeniser: words between whitespace unless `tokenizer` says otherwise.
    Edge cases: draws are of n-grams, not of texts, so long texts weigh more than short ones. With as many draws as the
    set has n-grams it is distinct-n.
    Do not use: with different `draws` in one comparison; for sets of a few short texts, whose n-grams do not reach
    `draws` (lower it for all of them). Text far longer than another still differs in what it is about.

    Of "a a b", 2 draws are aa once in three and otherwise ab: (1 + 2 + 2) / 3 different words on average, of 2:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.rarefied_distinct import RarefiedDistinct
    >>> texts = Texts.of([["a a b"]])
    >>> round(RarefiedDistinct(n=(1,), draws=2).value(texts, texts.groups[0]), 12)
    0.833333333333
    """

    name: ClassVar[str] = "rarefied_distinct"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "n-grams per n-gram"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    n: Orders = (1, 2, 3, 4, 5)
    tokenizer: str = WHITESPACE
    draws: int = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.draws, int) or isinstance(self.draws, bool) or self.draws < 2:
            raise ValueError(f"draws: wanted a whole number of at least 2, found {self.draws!r}")

    def at(self, texts: Texts, sets: Sequence[IntArray], n: int) -> FloatArray:
        """Return the value of each set at one order."""
        found, sizes = bags(texts, self.tokenizer, n), ngrams(texts, self.tokenizer, n).sizes(sets)
        return np.concatenate([self._of_sets(found.of(some), len(some)) for some in blocks(sets, sizes)])

    def at_without_each(self, texts: Texts, members: IntArray, n: int) -> FloatArray:
        """Return the value at one order without each member, whose n-grams lower the counts of their kinds.

        How likely a kind is to be seen depends on its count and on how many n-grams there are, so members of the same
        length share a table by count.
        """
        rows = bags(texts, self.tokenizer, n).of([members])
        kind = representatives(rows.kind)
        counts = np.bincount(kind, weights=rows.count, minlength=len(kind)).astype(np.intp)
        of_each = np.bincount(rows.owner, weights=rows.count, minlength=len(members)).astype(np.intp)
        totals = of_each.sum() - of_each
        kinds_by_count = np.bincount(counts, minlength=1)
        kinds_by_count[0] = 0
        expected, change = np.full(len(members), np.nan), np.zeros(len(kind))
        before, after = counts[kind], counts[kind] - rows.count
        by_total = np.argsort(totals[rows.owner], kind="stable")
        for total in np.unique(totals[totals >= self.draws]).tolist():
            chances = seen(total, self.draws, len(kinds_by_count) - 1)
            start, end = np.searchsorted(totals[rows.owner], [total, total + 1], sorter=by_total)
            some = by_total[start:end]
            change[some] = chances[after[some]] - chances[before[some]]
            expected[totals == total] = kinds_by_count @ chances
        left: FloatArray = (expected + np.bincount(rows.owner, weights=change, minlength=len(members))) / self.draws
        return left

    def mean(self, values: FloatArray) -> FloatArray:
        """Average over the orders (first axis), NaN where one has no value."""
        mean: FloatArray = values.mean(axis=0)
        return mean

    def reason(self, texts: Texts, members: IntArray) -> str:
        """Say why a set has no value."""
        sizes = [int(ngrams(texts, self.tokenizer, n).lengths(members).sum()) for n in self.n]
        fewest = int(np.argmin(sizes))
        return (
            f"{self.draws} n-grams cannot be drawn: at n = {self.n[fewest]} the set has {sizes[fewest]}; "
            "lower draws, for all sets to be compared"
        )

    def _of_sets(self, rows: Rows, sets: int) -> FloatArray:
        """Return the values of some sets at one order."""
        kind = representatives(rows.kind)
        counts = np.bincount(kind, weights=rows.count, minlength=len(kind)).astype(np.intp)
        set_of = rows.set_of[rows.owner]
        values = np.full(sets, np.nan)
        for one, (start, end) in enumerate(pairwise(np.searchsorted(set_of, np.arange(sets + 1)).tolist())):
            kinds_by_count = np.bincount(counts[start:end], minlength=1)
            kinds_by_count[0] = 0
            most = len(kinds_by_count) - 1
            total = int(kinds_by_count @ np.arange(most + 1))
            if total >= self.draws:
                values[one] = kinds_by_count @ seen(total, self.draws, most) / self.draws
        return values
