"""Novelty: how many n-grams of a set of texts a sample of another set does not hold."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from .counting.bags import bags
from .counting.ngrams import ngrams
from .counting.rarefaction import seen
from .counting.tokenizer import check_tokenizer, check_tokenizer_name
from .metric import Undefined
from .notation import write_settings
from .orders import Orders, check_orders
from .texts import FloatArray, IntArray, Texts

LEAST: Final = 4
"""Texts of the reference that it takes to leave one out of what one is held against, and half of them to hold it."""


@dataclass(frozen=True)
class Novelty:
    """Share of a text's n-grams that a reference of a fixed number of words lacks, averaged over n and over texts.

    The reference is a sample, without replacement, of the reference set's texts, as many of them as hold `words` words
    on average; an n-gram that d of the M texts hold is missed by m of them with probability C(M - d, m) / C(M, m). No
    sample is drawn: the expectation is exact. The size of the reference is what decides how much is new in a text, and
    so it is the same for every pair of sets; how many texts are held against it does not matter, being averaged over.

    The baseline is the same share for the reference set's own texts, each held against a sample of the others: what is
    new in a text of the same kind.

    Source: the out-of-vocabulary rate of language modelling, for n-grams; rarefaction after Hurlbert (1971) and Heck et
    al. (1975), as in `rarefied_distinct`.
    Range: 0 (nothing new) to 1 (all of it).
    Unit: n-grams per n-gram.
    Undefined: where the reference set has fewer than four texts, or no text is long enough for an n-gram; a text that
    is too short for some n is averaged over the others.

    Of the words "a b" and "a c", a sample of one of two texts ("a", "b") misses a and b half of the time and c always:

    >>> from gendiv.metrics.novelty import Novelty
    >>> from gendiv.metrics.texts import Texts
    >>> texts = Texts.of([["a", "b", "a", "b"], ["a b", "a c"]])
    >>> found = Novelty(n=(1,), words=1).of(texts, *texts.groups)
    >>> found.each.tolist()  # one text of four is without a, or without b, half of the time
    [0.5, 0.75]

    Attributes:
        n: the orders.
        tokenizer: what makes tokens of a text; `words` passes over case and punctuation.
        words: of the reference, in expectation.
    """

    name: ClassVar[str] = "novelty"
    version: ClassVar[int] = 1

    n: Orders = (1, 2, 3)
    tokenizer: str = "words"
    words: int = 1000

    def __post_init__(self) -> None:
        check_orders(self.n)
        check_tokenizer_name(self.tokenizer)
        if not isinstance(self.words, int) or self.words < 1:
            raise ValueError(f"words: wanted a whole number of at least 1, found {self.words!r}")

    @property
    def signature(self) -> str:
        """The name, every setting and the version."""
        return f"{self.name}:{write_settings(vars(self))}|version={self.version}"

    def require(self) -> None:
        """Raise if the tokeniser cannot be loaded."""
        check_tokenizer(self.tokenizer)

    def of(self, texts: Texts, reference: IntArray, others: IntArray) -> "New":
        """Return how much is new in `others` for the reference set.

        Raises:
            Undefined: it cannot be told.
        """
        if len(reference) < LEAST:
            raise Undefined(f"a reference needs {LEAST} texts, found {len(reference)}")
        lengths = ngrams(texts, self.tokenizer, 1).lengths(reference)
        if self.words * len(reference) > lengths.sum() * (len(reference) - 2):
            raise Undefined(f"{self.words} words of reference cannot be sampled from {lengths.sum()}; lower words")
        ours, theirs = (_Weights.of(texts, self.tokenizer, self.n, members) for members in (reference, others))
        if not (ours.counted.any() and theirs.counted.any()):
            raise Undefined(f"no text has {min(self.n)} or more words")
        return New(ours, theirs, lengths.astype(np.float64), self.words)


def words_of(texts: Texts, tokenizer: str, members: IntArray) -> int:
    """Return how many words a set has."""
    return int(ngrams(texts, tokenizer, 1).lengths(members).sum())


@dataclass(frozen=True, eq=False)
class _Weights:
    """The n-grams of a set, all orders together: a row for each text and kind that it holds.

    Attributes:
        text: whose the row is.
        kind: which n-gram; kinds of different orders differ.
        weight: its share of the text's n-grams of that order, over the number of orders that the text has; the weights
            of a text add up to 1.
        counted: which texts have an n-gram at all.
    """

    text: IntArray
    kind: IntArray
    weight: FloatArray
    counted: "np.typing.NDArray[np.bool_]"

    @classmethod
    def of(cls, texts: Texts, tokenizer: str, n: tuple[int, ...], members: IntArray) -> "_Weights":
        lengths = np.array([ngrams(texts, tokenizer, order).lengths(members) for order in n])  # (orders, texts)
        orders = (lengths > 0).sum(axis=0)
        found, first = [], 0
        for order, length in zip(n, lengths, strict=True):
            rows = bags(texts, tokenizer, order).of([members])
            found.append((rows.owner, rows.kind + first, rows.count / (length * np.maximum(orders, 1))[rows.owner]))
            first += bags(texts, tokenizer, order).limit
        text, kind, weight = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return cls(text, kind, weight, orders > 0)


class New:
    """How much is new in a set of texts for a reference set, and in the reference set's own texts.

    Attributes:
        each: the share of each text's n-grams that is new; texts without an n-gram are left out.
        value: their mean.
        baseline: the mean share for the reference set's own texts, each held against the others.
    """

    def __init__(self, reference: _Weights, others: _Weights, lengths: FloatArray, words: int) -> None:
        self._reference, self._lengths, self._words = reference, lengths, words
        limit = 1 + max(int(side.kind.max(initial=0)) for side in (reference, others))
        self._holders = np.bincount(reference.kind, minlength=limit)  # in how many texts of the reference set
        self._most = int(self._holders.max())
        missed = self._missed(len(lengths), lengths.sum() / len(lengths))
        new = others.weight * missed[self._holders[others.kind]]
        shares: FloatArray = np.bincount(others.text, new, len(others.counted)).astype(np.float64)
        self.each = shares[others.counted]
        self.value = float(self.each.mean())
        self._of_others = np.bincount(others.kind, others.weight, limit) / np.count_nonzero(others.counted)
        self._of_own = np.bincount(reference.kind, reference.weight, limit)
        among = self._missed(len(lengths) - 1, lengths.sum() / len(lengths))
        held = self._holders > 0
        self._counted = int(np.count_nonzero(reference.counted))
        self.baseline = float(self._of_own[held] @ among[self._holders[held] - 1]) / self._counted

    def without_each(self) -> tuple[FloatArray, FloatArray]:
        """Return the value and the baseline without each text of the reference set."""
        count = len(self._lengths)
        ends = np.searchsorted(self._reference.text, np.arange(count + 1), sorter=(order := _by_text(self._reference)))
        by_holders = np.bincount(self._holders, self._of_others, self._most + 1)
        held = self._holders > 0
        own_by_holders = np.bincount(self._holders[held] - 1, self._of_own[held], self._most + 1)
        values, baselines = np.empty(count), np.empty(count)
        for left in range(count):
            rows = order[ends[left] : ends[left + 1]]
            kinds, weights = self._reference.kind[rows], self._reference.weight[rows]
            holders, mean = self._holders[kinds], (self._lengths.sum() - self._lengths[left]) / (count - 1)
            missed = self._missed(count - 1, mean)
            values[left] = by_holders @ missed + self._of_others[kinds] @ (missed[holders - 1] - missed[holders])
            among, own = self._missed(count - 2, mean), self._of_own[kinds]
            rest = np.where(holders > 1, own - weights, 0.0) @ among[np.maximum(holders - 2, 0)]
            total = own_by_holders @ among - own @ among[holders - 1] + rest
            baselines[left] = total / (self._counted - self._reference.counted[left])
        return values, baselines

    def _missed(self, total: int, mean_length: float) -> FloatArray:
        """Return how likely an n-gram that 0, 1, 2, ... of `total` texts hold is in none of those sampled."""
        missed: FloatArray = 1.0 - seen(total, self._words / mean_length, self._most)
        return missed


def _by_text(weights: _Weights) -> IntArray:
    order: IntArray = np.argsort(weights.text, kind="stable")
    return order
