"""Exact rewards: the quality of an answer, computed from the texts alone, in worlds where that is possible."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .small_world import SMALL_WORLD, gold


@dataclass(frozen=True)
class ExactReward:
    """A pure function of prompt and answer.

    Attributes:
        name: of the task that it belongs to.
        version: rises whenever a score can move.
        score: gives an answer's quality; ValueError where the prompt is none of the task's.
    """

    name: str
    version: int
    score: Callable[[str, str], float]


EXACT_REWARDS: Final[Mapping[str, ExactReward]] = {
    one.name: one for one in (ExactReward(SMALL_WORLD.name, SMALL_WORLD.version, gold),)
}
"""The exact rewards, by name."""
