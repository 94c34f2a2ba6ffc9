"""The n-gram metrics as the released code of Kirk et al. (2024) computes them."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from ..cosine_ngram import CosineNgram
from ..counting.tokenizer import AS_RELEASED
from ..distinct import Distinct
from ..ead import EAD
from ..metric import Profile
from ..texts import FloatArray, IntArray, Texts

VOCABULARY_LIMIT: Final = 2**53
"""From here on 1 - 1/V is 1 in double precision, and the published formula divides by zero."""


class ZeroForNone:
    """The published mean over n: an n without n-grams counts 0."""

    def mean(self, values: FloatArray) -> FloatArray:
        """Average over all orders (first axis), 0 for those without n-grams."""
        mean: FloatArray = np.where(np.isnan(values), 0.0, values).mean(axis=0)
        return mean


@dataclass(frozen=True)
class ReleasedDistinct(ZeroForNone, Distinct):
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

    profile: ClassVar[Profile] = "as-released"
    tokenizer: ClassVar[str] = AS_RELEASED  # type: ignore[misc]  # no setting here: the profile fixes it


@dataclass(frozen=True)
class ReleasedEAD(ZeroForNone, EAD):
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

    profile: ClassVar[Profile] = "as-released"
    tokenizer: ClassVar[str] = AS_RELEASED  # type: ignore[misc]  # no setting here: the profile fixes it

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.vocabulary > VOCABULARY_LIMIT:
            raise ValueError(
                f"vocabulary: wanted a whole number from 2 to {VOCABULARY_LIMIT}, found {self.vocabulary!r}"
            )

    def ratio(self, distinct: FloatArray, total: FloatArray) -> FloatArray:
        """Return distinct n-grams over expected ones."""
        expected: FloatArray = self.vocabulary * (1 - ((self.vocabulary - 1) / self.vocabulary) ** total)
        return distinct / expected


@dataclass(frozen=True)
class ReleasedCosineNgram(CosineNgram):
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

    profile: ClassVar[Profile] = "as-released"
    tokenizer: ClassVar[str] = AS_RELEASED  # type: ignore[misc]  # no setting here: the profile fixes it

    def paired(self, has: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which texts are paired with the others: all, those without a vector adding nothing."""
        return np.ones_like(has)

    def reason(self, texts: Texts, members: IntArray) -> str:  # noqa: ARG002  the number says it all
        """Say why a set has no value."""
        return f"a pair needs two texts, the set has {len(members)}"
