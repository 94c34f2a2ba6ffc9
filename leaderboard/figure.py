"""The figures of a report: scores or gaps by split with intervals, a panel for each metric and level."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .canvas import new_figure, reach, save_with_legend
from .levels import LEVELS
from .row import Row

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

MARKERS = "osD^vPX*"

ABREAST = 5
"""Metrics that stand side by side."""

LONG = 13
"""Characters from which on the name of a split takes several lines."""


def save_figure(rows: Sequence[Row], columns: Sequence[str], path: Path, *, zero: bool = False) -> None:
    """Draw the rows of a report and write them as PNG.

    Panels of one metric stand above each other (per input, across inputs); in each, the splits of a task run from in
    distribution to far out of it, and each run has a colour and a marker of its own. `zero` draws a line there: gaps
    are read against it.

    Raises:
        StoreFailed: the file cannot be written.
    """
    lines = _lines(rows)
    across = max(map(len, lines))
    figure = new_figure(1.5 + 3.1 * across, 0.9 + 2.9 * len(lines))
    grid = figure.subplots(len(lines), across, squeeze=False)
    legend: dict[str, Artist] = {}
    for axes, line in zip(grid, lines, strict=True):
        for panel, shown in zip(axes, [*line, *[()] * (across - len(line))], strict=True):
            if not shown:
                panel.set_axis_off()
                continue
            _draw(panel, shown, columns)
            if zero:
                panel.axhline(0, color="0.4", linewidth=1, zorder=0)
            panel.set_title(f"{shown[0].metric[:40]}, {LEVELS[shown[0].level]}", fontsize=10)
            handles, labels = panel.get_legend_handles_labels()
            legend = dict(zip(labels, handles, strict=True)) | legend
    ordered = {name: legend[name] for name in columns if name in legend}
    save_with_legend(figure, ordered, path, columns=4, size=9)


def _lines(rows: Sequence[Row]) -> list[list[Sequence[Row]]]:
    """Return the rows of each panel, line by line: so many metrics side by side, their levels above each other."""
    metrics = list(dict.fromkeys(row.metric for row in rows))
    levels = list(dict.fromkeys(row.level for row in rows))
    lines: list[list[Sequence[Row]]] = []
    for start in range(0, len(metrics), ABREAST):
        for level in levels:
            some = metrics[start : start + ABREAST]
            line: list[Sequence[Row]] = [
                [row for row in rows if (row.level, row.metric) == (level, metric)] for metric in some
            ]
            if any(line):
                lines.append(line)
    return lines


def _draw(panel: "Axes", rows: Sequence[Row], columns: Sequence[str]) -> None:
    places, tasks = _places([row.split for row in rows]), _by_task(rows)
    for run, name in enumerate(columns):
        aside = 0.16 * (run - (len(columns) - 1) / 2) / max(1.0, len(columns) / 4)
        for task, members in tasks.items():
            points = [
                (places[row.split] + aside, cell.value, *reach(cell.value, cell))
                for row in members
                if (cell := row.cells[run]) and cell.value is not None
            ]
            if not points:
                continue
            at, values, below, above = zip(*points, strict=True)
            panel.errorbar(
                at,
                values,
                yerr=[below, above],
                color=f"C{run % 10}",
                marker=MARKERS[run % len(MARKERS)],
                markersize=5,
                linewidth=1,
                capsize=3,
                label=name if task == next(iter(tasks)) else None,
            )
    panel.set_xticks(
        list(places.values()),
        [f"{_label(split)}\n({shift})" for split, shift in {row.split: row.shift for row in rows}.items()],
        fontsize=7,
    )
    panel.margins(x=0.08)
    panel.tick_params(axis="y", labelsize=8)
    panel.grid(axis="y", alpha=0.3)


def _label(split: str) -> str:
    name = split.rpartition("/")[2]
    return name if len(name) < LONG else name.replace("_", "_\n")


def _places(splits: Sequence[str]) -> dict[str, float]:
    """Return where each split stands, with a gap between tasks."""
    places: dict[str, float] = {}
    place, task = 0.0, None
    for split in dict.fromkeys(splits):
        place += 0.5 if task not in (None, split.partition("/")[0]) else 0.0
        task = split.partition("/")[0]
        places[split] = place
        place += 1.0
    return places


def _by_task(rows: Sequence[Row]) -> dict[str, list[Row]]:
    tasks: dict[str, list[Row]] = {}
    for row in rows:
        tasks.setdefault(row.split.partition("/")[0], []).append(row)
    return tasks
