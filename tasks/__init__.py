"""Tasks: prompts, splits, and which side of which shift each split is on. Data, no engine."""

from collections.abc import Mapping
from typing import Final

from .mini import MINI, MINI_INSTRUCTIONS, MINI_SUMMARISATION
from .task import Format, Kind, Prompt, Shift, Split, Suite, Task

TASKS: Final[Mapping[str, Task]] = {task.name: task for task in (MINI_SUMMARISATION, MINI_INSTRUCTIONS)}
"""The bundled tasks; others come from the entry point group `gendiv.tasks`."""

SUITES: Final[Mapping[str, Suite]] = {suite.name: suite for suite in (MINI,)}
"""The bundled suites."""

__all__ = ["SUITES", "TASKS", "Format", "Kind", "Prompt", "Shift", "Split", "Suite", "Task"]
