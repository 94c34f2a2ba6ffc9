"""EffectiveSemantic: how often two samples are both good enough and say different things."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .classes import ClassMetric
from .metric import Cost, Direction, Level, Undefined
from .quality import QualityMetric, checked
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class EffectiveSemantic(QualityMetric, ClassMetric):
    """Effective semantic diversity: the share of the k (k - 1) / 2 pairs of samples that are both valid and differ.

    A sample is valid when its quality is at least `least`; two valid samples differ when they are of different classes,
    as `semantic_distinct` tells them among the valid samples alone. With v valid samples in classes of c_1, c_2, ... of
    them the value is (v^2 - sum c^2) / (k (k - 1)). The pairs are those of all k samples, so invalid ones lower the
    value: it grows with quality as with variety.

    Source: after Shypula et al. (2025), "Evaluating the Diversity and Quality of LLM Generated Content": diversity
    counts only among outputs that meet a threshold of quality. They run programs and compare what these do; here the
    quality is the one given with the samples, and a model tells what they mean.

    Range: 0 (no two valid samples differ) to 1 (all samples are valid and no two agree).
    Unit: pairs per pair.
    Direction: higher is more diverse.
    Undefined: for fewer than two samples, and without quality; with same=embedding also when the model gives a valid
    text a zero or non-finite vector.
    Tokeniser: as for `semantic_distinct`.
    Settings: those of `semantic_distinct`, and the last one.
    Edge cases: with one valid sample or none the value is 0. What an invalid sample says has no influence. A text that
    occurs twice may be valid once and invalid once. The classes may depend on the draw order.
    Do not use: with a `least` that does not fit the scale of the quality (the default suits grades from 0 to 1); to
    tell whether a gain is one of quality or of variety: report the share of valid samples beside it; across inputs.

    Of the 4 samples 3 are valid, two of them in one class, so (9 - (4 + 1)) / (4 * 3) = 1/3 of all pairs:

    >>> import numpy as np
    >>> from gendiv.metrics import Texts
    >>> from gendiv.metrics.effective_semantic import EffectiveSemantic
    >>> texts = Texts.of([["red", "red", "blue", "green"]])
    >>> round(EffectiveSemantic(same="text").judged(texts, texts.groups[0], np.array([1, 1, 0.5, 0])), 12)
    0.333333333333
    """

    name: ClassVar[str] = "effective_semantic"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "pairs per pair"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input",)
    cost: ClassVar[Cost] = "cross_encoder"

    least: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.least, (int, float)) or not np.isfinite(self.least):
            raise ValueError(f"least: wanted a finite number, found {self.least!r}")
        object.__setattr__(self, "least", float(self.least))

    def prepare_judged(self, texts: Texts, sets: Sequence[IntArray], qualities: Sequence[FloatArray]) -> None:
        """Ask about the valid samples only, in batches over all sets."""
        judged = zip(sets, qualities, strict=True)
        self.prepare(texts, [members[checked(quality, len(members)) >= self.least] for members, quality in judged])

    def _judged(self, texts: Texts, members: IntArray, quality: FloatArray) -> float:
        """Return the value of one set, in draw order."""
        count = len(members)
        if count < 2:
            raise Undefined(f"a pair needs two samples, the set has {count}")
        sizes = np.bincount(self.classes(texts, members[quality >= self.least]))
        return float((sizes.sum() ** 2 - sizes @ sizes) / (count * (count - 1)))
