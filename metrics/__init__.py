"""Metrics: pure functions from sets of texts to numbers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .distinct import Distinct
from .duplicates import Duplicates
from .ead import EAD
from .length import Length
from .metric import Cost, Direction, Level, Metric, Profile, Undefined
from .quality import QualityMetric
from .sbert import SentenceBERT
from .texts import FloatArray, IntArray, Texts

__all__ = [
    "EAD",
    "METRICS",
    "Cost",
    "Direction",
    "Distinct",
    "Duplicates",
    "FloatArray",
    "IntArray",
    "Length",
    "Level",
    "Metric",
    "Profile",
    "QualityMetric",
    "SentenceBERT",
    "Texts",
    "Undefined",
]

METRICS: Final[Mapping[str, type[Metric]]] = MappingProxyType(
    {
        "distinct": Distinct,
        "ead": EAD,
        "sbert": SentenceBERT,
        "length": Length,
        "duplicates": Duplicates,
    }
)
