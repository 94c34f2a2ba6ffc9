"""Openings: a metric for gendiv and a question for judges, in a package of their own.

Copy this folder, rename it, `pip install .`, done.
"""

from dataclasses import dataclass
from typing import ClassVar

from gendiv.benchmark.judging.questions import Questions
from gendiv.metrics import Cost, Direction, IntArray, Level, Metric, Texts, Undefined


@dataclass(frozen=True)
class Openings(Metric):
    """Share of samples whose first words no other sample of the set has: different openings / samples.

    Source: an example.

    Range: above 0, up to 1 (all open differently).
    Unit: openings per sample.
    Direction: higher is more diverse.
    Undefined: for no samples.

    >>> from gendiv.metrics import Texts
    >>> texts = Texts.of([["I think so", "I doubt it", "No"]])
    >>> round(Openings().value(texts, texts.groups[0]), 3)
    0.667
    """

    name: ClassVar[str] = "openings"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "openings per sample"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    words: int = 1

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        if not len(members):
            raise Undefined("the set has no samples")
        openings = {tuple(texts.pool[member].split()[: self.words]) for member in members}
        return len(openings) / len(members)


FIRST_WORDS = Questions(
    name="first_words",
    version="1",
    instruction="Which answer opens with better words?\n{shown}\nAnswer A:\n{first}\nAnswer B:\n{second}",
)
