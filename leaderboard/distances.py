"""Distances between splits for people: a table, and what its columns mean."""

from collections.abc import Sequence

from ..benchmark.generalisation.distances import Distance
from .markdown import escaped, table
from .table import block_table, interval_cell, p_cell, short_splits

HEADS = ("from", "to", "value", "baseline", "p")
MEANINGS = {
    "mmd": "mmd: squared maximum mean discrepancy of the prompts' embeddings; 0 for prompts of one kind",
    "novelty": "novelty: share of a prompt's n-grams that a reference from the other split lacks; "
    "baseline: the same for that split's own prompts",
}


def print_distances(found: Sequence[Distance]) -> None:
    """Print the distances, a row for each pair of splits."""
    from rich.console import Console

    console = Console()
    blocks: dict[str, list[tuple[str, ...]]] = {}
    for one, cells in zip(found, _cells(found), strict=True):
        blocks.setdefault(one.measure, []).append(cells)
    console.print(block_table("distance (95% intervals over prompts; p after Holm)", HEADS, list(blocks.items())))
    for line in _remarks(found):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def distances_to_markdown(found: Sequence[Distance]) -> str:
    """Return the distances as Markdown."""
    rows = ((one.measure, *cells) for one, cells in zip(found, _cells(found), strict=True))
    lines = ["# Distance between splits", "", *table(("measure", *HEADS), rows), ""]
    lines += [f"- {escaped(line)}" for line in _remarks(found)]
    signatures = dict.fromkeys(one.signature for one in found)
    return "\n".join([*lines, "", "## Signatures", "", *(f"- `{text}`" for text in signatures), ""])


def _cells(found: Sequence[Distance]) -> list[tuple[str, ...]]:
    short = short_splits(name for one in found for name in (one.first, one.second))
    return [
        (
            short[one.first],
            short[one.second],
            "none" if one.value is None else interval_cell(one.value.value, one.value.low, one.value.high),
            "" if one.baseline is None else f"{one.baseline:.3f}",
            p_cell(one.adjusted),
        )
        for one in found
    ]


def _remarks(found: Sequence[Distance]) -> list[str]:
    lines = [MEANINGS[measure] for measure in dict.fromkeys(one.measure for one in found)]
    lines += [f"{one.measure} from {one.first} to {one.second}: {one.reason}" for one in found if one.reason]
    shared = {(one.first, one.second): one.shared for one in found if one.shared}
    return lines + [
        f"{second} shares {count} {'prompt' if count == 1 else 'prompts'} with {first}, "
        "which makes it look nearer than other prompts of its kind are"
        for (first, second), count in shared.items()
    ]
