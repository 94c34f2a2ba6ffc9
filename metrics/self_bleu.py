"""SelfBLEU: how well each text is made up of what the others say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from .counting.bags import Rows, bags
from .counting.closest_lengths import ClosestLengths, closest_lengths
from .counting.ngrams import blocks, ngrams
from .counting.tokenizer import WHITESPACE
from .metric import Cost, Direction, Level, Undefined
from .ngram_metric import NgramMetric
from .texts import FloatArray, IntArray, Texts

EPSILON: Final = 0.1


@dataclass(frozen=True)
class SelfBLEU(NgramMetric):
    """Self-BLEU: the mean over the texts of the BLEU of each, with all the others as its references.

    BLEU is the geometric mean of the clipped n-gram precisions for n = 1..max_n, times exp(1 - r/c) for a text of c
    words that is no longer than r, the length of the reference closest to it (the shorter of two equally close). An
    n-gram counts as often as it occurs in the text, but at most as often as in the reference that has most of it.

    Source: Zhu et al. (2018), "Texygen: A Benchmarking Platform for Text Generation Models"; BLEU by Papineni et al.
    (2002), a precision of 0 smoothed as method 1 of Chen & Cherry (2014): 0.1 matches. It equals the mean of
    `sentence_bleu` of NLTK with that smoothing and equal weights.
    Range: 0 (no text shares a word with another) to 1 (each text is a copy of another, of `max_n` words or more).
    Unit: BLEU.
    Direction: lower is more diverse.
    Undefined: for fewer than two texts.
    Tokeniser: words between whitespace unless `tokenizer` says otherwise. Published values are often of another one.
    Edge cases: an empty text has a BLEU of 0, as has one that shares no word with another, so it looks varied. A text
    of fewer than n words counts as one of 0 matches in 1 at n, which pulls short texts down.
    A text of `max_n` words or more with a copy in the set has a BLEU of 1, so a set of pairs of copies scores as if all
    were one text; a shorter one has less (copies of one word 0.18), so that short answers look varied.
    Do not use: to compare sets of different size or length: more or longer references match more. Smoothing makes much
    of what short texts score: below max_n words, prefer `distinct` or `cosine_ngram`.

    "a b" and "a c" each have 1 word of 2 in the other, and 0.1 pairs of 1: sqrt(1/2 1/10):

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.self_bleu import SelfBLEU
    >>> texts = Texts.of([["a b", "a c"]])
    >>> round(SelfBLEU(max_n=2).value(texts, texts.groups[0]) ** 2, 12)
    0.05
    """

    name: ClassVar[str] = "self_bleu"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "BLEU"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "lower_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    max_n: int = 4
    tokenizer: str = WHITESPACE

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.max_n, int) or isinstance(self.max_n, bool) or not 1 <= self.max_n <= 100:
            raise ValueError(f"max_n: wanted a whole number from 1 to 100, found {self.max_n!r}")

    def values(self, texts: Texts, sets: Sequence[IntArray]) -> FloatArray:
        """Return the value of each set."""
        sizes = ngrams(texts, self.tokenizer, 1).sizes(sets)
        return np.concatenate([self._of_sets(texts, some) for some in blocks(sets, sizes)])

    def reason(self, texts: Texts, members: IntArray) -> str:  # noqa: ARG002  the number says it all
        """Say why a set has no value."""
        return f"a reference needs two texts, the set has {len(members)}"

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the value without each member, from the BLEU of the whole set and the pairs for which it changes.

        Without member m, the BLEU of j is another only if m is the one that j is clipped by for some n-gram (the
        greatest two counts of it are theirs), or the reference whose length is closest to j's. Such pairs are at most
        as many as the set has n-grams, so neither time nor memory goes with the square of the number of texts.
        """
        count = len(members)
        if count < 3:
            raise Undefined(f"a reference needs two texts, the set without one has {max(count - 1, 0)}")
        totals, lengths, closest = self._lengths(texts, [members])
        clips = [_clips(bags(texts, self.tokenizer, n).of([members])) for n in range(1, self.max_n + 1)]
        matches = totals - np.array([clip.lost for clip in clips])
        scores = _bleu(matches, totals, lengths, closest.length)
        # A pair (text, left out) is the number text * count + left out.
        every = np.arange(count)
        pairs = np.unique(np.concatenate([every * count + closest.holder, *(clip.pairs for clip in clips)]))
        text, left_out = np.divmod(pairs, count)
        further = np.array([_sum_at(pairs, clip.pairs, clip.more) for clip in clips])
        length = np.where(closest.holder[text] == left_out, closest.next_length[text], closest.length[text])
        changed = _bleu(matches[:, text] - further, totals[:, text], lengths[text], length) - scores[text]
        left: FloatArray = scores.sum() - scores + np.bincount(left_out, weights=changed, minlength=count)
        return left / (count - 1)

    def _of_sets(self, texts: Texts, sets: Sequence[IntArray]) -> FloatArray:
        """Return the values of sets small enough to be looked at together."""
        totals, lengths, closest = self._lengths(texts, sets)
        rows = (bags(texts, self.tokenizer, n).of(sets) for n in range(1, self.max_n + 1))
        scores = _bleu(totals - np.array([_clips(row).lost for row in rows]), totals, lengths, closest.length)
        counts = np.array([len(members) for members in sets])
        sums = np.bincount(np.repeat(np.arange(len(sets)), counts), weights=scores, minlength=len(sets))
        means: FloatArray = np.where(counts < 2, np.nan, sums / np.maximum(counts, 1))
        return means

    def _lengths(self, texts: Texts, sets: Sequence[IntArray]) -> tuple[IntArray, IntArray, ClosestLengths]:
        """Return the numbers of n-grams (orders, members), the numbers of words, and what they are closest to."""
        members = np.concatenate(sets)
        totals = np.array([ngrams(texts, self.tokenizer, n).lengths(members) for n in range(1, self.max_n + 1)])
        set_of = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
        return totals, totals[0], closest_lengths(totals[0], set_of)


