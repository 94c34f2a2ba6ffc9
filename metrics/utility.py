"""Utility: what a user gets who reads the samples one by one and wants each to be both new and good."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .classes import ClassMetric
from .metric import Cost, Direction, Level, Undefined
from .quality import QualityMetric
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class Utility(QualityMetric, ClassMetric):
    """Utility of k samples: (1-p)/(1-p^k) sum_i p^(i-1) new_i q_i, q the quality, p the patience of the user.

    A user who has read i samples asks for one more with probability p = `patience`, and gains the quality of those that
    say something new: new_i is 1 for a sample that founds a class, as `semantic_distinct` tells classes, and else 0. So
    the value is a mean of the qualities with falling weights, repeats counting 0.

    Source: Zhang et al. (2025), "NoveltyBench: Evaluating Language Models for Humanlike Diversity" (utility_k). Its
    quality is a reward model's, mapped to 1 to 10; here it is the one given with the samples, as it is.

    Range: between 0 and the highest quality where no quality is negative; without limits otherwise.
    Unit: quality.
    Direction: higher is more diverse.
    Undefined: for no samples, and without quality; with same=embedding also when the model gives a text a zero or
    non-finite vector.
    Tokeniser: as for `semantic_distinct`.
    Settings: those of `semantic_distinct`, and the last one.
    Edge cases: with patience 1 all samples weigh the same, with patience 0 only the first counts. The order is that of
    the draws: an early repeat costs more than a late one. A class has the quality of its first answer, even if a later
    one is better.
    Do not use: with a quality whose 0 is not "worthless" (a raw reward, a logarithm): a repeat counts 0, so it would
    beat a new answer of negative quality; map such a quality to a scale from 0 first. Nor as a diversity alone, since
    better answers raise it as well, nor across inputs.

    With p = 0.5 the weights are 4/7, 2/7 and 1/7; the second sample repeats the first, so 4/7 * 7 + 1/7 * 14 = 6:

    >>> import numpy as np
    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.utility import Utility
    >>> texts = Texts.of([["red", "red", "blue"]])
    >>> round(Utility(same="text", patience=0.5).judged(texts, texts.groups[0], np.array([7, 9, 14])), 12)
    6.0
    """

    name: ClassVar[str] = "utility"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "quality"
    range: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input",)
    cost: ClassVar[Cost] = "cross_encoder"

    patience: float = 0.8

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.patience, (int, float)) or not 0 <= self.patience <= 1:
            raise ValueError(f"patience: wanted a probability from 0 to 1, found {self.patience!r}")
        object.__setattr__(self, "patience", float(self.patience))

    def _judged(self, texts: Texts, members: IntArray, quality: FloatArray) -> float:
        """Return the value of one set, in draw order."""
        if not len(members):
            raise Undefined("the set has no samples")
        _, founders = np.unique(self.classes(texts, members), return_index=True)
        weights = self.patience ** np.arange(len(members))
        return float(weights[founders] @ quality[founders] / weights.sum())
