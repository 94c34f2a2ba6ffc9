"""The n-gram metrics as the released code of Kirk et al. (2024) computes them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ..cosine_ngram import cosines_with_others, distance
from ..counting.bags import Rows, bags
from ..counting.ngrams import blocks, ngrams
from ..counting.tokenizer import AS_RELEASED
from ..metric import Cost, Direction, Level, Profile
from ..ngram_metric import NgramMean
from ..ngram_ratio import NgramRatio
from ..orders import Orders
from ..texts import FloatArray, IntArray, Texts

VOCABULARY_LIMIT: Final = 2**53
"""From here on 1 - 1/V is 1 in double precision, and the published formula divides by zero."""


class ReleasedRatio(NgramRatio):
    """A ratio of n-gram counts under the published rules: an n without n-grams counts 0."""

    tokenizer: ClassVar[str] = AS_RELEASED
    profile: ClassVar[Profile] = "as-released"

    def mean(self, values: FloatArray) -> FloatArray:
        """Average over all orders (first axis), 0 for those without n-grams."""
        mean: FloatArray = np.where(np.isnan(values), 0.0, values).mean(axis=0)
        return mean


@dataclass(frozen=True)
class ReleasedDistinct(ReleasedRatio):
    """Distinct-n as released: different n-grams over all n-grams of the set, pooled, averaged over all n.

    Source: the released code of Kirk et al. (2024), after Li et al. (2016).
    Range: 0 (no n-gram at all) to 1 (no n-gram occurs twice).
    Unit: n-grams per n-gram.
    Direction: higher is more diverse.
    Undefined: never; a set without n-grams is 0.
    Tokeniser: as-released: full stops and newlines are deleted, which fuses the words around a newline, and what stands
    between single spaces is a word.
    Edge cases: an n that no text reaches counts as 0, so that sets of two-word texts cannot exceed 0.4.
    Do not use: but to reproduce published numbers; `distinct` leaves an n without n-grams out of the mean.

    "yes no" has 2 words and a pair, which all differ, and nothing longer: (1 + 1 + 0 + 0 + 0) / 5:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.released.ngrams import ReleasedDistinct
    >>> texts = Texts.of([["yes no"]])
    >>> ReleasedDistinct().value(texts, texts.groups[0])
    0.4
    """

    name: ClassVar[str] = "distinct"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "n-grams per n-gram"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    n: Orders = (1, 2, 3, 4, 5)

    def ratio(self, distinct: FloatArray, total: FloatArray) -> FloatArray:
        """Return the share of n-grams that differ."""
        return distinct / total


@dataclass(frozen=True)
class ReleasedEAD(ReleasedRatio):
    """EAD as released: N different n-grams of C over V (1 - ((V-1)/V)^C), averaged over all n.

    Source: the released code of Kirk et al. (2024), after Liu et al. (2022); V = 50257 for every n.
    Range: 0 (no n-gram at all) upwards, with no upper end.
    Unit: n-grams per expected n-gram.
    Direction: higher is more diverse.
    Undefined: never; a set without n-grams is 0.
    Tokeniser: as-released: full stops and newlines are deleted, which fuses the words around a newline, and what stands
    between single spaces is a word.
    Edge cases: an n that no text reaches counts as 0. The power is taken as published, and loses digits: some 5 of 16
    for a few n-grams.
    Do not use: but to reproduce published numbers; `ead` leaves an n without n-grams out of the mean.

    Of the 3 words "a b a" 2 differ; 3 draws from V = 2 words give 2 (1 - 1/8) = 1.75 different ones on average:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.released.ngrams import ReleasedEAD
    >>> texts = Texts.of([["a b a."]])
    >>> ReleasedEAD(n=(1,), vocabulary=2).value(texts, texts.groups[0]) == 2 / 1.75
    True
    """

    name: ClassVar[str] = "ead"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "n-grams per expected n-gram"
    range: ClassVar[tuple[float, float]] = (0.0, math.inf)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    n: Orders = (1, 2, 3, 4, 5)
    vocabulary: int = 50257

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.vocabulary, int) or not 2 <= self.vocabulary <= VOCABULARY_LIMIT:
            raise ValueError(
                f"vocabulary: wanted a whole number from 2 to {VOCABULARY_LIMIT}, found {self.vocabulary!r}"
            )

    def ratio(self, distinct: FloatArray, total: FloatArray) -> FloatArray:
        """Return distinct n-grams over expected ones."""
        expected: FloatArray = self.vocabulary * (1 - ((self.vocabulary - 1) / self.vocabulary) ** total)
        return distinct / expected


@dataclass(frozen=True)
class ReleasedCosineNgram(NgramMean):
    """N-gram cosine diversity as released: 1 minus the mean cosine of n-gram counts over all pairs, averaged over n.

    Source: the released code of Kirk et al. (2024), which registers n = 3 (`cosine_ngram:n=3`) and holds the mean over
    n = 1..5 besides.
    Range: 0 (all counts in the same proportions) to 1 (no two texts share an n-gram).
    Unit: cosine distance.
    Direction: higher is more diverse.
    Undefined: for fewer than two texts, where the published mean over no pairs is not a number.
    Tokeniser: as-released: full stops and newlines are deleted, which fuses the words around a newline, and what stands
    between single spaces is a word.
    Edge cases: a pair that shares no n-gram has a cosine of 0, even where one or both have none, and even if they are
    copies: an n that no text reaches counts 1.
    Do not use: but to reproduce published numbers; `cosine_ngram` leaves texts that are too short for n out.

    Copies of one word are the same at n = 1 and count as different at n = 2:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.released.ngrams import ReleasedCosineNgram
    >>> texts = Texts.of([["yes", "yes"]])
    >>> ReleasedCosineNgram(n=(1, 2)).value(texts, texts.groups[0])
    0.5
    """

    name: ClassVar[str] = "cosine_ngram"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "cosine distance"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"
    tokenizer: ClassVar[str] = AS_RELEASED
    profile: ClassVar[Profile] = "as-released"

    n: Orders = (1, 2, 3, 4, 5)

    def at(self, texts: Texts, sets: Sequence[IntArray], n: int) -> FloatArray:
        """Return the value of each set at one order."""
        found, sizes = bags(texts, self.tokenizer, n), ngrams(texts, self.tokenizer, n).sizes(sets)
        return np.concatenate([_of_sets(found.of(some), len(some)) for some in blocks(sets, sizes)])

    def at_without_each(self, texts: Texts, members: IntArray, n: int) -> FloatArray:
        """Return the value at one order without each member: its cosines with the others go, from either side."""
        cosines, _ = cosines_with_others(bags(texts, self.tokenizer, n).of([members]))
        return distance(cosines.sum() - 2.0 * cosines, np.full(len(members), len(members) - 1))

    def reason(self, texts: Texts, members: IntArray) -> str:  # noqa: ARG002  the number says it all
        """Say why a set has no value."""
        return f"a pair needs two texts, the set has {len(members)}"


def _of_sets(rows: Rows, sets: int) -> FloatArray:
    """Average over all pairs of texts, those without a vector adding nothing."""
    cosines, _ = cosines_with_others(rows)
    sums = np.bincount(rows.set_of, weights=cosines, minlength=sets).astype(np.float64)
    return distance(sums, np.bincount(rows.set_of, minlength=sets))
