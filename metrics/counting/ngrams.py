"""Ngrams: the n-grams of every text of a pool as integers, equal where the n-grams are equal.

No n-gram crosses from one text into the next; a text of fewer than n tokens has none.
"""

from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..texts import IntArray, Texts
from .interning import representatives
from .tokenizer import tokenize

BLOCK: Final = 2**16
"""N-grams of many sets looked at together: enough to make light of the number of sets, little memory."""


@dataclass(frozen=True, eq=False)
class Ngrams:
    """The n-grams of a pool for one n: those of text t are `ids[offsets[t] : offsets[t + 1]]`, in reading order.

    Ids are below `len(ids)`. Counting leaves marks in one scratch array, so an `Ngrams` is not for two threads at once.
    """

    ids: IntArray
    offsets: IntArray

    def lengths(self, members: IntArray) -> IntArray:
        """Return the number of n-grams of each member."""
        lengths: IntArray = self.offsets[members + 1] - self.offsets[members]
        return lengths

    def sizes(self, sets: Sequence[IntArray]) -> IntArray:
        """Return the number of n-grams of each set."""
        sizes: IntArray = np.diff(self._bounds(sets))
        return sizes

    def of(self, members: IntArray) -> IntArray:
        """Return the n-grams of all members, one member after the other, at the width that indexes fastest."""
        return self.ids[places(self.offsets, members)].astype(np.intp)

    def distinct(self, sets: Sequence[IntArray]) -> IntArray:
        """Return the number of distinct n-grams of each set."""
        if not sets:
            return np.zeros(0, dtype=np.intp)
        return np.concatenate([self._distinct(some) for some in blocks(sets, self.sizes(sets))])

    def distinct_without_each(self, members: IntArray) -> IntArray:
        """Return, for each i, the number of distinct n-grams of the set without its i-th member.

        Leaving a member out loses the kinds of n-gram that no other member has: those whose first and last occurrences
        both lie in it. So one pass over the set serves all i.
        """
        ids, owner = self._repeated.of(members), np.repeat(np.arange(len(members)), self._repeated.lengths(members))
        marks, order = self._marks, np.arange(len(ids))
        marks[ids] = order
        last = np.flatnonzero(marks[ids] == order)
        marks[ids[::-1]] = owner[::-1]
        owners = owner[last]
        lost = np.bincount(owners[owners == marks[ids[last]]], minlength=len(members))
        different, which, times = np.unique(members, return_inverse=True, return_counts=True)
        lost += np.where(times[which] == 1, self._singles(members), 0)
        left: IntArray = len(last) + self._singles(different).sum() - lost
        return left

    @cached_property
    def again(self) -> NDArray[np.bool_]:
        """Which n-grams occur more than once in the pool."""
        again: NDArray[np.bool_] = (np.bincount(self.ids, minlength=1) > 1)[self.ids]
        return again

    @cached_property
    def _repeated(self) -> "Ngrams":
        """The n-grams that occur more than once in the pool, the only ones that a set may hold twice: few long ones."""
        where = np.flatnonzero(self.again)
        return Ngrams(self.ids[where], np.searchsorted(where, self.offsets))

    @cached_property
    def _marks(self) -> IntArray:
        """An array with an entry per id; what stands in it need not be cleared, for reading follows writing."""
        return np.empty_like(self.ids)

    def _distinct(self, sets: Sequence[IntArray]) -> IntArray:
        """Count without sorting: of equal n-grams that leave their places as marks, one finds its own again.

        An n-gram that the pool holds once is distinct in every set, once however often its text is a member.
        """
        together = np.concatenate(sets)
        set_of = np.repeat(np.arange(len(sets)), [len(members) for members in sets])
        keys = set_of * len(self.offsets) + together
        # Members in rising order, as pooled sets have them, are known to differ without a look.
        rising = (keys[1:] > keys[:-1]).all()
        once = slice(None) if rising else representatives(keys) == np.arange(len(keys))
        singles = np.bincount(set_of[once], weights=self._singles(together[once]), minlength=len(sets))
        ids, marks = self._repeated.of(together), self._marks
        order = np.arange(len(ids), dtype=marks.dtype)
        distinct = []
        for start, end in pairwise(self._repeated._bounds(sets).tolist()):
            part, own = ids[start:end], order[start:end]
            marks[part] = own
            distinct.append(np.count_nonzero(marks[part] == own))
        return np.array(distinct) + singles.astype(np.intp)

    def _singles(self, members: IntArray) -> IntArray:
        """Return how many n-grams of each member occur nowhere else in the pool."""
        return self.lengths(members) - self._repeated.lengths(members)

    def _bounds(self, sets: Sequence[IntArray]) -> IntArray:
        """Return where each set begins and ends among the n-grams of all of them."""
        if not sets:
            return np.zeros(1, dtype=np.intp)
        ends = np.cumsum(np.concatenate([[0], self.lengths(np.concatenate(sets))]))
        bounds: IntArray = ends[np.cumsum([0, *map(len, sets)])]
        return bounds


