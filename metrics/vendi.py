"""Vendi: the effective number of different texts, from the eigenvalues of their similarities."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .encoder_metric import EncoderMetric, directions
from .metric import Cost, Direction, Level, Undefined
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class Vendi(EncoderMetric):
    """Vendi score: exp(-sum l log l) over the eigenvalues l of K/n, K the cosines of the embeddings of n texts.

    The eigenvalues sum to 1, and K/n has the same ones as the uncentred covariance of the embeddings, so the smaller of
    the two is taken; repeats enter as weights. The setting `order` is the q of a Hill number (sum l^q)^(1/(1-q)): at 1,
    the default, it is the formula above; below 1 rare kinds weigh more (0 counts the dimensions), above 1 common ones
    do (inf is 1 / the largest l). `model` and `dtype` are those of `sbert`, which shares the embeddings.

    Source: Friedman & Dieng (2023), "The Vendi Score: A Diversity Evaluation Metric for Machine Learning"; the orders
    are those of Pasarkar & Dieng (2024), "Cousins of the Vendi Score".

    Range: 1 (all embeddings point one way) to n, the number of texts (all at right angles); never above the dimensions.
    Unit: effective texts.
    Direction: higher is more diverse.
    Settings: `model` and `dtype` as in sbert; `order` is the q of Hill's numbers.
    Undefined: for no texts, and when the model gives a text a zero or non-finite vector.
    Tokeniser: the model's own; it reads the head of a long text only (128 word pieces for the default).
    Edge cases: one text has the value 1. Saying everything twice changes nothing. Opposite embeddings (cosine -1) are
    as one. Eigenvalues within rounding of 0 count as 0, as in the rank of a matrix, or low orders would count noise.
    Do not use: to compare sets of different sizes, since n bounds the value and more texts find more kinds; nor as a
    number of answers, since unrelated sentences have cosines above 0 and stay well below n: see `semantic_distinct`.

    Two of three texts coincide and the third is at a right angle, so the eigenvalues are 2/3 and 1/3, and the value is
    exp(2/3 log(3/2) + 1/3 log 3) = 3 / 2^(2/3). Vectors that are at hand take the place of a model's:

    >>> import numpy as np
    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.vendi import Vendi
    >>> texts = Texts.of([["north", "east", "east"]])
    >>> vectors = texts.view(("embedding", "by hand"), lambda pool: np.eye(2))
    >>> round(Vendi(model="by hand", dtype="float32").value(texts, texts.groups[0]), 12) == round(3 / 2 ** (2 / 3), 12)
    True
    """

    name: ClassVar[str] = "vendi"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "effective texts"
    range: ClassVar[tuple[float, float]] = (1.0, math.inf)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "encoder"

    order: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.order, (int, float)) or not self.order >= 0:
            raise ValueError(f"order: wanted a number of at least 0, or inf, found {self.order!r}")
        object.__setattr__(self, "order", float(self.order))  # 2 and 2.0 are one setting and have one signature

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        if not len(members):
            raise Undefined("the set has no texts")
        distinct, repeats = np.unique(members, return_counts=True)
        rows = directions(texts, distinct, self.model, self.dtype) * np.sqrt(repeats / len(members))[:, np.newaxis]
        short = rows if len(rows) <= rows.shape[1] else rows.T
        return hill_number(np.linalg.eigvalsh(short @ short.T), self.order)


def hill_number(weights: FloatArray, order: float) -> float:
    """Return the effective number of kinds of given weights: how many equal ones would be as diverse.

    >>> weights = np.array([0.5, 0.25, 0.25])
    >>> [round(hill_number(weights, order), 12) for order in (0, 2, math.inf)]
    [3.0, 2.666666666667, 2.0]
    """
    noise = len(weights) * np.finfo(np.float64).eps * weights.max()
    shares = weights[weights > noise]
    shares = shares / shares.sum()
    top = shares.max()
    if math.isinf(order):
        return float(1.0 / top)
    if order == 1.0:
        return float(np.exp(-(shares * np.log(shares)).sum()))
    # As a ratio to the largest share nothing underflows at a high order; log1p and expm1 keep the digits near order 1.
    excess = (shares * np.expm1((order - 1.0) * np.log(shares / top))).sum()
    return float(np.exp(-math.log1p(excess) / (order - 1.0)) / top)
