"""Evidence: the run folders of a reproduction, read as what claims and sweeps are decided on."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from ...errors import BadInput
from ...metrics import Metric
from ..choosing import choose_metrics
from ..grades import graders
from ..record import read_run
from ..train.log import read_log
from .claims import Evidence
from .contrasts import Measured, Score
from .step import HEATED, POLICIES, Layout, Policy, Sweep


def read_evidence(layout: Layout, seeds: Sequence[int], sweeps: Sequence[Sweep]) -> Evidence:
    """Return what the runs of a reproduction show.

    Raises:
        BadInput: a run was not graded.
        StoreFailed: a run folder is missing or damaged.
    """
    scale = layout.scale
    diversity, quality = choose_metrics(scale.diversity), _quality(layout.run(seeds[0], "sft"))
    metrics = [quality, *diversity]

    @cache
    def measured(folder: Path) -> Measured:
        return Measured(folder, metrics)

    def of_seeds(folder: Callable[[int], Path]) -> list[Measured]:
        return [measured(folder(seed)) for seed in seeds]

    coefficients = scale.kl_sweep if "kl" in sweeps else ()
    heated: tuple[Policy, ...] = HEATED if "temperature" in sweeps else ()
    return Evidence(
        runs={policy: of_seeds(partial(layout.run, policy=policy)) for policy in POLICIES},
        quality=Score(quality, "per_input", "quality"),
        per_input=[Score(metric, "per_input", f"{metric.name} per input") for metric in diversity],
        across_input=[Score(metric, "across_input", f"{metric.name} across inputs") for metric in diversity],
        by_coefficient={at: of_seeds(partial(layout.kl_run, coefficient=at)) for at in coefficients},
        by_temperature={
            policy: {
                heat: of_seeds(partial(layout.temperature_run, policy=policy, temperature=heat))
                for heat in scale.temperatures
            }
            for policy in heated
        },
    )


def measured_kl(checkpoint: Path) -> float:
    """Return the KL of a PPO policy from its reference, in nats a sample: the mean over the last tenth of its steps."""
    found = [row["kl"] for row in read_log(checkpoint / "training") if "kl" in row]
    return float(np.mean(found[-max(1, len(found) // 10) :]))


def _quality(folder: Path) -> Metric:
    """Return the metric of quality that a run was graded by: the exact reward, or a judge's win rate."""
    found = graders(folder, [split.name for split in read_run(folder).splits])
    for wanted in ("reward", "win_rate"):
        for signature in found:
            if signature.partition(":")[0] == wanted:
                return choose_metrics([signature])[0]
    raise BadInput(f"{folder} was graded by nothing that says how good its samples are: pass --judge SPEC")
