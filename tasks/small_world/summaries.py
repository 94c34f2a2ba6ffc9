"""Summaries as people of the small world write them: good ones, and ones with their failings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .dice import Dice
from .scenes import Scene
from .wording import HEDGES, SLOT, WORDINGS, Passing

SEPARATOR: Final = ","
"""The word between two clauses of a summary."""


@dataclass(frozen=True)
class Habits:
    """How often a writer fails, each by a coin of its own.

    Attributes:
        missing: that a key fact is left out; the first of a random order is always told.
        inventing: that one of the facts told gets another value.
        wordy: that something said in passing is told as well.
        hedging: that a clause begins with a word that says nothing.
    """

    missing: float = 0.0
    inventing: float = 0.0
    wordy: float = 0.0
    hedging: float = 0.0


CAREFUL: Final = Habits()
"""Writers of references: every fact, nothing else."""

PEOPLE: Final = Habits(missing=0.15, inventing=0.1, wordy=0.2, hedging=0.05)
"""Writers of what models learn from."""


def write_summary(scene: Scene, passing: Sequence[Passing], habits: Habits, dice: Dice) -> str:
    """Return a summary of a post: clauses in random order, each in one of the wordings of its attribute.

    >>> scene = Scene("family", {"who": "sister", "place": "attic"}, {}, 0, ("plain", "plain"))
    >>> write_summary(scene, [], CAREFUL, Dice("b"))
    'only my sister , this attic again'
    """
    order = dice.order(tuple(scene.facts))
    told = [attribute for place, attribute in enumerate(order) if place == 0 or not dice.chance(habits.missing)]
    values = {attribute: scene.facts[attribute] for attribute in told}
    if dice.chance(habits.inventing):
        invented = dice.one(told)
        values[invented] = dice.one([one for one in scene.values[invented] if one != values[invented]])
    clauses = [dice.one(WORDINGS[attribute].clauses).replace(SLOT, value) for attribute, value in values.items()]
    if passing and dice.chance(habits.wordy):
        place = dice.below(len(clauses) + 1)
        clauses.insert(place, dice.one(passing).clause)
    return f" {SEPARATOR} ".join(
        f"{dice.one(HEDGES)} {clause}" if dice.chance(habits.hedging) else clause for clause in clauses
    )
