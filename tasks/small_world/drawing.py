"""Drawing posts and summaries of a distribution, on one side of the line between training and testing."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from .dice import Dice
from .posts import word_post
from .scenes import Scene, World
from .summaries import Habits, write_summary
from .wording import Passing

Part = Literal["train", "validation", "test"]

PARTS: Final[dict[Part, range]] = {"train": range(12), "validation": range(12, 14), "test": range(14, 16)}
"""Which posts belong to a part: by the first hexadecimal digit of the hash of their text, so that none is in two."""


@dataclass(frozen=True)
class Post:
    """One post, with what is needed to write summaries of it.

    Attributes:
        text: the prompt.
        scene: what it is about.
        passing: what it says in passing.
    """

    text: str
    scene: Scene
    passing: tuple[Passing, ...]

    def summary(self, habits: Habits, dice: Dice) -> str:
        """Return a summary by a writer of such habits."""
        return write_summary(self.scene, self.passing, habits, dice)


def part_of(text: str) -> Part:
    """Return the part that a post belongs to."""
    digit = int(hashlib.sha256(text.encode()).hexdigest()[0], 16)
    return next(part for part, digits in PARTS.items() if digit in digits)


def posts(world: World, part: Part, seed: str) -> Iterator[tuple[Post, Dice]]:
    """Yield posts of one part without end, each once, with the dice to write its summaries by."""
    seen: set[str] = set()
    number = 0
    while True:
        dice = Dice(f"{seed} {number}")
        number += 1
        scene = world.draw(dice)
        text, passing = word_post(scene, dice)
        if text not in seen and part_of(text) == part:
            seen.add(text)
            yield Post(text, scene, tuple(passing)), dice
