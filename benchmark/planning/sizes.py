"""Planning: from a pilot run, how many prompts and samples it takes to see a difference of a given size."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal

from scipy.special import chdtri  # type: ignore[import-untyped]  # ships no types

from ...errors import BadInput
from ...metrics import Level, Metric
from ..choosing import choose_metrics
from ..formats.row import Row
from ..intervals import CONFIDENCE
from ..run import Run
from ..samples import read_split
from ..signatures import Signature
from .components import How, Spread, spreads, spreads_of_difference
from .power import prompts_for_difference, prompts_for_gap, prompts_for_width

SIZES: Final = (1, 2, 4, 8, 16, 32)
POWERS: Final = (0.8, 0.9)

Purpose = Literal["score", "paired", "gap"]

DIVERSITY: Final = ("higher_is_more_diverse", "lower_is_more_diverse")

SURENESS: Final[Sequence[How]] = ("exact", "measured", "extrapolated")


@dataclass(frozen=True)
class Need:
    """What it takes for one purpose with K samples a prompt.

    Attributes:
        purpose: "score": one score whose 95% interval reaches no farther than the wanted difference on either side;
            "paired": a difference of two models on the same prompts; "gap": a gap of two splits.
        power: chance of seeing the difference; None for a score.
        prompts: of each split.
        samples: in all: of both models, or of both splits, where there are two.
        cheapest: whether no other K takes fewer samples for this purpose and power; K = 1 is passed over where the
            score is a diversity among samples.
    """

    purpose: Purpose
    power: float | None
    prompts: int
    samples: int
    cheapest: bool = False


@dataclass(frozen=True)
class Size:
    """What it takes with `samples` samples a prompt; `how` is how the variances behind it are known."""

    samples: int
    how: How
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class SplitSpread:
    """How the values of single prompts spread on one split of the pilot.

    Attributes:
        split: TASK/SPLIT.
        shift: how far out of distribution it is.
        prompts: of the pilot.
        values: by K.
        differences: of two models, by K; None where there is no second pilot of the split.
    """

    split: str
    shift: str
    prompts: int
    values: tuple[Spread, ...]
    differences: tuple[Spread, ...] | None


@dataclass(frozen=True)
class SizePlan:
    """How large a run of one task must be.

    Attributes:
        task: its name.
        metric: the metric's signature.
        level: per input or across inputs.
        detect: the difference that is to be seen, in the metric's unit.
        spreads: of the task's splits; the numbers of prompts do for each of them.
        sizes: by K; a K of which the pilot tells nothing is left out.
        gap_splits: the pairs that the gap is planned for; none where the pilot has one side only, and the other is then
            taken to vary as much.
        factors: between what factors the numbers of prompts are uncertain, the pilot being no larger than it is (95%).
    """

    task: str
    metric: str
    level: Level
    detect: float
    spreads: tuple[SplitSpread, ...]
    sizes: tuple[Size, ...]
    gap_splits: tuple[tuple[str, str], ...]
    factors: tuple[float, float]

    def to_json(self) -> dict[str, object]:
        """Return the plan as a JSON value."""
        found = asdict(self)
        for written, split in zip(found["spreads"], self.spreads, strict=True):
            for name in ("values", "differences"):
                for one, spread in zip(written[name] or (), getattr(split, name) or (), strict=True):
                    one["between"] = spread.between
        return found


def plan_sizes(
    pilot: Run,
    detect: float,
    *,
    metric: str = "ead",
    level: Level = "per_input",
    powers: Sequence[float] = POWERS,
    other: Run | None = None,
    tasks: Sequence[str] = (),
    sizes: Sequence[int] = SIZES,
) -> list[SizePlan]:
    """Return, for each task of a pilot run, how many prompts and samples it takes to see a difference.

    Args:
        pilot: with its samples.
        detect: the difference that is to be seen, in the metric's unit.
        metric: a name, as the pilot has scores of it, or a spec as `--metrics` takes it.
        level: per input or across inputs.
        powers: chances of seeing it.
        other: a pilot of another model on the same prompts, from which the variance of differences is measured; without
            one, two models' prompts are taken to have nothing in common, which asks for more than it takes.
        tasks: those to be planned; all of the pilot's by default.
        sizes: numbers of samples a prompt to look at.

    Raises:
        BadInput: there is nothing to plan, or nothing to plan it from.
        StoreFailed: a run folder is damaged.
    """
    if not 0 < detect < math.inf:
        raise BadInput(f"--detect: wanted a difference above 0, in the metric's unit, found {detect:g}")
    for power in powers:
        if not 0.05 < power < 1:
            raise BadInput(f"--power: wanted a chance above 0.05 and below 1, found {power:g}")
    chosen = _chosen(pilot, metric)
    splits = {split.name: split.shift for split in pilot.record.splits}
    held = dict.fromkeys(name.rpartition("/")[0] for name in splits)
    for task in tasks:
        if task not in held:
            raise BadInput(f"{pilot.folder} has no task {task!r}: it holds {', '.join(held)}")
    found = []
    for task in tasks or held:
        names = [name for name in splits if name.rpartition("/")[0] == task]
        of_task = [_spread(pilot, other, name, splits[name], chosen, level, sizes) for name in names]
        found.append(_plan(task, of_task, chosen, level, detect, powers))
    return found


def _chosen(pilot: Run, spec: str) -> Metric:
    """Return the metric that the pilot has scores of under this name, else the one that the spec names."""
    signatures = {Signature.of(result.signature).metric for result in pilot.scores.results if result.metric == spec}
    if len(signatures) > 1:
        raise BadInput(f"{pilot.folder} has several scores of {spec}, name one: {' or '.join(sorted(signatures))}")
    chosen = choose_metrics([signatures.pop() if signatures else spec])
    if len(chosen) != 1:
        raise BadInput(f"--metric: a plan is for one metric, found {spec!r}")
    chosen[0].require()
    return chosen[0]


def _spread(
    pilot: Run, other: Run | None, name: str, shift: str, metric: Metric, level: Level, sizes: Sequence[int]
) -> SplitSpread:
    rows = _rows(pilot, name)
    values = tuple(spreads(rows, metric, level, sizes))
    differences = None
    if other is not None:
        theirs = {row.id: row for row in _rows(other, name)}
        common = [row for row in rows if row.id in theirs]
        if len(common) < 2:
            raise BadInput(f"{other.folder} and {pilot.folder} share {len(common)} prompts of {name}; 2 are needed")
        differences = tuple(spreads_of_difference(common, [theirs[row.id] for row in common], metric, level, sizes))
    return SplitSpread(name, shift, len(rows), values, differences)


def _rows(run: Run, name: str) -> Sequence[Row]:
    if name not in {split.name for split in run.record.splits}:
        raise BadInput(f"{run.folder} has no split {name}, of which the pilot is to be paired")
    rows = read_split(run.folder, name, run.record.samples_per_prompt).rows
    if len(rows) < 2:
        raise BadInput(f"{run.folder}: a pilot needs 2 finished prompts of {name} or more, found {len(rows)}")
    return rows


def _plan(
    task: str, of_task: Sequence[SplitSpread], metric: Metric, level: Level, detect: float, powers: Sequence[float]
) -> SizePlan:
    gap_splits = tuple(
        (ours.split, theirs.split) for ours in of_task for theirs in of_task if ours.shift == "id" != theirs.shift
    )
    sizes = []
    for spread in of_task[0].values:
        values = {split.split: one for split in of_task for one in split.values if one.samples == spread.samples}
        if len(values) == len(of_task):
            differences = [_difference(split, values[split.split]) for split in of_task]
            sizes.append(_size(values, [one for one in differences if one], gap_splits, detect, powers))
    if not sizes:
        raise BadInput(f"{metric.signature}: the pilot of {task} has too few samples a prompt to plan from (-k)")
    degrees = min(split.prompts for split in of_task) - 1
    low, high = (degrees / float(chdtri(degrees, tail)) for tail in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return SizePlan(
        task=task,
        metric=metric.signature,
        level=level,
        detect=detect,
        spreads=tuple(of_task),
        sizes=_marked(sizes, least=2 if level == "per_input" and metric.direction in DIVERSITY else 1),
        gap_splits=gap_splits,
        factors=(low, high),
    )


def _difference(split: SplitSpread, values: Spread) -> Spread | None:
    """Return the spread of two models' differences; without a second pilot, as if their values were independent."""
    if split.differences is None:
        return replace(values, total=2 * values.total)
    return next((one for one in split.differences if one.samples == values.samples), None)


