"""Reproducing: the steps of a scale run to their end, and what they found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, get_args

from ...errors import BadInput
from ..environment import gpus, usable_cores
from ..progress import Progress
from .findings import Findings, read_findings
from .running import run_steps, seconds
from .scale import Scale, find_scale
from .step import Layout, Step, Sweep
from .steps import plan_steps

STEPS: Final = "steps"
"""The folder, in that of a reproduction, with the log and the record of each step."""


def default_folder(scale: str | Scale) -> Path:
    """Return where a reproduction goes unless told."""
    return Path("runs") / f"reproduce-{scale if isinstance(scale, str) else scale.name}"


@dataclass(frozen=True)
class Reproduction:
    """What is to be reproduced, and where.

    Attributes:
        scale: at which.
        folder: for all that comes of it.
        seeds: of the trainings, 1 and up.
        sweeps: that are done beside what the claims C1 to C5 need.
        judge: spec of the judge where quality is not exact.
    """

    scale: Scale
    folder: Path
    seeds: tuple[int, ...]
    sweeps: tuple[Sweep, ...] = ()
    judge: str | None = None

    @classmethod
    def of(
        cls,
        scale: str | Scale,
        folder: Path,
        *,
        seeds: int | None = None,
        sweeps: Sequence[str] = (),
        judge: str | None = None,
        base: str | None = None,
    ) -> "Reproduction":
        """Return the reproduction that somebody asks for.

        Raises:
            BadInput: something of it is not to be had.
        """
        chosen = find_scale(scale) if isinstance(scale, str) else scale
        if base is not None:
            if chosen.base is None:
                raise BadInput(f"--base: scale {chosen.name} makes its model from nothing; opt and llama take one")
            chosen = replace(chosen, base=base)
        if judge is not None and chosen.quality is not None:
            raise BadInput(f"--judge: scale {chosen.name} knows exactly how good a sample is ({chosen.quality})")
        count = chosen.seeds if seeds is None else seeds
        if count < 1:
            raise BadInput(f"--seeds: wanted at least 1, found {count}")
        if unknown := [sweep for sweep in sweeps if sweep not in get_args(Sweep)]:
            raise BadInput(f"--sweep: wanted kl, temperature or both, found {unknown[0]!r}")
        known: tuple[Sweep, ...] = tuple(sweep for sweep in get_args(Sweep) if sweep in sweeps)
        return cls(chosen, folder, tuple(range(1, count + 1)), known, judge)

    @property
    def steps(self) -> list[Step]:
        """Every command that it takes."""
        return plan_steps(Layout(self.folder, self.scale), self.seeds, self.sweeps, self.judge)

    def run(self, progress: Progress, workers: int | None = None) -> Findings:
        """Do what is not done yet, and return what was found.

        Args:
            progress: told how it goes.
            workers: steps that run at the same time; one on a GPU, one a core (at most 8) without, unless told.

        Raises:
            BadInput: it needs a GPU, or a judge.
            GendivError: a step failed; what is done is kept and the same call goes on.
        """
        if self.scale.needs_gpu and not gpus():
            raise BadInput(f"scale {self.scale.name} needs a GPU and none is here: --plan shows what it would take")
        if self.scale.quality is None and self.judge is None:
            raise BadInput(f"scale {self.scale.name} needs a judge to say how good a summary is: --judge SPEC")
        room = workers or (1 if gpus() else min(8, usable_cores()))
        run_steps(self.steps, self.folder / STEPS, room, progress)
        progress.note("measuring what the runs differ in")
        return read_findings(Layout(self.folder, self.scale), self.seeds, self.sweeps)

    def seconds(self) -> float:
        """Return how long its steps took together, of those that are done."""
        return sum(seconds(self.steps, self.folder / STEPS).values())
