"""Bags: the n-grams of every text of a pool, each once, with how often it occurs in that text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..texts import IntArray, Texts
from .interning import representatives
from .ngrams import Ngrams, ngrams, places


@dataclass(frozen=True, eq=False)
class Bags:
    """The counted n-grams of a pool: text t holds `kinds[i]` `counts[i]` times, for i in `offsets[t] : offsets[t + 1]`.

    Kinds are the ids of `Ngrams` and lie below `limit`.
    """

    kinds: IntArray
    counts: IntArray
    offsets: IntArray
    limit: int

    def of(self, sets: Sequence[IntArray]) -> "Rows":
        """Return the entries of all members of some sets."""
        members = np.concatenate(sets)
        set_of = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
        owner = np.repeat(np.arange(len(members)), self.offsets[members + 1] - self.offsets[members])
        where = places(self.offsets, members)
        # What differs between sets is of a kind of its own, so that sets never mix.
        kinds = set_of[owner] * self.limit + self.kinds[where]
        return Rows(set_of=set_of, owner=owner, kind=kinds, count=self.counts[where].astype(np.intp))


@dataclass(frozen=True, eq=False)
class Rows:
    """The n-grams of some sets: a row for each member and kind of n-gram it holds, in the order of the members.

    Members are numbered through all sets, `set_of` tells whose each is. Kinds of different sets differ.
    """

    set_of: IntArray
    owner: IntArray
    kind: IntArray
    count: IntArray


def bags(texts: Texts, tokenizer: str, n: int) -> Bags:
    """Return the counted n-grams of the pool, counted once for all metrics that ask."""
    return texts.view(("bags", tokenizer, n), lambda _: _count(ngrams(texts, tokenizer, n)))


def _count(grams: Ngrams) -> Bags:
    """Count the n-grams of each text: of the equal ones the one that stands for all is kept."""
    lengths = np.diff(grams.offsets)
    limit = max(len(grams.ids), 1)
    text = np.repeat(np.arange(len(lengths)), lengths)
    stands_for = representatives(text * limit + grams.ids)
    counts = np.bincount(stands_for, minlength=len(grams.ids))
    kept = np.flatnonzero(counts)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(text[kept], minlength=len(lengths)))])
    return Bags(kinds=grams.ids[kept], counts=counts[kept].astype(grams.ids.dtype), offsets=offsets, limit=limit)