def _size(
    values: Mapping[str, Spread],
    differences: Sequence[Spread],
    gap_splits: Sequence[tuple[str, str]],
    detect: float,
    powers: Sequence[float],
) -> Size:
    """Return what it takes with one number of samples, so that it does for every split."""
    samples = next(iter(values.values())).samples
    both = [(values[one], values[two]) for one, two in gap_splits] or [(one, one) for one in values.values()]

    def need(purpose: Purpose, power: float | None, counts: Iterable[tuple[int, float]]) -> Need:
        prompts = max(math.ceil(count / defined) for count, defined in counts)
        return Need(purpose, power, prompts, prompts * samples * (1 if purpose == "score" else 2))

    needs = [need("score", None, [(prompts_for_width(one.total, detect), one.defined) for one in values.values()])]
    if len(differences) == len(values):
        needs += [
            need("paired", power, [(prompts_for_difference(d.total, detect, power), d.defined) for d in differences])
            for power in powers
        ]
    needs += [
        need(
            "gap",
            power,
            [
                (prompts_for_gap((one.total, two.total), detect, power), min(one.defined, two.defined))
                for one, two in both
            ],
        )
        for power in powers
    ]
    return Size(samples, max((one.how for one in (*values.values(), *differences)), key=SURENESS.index), tuple(needs))


def _marked(sizes: Sequence[Size], least: int) -> tuple[Size, ...]:
    """Mark the needs that take the fewest samples of their kind; of equals, those with the fewest samples a prompt.

    Sizes below `least` are not looked at: one sample of a prompt has no diversity among samples.
    """
    best: dict[tuple[Purpose, float | None], Need] = {}
    for need in (need for size in sizes if size.samples >= least for need in size.needs):
        kind = (need.purpose, need.power)
        if kind not in best or need.samples < best[kind].samples:
            best[kind] = need
    cheapest = set(map(id, best.values()))
    return tuple(
        replace(size, needs=tuple(replace(need, cheapest=id(need) in cheapest) for need in size.needs))
        for size in sizes
    )
