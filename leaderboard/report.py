"""A report: runs side by side, a column each, no two numbers of different signature in one row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..benchmark.generalisation.gaps import Gap, gaps, pairs
from ..benchmark.record import Result
from ..benchmark.run import Run
from ..benchmark.store import make_folder, write_whole
from .columns import columns
from .gap_rows import gap_rows
from .gaps import meanings, reasons
from .levels import LEVELS
from .markdown import escaped as _escaped
from .markdown import piped as _piped
from .markdown import table
from .row import Measured, Row
from .table import block_table, short_splits, shown_names, signed_cell, value_cell

READING = (
    "Per input: how much the K samples of one prompt differ (quality and length: what they have on average), averaged "
    "over prompts. Across inputs: how much one sample of each prompt differs from the others, averaged over K draws. "
    "Brackets hold 95% intervals over prompts."
)


@dataclass(frozen=True)
class Report:
    """Runs side by side.

    Attributes:
        runs: as given.
        columns: for each run its label, with the settings in which the runs differ.
        rows: level by level, metric by metric, split by split.
        gaps: for each run its gaps; none where it has no task with splits in and out of distribution.
    """

    runs: tuple[Run, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    gaps: tuple[tuple[Gap, ...], ...]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> "Report":
        """Lay out runs; results whose signatures differ in more than the sampler get rows of their own."""
        found = tuple(tuple(gaps(run)) if pairs(run.record) else () for run in runs)
        return cls(tuple(runs), columns(runs), tuple(_rows(runs)), found)

    def to_json(self) -> dict[str, object]:
        """Return the report as a JSON value."""
        named = list(zip(self.columns, self.runs, strict=True))
        return {
            "schema": 1,
            "runs": [
                {"run": name, "folder": str(run.folder), "state": run.record.state, "model": asdict(run.record.model)}
                for name, run in named
            ],
            "results": [
                {"run": name, **result.model_dump(mode="json")} for name, run in named for result in run.scores.results
            ],
            "gaps": [
                {"run": name, **gap.to_json()}
                for name, of_run in zip(self.columns, self.gaps, strict=True)
                for gap in of_run
            ],
            "faults": [
                {"run": name, **fault.model_dump(mode="json")} for name, run in named for fault in run.record.faults
            ],
        }

    def print(self) -> None:
        """Print the tables, and what a reader must know about them, on standard output."""
        from rich.console import Console

        console = Console()
        for level in LEVELS:
            if rows := [row for row in self.rows if row.level == level]:
                console.print(
                    block_table(
                        f"{LEVELS[level]} (95% intervals over prompts)",
                        ("split", "shift", *self.columns),
                        _blocks(rows),
                    )
                )
        for level in LEVELS:
            if rows := [row for row in gap_rows(self.gaps) if row.level == level]:
                title = f"gap, {LEVELS[level]}: in minus out of distribution (95% intervals)"
                console.print(block_table(title, ("out to", "shift", *self.columns), _blocks(rows, signed_cell)))
        for line in self.remarks():
            console.print(line, highlight=False, markup=False, soft_wrap=True)

    def to_markdown(self, figure: str | None = None, gap_figure: str | None = None) -> str:
        """Return the report as Markdown, with links to its figures if there are any."""
        lines = ["# In and out of distribution", "", READING, ""]
        if figure:
            lines += [f"![Diversity by split, with 95% intervals]({figure})", ""]
        for level, title in LEVELS.items():
            if rows := [row for row in self.rows if row.level == level]:
                heads = ("metric", "split", "shift", *self.columns)
                lines += [f"## {title.capitalize()}", "", _piped(heads), _piped(["---"] * len(heads))]
                lines += [_piped((row.metric, row.split, row.shift, *map(value_cell, row.cells))) for row in rows]
                lines.append("")
        lines += self._gap_section(gap_figure)
        lines += [f"- {_escaped(line)}" for line in self.remarks()]
        lines += ["", "## Signatures", ""]
        lines += [
            f"- `{signature}`"
            for signature in dict.fromkeys(r.signature for run in self.runs for r in run.scores.results)
        ]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> list[Path]:
        """Write `report.md`, `diversity.png` and, where there are gaps, `gap.png`, and return their paths.

        Raises:
            StoreFailed: the folder cannot be written.
        """
        from .figure import save_figure

        make_folder(folder)
        figure, page = folder / "diversity.png", folder / "report.md"
        save_figure(self.rows, self.columns, figure)
        figures = [figure]
        if rows := gap_rows(self.gaps):
            figures.append(folder / "gap.png")
            save_figure(rows, self.columns, figures[-1], zero=True)
        write_whole(page, self.to_markdown(*(path.name for path in figures)))
        return [page, *figures]

    def remarks(self) -> list[str]:
        """Return what a reader of the numbers must know: unfinished runs, faults, undefined values."""
        lines = []
        for name, run in zip(self.columns, self.runs, strict=True):
            if run.record.state != "complete":
                lines.append(f"{name}: the run is {run.record.state}; only finished prompts are counted")
            lines += [f"{name}: {fault.split}: {fault.message}" for fault in run.record.faults]
            lines += [f"{name}: {remark}" for remark in undefined(run.scores.results)]
        for name, of_run in zip(self.columns, self.gaps, strict=True):
            lines += [f"{name}: {line}" for line in reasons((gap, gap.reason) for gap in of_run if gap.gap is None)]
        return lines + meanings([gap for of_run in self.gaps for gap in of_run])

    def _gap_section(self, figure: str | None) -> list[str]:
        """Return the gaps as lines of Markdown."""
        rows = gap_rows(self.gaps)
        if not rows:
            return []
        lines = ["## Gap: in minus out of distribution", ""]
        if figure:
            lines += [f"![Gap by split out of distribution, with 95% intervals]({figure})", ""]
        heads = ("metric", "level", "out to", "shift", *self.columns)
        cells = ((row.metric, LEVELS[row.level], row.split, row.shift, *map(signed_cell, row.cells)) for row in rows)
        return [*lines, *table(heads, cells), ""]


def undefined(results: Iterable[Result]) -> list[str]:
    """Return one line for each result that is undefined for some inputs."""
    return [
        f"{result.split or 'samples'}: {result.metric} {LEVELS[result.level]} is undefined for {result.undefined} "
        f"{'of the inputs' if result.level == 'per_input' else 'of the draws'}: {result.reason}"
        for result in results
        if result.undefined
    ]


def print_results(results: Sequence[Result]) -> None:
    """Print the scores of samples that belong to no run."""
    from rich.console import Console

    console = Console()
    blocks: dict[str, list[tuple[str, ...]]] = {}
    for name, result in zip(shown_names(results), results, strict=True):
        blocks.setdefault(name, []).append((LEVELS[result.level], str(result.inputs), value_cell(result)))
    console.print(block_table("scores (95% intervals over inputs)", ("level", "inputs", "value"), list(blocks.items())))
    for line in undefined(results):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _rows(runs: Sequence[Run]) -> Iterable[Row]:
    shifts = {split.name: split.shift for run in runs for split in run.record.splits}
    found: dict[tuple[str, str, str, str], dict[int, Result]] = {}
    for index, run in enumerate(runs):
        for result in run.scores.results:
            comparable = result.signature.rpartition("|")[0]
            found.setdefault((result.level, result.metric, comparable, result.split or ""), {})[index] = result
    metrics = list(dict.fromkeys(metric for _, metric, _, _ in found))
    variants = {name: len({signature for _, metric, signature, _ in found if metric == name}) for name in metrics}
    order = {split: place for place, split in enumerate(shifts)}
    for level, metric, comparable, split in sorted(
        found, key=lambda key: (list(LEVELS).index(key[0]), metrics.index(key[1]), key[2], order[key[3]])
    ):
        cells = found[level, metric, comparable, split]
        yield Row(
            level=level,
            metric=metric if variants[metric] <= len(LEVELS) else comparable,
            split=split,
            shift=shifts[split],
            signature=comparable,
            cells=tuple(cells.get(index) for index in range(len(runs))),
        )


def _blocks(
    rows: Sequence[Row], cell: Callable[[Measured | None], str] = value_cell
) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Group rows by metric, for a table with a heading for each; splits go without their task where that is clear."""
    names = short_splits(row.split for row in rows)
    blocks: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        blocks.setdefault(row.metric, []).append((names[row.split], row.shift, *map(cell, row.cells)))
    return list(blocks.items())
