"""EAD: distinct n-grams, adjusted for how many to expect."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .counting.tokenizer import WHITESPACE
from .metric import Cost, Direction, Level
from .ngram_ratio import NgramRatio
from .orders import Orders
from .texts import FloatArray


@dataclass(frozen=True)
class EAD(NgramRatio):
    """Expectation-adjusted distinct: different n-grams over those that as many uniform draws from V would give.

    EAD_n = N / (V (1 - (1 - 1/V)^C)) for N different n-grams among C, averaged over n.

    Source: Liu et al. (2022), "Rethinking and Refining the Distinct Metric"; averaged over n = 1..5 in Kirk et al.
    (2024), whose V = 50257 (GPT-2's vocabulary) is the default here so that numbers stay comparable.
    Range: above 0, with no upper end: n-grams that all differ exceed 1, the more so the larger C is beside V.
    Unit: n-grams per expected n-gram.
    Direction: higher is more diverse.
    Undefined: when no text reaches the smallest n in words. An n that no text reaches stays out of the mean.
    Tokeniser: words between whitespace unless `tokenizer` says otherwise: `characters` for scripts without spaces,
    `words` to pass over case and punctuation, or a model's own by its folder or hub id, for which `vocabulary` should
    be the size of its vocabulary (`ead:tokenizer=./checkpoint:vocabulary=32000`).
    Edge cases: no n-gram crosses from one text into the next. Nothing is normalised. V is the same for every n, though
    there are many more n-grams than words. K copies of a text that repeats nothing give about 1/K.
    Do not use: to compare texts of very different length. While C is small beside V hardly anything is corrected (16
    samples of 30 words: half a per cent), and language is no uniform draw from a vocabulary: see `rarefied_distinct`.

    Of the 3 words "a b a" 2 differ; 3 draws from V = 2 words give 2 (1 - 1/8) = 1.75 different ones on average:

    >>> from gendiv.metrics import EAD, Texts
    >>> texts = Texts.of([["a b a"]])
    >>> round(EAD(n=(1,), vocabulary=2).value(texts, texts.groups[0]), 12) == round(2 / 1.75, 12)
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
    tokenizer: str = WHITESPACE
    vocabulary: int = 50257

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.vocabulary, int) or isinstance(self.vocabulary, bool) or self.vocabulary < 2:
            raise ValueError(f"vocabulary: wanted a whole number of at least 2, found {self.vocabulary!r}")

    def ratio(self, distinct: FloatArray, total: FloatArray) -> FloatArray:
        """Return distinct n-grams over expected ones; 1 - (1 - 1/V)^C keeps its digits as -expm1(C log1p(-1/V))."""
        expected: FloatArray = self.vocabulary * -np.expm1(total * math.log1p(-1 / self.vocabulary))
        return distinct / expected
