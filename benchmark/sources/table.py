"""The bundled sources, by the scheme that starts a model spec."""

from collections.abc import Mapping
from typing import Final

from .hf import open_hf
from .openai import open_openai
from .source import Opener
from .vllm import open_vllm

SOURCES: Final[Mapping[str, Opener]] = {"vllm": open_vllm, "openai": open_openai, "hf": open_hf}
"""Others come from the entry point group `gendiv.sources`."""
