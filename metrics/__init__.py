"""Metrics: pure functions from sets of texts to numbers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .chao1 import Chao1
from .compression import Compression
from .cosine_ngram import CosineNgram
from .distinct import Distinct
from .duplicates import Duplicates
from .ead import EAD
from .effective_semantic import EffectiveSemantic
from .graded import Graded, LengthControlledWinRate, Reward, WinRate
from .length import Length
from .metric import Cost, Direction, Level, Metric, Profile, Undefined
from .nli import NLI
from .nli_sampled import NLISampled
from .quality import QualityMetric
from .rarefied_distinct import RarefiedDistinct
from .reference import ReferenceMetric
from .rouge import Rouge
from .sbert import SentenceBERT
from .self_bleu import SelfBLEU
from .semantic_distinct import SemanticChao1, SemanticDistinct
from .texts import FloatArray, IntArray, Texts
from .utility import Utility
from .vendi import Vendi

__all__ = [
    "EAD",
    "METRICS",
    "NLI",
    "Chao1",
    "Compression",
    "CosineNgram",
    "Cost",
    "Direction",
    "Distinct",
    "Duplicates",
    "EffectiveSemantic",
    "FloatArray",
    "Graded",
    "IntArray",
    "Length",
    "LengthControlledWinRate",
    "Level",
    "Metric",
    "NLISampled",
    "Profile",
    "QualityMetric",
    "RarefiedDistinct",
    "ReferenceMetric",
    "Reward",
    "Rouge",
    "SelfBLEU",
    "SemanticChao1",
    "SemanticDistinct",
    "SentenceBERT",
    "Texts",
    "Undefined",
    "Utility",
    "Vendi",
    "WinRate",
]

METRICS: Final[Mapping[str, type[Metric]]] = MappingProxyType(
    {
        # The paper's family.
        "distinct": Distinct,
        "ead": EAD,
        "cosine_ngram": CosineNgram,
        "sbert": SentenceBERT,
        "nli": NLI,
        "nli_sampled": NLISampled,
        # What the field added since.
        "self_bleu": SelfBLEU,
        "compression": Compression,
        "rarefied_distinct": RarefiedDistinct,
        "vendi": Vendi,
        "semantic_distinct": SemanticDistinct,
        "semantic_chao1": SemanticChao1,
        "chao1": Chao1,
        "utility": Utility,
        "effective_semantic": EffectiveSemantic,
        # Quality.
        "rouge": Rouge,
        "win_rate": WinRate,
        "win_rate_lc": LengthControlledWinRate,
        "reward": Reward,
        # Beside every diversity.
        "length": Length,
        "duplicates": Duplicates,
    }
)
