"""The suites of Kirk et al.: the five splits of the main results, and TL;DR's own shifts."""

from typing import Final

from .instructions import INSTRUCTION_FOLLOWING
from .shifts import SHIFTS
from .summarisation import SUMMARISATION
from .task import Suite, Task

PROMPTS: Final = 500
"""Prompts of a split in the published diversity evaluation: the first ones."""

METRICS: Final = ("ead", "sbert", "nli_sampled", "distinct", "rouge", "length", "duplicates")
"""The three published metrics of diversity, and what helps to read them."""


def _splits(*tasks: Task) -> tuple[str, ...]:
    return tuple(task.full_name(split) for task in tasks for split in task.splits)


KIRK2023: Final = Suite(
    name="kirk2023",
    description="The main results of Kirk et al.: summaries and instructions, in distribution and out of it.",
    splits=_splits(SUMMARISATION, INSTRUCTION_FOLLOWING),
    metrics=METRICS,
    prompts=PROMPTS,
)

KIRK2023_SHIFTS: Final = Suite(
    name="kirk2023-shifts",
    description="TL;DR split by subreddit, length and sentiment, both sides of each.",
    splits=_splits(*SHIFTS),
    metrics=METRICS,
    prompts=PROMPTS,
)
