"""PairwiseEntailment: the mean, over the pairs of texts of a set, of what an NLI model says of each pair."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np

from .metric import Metric, Undefined
from .models.device import concrete_dtype
from .models.entailment import Pair, check_nli, confidence, entailment
from .texts import FloatArray, IntArray, Texts, text_hash


@dataclass(frozen=True)
class PairwiseEntailment(Metric):
    """A metric of the signed top labels of pairs of texts.

    The members of a set are taken in the order of their texts' code points, so that neither the order in which they
    were drawn nor the pool has a say in which pairs stand for the set.
    """

    model: str = "roberta-large-mnli"
    dtype: str = "auto"

    def __post_init__(self) -> None:
        if not self.model:
            raise ValueError("model: wanted a local folder or a hub id, found ''")
        object.__setattr__(self, "dtype", concrete_dtype(self.dtype))

    @abstractmethod
    def questions(self, texts: Texts, first: int, second: int) -> Sequence[Pair]:
        """Return what the model is asked about two texts, in both directions; `first` has the lower code points."""

    def chosen(self, count: int) -> IntArray:
        """Return the pairs (first, second) of positions that stand for a set of so many texts: here all of them."""
        return every_pair(count)

    def from_mean(self, mean: FloatArray) -> FloatArray:
        """Return the metric's values for means over pairs: here the means."""
        return mean

    def require(self) -> None:
        """Raise if the model cannot be loaded or is no NLI classifier."""
        check_nli(self.model)

    def with_models(self, *, sbert: str | None, nli: str | None) -> Self:  # noqa: ARG002  it encodes no sentences
        """Return the metric with another NLI model, if one is given."""
        return self if nli is None else replace(self, model=nli)

    def prepare(self, texts: Texts, sets: Sequence[IntArray]) -> None:
        """Ask the model about the pairs of all sets in one go."""
        pairs = [self._pairs(texts, members)[0] for members in sets if len(members) > 1]
        if pairs:
            self.sums(texts, np.concatenate(pairs))

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        if len(members) < 2:
            raise Undefined(f"a pair needs two texts, the set has {len(members)}")
        pairs, _ = self._pairs(texts, members)
        return float(self.from_mean(self.scores(texts, pairs).mean()))

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the value without each member: the mean over the set's pairs that it has no part in."""
        if len(members) < 3:
            raise Undefined(f"a pair needs two texts, the set without one has {max(len(members) - 1, 0)}")
        pairs, positions = self._pairs(texts, members)
        scores = self.scores(texts, pairs)
        own = np.bincount(positions.ravel(), weights=scores.repeat(2), minlength=len(members))
        parts = np.bincount(positions.ravel(), minlength=len(members))
        return self.from_mean((scores.sum() - own) / (len(scores) - parts))

    def scores(self, texts: Texts, pairs: IntArray) -> FloatArray:
        """Return the score of each pair of texts of the pool: both directions summed, the mean over its questions."""
        sums, counts = self.sums(texts, pairs)
        return sums / counts

    def sums(self, texts: Texts, pairs: IntArray) -> tuple[FloatArray, IntArray]:
        """Return the sum of the scores of each pair's questions, both directions each, and how many they are."""
        distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
        asked = [self.questions(texts, int(first), int(second)) for first, second in distinct]
        forth = [question for questions in asked for question in questions]
        back = [(hypothesis, premise) for premise, hypothesis in forth]
        judge = entailment(texts, self.model, self.dtype)
        signed = confidence(judge.probabilities(forth + back)) if forth else np.empty(0)
        both = signed[: len(forth)] + signed[len(forth) :]
        counts = np.array([len(questions) for questions in asked], dtype=np.intp)
        owners = np.repeat(np.arange(len(asked)), counts)
        sums = np.bincount(owners, weights=both, minlength=len(asked)).astype(np.float64)
        return sums[inverse.ravel()], counts[inverse.ravel()]

    def _pairs(self, texts: Texts, members: IntArray) -> tuple[IntArray, IntArray]:
        """Return the pairs that stand for a set, as indices into the pool and as positions in the set."""
        # By text, not by index, so that the pool decides nothing.
        order = np.array(sorted(range(len(members)), key=lambda i: texts.pool[members[i]]), dtype=np.intp)
        positions: IntArray = order[np.sort(self.chosen(len(members)), axis=1)]
        return members[positions], positions


@lru_cache(maxsize=16)
def every_pair(count: int) -> IntArray:
    """Return all pairs (first, second) of positions below `count`, first < second."""
    return np.column_stack(np.triu_indices(count, 1))


@lru_cache(maxsize=64)
def balanced_pairs(count: int, pairs: int, seed: int) -> IntArray:
    """Return about so many of the pairs of positions below `count`, each position in equally many of them.

    All pairs if they are no more than that; else a seeded random circle, each position paired with the 1st, 2nd, ...,
    S-th behind it, where S = max(1, floor(pairs / count)), so S x count pairs in all.

    >>> [len(balanced_pairs(count, 1000, 0)) for count in (16, 45, 46, 500, 1500)]
    [120, 990, 966, 1000, 1500]
    """
    if count * (count - 1) // 2 <= pairs:
        return every_pair(count)
    circle = np.array(shuffled(count, str(seed)), dtype=np.intp)
    shifts = range(1, max(1, pairs // count) + 1)
    return np.concatenate([np.column_stack([circle, np.roll(circle, -shift)]) for shift in shifts])


def shuffled(count: int, *seed: str) -> list[int]:
    """Return the positions below `count` in an order that the seed alone decides, on every machine and for good.

    >>> shuffled(5, "0"), shuffled(5, "1")
    ([3, 2, 0, 4, 1], [0, 3, 1, 4, 2])
    """
    root = text_hash(seed)
    return sorted(range(count), key=lambda position: text_hash((str(position),), root, 16))
