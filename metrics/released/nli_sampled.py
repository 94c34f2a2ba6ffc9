"""Sampled NLI diversity as released: it samples characters where sentences were meant."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ..metric import Undefined
from ..models.entailment import Pair
from ..texts import FloatArray, IntArray, Texts, text_hash
from .nli import ReleasedNLI

BATCH: Final = 1024
"""Pairs of texts that the published code scores at a time; its result depends on it."""


@dataclass(frozen=True)
class ReleasedNLISampled(ReleasedNLI):
    """Sampled NLI diversity as released: 1 minus the mean of (w + w) / k over pairs of sampled characters.

    Of each unordered pair of texts (later, earlier) both are cut to the shorter one's length, min(`sentences`, length)
    characters are drawn from each without replacement, and the i-th of the one meets the i-th of the other, each with a
    full stop behind it. k is the number of character pairs per pair of texts in its batch of 1024 pairs of texts.

    Source: the code of Kirk et al. (2024), nli_sample_from_sim. Its sentence splitting is missing, so random.sample
    gets a string and draws characters; the division by k squeezes values towards 1; and, as in nli, what grows with
    diversity is subtracted.

    Range: -1 to 3, one character per text; with 5 characters (w + w) / k is at most 0.4, so 0.6 to 1.4.
    Unit: 1 - signed probability per pair.
    Direction: lower is more diverse.
    Undefined: for fewer than two texts and for texts of which no two have a character, where the published code gives
    NaN.
    Tokeniser: none; the model's own reads single characters.

    Settings: `model` and `dtype` as in nli. The published code has no seed; here `seed` and the two texts decide the
    characters, and the texts are taken in the order of their code points, so a value changes neither from run to run
    nor with the order of the texts.

    Edge cases: an empty text has no characters, so its pairs only lower k, which raises the weight of the rest. Beyond
    45 texts (1,024 pairs) the published value depends on the order of the texts, through its batches.

    Do not use: for anything but comparison with numbers of the published code.

    From "aaaaa" and "bbbbb" come five pairs (b, a), each scored -0.5 - 0.5, and k = 5, so the value is 1 + 1/5:

    >>> import numpy as np
    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.released.nli_sampled import ReleasedNLISampled
    >>> class ByHand:
    ...     def probabilities(self, pairs):
    ...         return np.array([[0.2, 0.3, 0.5]] * len(pairs))
    >>> texts = Texts.of([["aaaaa", "bbbbb"]])
    >>> by_hand = texts.view(("entailment", "by hand", "float32"), lambda pool: ByHand())
    >>> ReleasedNLISampled(model="by hand").value(texts, texts.groups[0])
    1.2
    """

    name: ClassVar[str] = "nli_sampled"

    sentences: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.sentences, int) or isinstance(self.sentences, bool) or self.sentences < 1:
            raise ValueError(f"sentences: wanted a whole number of at least 1, found {self.sentences!r}")
        if not isinstance(self.seed, int) or isinstance(self.seed, bool):
            raise ValueError(f"seed: wanted a whole number, found {self.seed!r}")

    def chosen(self, count: int) -> IntArray:
        """Return all pairs in the order of the published loops, which decides the batches."""
        return np.column_stack(np.tril_indices(count, -1))

    def questions(self, texts: Texts, first: int, second: int) -> Sequence[Pair]:
        """Return the pairs of characters of two texts, the later text first."""
        later, earlier = texts.pool[second], texts.pool[first]
        length = min(len(later), len(earlier))
        generator = random.Random(text_hash((str(self.seed), later, earlier)))
        count = min(self.sentences, length)
        one, other = generator.sample(later[:length], count), generator.sample(earlier[:length], count)
        return tuple((a + ".", b + ".") for a, b in zip(one, other, strict=True))

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        if len(members) < 2:
            raise Undefined(f"a pair needs two texts, the set has {len(members)}")
        pairs, _ = self._pairs(texts, members)
        return _squeezed(*self.sums(texts, pairs))

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the value without each member; the batches close up."""
        if len(members) < 3:
            raise Undefined(f"a pair needs two texts, the set without one has {max(len(members) - 1, 0)}")
        pairs, positions = self._pairs(texts, members)
        sums, counts = self.sums(texts, pairs)
        stay = [(positions != member).all(axis=1) for member in range(len(members))]
        return np.array([_squeezed(sums[kept], counts[kept]) for kept in stay])


def _squeezed(sums: FloatArray, counts: IntArray) -> float:
    """Return 1 minus the mean over all character pairs of score / k, k being the mean of `counts` in a batch."""
    if not counts.any():
        raise Undefined("no two texts of the set have a character")
    total = 0.0
    for start in range(0, len(sums), BATCH):
        batch = slice(start, start + BATCH)
        if counts[batch].any():
            total += float(sums[batch].sum() / counts[batch].mean())
    return 1.0 - total / float(counts.sum())
