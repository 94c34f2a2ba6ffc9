"""Tables for the terminal: a block of rows for each metric, numbers with their intervals."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..benchmark.comparing import Difference
from ..benchmark.record import Result

if TYPE_CHECKING:
    from rich.table import Table


def block_table(
    title: str, heads: Sequence[str], blocks: Sequence[tuple[str, Sequence[Sequence[str]]]], first: str = "metric"
) -> "Table":
    """Return a table with a heading for each block; all texts are shown as they are, markup or not.

    Where the terminal is too narrow, cells take several lines: half a number would be a wrong one.
    """
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    table.add_column(first, style="bold", overflow="fold")
    for head in heads:
        table.add_column(escape(head.replace(", ", "\n")), overflow="fold")
    for metric, rows in blocks:
        for place, row in enumerate(rows):
            table.add_row(escape(metric) if place == 0 else "", *map(escape, row), end_section=place == len(rows) - 1)
    return table


def value_cell(result: Result | None) -> str:
    """Return a result as a cell says it."""
    if result is None:
        return "not measured"
    if result.value is None:
        return "undefined"
    return interval_cell(result.value, result.low, result.high)


def interval_cell(value: float, low: float | None, high: float | None, sign: str = "") -> str:
    """Return a number with its interval; `sign` "+" writes the sign of positive numbers too."""
    form = f"{sign}.{3 if abs(value) < 10 else 1}f"
    return f"{value:{form}}" if low is None else f"{value:{form}} [{low:{form}}, {high:{form}}]"


def shown_names(results: Sequence[Result | Difference]) -> list[str]:
    """Return what a table calls each result: its metric, with the settings where that metric comes with several."""
    settings = {(result.metric, result.signature.partition("|")[0]) for result in results}
    metrics = [metric for metric, _ in settings]
    return [
        result.metric if metrics.count(result.metric) == 1 else result.signature.partition("|")[0] for result in results
    ]


def short_splits(splits: Iterable[str]) -> dict[str, str]:
    """Return what a table calls each split: without its task, unless two splits would then be called the same."""
    short = {split: split.rpartition("/")[2] for split in splits}
    return short if len(set(short.values())) == len(short) else {split: split for split in short}
