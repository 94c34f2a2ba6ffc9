"""Seeds: a number for everything random, from the run's seed and what it is for, so that no generator is ever saved."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator


def seed_of(seed: int, what: str, *place: int) -> int:
    """Return the seed of one random thing, such as `seed_of(0, "dropout", step, process)`.

    >>> seed_of(0, "order", 1) == seed_of(0, "order", 1) != seed_of(0, "order", 2)
    True
    """
    text = ":".join([str(seed), what, *map(str, place)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, what: str, *place: int) -> "Generator":
    """Return a fresh generator of PyTorch for one random thing."""
    import torch

    return torch.Generator().manual_seed(seed_of(seed, what, *place))


def order(seed: int, epoch: int, rows: int) -> list[int]:
    """Return the order in which the rows are seen in an epoch."""
    import torch

    return torch.randperm(rows, generator=generator(seed, "order", epoch)).tolist()
