"""Scenes: what a post of the small world is about, before it is worded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .dice import Dice
from .wording import Register
from .words import FAR_TOPICS, NEAR_TOPICS, TOPICS, Topic


@dataclass(frozen=True)
class Scene:
    """The content of one post.

    Attributes:
        topic: what it is about.
        facts: the key facts, value by attribute, in the order in which the post states them.
        passing: how many things it says in passing.
        registers: of each fact.
    """

    topic: Topic
    facts: dict[str, str]
    passing: int
    registers: tuple[Register, ...]


@dataclass(frozen=True)
class World:
    """A distribution of scenes.

    Attributes:
        topics: one of them is drawn.
        facts: how many key facts there are: one of these numbers.
        passing: how many things are said in passing: one of these numbers.
        registers: one is drawn for each fact.
    """

    topics: Sequence[Topic] = TOPICS
    facts: tuple[int, ...] = (3, 4)
    passing: tuple[int, ...] = (1,)
    registers: tuple[Register, ...] = ("plain",)

    def draw(self, dice: Dice) -> Scene:
        """Return a scene."""
        topic = dice.one(self.topics)
        attributes = dice.some(tuple(topic.values), dice.one(self.facts))
        return Scene(
            topic,
            {attribute: dice.one(topic.values[attribute]) for attribute in attributes},
            dice.one(self.passing),
            tuple(dice.one(self.registers) for _ in attributes),
        )


WORLDS: Final = {
    "id": World(),
    "topic-near": World(topics=NEAR_TOPICS),
    "topic-far": World(topics=FAR_TOPICS),
    "length-near": World(facts=(5,), passing=(2,)),
    "length-far": World(facts=(7,), passing=(4,)),
    "register-near": World(registers=("plain", "chatty")),
    "register-far": World(registers=("formal",)),
}
"""The distributions: the one that models are trained on, and one for each shift, which differs from it in one way."""
