"""Duplicates: how many samples say again, word for word, what another one said."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .metric import Cost, Direction, Level, Metric, Undefined
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class Duplicates(Metric):
    """Share of samples that exactly repeat an earlier one of the set: 1 - different samples / samples.

    Source: common practice; near 1 on most prompts at a temperature above 0 it points to a fault in sampling (a
    constant seed, a greedy server) rather than to a model without variety.
    Range: 0 (all differ) to below 1 (all K the same give 1 - 1/K).
    Unit: samples per sample.
    Direction: lower is more diverse.
    Undefined: for fewer than two samples.
    Edge cases: equal means equal character for character: case, a trailing space or another Unicode form make a
    difference. Empty samples are equal.
    Do not use: as the only measure of diversity: samples that differ in one word count as different. Sets of different
    size see different shares of repeats of the same answers.

    Of four samples the third and the fourth repeat the first, 2/4:

    >>> from gendiv.metrics import Duplicates, Texts
    >>> texts = Texts.of([["yes", "no", "yes", "yes"]])
    >>> Duplicates().value(texts, texts.groups[0])
    0.5
    """

    name: ClassVar[str] = "duplicates"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "samples per sample"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "lower_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "cpu"

    def value(self, texts: Texts, members: IntArray) -> float:  # noqa: ARG002 - equality was settled by the pool
        """Return the value of one set."""
        if len(members) < 2:
            raise Undefined(f"a repeat needs two samples, the set has {len(members)}")
        return float(1.0 - np.unique(members).size / len(members))

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:  # noqa: ARG002 - as above
        """Return the value without each member: one kind fewer where the member is the only one of its kind."""
        count = len(members) - 1
        if count < 2:
            raise Undefined(f"a repeat needs two samples, the set without one has {max(count, 0)}")
        _, kind, repeats = np.unique(members, return_inverse=True, return_counts=True)
        left: FloatArray = 1.0 - (len(repeats) - (repeats[kind] == 1)) / count
        return left
