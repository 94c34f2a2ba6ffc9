"""Formats of samples that people already have: what reads each of them, by name."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from . import alpaca_eval, inspect_ai, lighteval, lm_eval, plain
from .row import Bad, Row

Reader: TypeAlias = Callable[[Path, Bad], Iterator[Row]]

FORMATS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "plain": plain.read,
        "lm_eval": lm_eval.read,
        "alpaca_eval": alpaca_eval.read,
        "inspect_ai": inspect_ai.read,
        "lighteval": lighteval.read,
    }
)
