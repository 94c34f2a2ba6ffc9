"""Gaps for people, and differences of gaps: tables, what their signs mean, and why a row has no number."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from ..benchmark.generalisation.gap_differences import GapDifference
from ..benchmark.generalisation.gaps import READINGS, Gap
from ..benchmark.intervals import Interval
from ..benchmark.record import RunRecord
from ..benchmark.run import Run
from .levels import LEVELS
from .markdown import escaped, table
from .reasons import grouped
from .table import interval_cell, p_cell, plain_table, shown_names, signed_cell

Shown: TypeAlias = Gap | GapDifference
S = TypeVar("S", bound=Shown)

GAP_HEADS: Final = ("id", "ood", "gap", "% of id", "p")
DIFFERENCE_HEADS: Final = ("gap A", "gap B", "A - B", "paired", "p")

MORE: Final[Mapping[str, str]] = {
    "worse": "A loses more quality out of distribution than B",
    "less diverse": "A loses more variety out of distribution than B",
    "more diverse": "A gains more variety out of distribution than B, or loses less",
    "lower": "A falls more out of distribution than B",
}
"""What a positive difference of gaps means, by what a positive gap does."""


def print_gaps(gaps: Sequence[Gap], run: Run) -> None:
    """Print a run's gaps: a table for each pair of splits and level, a row for each metric."""
    _print_tables(gaps, GAP_HEADS, gap_cells)
    _print_lines(gap_remarks(gaps, run))


def print_gap_differences(found: Sequence[GapDifference], first: Run, second: Run) -> None:
    """Print the first run's gaps minus the second's, as `print_gaps` prints gaps."""
    _print_tables(found, DIFFERENCE_HEADS, difference_cells)
    _print_lines(difference_remarks(found, first, second))


def gaps_to_markdown(gaps: Sequence[Gap], run: Run) -> str:
    """Return a run's gaps as Markdown."""
    return _page("Generalisation gap", gaps, GAP_HEADS, gap_cells, gap_remarks(gaps, run))


def gap_differences_to_markdown(found: Sequence[GapDifference], first: Run, second: Run) -> str:
    """Return the differences of two runs' gaps as Markdown."""
    remarks = difference_remarks(found, first, second)
    return _page("Difference of generalisation gaps", found, DIFFERENCE_HEADS, difference_cells, remarks)


def gap_cells(gap: Gap) -> tuple[str, ...]:
    """Return the scores and the gap as a row says them."""
    return (
        *("none" if value is None else interval_cell(value, None, None) for value in (gap.id_value, gap.ood_value)),
        signed_cell(gap.gap) if gap.gap else "none",
        percent_cell(gap.relative),
        p_cell(gap.adjusted),
    )


def difference_cells(one: GapDifference) -> tuple[str, ...]:
    """Return the gaps and their difference as a row says them."""
    pairs = f"{one.id_paired}, {one.ood_paired}" if one.id_paired or one.ood_paired else "no"
    return (
        *("none" if value is None else interval_cell(value, None, None, "+") for value in (one.first, one.second)),
        signed_cell(one.difference) if one.difference else "none",
        pairs if one.difference else "",
        p_cell(one.adjusted),
    )


def percent_cell(share: Interval | None) -> str:
    """Return a share in percent with its interval, in as many digits as a reader can use."""
    if share is None:
        return "none"
    form = f".{0 if abs(share.value) >= 0.1 else 1}f"
    value = f"{100 * share.value:+{form}}"
    if share.low is None or share.high is None:
        return f"{value} unbounded"
    return f"{value} [{100 * share.low:{form}}, {100 * share.high:{form}}]"


def gap_remarks(gaps: Sequence[Gap], run: Run) -> list[str]:
    """Return what a reader of the numbers must know: what signs mean, unfinished runs, why a number is missing."""
    return [
        *meanings(gaps),
        *_unfinished("the run", run),
        *reasons((gap, gap.reason) for gap in gaps),
        *(f"% of id: {line}" for line in reasons((gap, gap.relative_reason) for gap in gaps)),
    ]


