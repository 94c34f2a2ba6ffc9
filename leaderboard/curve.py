"""The curve of best of n as a table: what choosing among more samples is worth."""

from collections.abc import Sequence

from ..benchmark.rewarding.curve import Point
from .table import block_table, interval_cell, short_splits


def print_curve(points: Sequence[Point], reward: str) -> None:
    """Print the expected reward of the best of each n, a block for each split."""
    from rich.console import Console

    names = short_splits(point.split for point in points)
    blocks: dict[str, list[tuple[str, ...]]] = {}
    for point in points:
        value = interval_cell(point.value, point.low, point.high)
        blocks.setdefault(names[point.split], []).append(
            (str(point.n), value, f"{point.divergence:.2f}", str(point.inputs))
        )
    title = f"expected reward of the best of n by {reward} (95% intervals over prompts)"
    heads = ("n", "reward", "KL at most (nats)", "inputs")
    Console().print(block_table(title, heads, list(blocks.items()), first="split"))
