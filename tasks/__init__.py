"""Tasks: prompts, splits, and which side of which shift each split is on. Data, no engine."""

from collections.abc import Mapping
from typing import Final

from .data import Data, Origin
from .exact import EXACT_REWARDS, ExactReward
from .instructions import INSTRUCTION_FOLLOWING
from .kirk2023 import KIRK2023, KIRK2023_SHIFTS
from .lessons import Demonstration, Lessons, Ranked
from .mini import MINI, MINI_INSTRUCTIONS, MINI_SUMMARISATION
from .shifts import SHIFTS
from .small_world import SMALL_WORLD, SMALL_WORLD_LESSONS, SMALL_WORLD_SUITE
from .summarisation import SUMMARISATION
from .task import Format, Kind, Prompt, Shift, Split, Suite, Task
from .tldr_lessons import TLDR_LESSONS

TASKS: Final[Mapping[str, Task]] = {
    task.name: task
    for task in (MINI_SUMMARISATION, MINI_INSTRUCTIONS, SUMMARISATION, INSTRUCTION_FOLLOWING, *SHIFTS, SMALL_WORLD)
}
"""The bundled tasks; others come from the entry point group `gendiv.tasks`."""

SUITES: Final[Mapping[str, Suite]] = {
    suite.name: suite for suite in (MINI, KIRK2023, KIRK2023_SHIFTS, SMALL_WORLD_SUITE)
}
"""The bundled suites."""

LESSONS: Final[Mapping[str, Lessons]] = {one.name: one for one in (SMALL_WORLD_LESSONS, TLDR_LESSONS)}
"""What trainers can learn from by name."""

__all__ = [
    "EXACT_REWARDS",
    "LESSONS",
    "SUITES",
    "TASKS",
    "Data",
    "Demonstration",
    "ExactReward",
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
