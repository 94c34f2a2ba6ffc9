"""Variance components: what of the spread of a score over prompts is the prompts', and what is the sampling's.

The value of one prompt from K samples varies between prompts (another prompt is another question) and within one
(another K samples). More prompts help against both, more samples against the second only; how much of each there is
decides what is cheapest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from ...errors import BadInput
from ...metrics import FloatArray, Graded, Level, Metric
from ..formats.row import Row
from ..measuring import measure

SUBSETS: Final = 16
"""Sets of each size that are looked at for each prompt, about."""

How = Literal["exact", "measured", "extrapolated"]


@dataclass(frozen=True)
class Spread:
    """How the values of single prompts spread when each has `samples` samples.

    Attributes:
        samples: K.
        total: variance over prompts, sampling included.
        within: the part of it that is sampling: the variance of one prompt's value over other samples of it. None where
            the pilot has too few samples to tell.
        how: how `total` is known: "exact" where the value is a mean over samples, so that `within` falls as 1/K;
            "measured" on sets of that size, drawn from the pilot's samples; "extrapolated" beyond the pilot's K, where
            what is the prompts' stays and `within` falls as 1/K. Sets of more than half of the pilot's samples overlap,
            so that from there on `within` is extrapolated in any case.
        defined: share of prompts that have a value.
    """

    samples: int
    total: float
    within: float | None
    how: How
    defined: float = 1.0

    @property
    def between(self) -> float | None:
        """The part that is the prompts': variance of what each prompt's value is in expectation."""
        return None if self.within is None else max(0.0, self.total - self.within)


def spreads(rows: Sequence[Row], metric: Metric, level: Level, sizes: Sequence[int], seed: int = 0) -> list[Spread]:
    """Return the spread at each size that the pilot can tell of; the others are left out.

    Args:
        rows: the pilot's prompts, with equally many samples.
        metric: what to look at.
        level: per input, or across inputs, where K is the number of draws that are averaged.
        sizes: numbers of samples.
        seed: of the subsets.

    Raises:
        BadInput: the metric has no such level, or no value at all.
    """
    return _spreads(_values(rows, metric, level, sizes, seed), sizes, metric)


def spreads_of_difference(
    first: Sequence[Row], second: Sequence[Row], metric: Metric, level: Level, sizes: Sequence[int], seed: int = 0
) -> list[Spread]:
    """Return the spread of the difference of two models on the same prompts, row by row, as `spreads` does.

    What sampling adds is both models'; what prompts add is what is left of them in the difference.
    """
    ones, twos = (_values(rows, metric, level, sizes, seed + place) for place, rows in enumerate((first, second)))
    both = {size: ones[size].minus(twos[size]) for size in ones if size in twos}
    return _spreads(both, sizes, metric)


@dataclass(frozen=True, eq=False)
class _Values:
    """The values of each prompt at one size.

    Attributes:
        values: NaN where there is none.  # (prompts, repeats, groups)
        apart: whether the groups of one repeat have no sample in common, so that they spread as fresh samples would.
        scale: what a variance of theirs is multiplied by to be that of a prompt.
        exact: whether they are single samples, and the value at any size the mean of so many.
    """

    values: FloatArray
    apart: bool
    scale: float = 1.0
    exact: bool = False

    def minus(self, other: "_Values") -> "_Values":
        """Return the differences; fewer groups are enough."""
        repeats, groups = (min(self.values.shape[axis], other.values.shape[axis]) for axis in (1, 2))
        values = self.values[:, :repeats, :groups] - other.values[:, :repeats, :groups]
        return replace(self, values=values, apart=self.apart and other.apart)

    def total(self) -> float:
        """Return the variance over prompts of one value each."""
        found = [_variance(column) for column in self.values.reshape(len(self.values), -1).T]
        return self.scale * float(np.nanmean(found)) if not np.isnan(found).all() else float("nan")

    def within(self) -> float | None:
        """Return the variance of a prompt's value over fresh samples."""
        if not self.apart or self.values.shape[2] < 2:
            return None
        found = [_variance(group) for repeats in self.values for group in repeats]
        return self.scale * float(np.nanmean(found)) if not np.isnan(found).all() else None

    def defined(self) -> float:
        """Return the share of prompts and sets that have a value."""
        return float(np.mean(~np.isnan(self.values)))


