"""Tables of a comparison, for every form in which it is shown, and the lines that a reader needs beside them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from ..benchmark.comparing import Difference
from ..benchmark.comparisons import Versus
from ..benchmark.contenders import Contender
from ..benchmark.generalisation.gap_differences import GapDifference
from ..benchmark.verdicts import VERDICTS
from .levels import LEVELS
from .reasons import grouped
from .table import interval_cell, p_cell, short_splits, shown_names, signed_cell

Shown: TypeAlias = Difference | GapDifference
S = TypeVar("S", bound=Shown)


@dataclass(frozen=True)
class Table:
    """One table: the first contender against another, at one level.

    Attributes:
        title: what it is of.
        heads: of the columns; the first two are the metric, said once a block, and what it is on.
        blocks: by metric its rows, without the metric.
    """

    title: str
    heads: tuple[str, ...]
    blocks: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]

    @property
    def rows(self) -> list[list[tuple[str, ...]]]:
        """The rows by block, the metric in each."""
        return [[(metric, *row) for row in rows] for metric, rows in self.blocks]


def difference_tables(versus: Versus, first: Contender) -> list[Table]:
    """Return the tables of differences on common inputs, one a level."""
    a, b = first.letter, versus.other.letter
    short = short_splits(row.split or "samples" for row in versus.differences)

    def cells(row: Difference) -> tuple[str, ...]:
        return (
            short[row.split or "samples"],
            *_values(row.first, row.second),
            "none" if row.difference is None else signed_cell(row.difference),
            p_cell(row.adjusted),
            row.verdict,
        )

    heads = ("metric", "split", a, b, f"{a} - {b}", "p", f"{a} is")
    return [
        Table(f"{a} - {b}, {title}: {_paired(rows)}", heads, _blocks(rows, cells))
        for level, title in LEVELS.items()
        if (rows := [row for row in versus.differences if row.level == level])
    ]


def gap_tables(versus: Versus, first: Contender) -> list[Table]:
    """Return the tables of differences of gaps, one a level; none where there are none."""
    a, b = first.letter, versus.other.letter
    short = short_splits(row.ood_split for row in versus.gaps)

    def cells(row: GapDifference) -> tuple[str, ...]:
        return (
            short[row.ood_split],
            *_values(row.first, row.second, "+"),
            "none" if row.difference is None else signed_cell(row.difference),
            p_cell(row.adjusted),
            row.verdict,
        )

    heads = ("metric", "out to", f"gap {a}", f"gap {b}", f"{a} - {b}", "p", f"{a} is")
    return [
        Table(f"gap of {a} - gap of {b}, {title}", heads, _blocks(rows, cells))
        for level, title in LEVELS.items()
        if (rows := [row for row in versus.gaps if row.level == level])
    ]


def counted(versus: Versus, first: Contender) -> str:
    """Say how often which verdict was given."""
    found = Counter(row.verdict for row in versus.differences)
    said = ", ".join(f"{verdict} {found[verdict]}" for verdict in VERDICTS if found[verdict])
    gaps = Counter(row.verdict for row in versus.gaps)
    losses = ", ".join(f"{verdict} {gaps[verdict]}" for verdict in VERDICTS if gaps[verdict])
    return f"{first.letter} beside {versus.other.letter}: {said}" + (f"; by gaps: {losses}" if losses else "")


def explanations(found: Sequence[Versus]) -> list[str]:
    """Say how verdicts and p-values are to be read."""
    compared = sum(row.p_value is not None for versus in found for row in versus.differences)
    gaps = sum(row.p_value is not None for versus in found for row in versus.gaps)
    lines = [
        "better: of higher quality, or more diverse (lower values are, of self_bleu, compression, duplicates and "
        "their like); higher and lower: of metrics that are neither, such as length"
    ]
    if compared:
        lines.append(
            f"a verdict needs p < 0.05, p being Holm's over all {compared} differences of this comparison; brackets "
            "hold 95% intervals of single differences"
        )
    if gaps:
        lines.append(
            "gaps are in minus out of distribution; better: loses less out of distribution; p is Holm's over all "
            f"{gaps} differences of gaps, a family of their own"
        )
    return lines


def reasons(versus: Versus, first: Contender) -> list[str]:
    """Return each reason once, behind the rows that it is about, and what else is odd."""
    pair = f"{first.letter} - {versus.other.letter}"
    rows: list[tuple[str, str | None]] = [
        (f"{row.split or 'samples'}: {row.metric} {LEVELS[row.level]}", row.reason) for row in versus.differences
    ]
    rows += [
        (f"gap, {row.id_split} - {row.ood_split}: {row.metric} {LEVELS[row.level]}", row.reason) for row in versus.gaps
    ]
    lines = [f"{pair}: {line}" for line in grouped(rows, "; ")]
    letter = versus.other.letter
    return lines + [
        f"{name or 'samples'}: ids with another prompt in {letter} than in {first.letter}: {count}; do they name the "
        "same inputs?"
        for name, count in dict.fromkeys((row.split, row.other_prompts) for row in versus.differences)
        if count
    ]


def _values(first: float | None, second: float | None, sign: str = "") -> list[str]:
    return ["none" if value is None else interval_cell(value, None, None, sign) for value in (first, second)]


def _paired(rows: Sequence[Difference]) -> str:
    counts = [row.inputs for row in rows if row.inputs]
    if not counts:
        return "no difference to state; reasons below"
    few, many = min(counts), max(counts)
    on = f"{few} to {many} inputs" if few < many else f"{many} {'input' if many == 1 else 'inputs'}"
    return f"paired on {on}"


def _blocks(
    rows: Iterable[S], cells: Callable[[S], tuple[str, ...]]
) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
    found = list(rows)
    blocks: dict[str, list[tuple[str, ...]]] = {}
    for name, row in zip(shown_names(found), found, strict=True):
        blocks.setdefault(name, []).append(cells(row))
    return tuple((name, tuple(lines)) for name, lines in blocks.items())
