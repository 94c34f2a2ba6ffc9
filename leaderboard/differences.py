"""Differences of two models for people: a table with intervals and corrected p-values."""

from collections.abc import Sequence

from ..benchmark.comparing import Difference
from .levels import LEVELS
from .table import block_table, interval_cell, p_cell, short_splits, shown_names


def print_differences(differences: Sequence[Difference], first: str, second: str) -> None:
    """Print first minus second, a row for each metric, split and level, and why a row has no number."""
    from rich.console import Console

    console = Console()
    split = ("split",) if any(row.split for row in differences) else ()
    short = short_splits([row.split or "" for row in differences])
    blocks: dict[str, list[tuple[str, ...]]] = {}
    for name, row in zip(shown_names(differences), differences, strict=True):
        blocks.setdefault(name, []).append(((short[row.split or ""],) if split else ()) + _cells(row))
    most = max(row.inputs for row in differences)
    title = f"paired on {most} {'input' if most == 1 else 'inputs'} (95% intervals; p after Holm)"
    if not most:
        title = "no difference to state; reasons below"
    console.print(block_table(title, (*split, "level", "A", "B", "A - B", "p"), list(blocks.items())))
    lines = [f"A: {first}", f"B: {second}"]
    lines += [
        f"{row.split or 'samples'}: {row.metric} {LEVELS[row.level]}: {row.reason}" for row in differences if row.reason
    ]
    lines += [
        f"{name or 'samples'}: ids with another prompt in B than in A: {count}; do they name the same inputs?"
        for name, count in dict.fromkeys((row.split, row.other_prompts) for row in differences)
        if count
    ]
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _cells(row: Difference) -> tuple[str, ...]:
    found = row.difference
    return (
        LEVELS[row.level].removesuffix(" inputs"),
        *("undefined" if value is None else interval_cell(value, None, None) for value in (row.first, row.second)),
        "none" if found is None else interval_cell(found.value, found.low, found.high, "+"),
        p_cell(row.adjusted),
    )