def difference_remarks(found: Sequence[GapDifference], first: Run, second: Run) -> list[str]:
    """Return what a reader of the differences must know."""
    return [
        f"A: {first.folder}",
        f"B: {second.folder}",
        *(f"A - B above 0: {MORE[word]} ({metrics})" for word, metrics in _by_reading(found)),
        *_unfinished("A", first),
        *_unfinished("B", second),
        *asked_otherwise(first.record, second.record),
        *reasons((one, one.reason) for one in found),
    ]


def meanings(gaps: Sequence[Gap]) -> list[str]:
    """Return what a positive gap says of the metrics there are."""
    return [f"a gap above 0: {word} out of distribution ({metrics})" for word, metrics in _by_reading(gaps)]


def reasons(found: Iterable[tuple[Shown, str | None]]) -> list[str]:
    """Return each reason once, behind the rows that it is about."""
    return grouped((f"{_short(one.ood_split)} {one.metric} {LEVELS[one.level]}", reason) for one, reason in found)


def _by_reading(found: Sequence[Shown]) -> list[tuple[str, str]]:
    """Return the metrics by what the model is out of distribution where their gap is positive."""
    words: dict[str, dict[str, None]] = {}
    for one in found:
        words.setdefault(READINGS[one.direction][0], {})[one.metric] = None
    return [(word, ", ".join(metrics)) for word, metrics in words.items()]


def _unfinished(name: str, run: Run) -> list[str]:
    complete = run.record.state == "complete"
    return [] if complete else [f"{name} is {run.record.state}; only finished prompts are counted"]


def asked_otherwise(first: RunRecord, second: RunRecord, here: str = "A", there: str = "B") -> list[str]:
    """Return the splits that two runs asked in different formats, a line each."""
    theirs = {split.name: split for split in second.splits}
    found = ((one, one.other_format(theirs[one.name], here, there)) for one in first.splits if one.name in theirs)
    return [f"{one.name}: {other}" for one, other in found if other]


def _print_tables(found: Sequence[S], heads: Sequence[str], cells: Callable[[S], tuple[str, ...]]) -> None:
    from rich.console import Console

    console = Console()
    tables: dict[str, list[tuple[str, ...]]] = {}
    for name, one in zip(shown_names(found), found, strict=True):
        title = f"{one.task} {LEVELS[one.level]}: {_short(one.id_split)} (id) - {_short(one.ood_split)} ({one.shift})"
        tables.setdefault(title, []).append((name, *cells(one)))
    for title, rows in tables.items():
        console.print(plain_table(title, ("metric", *heads), rows))
    console.print("95% intervals; p after Holm, for all rows of all tables", highlight=False)


def _print_lines(lines: Sequence[str]) -> None:
    from rich.console import Console

    for line in lines:
        Console().print(line, highlight=False, markup=False, soft_wrap=True)


def _page(
    title: str, found: Sequence[S], heads: Sequence[str], cells: Callable[[S], tuple[str, ...]], remarks: Sequence[str]
) -> str:
    rows = [
        (one.id_split, _short(one.ood_split), name, LEVELS[one.level], *cells(one), one.reading or "")
        for name, one in zip(shown_names(found), found, strict=True)
    ]
    return "\n".join(
        [
            f"# {title}",
            "",
            "Brackets hold 95% intervals; p is after Holm's correction for all rows.",
            "",
            *table(("from", "out to", "metric", "level", *heads, "out of distribution"), rows),
            "",
            *(f"- {escaped(line)}" for line in remarks),
            "",
            "## Signatures",
            "",
            *(f"- `{signature}`" for signature in dict.fromkeys(one.signature for one in found)),
            "",
        ]
    )


def _short(split: str) -> str:
    return split.rpartition("/")[2]
