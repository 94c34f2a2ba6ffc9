"""EncoderMetric: a metric of the directions in which the embeddings of texts point."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from .metric import Metric, Undefined
from .models.device import concrete_dtype
from .models.embedding import check_encoder, embeddings
from .texts import FloatArray, IntArray, Texts


@dataclass(frozen=True)
class EncoderMetric(Metric):
    """A metric that reads embeddings only, so that all of a model's share them."""

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


def directions(texts: Texts, members: IntArray, model: str, dtype: str) -> FloatArray:
    """Return the members' embeddings at length 1, or raise `Undefined` where one has no direction."""
    rows = embeddings(texts, model, dtype)[members].astype(np.float64)  # (members, dimensions)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(norms) & (norms > 0)).all():
        raise Undefined(f"the model {model!r} gives a text a zero or non-finite vector, which has no cosine")
    units: FloatArray = rows / norms
    return units
