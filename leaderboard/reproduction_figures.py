"""The figures of a reproduction: policies by quality and diversity, and the curves of its sweeps."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..benchmark.intervals import Interval
from ..benchmark.reproduce.findings import Findings
from ..benchmark.reproduce.step import LABELS
from ..benchmark.reproduce.sweeps import Point
from .canvas import new_figure, reach, save_with_legend

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"SFT": "C0", "RLHF": "C3", "BoN": "C2"}
MARKERS = {"id": "o", "near": "s", "far": "^"}


def save_policies(findings: Findings, path: Path) -> None:
    """Draw quality against each diversity: a colour for each policy, a marker for each side of the shift."""
    scores = list(dict.fromkeys(level.score for level in findings.levels))
    quality, diversities = scores[0], scores[1:]
    figure, panels = _panels(len(diversities))
    found = {(level.score, level.side, LABELS[level.policy]): level.interval for level in findings.levels}
    for panel, diversity in zip(panels, diversities, strict=True):
        for (score, side, policy), across in found.items():
            up = found.get((quality, side, policy))
            if score == diversity and across is not None and up is not None:
                _cross(panel, across, up, policy, MARKERS[side], f"{policy}, {side}")
        panel.set_xlabel(diversity, fontsize=9)
        panel.set_ylabel(quality, fontsize=9)
    _finish(figure, panels, path)


def save_sweep(curves: dict[str, Sequence[Point]], findings: Findings, path: Path, *, kl: bool) -> None:
    """Draw a sweep: over the measured KL each score; over temperatures quality against each diversity."""
    quality, *diversities = dict.fromkeys(level.score for level in findings.levels)
    shown = [quality, *diversities] if kl else diversities
    figure, panels = _panels(len(shown))
    for panel, score in zip(panels, shown, strict=True):
        for policy, points in curves.items():
            _curve(panel, policy, points, score, quality, kl=kl)
        panel.set_xlabel("measured KL from SFT (nats a sample)" if kl else score, fontsize=9)
        panel.set_ylabel(score if kl else quality, fontsize=9)
    _finish(figure, panels, path)


def _curve(panel: "Axes", policy: str, points: Sequence[Point], score: str, quality: str, *, kl: bool) -> None:
    line = []
    for point in points:
        value, up = point.scores.get(score), point.scores.get(quality)
        if value is None or up is None:
            continue
        if kl:
            at = point.setting if point.kl is None else point.kl
            _cross(panel, Interval(at, None, None), value, policy, "o", policy)
            line.append((at, value.value))
        else:
            _cross(panel, value, up, policy, "o", policy)
            line.append((value.value, up.value))
        panel.annotate(
            f"{'KL' if kl else 'T'} {point.setting:g}", line[-1], xytext=(4, 4), textcoords="offset points", fontsize=7
        )
    if line:
        panel.plot(*zip(*line, strict=True), color=COLOURS[policy], linewidth=1, alpha=0.6)


def _cross(panel: "Axes", across: Interval, up: Interval, policy: str, marker: str, label: str) -> None:
    panel.errorbar(
        [across.value],
        [up.value],
        xerr=[[end] for end in reach(across.value, across)],
        yerr=[[end] for end in reach(up.value, up)],
        color=COLOURS[policy],
        marker=marker,
        markersize=5,
        linewidth=0.8,
        linestyle="none",
        label=label,
    )


def _panels(count: int) -> tuple["Figure", "list[Axes]"]:
    abreast = 2 if count in (2, 4) else min(3, count)
    down = -(-count // abreast)
    figure = new_figure(3.6 * abreast, 0.6 + 3.1 * down)
    panels = list(figure.subplots(down, abreast, squeeze=False).flat)
    for empty in panels[count:]:
        empty.set_axis_off()
    return figure, panels[:count]


def _finish(figure: "Figure", panels: "Sequence[Axes]", path: Path) -> None:
    legend: dict[str, Artist] = {}
    for panel in panels:
        panel.grid(alpha=0.3)
        panel.tick_params(labelsize=8)
        handles, labels = panel.get_legend_handles_labels()
        legend |= dict(zip(labels, handles, strict=True))
    save_with_legend(figure, legend, path, columns=3, size=8)
