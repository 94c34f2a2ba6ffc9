"""The published code's arithmetic, defects and all: what `--profile as-released` computes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..metric import Metric
from .ngrams import ReleasedCosineNgram, ReleasedDistinct, ReleasedEAD
from .nli import ReleasedNLI
from .nli_sampled import ReleasedNLISampled
from .sbert import ReleasedSentenceBERT

RELEASED: Final[Mapping[str, type[Metric]]] = MappingProxyType(
    {
        "distinct": ReleasedDistinct,
        "ead": ReleasedEAD,
        "cosine_ngram": ReleasedCosineNgram,
        "sbert": ReleasedSentenceBERT,
        "nli": ReleasedNLI,
        "nli_sampled": ReleasedNLISampled,
    }
)
