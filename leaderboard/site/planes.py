"""Planes: how well models hold up out of distribution against how varied they are there, and who is on the front."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...benchmark.generalisation.gaps import metric_class
from ...benchmark.intervals import Interval
from ...benchmark.record import Result
from ...metrics.texts import FloatArray
from .data import short
from .entry import Entry, shift_of
from .slugs import identifier


@dataclass(frozen=True)
class Axis:
    """What one axis of a plane shows: always written so that more is better, or more varied."""

    metric: str
    level: str
    signature: str
    label: str


@dataclass(frozen=True)
class Point:
    """One model in a plane."""

    entry: Entry
    x: Interval
    y: Interval


@dataclass(frozen=True)
class Plane:
    """Models by their diversity and by their generalisation on one split out of distribution; one signature an axis."""

    task: str
    split: str
    shift: str
    x: Axis
    y: Axis
    points: tuple[Point, ...]

    @property
    def id(self) -> str:
        """Its address."""
        return identifier("plane", self.split, self.x.label, self.x.signature, self.y.label, self.y.signature)

    def described(self) -> dict[str, object]:
        """Return what the list of planes says of it."""
        return {
            "id": self.id,
            "task": self.task,
            "split": self.split,
            "shift": self.shift,
            "x": vars(self.x),
            "y": vars(self.y),
            "count": len(self.points),
        }

    def columns(self) -> dict[str, list[object]]:
        """Return its points, column by column."""
        on_front = front(
            np.array([point.x.value for point in self.points]), np.array([point.y.value for point in self.points])
        )
        found: dict[str, list[object]] = {"model": [point.entry.index for point in self.points]}
        for axis, intervals in (("x", [one.x for one in self.points]), ("y", [one.y for one in self.points])):
            found[axis] = [short(one.value) for one in intervals]
            found[f"{axis}_low"] = [short(one.low) for one in intervals]
            found[f"{axis}_high"] = [short(one.high) for one in intervals]
        return {**found, "front": [int(one) for one in on_front]}


def planes_of(entries: Sequence[Entry]) -> list[Plane]:
    """Return the planes of a board, those of most models first; without quality, or with one model, there is none."""
    found: dict[tuple[str, Axis, Axis], list[Point]] = {}
    for entry in entries:
        for split, x, y, point in _points(entry):
            found.setdefault((split, x, y), []).append(point)
    planes = [
        Plane(
            task=split.rpartition("/")[0],
            split=split,
            shift=shift_of(split, [point.entry for point in points]),
            x=x,
            y=y,
            points=tuple(points),
        )
        for (split, x, y), points in found.items()
        if len(points) > 1
    ]
    return sorted(planes, key=lambda plane: -len(plane.points))


def front(x: FloatArray, y: FloatArray) -> list[bool]:
    """Return which points no other dominates: none is as good in both and better in one; equals stand together.

    >>> front(np.array([1.0, 2.0, 3.0, 1.0, 3.0]), np.array([3.0, 2.0, 1.0, 1.0, 1.0]))
    [True, True, True, False, True]
    """
    order = np.lexsort((-y, -x))
    found = [False] * len(x)
    best, best_x = -np.inf, np.inf
    for place in order.tolist():
        if y[place] > best or (y[place] == best and x[place] == best_x):
            found[place] = True
            best, best_x = float(y[place]), float(x[place])
    return found


def _points(entry: Entry) -> Iterator[tuple[str, Axis, Axis, Point]]:
    """Yield where a model stands in each plane that it can be in."""
    for split, record in entry.splits.items():
        if record.shift == "id":
            continue
        results = [one for one in entry.results if one.split == split and one.level == "per_input"]
        across = [found for result in results if (found := _diversity(result))]
        if not across:
            continue
        for up, y in (*_quality(results), *_lost(entry, split)):
            for axis, x in across:
                yield split, axis, up, Point(entry, x, y)


def _diversity(result: Result) -> tuple[Axis, Interval] | None:
    known = metric_class(result.metric)
    if known is None or result.value is None or not known.direction.endswith("more_diverse"):
        return None
    interval = Interval(result.value, result.low, result.high)
    higher = known.direction == "higher_is_more_diverse"
    label = f"{result.metric} (diversity)" if higher else f"minus {result.metric} (diversity)"
    axis = Axis(result.metric, result.level, result.signature, label)
    return axis, interval if higher else minus(interval)


def _quality(results: Sequence[Result]) -> Iterator[tuple[Axis, Interval]]:
    for result in results:
        known = metric_class(result.metric)
        if known and known.direction == "higher_is_better" and result.value is not None:
            axis = Axis(result.metric, result.level, result.signature, f"{result.metric} out of distribution")
            yield axis, Interval(result.value, result.low, result.high)


def _lost(entry: Entry, split: str) -> Iterator[tuple[Axis, Interval]]:
    """Yield minus the gaps of quality: what is gained out of distribution, less than nothing where it is lost."""
    for gap in entry.gaps:
        if (gap.ood_split, gap.level, gap.direction) == (split, "per_input", "higher_is_better") and gap.gap:
            label = f"minus the gap of {gap.metric} from {gap.id_split.rpartition('/')[2]}"
            yield Axis(gap.metric, gap.level, gap.signature, label), minus(gap.gap)


def minus(interval: Interval) -> Interval:
    """Return an interval with its sign changed.

    >>> minus(Interval(1.0, 0.5, None))
    Interval(value=-1.0, low=None, high=-0.5)
    """
    low, high = interval.high, interval.low
    return Interval(-interval.value, None if low is None else -low, None if high is None else -high)
