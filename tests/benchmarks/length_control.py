"""How often the interval of the length-controlled win rate covers the truth, by how far the lengths lie apart.

`python tests/benchmarks/length_control.py` prints the table of docs/judging.md.
"""

import numpy as np
from scipy.special import expit

from gendiv.benchmark.intervals import Estimate
from gendiv.benchmark.judging.length_control import control_length, supported

RUNS = 1000
TRUTHS = ((0.0, 0.0), (0.0, 1.5), (1.0, 1.0))
"""Logit of the win rate at equal lengths, and slope of length."""


def covered(prompts: int, apart: float, truth: tuple[float, float], random: np.random.Generator) -> bool | None:
    """Return whether one simulated judgement, both orders, covers the truth; None where lengths hardly overlap."""
    differences = random.normal(apart, 1, prompts)
    if not supported(differences):
        return None
    chance = expit(truth[0] + truth[1] * np.tanh(differences))
    preferences = np.mean(random.random((2, prompts)) < chance, axis=0)
    pseudo_values = control_length(preferences, differences, np.arange(prompts)).pseudo_values
    found = Estimate.of_mean(pseudo_values).interval()
    return found.low is not None and found.high is not None and found.low <= expit(truth[0]) <= found.high


def main() -> None:
    print("| mean difference / its standard deviation | N = 50 | N = 100 | N = 300 |\n|---|---|---|---|")
    for apart in (0.0, 0.5, 1.0, 1.5):
        cells = []
        for prompts in (50, 100, 300):
            random = np.random.default_rng(0)
            found = [covered(prompts, apart, truth, random) for truth in TRUTHS for _ in range(RUNS)]
            cells.append(f"{np.mean([one for one in found if one is not None]):.3f}")
        print(f"| {apart:g} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
