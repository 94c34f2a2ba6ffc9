"""A number with its interval as a small drawing beside it: where it stands on a scale that all of its kind share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ...benchmark.record import Result

WIDTH: Final = 100
"""Of the line."""


@dataclass(frozen=True)
class Mark:
    """Places on a line from 0 to 100: the number, and the ends of its interval."""

    at: float
    low: float
    high: float


Scale = tuple[float, float]


def scales(results: Iterable[Result]) -> dict[tuple[str, str], Scale]:
    """Return by metric and level from where to where its numbers and intervals reach."""
    found: dict[tuple[str, str], Scale] = {}
    for result in results:
        ends = [end for end in (result.value, result.low, result.high) if end is not None]
        if ends:
            low, high = found.get((result.metric, result.level), (ends[0], ends[0]))
            found[result.metric, result.level] = min(low, *ends), max(high, *ends)
    return found


def mark(result: Result, among: Mapping[tuple[str, str], Scale]) -> Mark | None:
    """Return where a number is drawn, or None where there is none.

    >>> from types import SimpleNamespace
    >>> mark(SimpleNamespace(metric="ead", level="per_input", value=0.5, low=0.4, high=None),
    ...      {("ead", "per_input"): (0.0, 1.0)})
    Mark(at=50.0, low=40.0, high=50.0)
    """
    if result.value is None:
        return None
    low, high = among[result.metric, result.level]
    wide = high - low

    def place(end: float | None) -> float:
        value = result.value if end is None else end
        assert value is not None  # noqa: S101  said above
        return round(WIDTH * (value - low) / wide, 1) if wide > 0 else WIDTH / 2

    return Mark(place(result.value), place(result.low), place(result.high))
