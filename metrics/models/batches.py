"""Batches: inputs of similar length together, so that little is padding."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

BATCH_TOKENS: Final[Mapping[str, int]] = {"cpu": 2048, "cuda": 32768}
"""By kind of device, tokens of a batch, padding included, that keep it busy."""


def batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Yield positions in batches that hold at most so many tokens with their padding, the longest inputs first.

    >>> list(batches([3, 9, 4], 8))
    [[1], [2, 0]]
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    start = 0
    while start < len(order):
        size = max(1, tokens // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size
