"""The loop of trainers that go through a data set: which rows a step sees, who reads which, what is told when."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from ...errors import BadInput
from ..progress import Progress, Silent
from .folder import TrainingFolder
from .learner import Learner
from .log import Log, Quiet, Writes, read_log
from .seeds import order
from .settings import Supervised

T = TypeVar("T")

Micro: TypeAlias = tuple[list[int], bool]
"""Rows of a forward pass, and whether they count: a process without rows of its own reads one that does not."""


@dataclass(frozen=True)
class Outcome:
    """What training ended with.

    Attributes:
        out: the checkpoint.
        steps: optimiser steps in all.
        metrics: what the last step, and held-out data at the end, measured.
        already: it had been finished before, and nothing was done.
    """

    out: Path
    steps: int
    metrics: dict[str, Any] = field(default_factory=dict)
    already: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as the command line prints it."""
        return {"schema": 1, "out": str(self.out), "steps": self.steps, "already": self.already, **self.metrics}


def finished(folder: TrainingFolder) -> Outcome | None:
    """Return what a finished training ended with, or None where it is to be done."""
    found = folder.finished
    return None if found is None else Outcome(folder.out, found["steps"], found["metrics"], already=True)


def steps_of(rows: int, settings: Supervised) -> int:
    """Return how many optimiser steps there are; the last one of an epoch may have fewer rows.

    Raises:
        BadInput: there are no rows.
    """
    if not rows:
        raise BadInput("--data: wanted rows to train on, found none")
    return settings.steps or settings.epochs * math.ceil(rows / settings.batch)


def batch_of(step: int, rows: int, settings: Supervised) -> list[int]:
    """Return the rows that step `step` sees: a function of the seed alone, so that nothing has to be remembered."""
    epoch, place = divmod(step, math.ceil(rows / settings.batch))
    return list(_order(settings.seed, epoch, rows)[place * settings.batch : (place + 1) * settings.batch])


def micro_batches(
    batch: Sequence[int], lengths: Sequence[int], most: int, process: int = 0, processes: int = 1
) -> list[Micro]:
    """Return one process's part of a batch, in forward passes of rows of similar length, the longest first.

    All processes have equally many passes, as sharded ones must.

    >>> micro_batches([0, 1, 2], [5, 9, 7], 1, process=1, processes=2)
    [([2], True), ([1], False)]
    """
    ordered = sorted(batch, key=lambda row: -lengths[row])
    mine, passes = ordered[process::processes], math.ceil(math.ceil(len(ordered) / processes) / most)
    parts = [mine[place * most : (place + 1) * most] for place in range(passes)]
    return [(part, True) if part else (ordered[:1], False) for part in parts]


def go_through(
    learner: Learner,
    folder: TrainingFolder,
    step: Callable[[int], tuple[dict[str, Any], int]],
    measure: Callable[[bool], dict[str, Any]],
    progress: Progress,
    *,
    updates: int = 1,
    from_start: bool = False,
    remember: Callable[[], dict[str, Any]] = dict,
) -> dict[str, Any]:
    """Do all steps that are left, and return the metrics of the last one.

    Args:
        learner: what is trained; asked before whether it goes on from a state.
        folder: an open one.
        step: does step `n` (from 0), and returns its metrics and how many tokens it saw.
        measure: measures held-out data; called every so often, and with True after the last step.
        progress: told how it goes.
        updates: optimiser steps of a step.
        from_start: measure before the first step too.
        remember: gives what a state keeps beside weights and optimiser.

    Raises:
        gendiv.errors.TrainingFailed: a loss, gradient or weight is no finite number.
    """
    settings, told = learner.settings, progress if learner.main else Silent()
    steps, done = learner.steps // updates, learner.step // updates
    if learner.resumed:
        told.note(f"going on from step {done}")
    kept = done if learner.resumed else -1
    log: Writes = Log(folder.training, kept, tensorboard=settings.tensorboard) if learner.main else Quiet()
    told.start(steps, done, "steps", "training on")
    metrics: dict[str, Any] = {}
    try:
        if from_start and not learner.resumed and (found := measure(False)):
            log.write(0, found)
        for number in range(done + 1, steps + 1):
            metrics, tokens = step(number - 1)
            last = number == steps
            if number % settings.evaluate_every == 0 or last:
                metrics |= measure(last)
            log.write(number, metrics)
            told.advance(1, tokens)
            if number % settings.save_every == 0 or last:
                learner.save(remember())
    finally:
        log.close()
        told.finish()
    if not metrics and learner.main:  # it was stopped between its last step and its end
        metrics = {name: value for name, value in read_log(folder.training)[-1].items() if name != "step"}
    return metrics


def some_of(rows: Sequence[T], settings: Supervised) -> Sequence[T]:
    """Return the rows of held-out data that are measured on the way."""
    most = settings.evaluate_rows
    if most is None or len(rows) <= most:
        return rows
    return [rows[place] for place in sorted(order(settings.seed, -1, len(rows))[:most])]


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, rows: int) -> tuple[int, ...]:
    return tuple(order(seed, epoch, rows))
