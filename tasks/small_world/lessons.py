"""Lessons of the small world: summaries as its people write them, and choices between two of them."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import Final

from ..lessons import Demonstration, Lessons, Ranked
from .dice import Dice
from .drawing import Part, Post, posts
from .gold import gold
from .scenes import WORLDS
from .summaries import PEOPLE
from .vocabulary import vocabulary

TEMPERATURE: Final = 0.1
"""Of choices: a summary whose gold is higher by d is preferred with probability 1 / (1 + exp(-d / 0.1))."""


@lru_cache(maxsize=4)
def demonstrations(part: Part, count: int) -> tuple[Demonstration, ...]:
    """Return so many posts with a summary each."""
    drawn = islice(posts(WORLDS["id"], part, f"small-world demonstrations {part}"), count)
    return tuple(Demonstration(post.text, post.summary(PEOPLE, dice)) for post, dice in drawn)


@lru_cache(maxsize=8)
def rankings(world: str, part: Part, count: int) -> tuple[Ranked, ...]:
    """Return so many choices between two summaries of one post."""
    drawn = islice(posts(WORLDS[world], part, f"small-world rankings {world} {part}"), count)
    return tuple(_choice(post, dice) for post, dice in drawn)


def _choice(post: Post, dice: Dice) -> Ranked:
    first = second = post.summary(PEOPLE, dice)
    while second == first:
        second = post.summary(PEOPLE, dice)
    lead = gold(post.text, first) - gold(post.text, second)
    if dice.chance(1 / (1 + math.exp(-lead / TEMPERATURE))):
        return Ranked(post.text, first, second)
    return Ranked(post.text, second, first)


def _out(world: str) -> Callable[[], Sequence[Ranked]]:
    return partial(rankings, world, "validation", 1000)


SMALL_WORLD_LESSONS: Final = Lessons(
    name="small-world",
    description="The small world: summaries of mixed quality, and noisy choices between two of them.",
    licence="CC0-1.0",
    demonstrations={
        "train": partial(demonstrations, "train", 20_000),
        "validation": partial(demonstrations, "validation", 500),
    },
    rankings={
        "train": partial(rankings, "id", "train", 10_000),
        "validation": partial(rankings, "id", "validation", 1000),
        **{world: _out(world) for world in WORLDS if world != "id"},
    },
    words=vocabulary,
)
