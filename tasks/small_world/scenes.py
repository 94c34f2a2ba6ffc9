"""Scenes: what a post of the small world is about, before it is worded."""

from dataclasses import dataclass
from typing import Final

from .dice import Dice
from .wording import Register
from .words import TOPICS, UNSEEN, Values


@dataclass(frozen=True)
class Scene:
    """The content of one post.

    Attributes:
        topic: the word that the post begins with.
        facts: the key facts, value by attribute, in the order in which the post states them.
        values: of each of these attributes, the values that it could have had.
        passing: how many things it says in passing.
        registers: of each fact.
    """

    topic: str
    facts: dict[str, str]
    values: Values
    passing: int
    registers: tuple[Register, ...]


@dataclass(frozen=True)
class World:
    """A distribution of scenes.

    Attributes:
        facts: how many key facts there are: one of these numbers.
        passing: how many things are said in passing.
        registers: one is drawn for each fact.
        near: of the facts, how many have a value that never stood in that attribute in training.
        far: of the facts, how many are of an attribute that training never states.
    """

    facts: tuple[int, ...] = (3, 4)
    passing: int = 1
    registers: tuple[Register, ...] = ("plain",)
    near: int = 0
    far: int = 0

    def draw(self, dice: Dice) -> Scene:
        """Return a scene."""
        topic = dice.one(TOPICS)
        count = dice.one(self.facts)
        near = dice.some(tuple(topic.near), self.near)
        far = dice.some(tuple(UNSEEN), self.far)
        others = [attribute for attribute in topic.values if attribute not in near]
        known = dice.some(others, count - self.near - self.far)
        values = {**{one: topic.near[one] for one in near}, **{one: UNSEEN[one] for one in far}}
        values |= {one: topic.values[one] for one in known}
        facts = {attribute: dice.one(values[attribute]) for attribute in dice.order(tuple(values))}
        return Scene(topic.name, facts, values, self.passing, tuple(dice.one(self.registers) for _ in facts))


WORLDS: Final = {
    "id": World(),
    "topic-near": World(near=1),
    "topic-far": World(far=2),
    "length-near": World(facts=(5,), passing=2),
    "length-far": World(facts=(7,), passing=4),
    "register-near": World(registers=("plain", "chatty")),
    "register-far": World(registers=("formal",)),
}
"""The distributions: the one that models are trained on, and others that differ from it in one way each."""
