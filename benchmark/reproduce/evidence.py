"""Evidence: the run folders of a reproduction, read as what claims and sweeps are decided on."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import BadInput
from ...metrics import Metric
from ..choosing import choose_metrics
from ..grades import graders
from ..record import read_run
from .claims import Evidence
from .contrasts import Measured, Score
from .scale import Scale
from .step import POLICIES, Layout, Sweep


def read_evidence(scale: Scale, layout: Layout, seeds: Sequence[int], sweeps: Sequence[Sweep]) -> Evidence:
    """Return what the runs of a reproduction show.

    Raises:
        BadInput: a run was not graded.
        StoreFailed: a run folder is missing or damaged.
    """
    first = layout.run(seeds[0], "sft")
    diversity, quality = choose_metrics(scale.diversity), _quality(first)
    metrics = [quality, *diversity]
    runs = {policy: [Measured(layout.run(seed, policy), metrics) for seed in seeds] for policy in POLICIES}
    by_coefficient = {}
    if "kl" in sweeps:
        by_coefficient = {
            coefficient: runs["ppo"]
            if coefficient == scale.kl_coefficient
            else [Measured(layout.kl_run(seed, coefficient), metrics) for seed in seeds]
            for coefficient in scale.kl_sweep
        }
    names = {metric.name: metric for metric in diversity}
    return Evidence(
        runs=runs,
        quality=Score(quality, "per_input", "quality"),
        per_input=[Score(metric, "per_input", f"{name} per input") for name, metric in names.items()],
        across_input=[Score(metric, "across_input", f"{name} across inputs") for name, metric in names.items()],
        by_coefficient=by_coefficient,
    )


def by_temperature(
    scale: Scale, layout: Layout, seeds: Sequence[int], evidence: Evidence
) -> dict[str, dict[float, list[Measured]]]:
    """Return the runs of the temperature sweep: by policy, then by temperature, one a seed."""
    metrics = evidence.runs["sft"][0].metrics
    return {
        policy: {
            heat: evidence.runs[policy]
            if heat == 1.0
            else [Measured(layout.temperature_run(seed, policy, heat), metrics) for seed in seeds]
            for heat in scale.temperatures
        }
        for policy in POLICIES
        if policy != "best-of-n"
    }


def measured_kl(checkpoint: Path) -> float:
    """Return the KL of a PPO policy from its reference, in nats a sample: the mean over the last tenth of its steps."""
    rows = [json.loads(line) for line in (checkpoint / "training" / "log.jsonl").read_text().splitlines()]
    found = [row["kl"] for row in rows if "kl" in row]
    return float(np.mean(found[-max(1, len(found) // 10) :]))


def _quality(folder: Path) -> Metric:
    """Return the metric of quality that a run was graded by: the exact reward, or a judge's win rate."""
    found = graders(folder, [split.name for split in read_run(folder).splits])
    for wanted in ("reward", "win_rate"):
        for signature in found:
            if signature.partition(":")[0] == wanted:
                return choose_metrics([signature])[0]
    raise BadInput(f"{folder} was graded by nothing that says how good its samples are: pass --judge SPEC")
