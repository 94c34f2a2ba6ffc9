"""The bundled sets of questions, by name."""

from collections.abc import Mapping
from typing import Final

from .kirk2023 import KIRK2023
from .questions import Questions

QUESTIONS: Final[Mapping[str, Questions]] = {questions.name: questions for questions in (KIRK2023,)}
"""Others come from the entry point group `gendiv.judges`."""
