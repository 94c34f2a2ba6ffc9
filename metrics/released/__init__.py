"""The published code's arithmetic, defects and all: what `--profile as-released` computes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..metric import Metric
from .ngrams import ReleasedCosineNgram, ReleasedDistinct, ReleasedEAD
from .nli import NLI
from .nli_sampled import NLISampled
from .sbert import SentenceBERT

RELEASED: Final[Mapping[str, type[Metric]]] = MappingProxyType(
    {
        "distinct": ReleasedDistinct,
        "ead": ReleasedEAD,
        "cosine_ngram": ReleasedCosineNgram,
        "sbert": SentenceBERT,
        "nli": NLI,
        "nli_sampled": NLISampled,
    }
)
