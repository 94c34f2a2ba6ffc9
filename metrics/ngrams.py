"""Ngrams: the n-grams of every text of a pool as integers, equal where the n-grams are equal.

Words are what stands between whitespace (`str.split`): case and punctuation count, and a script written without spaces
makes long words. No n-gram crosses from one text into the next; a text of fewer than n words has none.
"""

from dataclasses import dataclass

import numpy as np

from .texts import IntArray, Texts


@dataclass(frozen=True, eq=False)
class Ngrams:
    """The n-grams of a pool for one n: those of text t are `ids[offsets[t] : offsets[t + 1]]`, in reading order."""

    ids: IntArray
    offsets: IntArray

    def lengths(self, members: IntArray) -> IntArray:
        """Return the number of n-grams of each member."""
        lengths: IntArray = self.offsets[members + 1] - self.offsets[members]
        return lengths

    def of(self, members: IntArray) -> IntArray:
        """Return the n-grams of all members, one member after the other."""
        lengths = self.lengths(members)
        ends = np.cumsum(lengths)
        within = np.arange(lengths.sum()) - np.repeat(ends - lengths, lengths)
        ids: IntArray = self.ids[np.repeat(self.offsets[members], lengths) + within]
        return ids

    def count(self, members: IntArray) -> tuple[int, int]:
        """Return the numbers of distinct and of all n-grams of a set."""
        ids = self.of(members)
        return int(np.unique(ids).size), int(ids.size)

    def count_without_each(self, members: IntArray) -> tuple[IntArray, IntArray]:
        """Return, for each i, the numbers of distinct and of all n-grams of the set without its i-th member.

        Leaving a member out loses the kinds of n-gram that no other member has: those whose first and last occurrences
        both lie in it. So one pass over the set serves all i.
        """
        lengths = self.lengths(members)
        owner = np.repeat(np.arange(len(members)), lengths)
        _, first, kind = np.unique(self.of(members), return_index=True, return_inverse=True)
        last_owner = np.zeros(len(first), dtype=np.intp)
        np.maximum.at(last_owner, kind, owner)
        sole = owner[first][owner[first] == last_owner]
        lost = np.bincount(sole, minlength=len(members))
        return len(first) - lost, lengths.sum() - lengths


def ngrams(texts: Texts, n: int) -> Ngrams:
    """Return the n-grams of the pool, tokenising it and interning each n once for all metrics that ask."""
    if n == 1:
        return texts.view(("ngrams", 1), _words)
    return texts.view(("ngrams", n), lambda _: _longer(ngrams(texts, n - 1)))


def _words(pool: tuple[str, ...]) -> Ngrams:
    """Give each distinct word its integer."""
    vocabulary: dict[str, int] = {}
    ids: list[int] = []
    offsets = [0]
    for text in pool:
        ids.extend([vocabulary.setdefault(word, len(vocabulary)) for word in text.split()])
        offsets.append(len(ids))
    return Ngrams(ids=np.array(ids, dtype=np.intp), offsets=np.array(offsets, dtype=np.intp))


def _longer(shorter: Ngrams) -> Ngrams:
    """Return the (n+1)-grams: each is known by the two n-grams it starts and ends with, which follow each other."""
    lengths = np.diff(shorter.offsets)
    text = np.repeat(np.arange(len(lengths)), lengths)
    together = text[:-1] == text[1:]
    pairs = shorter.ids[:-1][together] * (shorter.ids.max(initial=0) + 1) + shorter.ids[1:][together]
    _, ids = np.unique(pairs, return_inverse=True)
    offsets = np.concatenate([[0], np.cumsum(np.maximum(lengths - 1, 0))])
    return Ngrams(ids=ids.astype(np.intp), offsets=offsets.astype(np.intp))
