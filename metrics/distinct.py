"""Distinct: the share of n-grams that differ."""

from dataclasses import dataclass
from typing import ClassVar

from .counting.tokenizer import WHITESPACE
from .metric import Cost, Direction, Level
from .ngram_ratio import NgramRatio
from .orders import Orders
from .texts import FloatArray


@dataclass(frozen=True)
class Distinct(NgramRatio):
    """Distinct-n: different n-grams over all n-grams of the set, pooled, averaged over n.

    distinct_n = N / C for N different n-grams among C.

    Source: Li et al. (2016), "A Diversity-Promoting Objective Function for Neural Conversation Models"; averaged over
    n = 1..5 as in Kirk et al. (2024).
    Range: above 0, up to 1 (no n-gram occurs twice).
    Unit: n-grams per n-gram.
    Direction: higher is more diverse.
    Undefined: when no text reaches the smallest n in words. An n that no text reaches stays out of the mean.
    Tokeniser: words between whitespace unless `tokenizer` says otherwise: `characters` for scripts without spaces,
    `words` to pass over case and punctuation, or a model's own by its folder or hub id.
    Edge cases: no n-gram crosses from one text into the next. Nothing is normalised, so "cat" and "Cat." differ, as do
    composed and decomposed accents. K copies of a text that repeats nothing within itself give 1/K.
    Do not use: to compare texts of different length or sets of different size: it falls as texts get longer or more
    numerous, whatever their variety. `ead` corrects for that in part, `rarefied_distinct` compares equal numbers.

    "a b a" and "b" hold the words a, b, a, b (2 of 4 differ) and the pairs ab, ba (2 of 2):

    >>> from gendiv.metrics import Distinct, Texts
    >>> texts = Texts.of([["a b a", "b"]])
    >>> Distinct(n=(1, 2)).value(texts, texts.groups[0])
    0.75
    """

    name: ClassVar[str] = "distinct"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "n-grams per n-gram"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    n: Orders = (1, 2, 3, 4, 5)
    tokenizer: str = WHITESPACE

    def ratio(self, distinct: FloatArray, total: FloatArray) -> FloatArray:
        """Return the share of n-grams that differ."""
        return distinct / total
