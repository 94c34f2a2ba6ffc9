"""Tasks: prompts, splits, and which side of which shift each split is on. Data, no engine."""

from collections.abc import Mapping
from typing import Final

from .data import Data, Origin
from .instructions import INSTRUCTION_FOLLOWING
from .kirk2023 import KIRK2023, KIRK2023_SHIFTS
from .lessons import Demonstration, Lessons, Ranked
from .mini import MINI, MINI_INSTRUCTIONS, MINI_SUMMARISATION
from .shifts import SHIFTS
from .summarisation import SUMMARISATION
from .task import Format, Kind, Prompt, Shift, Split, Suite, Task

TASKS: Final[Mapping[str, Task]] = {
    task.name: task for task in (MINI_SUMMARISATION, MINI_INSTRUCTIONS, SUMMARISATION, INSTRUCTION_FOLLOWING, *SHIFTS)
}
"""The bundled tasks; others come from the entry point group `gendiv.tasks`."""

SUITES: Final[Mapping[str, Suite]] = {suite.name: suite for suite in (MINI, KIRK2023, KIRK2023_SHIFTS)}
"""The bundled suites."""

LESSONS: Final[Mapping[str, Lessons]] = {}
"""What trainers can learn from by name."""

__all__ = [
    "LESSONS",
    "SUITES",
    "TASKS",
    "Data",
    "Demonstration",
    "Format",
    "Kind",
    "Lessons",
    "Origin",
    "Prompt",
    "Ranked",
    "Shift",
    "Split",
    "Suite",
    "Task",
]
