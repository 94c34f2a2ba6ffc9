"""Differences of two models for people: a table with intervals and corrected p-values."""

from collections.abc import Sequence

from ..benchmark.comparing import Difference
from .levels import LEVELS


def print_differences(differences: Sequence[Difference], first: str, second: str) -> None:
    """Print first minus second, a row for each split, metric and level, and why a row has no number."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    table = Table(
        title=escape(f"{first} minus {second} (paired, 95% intervals; p-values after Holm)"),
        box=box.SIMPLE_HEAD,
        title_justify="left",
    )
    for head in ("split", "metric", "level", "inputs", "first", "second", "difference", "p"):
        table.add_column(head, no_wrap=head != "difference")
    for row in differences:
        table.add_row(*map(escape, _cells(row)))
    console.print(table)
    for row in differences:
        if row.reason:
            console.print(
                f"{row.split or 'samples'}: {row.metric} {LEVELS[row.level]}: {row.reason}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )


def _cells(row: Difference) -> tuple[str, ...]:
    interval = row.difference
    if interval is None:
        shown = "none"
    elif interval.low is None:
        shown = f"{interval.value:+.3f}"
    else:
        shown = f"{interval.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"
    return (
        row.split or "",
        row.metric,
        LEVELS[row.level],
        str(row.inputs),
        *("undefined" if value is None else f"{value:.3f}" for value in (row.first, row.second)),
        shown,
        "" if row.adjusted is None else f"{row.adjusted:.2g}",
    )
