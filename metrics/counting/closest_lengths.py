"""ClosestLengths: for each text of a set, the length of another that is closest to its own."""

from dataclasses import dataclass

import numpy as np

from ..texts import IntArray


@dataclass(frozen=True, eq=False)
class ClosestLengths:
    """For each text, the closest length among the others of its set, which other has it, and the closest without that.

    Of two lengths equally close the shorter counts. Where there is no other, the length is 0 and the holder -1.
    """

    length: IntArray
    holder: IntArray
    next_length: IntArray


def closest_lengths(lengths: IntArray, set_of: IntArray) -> ClosestLengths:
    """Find the closest lengths: sorted, they are next to each text or one further.

    >>> import numpy as np
    >>> closest_lengths(np.array([3, 9, 5, 1]), np.zeros(4, dtype=np.intp)).length.tolist()
    [1, 5, 3, 3]
    """
    order = np.lexsort((lengths, set_of))
    sorted_lengths, sorted_sets = lengths[order], set_of[order]
    here = np.arange(len(order))
    below, above = here - 1, here + 1
    first = _closer(below, above, sorted_lengths, sorted_sets)
    took_below = first == below
    next_ = _closer(below - took_below, above + ~took_below, sorted_lengths, sorted_sets)
    length, holder, next_length = (np.empty(len(order), dtype=np.intp) for _ in range(3))
    length[order] = np.where(first < 0, 0, sorted_lengths[first])
    holder[order] = np.where(first < 0, -1, order[first])
    next_length[order] = np.where(next_ < 0, 0, sorted_lengths[next_])
    return ClosestLengths(length, holder, next_length)


def _closer(below: IntArray, above: IntArray, lengths: IntArray, sets: IntArray) -> IntArray:
    """Return which of two places is closer in length to each place and of its set, -1 where neither is of its set."""
    here, last = np.arange(len(lengths)), len(lengths) - 1
    distances = []
    for place in (below, above):
        kept = np.clip(place, 0, last)
        own = (kept == place) & (sets[kept] == sets)
        distances.append(np.where(own, np.abs(lengths[kept] - lengths[here]), np.iinfo(np.intp).max))
    nearest = np.where(distances[0] <= distances[1], below, above)
    closer: IntArray = np.where(np.minimum(*distances) == np.iinfo(np.intp).max, -1, nearest)
    return closer
