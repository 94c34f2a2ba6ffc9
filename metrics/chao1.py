"""Chao1: how many different answers there are to be had, judged by how many came up once and twice."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .metric import Cost, Direction, Level, Metric, Undefined
from .texts import IntArray, Texts


def chao1(counts: IntArray) -> float:
    """Return the estimated number of kinds, from how often each kind was seen: S + f1 (f1 - 1) / (2 (f2 + 1)).

    S is the number of kinds seen (a count of 0 is a kind not seen), f1 and f2 the numbers of those seen once and twice.

    >>> import numpy as np
    >>> chao1(np.array([3, 1, 1, 1, 2]))  # 5 + 3 * 2 / (2 * 2)
    6.5
    """
    counts = np.asarray(counts)
    seen, once, twice = (counts > 0).sum(), (counts == 1).sum(), (counts == 2).sum()
    return float(seen + once * (once - 1) / (2 * (twice + 1)))


@dataclass(frozen=True)
class Chao1(Metric):
    """Estimated number of different answers, seen and unseen: S + f1 (f1 - 1) / (2 (f2 + 1)), bias-corrected Chao1.

    S is the number of different samples, f1 how many of them came up once, f2 how many twice. Many that came up once
    beside few that came up twice say that much was not seen yet.

    Source: Chao (1984), "Nonparametric Estimation of the Number of Classes in a Population"; the bias-corrected form as
    in Chao (2005), "Species Estimation and Applications", which is defined when nothing came up twice.
    Range: 1 (all samples the same) to K + K (K - 1) / 2 for K samples that all differ, so without upper end.
    Unit: different answers.
    Direction: higher is more diverse.
    Undefined: for fewer than two samples: one sample cannot show what repeats.
    Edge cases: answers are the same when they are so character for character, as in `duplicates`; an empty answer is an
    answer. When every answer came up three times or more, the estimate is what was seen.
    Do not use: across inputs, since other prompts have other answers (there is no such level); for long free text,
    where hardly anything is said twice word for word: with no repeats the estimate is K (K + 1) / 2, which grows with
    the square of the number of samples and measures that alone. It is an estimate of a lower bound even where it fits,
    and sets of different K see different parts of the same answers. Use it for short answers (names, numbers, labels);
    `semantic_chao1` does the same on classes of meaning.

    Of "red" (three times), "blue" (twice), "pink", "grey" and "teal" (once each) S = 5, f1 = 3, f2 = 1: 5 + 3 2 / 4:

    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.chao1 import Chao1
    >>> texts = Texts.of([["red", "red", "red", "blue", "blue", "pink", "grey", "teal"]])
    >>> Chao1().value(texts, texts.groups[0])
    6.5
    """

    name: ClassVar[str] = "chao1"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "different answers"
    range: ClassVar[tuple[float, float]] = (1.0, math.inf)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input",)
    cost: ClassVar[Cost] = "cpu"

    def value(self, texts: Texts, members: IntArray) -> float:  # noqa: ARG002  equality was settled by the pool
        """Return the value of one set."""
        if len(members) < 2:
            raise Undefined(f"the estimate needs two samples, the set has {len(members)}")
        return chao1(np.unique(members, return_counts=True)[1])
