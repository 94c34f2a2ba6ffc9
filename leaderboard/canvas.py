"""Canvas: what all figures have in common, from an empty sheet to a PNG file."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreFailed
from .row import Measured

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of so many inches, which needs no screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_with_legend(
    figure: "Figure", legend: Mapping[str, "Artist"], path: Path, *, columns: int, size: float
) -> None:
    """Write a figure as PNG, its legend below it in at most so many columns of letters of this size.

    Raises:
        StoreFailed: the file cannot be written.
    """
    figure.legend(
        list(legend.values()),
        list(legend),
        loc="outside lower center",
        ncols=min(columns, max(1, len(legend))),
        frameon=False,
        fontsize=size,
    )
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of signs that the font lacks
            figure.savefig(path, dpi=150)
    except OSError as error:
        raise StoreFailed(f"cannot write {path}: {error.strerror}; make room or choose another folder") from error


def reach(value: float, result: Measured) -> tuple[float, float]:
    """Return how far a result's interval reaches below and above its value; 0 where it has none."""
    low = value if result.low is None else result.low
    high = value if result.high is None else result.high
    return max(0.0, value - low), max(0.0, high - value)