@dataclass(frozen=True, eq=False)
class _Clips:
    """What clipping takes from each member, and how much more it takes from j without m, for pairs j * members + m."""

    lost: IntArray
    pairs: IntArray
    more: IntArray


def _clips(rows: Rows) -> _Clips:
    """Work out the clipping at one order, from the greatest three counts of each kind of n-gram.

    Only the member with the greatest count of a kind is clipped, to the second greatest. When one of these two goes,
    the other is clipped to the third greatest: to the difference between second and third more than before.
    """
    members = len(rows.set_of)
    most = int(rows.count.max(initial=0))
    order = np.argsort(rows.kind * (most + 1) + (most - rows.count))  # by kind, the greatest counts first
    kind, owner = rows.kind[order], rows.owner[order]
    count = np.concatenate([rows.count[order], [0, 0]])
    first = np.flatnonzero(np.concatenate([[True], kind[1:] != kind[:-1]])) if len(kind) else np.zeros(0, dtype=np.intp)
    held = np.diff(np.append(first, len(kind)))
    second = np.where(held > 1, count[first + 1], 0)
    lost = np.bincount(owner[first], weights=count[first] - second, minlength=members).astype(np.intp)
    third = np.where(held > 2, count[first + 2], 0)
    two = first[(held > 1) & (second > third)]
    one, other = owner[two], owner[two + 1]
    more = (second - third)[(held > 1) & (second > third)]
    return _Clips(lost, np.concatenate([one * members + other, other * members + one]), np.concatenate([more, more]))


def _sum_at(pairs: IntArray, some: IntArray, amounts: IntArray) -> IntArray:
    """Return, for each of the sorted pairs, the sum of the amounts that some of them have."""
    return np.bincount(np.searchsorted(pairs, some), weights=amounts, minlength=len(pairs)).astype(np.intp)


def _bleu(matches: IntArray, totals: IntArray, lengths: IntArray, closest: IntArray) -> FloatArray:
    """Return BLEU from matches and totals (orders, texts), and from the lengths of texts and closest references."""
    precisions = np.where(matches > 0, matches, EPSILON) / np.maximum(totals, 1)
    brevity = np.minimum(1.0 - closest / np.maximum(lengths, 1), 0.0)
    scores: FloatArray = np.where(matches[0] > 0, np.exp(np.log(precisions).mean(axis=0) + brevity), 0.0)
    return scores
