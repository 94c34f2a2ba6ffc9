"""Dice: seeded draws that are the same on every machine and Python version."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws made from `random.Random.random` alone, the one method whose stream Python promises to keep for a seed.

    >>> dice = Dice("a seed")
    >>> dice.below(6), dice.order("abc"), dice.chance(0.5)
    (2, ['c', 'b', 'a'], True)
    """

    def __init__(self, seed: str) -> None:
        self._uniform = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self._uniform() < probability

    def below(self, count: int) -> int:
        """Return a whole number from 0 to below `count`."""
        return int(self._uniform() * count)

    def one(self, things: Sequence[T]) -> T:
        """Return one of some things."""
        return things[self.below(len(things))]

    def order(self, things: Sequence[T]) -> list[T]:
        """Return the things in random order (Fisher and Yates)."""
        shuffled = list(things)
        for last in range(len(shuffled) - 1, 0, -1):
            other = self.below(last + 1)
            shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
        return shuffled

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """Return so many different ones of some things, in random order."""
        return self.order(things)[:count]
