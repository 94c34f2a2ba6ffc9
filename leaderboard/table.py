"""Tables for the terminal: a block of rows for each metric, numbers with their intervals."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..benchmark.comparing import Difference
from ..benchmark.generalisation.gap_differences import GapDifference
from ..benchmark.generalisation.gaps import Gap
from ..benchmark.record import Result
from .row import Measured

if TYPE_CHECKING:
    from rich.table import Table


def block_table(
    title: str, heads: Sequence[str], blocks: Sequence[tuple[str, Sequence[Sequence[str]]]], first: str = "metric"
) -> "Table":
    """Return a table with a heading for each block; all texts are shown as they are, markup or not.

    Where the terminal is too narrow, cells take several lines: half a number would be a wrong one.
    """
    from rich.markup import escape

    table = plain_table(title, (first, *heads), ())
    for metric, rows in blocks:
        for place, row in enumerate(rows):
            table.add_row(escape(metric) if place == 0 else "", *map(escape, row), end_section=place == len(rows) - 1)
    return table


def plain_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    """Return a table whose first column names each row; all texts are shown as they are, markup or not."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for place, head in enumerate(heads):
        table.add_column(escape(head.replace(", ", "\n")), style=None if place else "bold", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def value_cell(result: Measured | None) -> str:
    """Return a result as a cell says it."""
    if result is None:
        return "not measured"
    if result.value is None:
        return "undefined"
    return interval_cell(result.value, result.low, result.high)


def signed_cell(difference: Measured | None) -> str:
    """Return a difference, or a gap, as a cell says it."""
    if difference is None:
        return "not measured"
    if difference.value is None:
        return "none"
    return interval_cell(difference.value, difference.low, difference.high, "+")


def interval_cell(value: float, low: float | None, high: float | None, sign: str = "") -> str:
    """Return a number with its interval; `sign` "+" writes the sign of positive numbers too."""
    digits = 3 if abs(value) < 10 else 1
    value, *ends = (round(number, digits) + 0.0 for number in (value, low, high) if number is not None)  # no -0.000
    shown = f"{value:{sign}.{digits}f}"
    return f"{shown} [{', '.join(f'{end:.{digits}f}' for end in ends)}]" if ends else shown


def p_cell(value: float | None) -> str:
    """Return a p-value as a cell says it."""
    if value is None:
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def shown_names(results: Sequence[Result | Difference | Gap | GapDifference]) -> list[str]:
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
