"""The small world: posts and summaries made from a seed, whose quality is computed exactly.

How it is made is told in `docs/small-world.md`.
"""

from .gold import gold
from .lessons import SMALL_WORLD_LESSONS
from .splits import SMALL_WORLD, SMALL_WORLD_SUITE
from .vocabulary import vocabulary

__all__ = ["SMALL_WORLD", "SMALL_WORLD_LESSONS", "SMALL_WORLD_SUITE", "gold", "vocabulary"]
