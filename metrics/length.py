"""Length: how many words a sample has."""

import math
from dataclasses import dataclass
from typing import ClassVar

from .counting.ngrams import ngrams
from .counting.tokenizer import WHITESPACE
from .metric import Cost, Direction, Level, Metric, Undefined
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class Length(Metric):
    """Mean length of the samples in words, the reading beside which every diversity value belongs.

    Source: common practice; n-gram metrics move with length, so a change in them means little without it.
    Range: 0 (all samples empty) upwards.
    Unit: words per sample.
    Direction: neutral.
    Undefined: for no samples at all.
    Tokeniser: words between whitespace, so a sentence of a script without spaces is one word.
    Edge cases: an empty sample counts as 0 words.
    Do not use: as a measure of diversity, which it is not: it has no better direction.

    One word and three words make a mean of 4/2:

    >>> from gendiv.metrics import Length, Texts
    >>> texts = Texts.of([["yes", "not at all"]])
    >>> Length().value(texts, texts.groups[0])
    2.0
    """

    name: ClassVar[str] = "length"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "words per sample"
    range: ClassVar[tuple[float, float]] = (0.0, math.inf)
    direction: ClassVar[Direction] = "neutral"
    levels: ClassVar[tuple[Level, ...]] = ("per_input",)
    cost: ClassVar[Cost] = "cpu"

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        if not len(members):
            raise Undefined("the set has no samples")
        return float(ngrams(texts, WHITESPACE, 1).lengths(members).mean())

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the value without each member."""
        if len(members) < 2:
            raise Undefined("the set without one has no samples")
        lengths = ngrams(texts, WHITESPACE, 1).lengths(members)
        left: FloatArray = (lengths.sum() - lengths) / (len(members) - 1)
        return left
