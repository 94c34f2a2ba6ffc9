"""What best of n would come to on samples that are there already: its expected reward, and samples drawn by it."""

import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import BadInput
from ...metrics import Reward
from ..formats.row import Row
from ..grades import graders
from ..intervals import Estimate
from ..record import read_run
from ..samples import read_split
from ..store import make_folder, write_whole
from .best_of_weights import divergence_bound, draw_rank, expected_best, ranking


@dataclass(frozen=True)
class Point:
    """The expected reward of the best of n on one split.

    Attributes:
        value: mean over prompts of what the best of `n` of their samples is worth, with its 95% interval.
        inputs: prompts it rests on: those with at least `n` scored samples.
        divergence: nats of KL from the model itself that best of n comes to at most.
    """

    split: str
    n: int
    value: float
    low: float | None
    high: float | None
    inputs: int
    divergence: float


def sizes_up_to(n: int) -> list[int]:
    """Return 1, 2, 4, ... and n itself.

    >>> sizes_up_to(12)
    [1, 2, 4, 8, 12]
    """
    return [*(2**power for power in range(n.bit_length()) if 2**power < n), n]


def best_of_curve(folder: Path, metric: Reward, sizes: Sequence[int]) -> list[Point]:
    """Return the expected reward of the best of each size, split by split, from stored samples and grades.

    It is exact over which of a prompt's samples are drawn, so the intervals are about prompts alone.

    Raises:
        BadInput: a size is not from 1 to the samples of a prompt, or no prompt has so many scored samples.
        StoreFailed: there is no run, or it is damaged.
    """
    points = []
    for split, rows in _scored(folder, metric, sizes):
        for n in sizes:
            values = [expected_best(rewards, n) for _, rewards, _ in rows if len(rewards) >= n]
            if not values:
                raise BadInput(f"{folder}: no prompt of {split} has {n} samples with a score of {metric.model}")
            found = Estimate.of_mean(np.array(values)).interval()
            points.append(Point(split, n, found.value, found.low, found.high, len(values), divergence_bound(n)))
    return points


def write_best_of(folder: Path, metric: Reward, n: int, out: Path, *, samples: int, seed: int = 0) -> list[Path]:
    """Write samples drawn as the best of n of a run's own, a file `TASK/SPLIT.jsonl` a split, and return the paths.

    The rows are those that `gendiv score` reads, with the rewards as `quality`. Samples of a prompt overlap: see
    `BestOf` with a pool.

    Args:
        folder: of the run.
        metric: names the grades.
        n: how many samples compete.
        out: folder for the files, made if missing.
        samples: how many to draw for each prompt.
        seed: of the drawing; the same gives the same.

    Raises:
        BadInput: n is not from 1 to the samples of a prompt, or no prompt has so many scored samples.
        StoreFailed: something cannot be read or written.
    """
    paths = []
    for split, rows in _scored(folder, metric, [n]):
        lines = []
        for row, rewards, texts in rows:
            if len(rewards) < n:
                continue
            generator, order = random.Random(f"best of {n}:{seed}:{split}:{row.id}"), ranking(rewards)
            drawn = [order[draw_rank(len(order), n, generator)] for _ in range(samples)]
            best = {"samples": [texts[place] for place in drawn], "quality": [rewards[place] for place in drawn]}
            reference = {} if row.reference is None else {"reference": row.reference}
            lines.append(json.dumps({"id": row.id, "prompt": row.prompt, **best, **reference}) + "\n")
        path = out / f"{split}.jsonl"
        make_folder(path.parent)
        write_whole(path, "".join(lines))
        paths.append(path)
    return paths


def stored_reward(folder: Path) -> Reward:
    """Return the metric of the one reward model that has graded a run.

    Raises:
        BadInput: none has, or several have.
    """
    found = [
        name
        for name in graders(folder, [split.name for split in read_run(folder).splits])
        if name.partition(":")[0] == Reward.name
    ]
    if len(found) != 1:
        state = f"by several ({', '.join(found)})" if found else "by none"
        raise BadInput(f"{folder} was graded {state}: say which reward model, as --reward SPEC")
    return Reward.from_settings(found[0].partition(":")[2])


def _scored(
    folder: Path, metric: Reward, sizes: Sequence[int]
) -> Iterator[tuple[str, list[tuple[Row, list[float], list[str]]]]]:
    """Yield, for each split, its prompts with the rewards and texts of those samples that have a score."""
    record = read_run(folder)
    for n in sizes:
        if not 1 <= n <= record.samples_per_prompt:
            raise BadInput(
                f"-n: {folder} holds {record.samples_per_prompt} samples a prompt; wanted 1 to that, found {n}"
            )
    for split in record.splits:
        rows = []
        for row in read_split(folder, split.name, record.samples_per_prompt).rows:
            grades = zip(row.grades.get(metric.signature, ()), row.samples, strict=False)
            scored = [(reward, text) for reward, text in grades if not math.isnan(reward)]
            rows.append((row, [reward for reward, _ in scored], [text for _, text in scored]))
        yield split.name, rows