def _spreads(values: dict[int, _Values], sizes: Sequence[int], metric: Metric) -> list[Spread]:
    if not values:
        raise BadInput(f"{metric.signature} is undefined for every prompt of the pilot")
    if all(some.exact for some in values.values()):
        (single,) = values.values()
        return _of_means(single, sizes)
    found = {
        size: Spread(size, some.total(), some.within(), "measured", some.defined())
        for size, some in sorted(values.items())
        if not np.isnan(some.total())
    }
    known = [spread for spread in found.values() if spread.within is not None]
    if not (found and known):
        return [found[size] for size in sizes if size in found]
    largest = known[-1]
    for size, spread in found.items():
        if spread.within is None:
            found[size] = replace(spread, within=min(spread.total, _shrunk(largest, size)))
    whole = found[max(found)]
    for size in sizes:
        if size > whole.samples:
            within = _shrunk(largest, size)
            found[size] = Spread(size, (whole.between or 0.0) + within, within, "extrapolated", whole.defined)
    return [found[size] for size in sizes if size in found]


def _shrunk(spread: Spread, size: int) -> float:
    """Return the sampling variance at a larger size: 1/K of it, as it is for means and, in the long run, other sets."""
    assert spread.within is not None  # noqa: S101  only such spreads are extrapolated from
    return spread.within * spread.samples / size


def _of_means(single: _Values, sizes: Sequence[int]) -> list[Spread]:
    """Return the spreads of a value that is a mean over samples, from those of single ones."""
    count, within = single.values.shape[2], single.within()
    means = single.scale * _variance(single.values[:, 0].mean(axis=1))
    if within is None:
        return [Spread(count, means, None, "exact", single.defined())] if count in sizes else []
    between = max(0.0, means - within / count)
    return [Spread(size, between + within / size, within / size, "exact", single.defined()) for size in sizes]


def _variance(values: FloatArray) -> float:
    there = values[~np.isnan(values)]
    return float(there.var(ddof=1)) if len(there) > 1 else float("nan")


def _values(rows: Sequence[Row], metric: Metric, level: Level, sizes: Sequence[int], seed: int) -> dict[int, _Values]:
    """Return the values of each prompt by size, of those sizes that the pilot's samples can make up."""
    if level not in metric.levels:
        raise BadInput(f"{metric.name} has no {level} value; it has {' and '.join(metric.levels)}")
    if len(rows) < 2:
        raise BadInput(f"a pilot needs at least 2 prompts, found {len(rows)}")
    if level == "across_input":
        return _pulls(rows, metric)
    if isinstance(metric, Graded):
        return _grades(rows, metric)
    generator = np.random.default_rng(seed)
    samples = min(len(row.samples) for row in rows)
    found = {}
    for size in sorted({*(size for size in sizes if size <= samples), samples}):
        some = _of_subsets(rows, metric, size, samples, generator)
        if not np.isnan(some.values).all():
            found[size] = some
    return found


def _of_subsets(
    rows: Sequence[Row], metric: Metric, size: int, samples: int, generator: np.random.Generator
) -> _Values:
    """Return the values of sets of `size` samples: disjoint ones within a repeat, where there are enough samples."""
    groups = samples // size
    repeats = 1 if size in (1, samples) else -(-SUBSETS // groups)
    parts = []
    for row in rows:
        for _ in range(repeats):
            order = generator.permutation(samples)
            chosen = (np.sort(order[start : start + size]) for start in range(0, groups * size, size))
            parts += [_part(row, places.tolist()) for places in chosen]
    (found,) = measure(parts, [metric], levels=["per_input"])
    return _Values(np.array(found.values).reshape(len(rows), repeats, groups), apart=groups > 1)


def _part(row: Row, places: Sequence[int]) -> Row:
    quality = None if row.quality is None else tuple(row.quality[place] for place in places)
    return replace(row, samples=tuple(row.samples[place] for place in places), quality=quality)


def _grades(rows: Sequence[Row], metric: Graded) -> dict[int, _Values]:
    """Return the grades of single samples; prompts that lack one are left out."""
    found = [row.grades.get(metric.signature, ()) for row in rows]
    count = max(map(len, found))
    whole = [grades if len(grades) == count and not np.isnan(grades).any() else (np.nan,) * count for grades in found]
    values = np.array(whole, dtype=np.float64).reshape(len(rows), 1, count)
    return {1: _Values(values, apart=True, exact=True)} if count and not np.isnan(values).all() else {}


def _pulls(rows: Sequence[Row], metric: Metric) -> dict[int, _Values]:
    """Return how much each prompt pulls the value of each draw, whose mean over draws is the score's."""
    (found,) = measure(rows, [metric], levels=["across_input"])
    if not found.left_out:
        return {}
    left_out = np.array(found.left_out)  # (draws, parts)
    parts = left_out.shape[1]
    pulls = (parts - 1) * (left_out.mean(axis=1, keepdims=True) - left_out)
    return {1: _Values(pulls.T[:, None, :], apart=True, scale=len(rows) / parts, exact=True)}
