"""The picture of a comparison: quality against diversity, a panel a split, a point with both intervals for each run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..benchmark.generalisation.gaps import metric_class
from .canvas import new_figure, reach, save_with_legend
from .figure import MARKERS
from .planes import Plane
from .table import short_splits

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

ABREAST = 3
"""Panels that stand side by side."""

LETTER = 0.075
"""Width of a letter of the legend in inches: longer names than the figure is wide are cut."""


def save_planes(planes: Sequence[Plane], names: Sequence[str], path: Path) -> None:
    """Draw planes and write them as PNG.

    Args:
        planes: at least one.
        names: what the legend calls each run.
        path: of the file.

    Raises:
        StoreFailed: the file cannot be written.
    """
    abreast = min(ABREAST, len(planes))
    down = -(-len(planes) // abreast)
    width = max(4.8, 3.6 * abreast)
    names = [_plain(name, int(width / LETTER) - 6) for name in names]
    figure = new_figure(width, 0.9 + 0.2 * len(names) + 3.2 * down)
    panels = list(figure.subplots(down, abreast, squeeze=False).flat)
    short = short_splits(plane.split for plane in planes)
    legend: dict[str, Artist] = {}
    for panel, plane in zip(panels, planes, strict=False):
        _draw(panel, plane, names)
        panel.set_title(_plain(short[plane.split], 40), fontsize=10)
        handles, labels = panel.get_legend_handles_labels()
        legend |= dict(zip(labels, handles, strict=True))
    for empty in panels[len(planes) :]:
        empty.set_axis_off()
    ordered = {name: legend[name] for name in names if name in legend}
    save_with_legend(figure, ordered, path, columns=1, size=8)


def _draw(panel: "Axes", plane: Plane, names: Sequence[str]) -> None:
    for place, (name, point) in enumerate(zip(names, plane.points, strict=True)):
        if point is None or point[0].value is None or point[1].value is None:
            continue
        across, up = point[0].value, point[1].value
        panel.errorbar(
            [across],
            [up],
            xerr=[[end] for end in reach(across, point[0])],
            yerr=[[end] for end in reach(up, point[1])],
            color=f"C{place % 10}",
            marker=MARKERS[place % len(MARKERS)],
            markersize=6,
            linewidth=1,
            capsize=3,
            linestyle="none",
            label=name,
        )
    metric = metric_class(plane.x.partition(":")[0])
    fewer = metric is not None and metric.direction == "lower_is_more_diverse"
    panel.set_xlabel(f"{_name(plane.x)} per input ({'less' if fewer else 'more'} diverse →)", fontsize=9)
    panel.set_ylabel(f"{_name(plane.y)} (better →)", fontsize=9)
    panel.tick_params(labelsize=8)
    panel.margins(0.12)
    panel.grid(alpha=0.3)


def _name(metric: str) -> str:
    return metric.partition(":")[0]


def _plain(text: str, longest: int) -> str:
    """Make foreign text plain for matplotlib: no formula between dollars, no more of it than there is room for."""
    shown = " ".join(text.split())
    shown = shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
    return shown.replace("$", r"\$")