def ngrams(texts: Texts, tokenizer: str, n: int) -> Ngrams:
    """Return the n-grams of the pool, tokenising it and interning each n once for all metrics that ask."""
    if n == 1:
        return texts.view(("ngrams", tokenizer, 1), lambda pool: _tokens(pool, tokenizer))
    return texts.view(("ngrams", tokenizer, n), lambda _: _longer(ngrams(texts, tokenizer, n - 1)))


def places(offsets: IntArray, members: IntArray) -> IntArray | slice:
    """Return where the entries of the members lie, one member after the other, each from its offset to the next one's.

    Members that follow each other in the pool have their entries side by side: a slice, which copies nothing.
    """
    if len(members) and (members[1:] - members[:-1] == 1).all():
        return slice(offsets[members[0]], offsets[members[-1] + 1])
    starts = offsets[members]
    lengths = offsets[members + 1] - starts
    ends = np.cumsum(lengths)
    found: IntArray = np.repeat(starts - ends + lengths, lengths) + np.arange(lengths.sum())
    return found


def blocks(sets: Sequence[IntArray], sizes: IntArray) -> Iterator[Sequence[IntArray]]:
    """Part sets into runs of about `BLOCK` n-grams, so that what is made of a run stays small; a set stays whole."""
    start = size = 0
    for end, more in enumerate(sizes.tolist(), 1):
        size += more
        if size >= BLOCK or end == len(sets):
            yield sets[start:end]
            start, size = end, 0


def _tokens(pool: Sequence[str], tokenizer: str) -> Ngrams:
    """Give each distinct token its integer, in the order in which they first occur."""
    vocabulary: defaultdict[Hashable, int] = defaultdict(count().__next__)
    ids, offsets = array("i"), array("q", [0])
    for tokens in tokenize(pool, tokenizer):
        ids.extend(map(vocabulary.__getitem__, tokens))
        offsets.append(len(ids))
    return Ngrams(ids=np.array(ids, dtype=np.int32), offsets=np.array(offsets, dtype=np.intp))


def _longer(shorter: Ngrams) -> Ngrams:
    """Return the (n+1)-grams: each is known by the two n-grams it starts and ends with, which follow each other.

    It can only occur twice if both of them do; so all but a few long n-grams are known to be single without a look.
    """
    lengths = np.diff(shorter.offsets)
    starts = np.ones(len(shorter.ids), dtype=bool)
    starts[shorter.offsets[1:][lengths > 0] - 1] = False
    first, second = shorter.ids[starts], shorter.ids[1:][starts[:-1]]
    candidates = np.flatnonzero(shorter.again[starts] & shorter.again[1:][starts[:-1]])
    ids = np.arange(len(first), dtype=shorter.ids.dtype)
    keys = first[candidates].astype(np.int64) * len(shorter.ids) + second[candidates]
    ids[candidates] = candidates[representatives(keys)]
    offsets = np.concatenate([[0], np.cumsum(np.maximum(lengths - 1, 0))])
    return Ngrams(ids=ids, offsets=offsets)
