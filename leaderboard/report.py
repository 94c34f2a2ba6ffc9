"""A report: runs side by side, a column each, no two numbers of different signature in one row."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..benchmark.record import Result
from ..benchmark.run import Run
from ..benchmark.store import make_folder, write_whole
from .levels import LEVELS
from .row import Row
from .table import block_table, short_splits, shown_names, value_cell

READING = (
    "Per input: how much the K samples of one prompt differ, averaged over prompts. Across inputs: how much one sample "
    "of each prompt differs from the others, averaged over the K draws. Brackets hold 95% intervals over prompts."
)


@dataclass(frozen=True)
class Report:
    """Runs side by side.

    Attributes:
        runs: as given.
        columns: for each run its label, with the settings in which the runs differ.
        rows: level by level, metric by metric, split by split.
    """

    runs: tuple[Run, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> "Report":
        """Lay out runs; results whose signatures differ in more than the sampler get rows of their own."""
        return cls(tuple(runs), _columns(runs), tuple(_rows(runs)))

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
        for line in self.remarks():
            console.print(line, highlight=False, markup=False, soft_wrap=True)

    def to_markdown(self, figure: str | None = None) -> str:
        """Return the report as Markdown, with a link to a figure if there is one."""
        lines = ["# Diversity in and out of distribution", "", READING, ""]
        if figure:
            lines += [f"![Diversity by split, with 95% intervals]({figure})", ""]
        for level, title in LEVELS.items():
            if rows := [row for row in self.rows if row.level == level]:
                heads = ("metric", "split", "shift", *self.columns)
                lines += [f"## {title.capitalize()}", "", _piped(heads), _piped(["---"] * len(heads))]
                lines += [_piped((row.metric, row.split, row.shift, *map(value_cell, row.cells))) for row in rows]
                lines.append("")
        lines += [f"- {_escaped(line)}" for line in self.remarks()]
        lines += ["", "## Signatures", ""]
        lines += [
            f"- `{signature}`"
            for signature in dict.fromkeys(r.signature for run in self.runs for r in run.scores.results)
        ]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> list[Path]:
        """Write `report.md` and `diversity.png` and return their paths.

        Raises:
            StoreFailed: the folder cannot be written.
        """
        from .figure import save_figure

        make_folder(folder)
        figure, page = folder / "diversity.png", folder / "report.md"
        save_figure(self.rows, self.columns, figure)
        write_whole(page, self.to_markdown(figure.name))
        return [page, figure]

    def remarks(self) -> list[str]:
        """Return what a reader of the numbers must know: unfinished runs, faults, undefined values."""
        lines = []
        for name, run in zip(self.columns, self.runs, strict=True):
            if run.record.state != "complete":
                lines.append(f"{name}: the run is {run.record.state}; only finished prompts are counted")
            lines += [f"{name}: {fault.split}: {fault.message}" for fault in run.record.faults]
            lines += [f"{name}: {remark}" for remark in undefined(run.scores.results)]
        return lines


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


def _columns(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return a name for each run: its label, the decoding in which runs differ, the folder if nothing else does."""
    decodings = [_common_decoding(run) for run in runs]
    differing = [name for name in decodings[0] if len({repr(decoding[name]) for decoding in decodings}) > 1]
    names = [
        ", ".join([run.record.label, *(f"{name}={decoding[name]}" for name in differing)])
        for run, decoding in zip(runs, decodings, strict=True)
    ]
    return tuple(
        f"{name} ({run.folder})" if names.count(name) > 1 else name for name, run in zip(names, runs, strict=True)
    )


def _common_decoding(run: Run) -> dict[str, object]:
    """Return the decoding of a run's first split; what tasks set themselves (budget, stops) is not a run's mark."""
    decoding = asdict(run.record.splits[0].decoding)
    return {name: value for name, value in decoding.items() if name not in ("max_tokens", "stop")}


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


def _blocks(rows: Sequence[Row]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Group rows by metric, for a table with a heading for each; splits go without their task where that is clear."""
    names = short_splits(row.split for row in rows)
    blocks: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        blocks.setdefault(row.metric, []).append((names[row.split], row.shift, *map(value_cell, row.cells)))
    return list(blocks.items())


def _piped(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_escaped(cell) for cell in cells) + " |"


def _escaped(text: str) -> str:
    """Make foreign text (labels, server messages) plain in Markdown."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
