"""Views: the tables of a board, one for each split, metric, level and signature; numbers of two are never mixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite

from ...benchmark.generalisation.gaps import estimate_of, metric_class
from ...benchmark.record import Result
from ...metrics import Direction, Level
from .data import short
from .entry import Entry, shift_of
from .ranks import Range, ranks
from .slugs import identifier


@dataclass(frozen=True)
class View:
    """One column of numbers that mean the same.

    Attributes:
        split: TASK/SPLIT.
        shift: id, near or far.
        metric: its name.
        level: per input or across inputs.
        signature: all that decides the numbers.
        direction: of the metric; None where it is not known here.
        limits: its range.
        entries: who has the number, in the order of the models.
        results: their numbers.
    """

    split: str
    shift: str
    metric: str
    level: Level
    signature: str
    direction: Direction | None
    limits: tuple[float, float] | None
    entries: tuple[Entry, ...]
    results: tuple[Result, ...]

    @property
    def id(self) -> str:
        """Its address."""
        return identifier("view", self.split, self.metric, self.level, self.signature)

    @cached_property
    def ranks(self) -> list[Range]:
        """The range of ranks of each number."""
        estimates = [estimate_of(result) for result in self.results]
        return ranks(estimates, self.direction, self.limits or (-inf, inf))

    def described(self) -> dict[str, object]:
        """Return what the list of views says of it."""
        return {
            "id": self.id,
            "split": self.split,
            "shift": self.shift,
            "metric": self.metric,
            "level": self.level,
            "signature": self.signature,
            "direction": self.direction,
            "range": [end if isfinite(end) else None for end in self.limits] if self.limits else None,
            "count": len(self.results),
        }

    def columns(self) -> dict[str, list[object]]:
        """Return its numbers, column by column."""
        return {
            "model": [entry.index for entry in self.entries],
            "value": [short(result.value) for result in self.results],
            "low": [short(result.low) for result in self.results],
            "high": [short(result.high) for result in self.results],
            "first": [place and place[0] for place in self.ranks],
            "last": [place and place[1] for place in self.ranks],
            "inputs": [result.inputs for result in self.results],
            "standing": [entry.standing(result) for entry, result in zip(self.entries, self.results, strict=True)],
        }


def views_of(entries: Sequence[Entry]) -> list[View]:
    """Return the views of a board, those of most models first."""
    found: dict[tuple[str, str, Level, str], list[tuple[Entry, Result]]] = {}
    for entry in entries:
        for result in entry.results:
            key = (result.split or "", result.metric, result.level, result.signature)
            found.setdefault(key, []).append((entry, result))
    shifts = {name: shift_of(name, [entry for entry, _ in rows]) for (name, *_), rows in found.items()}
    classes = {metric: metric_class(metric) for _, metric, *_ in found}
    views = []
    for (split, metric, level, signature), rows in found.items():
        known = classes[metric]
        views.append(
            View(
                split=split,
                shift=shifts[split],
                metric=metric,
                level=level,
                signature=signature,
                direction=known.direction if known else None,
                limits=known.range if known else None,
                entries=tuple(entry for entry, _ in rows),
                results=tuple(result for _, result in rows),
            )
        )
    return sorted(views, key=lambda view: -len(view.results))
