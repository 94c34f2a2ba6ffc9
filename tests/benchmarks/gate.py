"""How often the gate is wrong, by simulation, and what pairing gains over a z-test of two independent samples.

Three worlds of per-prompt scores, in which prompts differ far more than models do, as in real runs:

- `ead`: a diversity score in [0, 1]; a prompt's level from Beta(8, 3) (standard deviation 0.13, skewed to the left),
  and for each model a beta-distributed deviation of standard deviation 0.08.
- `exact`: right or wrong, at temperature 0; models agree but for a share of the prompts, which the candidate loses. The
  margin is 0.1.
- `win_rate`: a judge's verdict in both orders, 0, 1/2 or 1: two coins of a prompt's own chance (Beta(2, 2)), one of
  which the two models share in half of the prompts.

The candidate's scores are lower by the drop in the mean: shifted for `ead`, by chances for `win_rate`. The margin is
0.03 for `ead` and 0.1 for `win_rate`; drops are of no, one and two margins. A wrong outcome is a fail without a drop,
or a pass at a drop of the margin: 5% at most are promised. The z-test holds the same bounds without pairing.

Run: python tests/benchmarks/gate.py [--runs 2000]
"""

import argparse
from math import inf

import numpy as np
from scipy.stats import norm

from gendiv.benchmark.gating.outcome import ANYTHING, Range, decide
from gendiv.benchmark.intervals import Estimate

SIZES = (32, 100, 200, 500, 1000)
MARGINS = {"ead": 0.03, "win_rate": 0.1, "exact": 0.1}
POSSIBLE = {"ead": ANYTHING, "win_rate": Range(-1, 1), "exact": Range(-1, 1)}
OUTCOMES = ("pass", "fail", "inconclusive")


def ead(generator, prompts, drop):
    level = generator.beta(8, 3, prompts)
    concentration = np.clip(level * (1 - level) / 0.08**2 - 1, 0.5, None)
    both = [generator.beta(level * concentration, (1 - level) * concentration) for _ in range(2)]
    return both[0], both[1] - drop


def win_rate(generator, prompts, drop):
    chance = generator.beta(2, 2, prompts)
    lower = chance * (1 - 2 * drop)  # the mean chance is 1/2, so this takes the drop from it
    shared, ours, theirs = generator.random((3, 2, prompts))
    alike = generator.random(prompts) < 0.5
    theirs[0] = np.where(alike, shared[0], theirs[0])
    ours[0] = np.where(alike, shared[0], ours[0])
    return (ours < chance).mean(axis=0), (theirs < lower).mean(axis=0)


def exact(generator, prompts, drop):
    right = generator.random(prompts) < 0.5
    lost = generator.random(prompts) < 2 * drop  # of those that are right, which half are
    return right.astype(float), (right & ~lost).astype(float)


WORLDS = {"ead": ead, "win_rate": win_rate, "exact": exact}


def paired(baseline, candidate, margin, possible):
    return decide(Estimate.of_mean(baseline - candidate), Range(-inf, margin), possible=possible).outcome


def unpaired(baseline, candidate, margin, _):
    drop = baseline.mean() - candidate.mean()
    reach = norm.ppf(0.95) * np.sqrt((baseline.var(ddof=1) + candidate.var(ddof=1)) / len(baseline))
    if drop + reach <= margin:
        return "pass"
    return "fail" if drop - reach > margin else "inconclusive"


def shares(world, prompts, drop, runs, generator):
    """Return how often each test has each outcome, on the same data."""
    margin, counted = MARGINS[world], {paired: [], unpaired: []}
    for _ in range(runs):
        scores = WORLDS[world](generator, prompts, drop)
        for test, outcomes in counted.items():
            outcomes.append(test(*scores, margin, POSSIBLE[world]))
    return [{one: outcomes.count(one) / runs for one in OUTCOMES} for outcomes in counted.values()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    runs = parser.parse_args().runs
    generator = np.random.default_rng(0)
    print("| score | prompts | no drop: fails | passes (unpaired) | drop of the margin: passes | fails "
          "| of twice the margin: fails (unpaired) | power gained |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for world, margin in MARGINS.items():
        for prompts in SIZES:
            none, one, two = (shares(world, prompts, times * margin, runs, generator) for times in (0, 1, 2))
            gained = two[0]["fail"] / two[1]["fail"] if two[1]["fail"] else inf
            print(
                f"| {world} | {prompts} | {none[0]['fail']:.3f} | {none[0]['pass']:.2f} ({none[1]['pass']:.2f}) "
                f"| {one[0]['pass']:.3f} | {one[0]['fail']:.3f} | {two[0]['fail']:.3f} ({two[1]['fail']:.3f}) "
                f"| {gained:.1f}x |",
                flush=True,
            )


if __name__ == "__main__":
    main()
