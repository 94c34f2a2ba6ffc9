"""How often the intervals of gaps, relative gaps, differences of gaps and distances cover the truth, by simulation.

Two worlds of prompts as in interval_coverage.py: in the one out of distribution, answers are longer and less varied. A
gap is that of N prompts from each; a difference of gaps that of two models, the first four and the last four samples of
each prompt, which are alike, so that the truth is 0. Distances are those between the worlds' first samples.

Run: python tests/benchmarks/gap_coverage.py [--inputs 32 100] [--runs 1000] [--metrics ead,distinct]
"""

import argparse

import numpy as np
from interval_coverage import across_input, covered, per_input, population, vectors

from gendiv.benchmark.choosing import choose_metrics
from gendiv.benchmark.generalisation.distances import discrepancy_interval, novelty_estimates
from gendiv.benchmark.generalisation.ratio import ratio
from gendiv.benchmark.intervals import Estimate
from gendiv.metrics import Texts
from gendiv.metrics.mmd import MMD
from gendiv.metrics.novelty import Novelty

METRICS = "distinct,ead,cosine_ngram,sbert,vendi,self_bleu,compression,length,duplicates"
PROMPTS = 6000
WORLDS = ({}, {"lengths": (10, 46), "variety": (0.8, 2.0)})


def worlds(generator):
    """Return the pools of both worlds, with their embeddings, and the same for the halves of each prompt's samples."""
    whole, halves = [], []
    for given in WORLDS:
        groups, _ = population(generator, PROMPTS, **given)
        parts = ([group[:4] for group in groups], [group[4:] for group in groups])
        whole.append(pool(groups))
        halves.append([pool(part) for part in parts])
    return whole, halves


def pool(groups):
    texts = Texts.of(groups)
    texts.view(("embedding", "simulated"), vectors)
    return texts


def drawn(generator, count, times):
    return [generator.choice(PROMPTS, size=count, replace=False) for _ in range(times)]


def of_means(values, runs):
    return [Estimate.of_mean(values[run][~np.isnan(values[run])]) for run in runs]


def gaps_per_input(metric, whole, count, times, generator):
    """Return the estimates of both worlds' scores, and the truths."""
    values = [per_input(metric, texts, [None] * PROMPTS) for texts in whole]
    estimates = [of_means(some, drawn(generator, count, times)) for some in values]
    return estimates, [np.nanmean(some) for some in values]


def gaps_across(metric, whole, count, times, generator):
    estimates = [across_input(metric, texts, drawn(generator, count, times)) for texts in whole]
    return estimates, [np.mean([estimate.value for estimate in some]) for some in estimates]


def shares(estimates, truths, relative):
    """Return how often the gap and the relative gap are covered."""
    pairs = list(zip(*estimates, strict=True))
    gap = covered([one.minus(two) for one, two in pairs], truths[0] - truths[1])
    if not relative or not truths[0]:
        return gap, None
    found = [ratio(two, one) for one, two in pairs]
    held = [one is None or one.low is None or one.low <= truths[1] / truths[0] <= one.high for one in found]
    return gap, np.mean(held)


def differences(metric, halves, count, times, generator):
    """Return how often the paired difference of two like models' gaps covers 0."""
    values = [[per_input(metric, texts, [None] * PROMPTS) for texts in parts] for parts in halves]
    each = [one - two for one, two in values]
    estimates = [of_means(some, drawn(generator, count, times)) for some in each]
    return covered([one.minus(two) for one, two in zip(*estimates, strict=True)], 0.0)


def cell(share):
    return "" if share is None else f"{share:.3f}"


def print_gaps(given, generator):
    whole, halves = worlds(generator)
    heads = [f"{what}, N = {count}" for count in given.inputs for what in ("gap", "relative", "difference of gaps")]
    print("| metric | level | " + " | ".join(heads) + " |\n" + "|---" * (2 + len(heads)) + "|")
    for metric in choose_metrics([given.metrics], sbert_model="simulated"):
        for level in metric.levels:
            cells = []
            for count in given.inputs:
                times = given.runs * (5 if level == "per_input" else 1)
                found = gaps_per_input if level == "per_input" else gaps_across
                cells += shares(*found(metric, whole, count, times, generator), metric.range[0] == 0)
                cells.append(differences(metric, halves, count, times, generator) if level == "per_input" else None)
            print(f"| `{metric.name}` | {level} | " + " | ".join(map(cell, cells)) + " |", flush=True)


def print_distances(given, generator):
    """Two samples of one world, and one of each; what stands for the truth of two worlds is the mean over all runs."""
    texts = pool([[group[0] for group in population(generator, 3000, **world)[0]] for world in WORLDS])
    mmd, novelty = MMD(model="simulated", permutations=199), Novelty(words=300)

    def of_mmd(one, two):
        found = mmd.between(texts, one, two)
        return discrepancy_interval(found), mmd.p_value(found)

    def of_novelty(one, two):
        excess = novelty_estimates(novelty.of(texts, one, two))[1]
        return excess.interval(), excess.p_value()

    print("\n| distance | prompts | one world: 0 covered | one world: p < 0.05 | two worlds: mean covered |")
    print("|---" * 5 + "|")
    for name, of in (("mmd", of_mmd), ("novelty, excess", of_novelty)):
        for count in given.inputs:
            alike, apart = [], []
            for _ in range(given.runs // 2):
                members = generator.choice(3000, size=2 * count, replace=False)
                first, second = texts.groups[0][members[:count]], texts.groups[0][members[count:]]
                alike.append(of(first, second))
                apart.append(of(first, texts.groups[1][generator.choice(3000, size=count, replace=False)]))
            truth = np.mean([interval.value for interval, _ in apart])
            shares = [
                np.mean([interval.low <= 0 <= interval.high for interval, _ in alike]),
                np.mean([p_value < 0.05 for _, p_value in alike]),
                np.mean([interval.low <= truth <= interval.high for interval, _ in apart]),
            ]
            print(f"| {name} | {count} | " + " | ".join(map(cell, shares)) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, nargs="+", default=[32, 100])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--metrics", default=METRICS)
    given = parser.parse_args()
    generator = np.random.default_rng(1)
    print_gaps(given, generator)
    print_distances(given, generator)


if __name__ == "__main__":
    main()
