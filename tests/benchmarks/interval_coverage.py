"""How often the 95% intervals cover the truth, for every metric and level, by simulation.

A world is a population of prompts, each with a topic, a length, a variety and a quality of its own, whose samples are
variations of a few texts, word by word from a Zipf law, or one of a few answers that all prompts share. Embeddings
and NLI probabilities are made from the words, so that the metrics that need a model move as they do in earnest. Runs
of N prompts and K samples are drawn from it again and again (ten times as often per input, where it costs
little). The truth is the mean over the population (per input) or over all runs (across inputs).
Run: python tests/benchmarks/interval_coverage.py [--inputs 32 100] [--runs 1000] [--metrics ead,distinct]
"""

import argparse
from zlib import crc32

import numpy as np

from gendiv.benchmark.choosing import choose_metrics
from gendiv.benchmark.intervals import Estimate
from gendiv.metrics import METRICS, QualityMetric, Texts, Undefined

SAMPLES = 8
DRAWS = 2
KINDS = 3000
POPULATION = 10_000
STOCK = 6


def population(generator, size=POPULATION, lengths=(6, 31), variety=(1.2, 1.2)):
    """Return the samples of every prompt, with their qualities; `lengths` and `variety` tell one world from another."""
    shares = np.cumsum(1 / np.arange(1, KINDS + 1))
    groups, qualities = [], []
    stock = [" ".join(f"w{word}" for word in generator.integers(KINDS, size=9)) for _ in range(STOCK)]
    for _ in range(size):
        topic, length = generator.integers(KINDS), generator.integers(*lengths)
        varied_share, modes = generator.beta(*variety), 1 + generator.poisson(2)

        def words(count, topic=topic):
            drawn = np.searchsorted(shares, generator.random(count) * shares[-1])
            return np.where(generator.random(count) < 0.4, drawn + topic, drawn) % KINDS

        texts = [words(length) for _ in range(modes)]
        refusal = generator.beta(2, 10)
        group = []
        for mode in generator.integers(modes, size=SAMPLES):
            varied = np.where(generator.random(length) < varied_share * 0.5, words(length), texts[mode])
            cut = length if generator.random() < 0.7 else generator.integers(5, length + 1)
            said = " ".join(f"w{word}" for word in varied[:cut])
            group.append(stock[generator.zipf(2) % STOCK] if generator.random() < refusal else said)
        groups.append(group)
        qualities.append(generator.beta(2 + 3 * varied_share, 2, size=SAMPLES))
    return groups, np.array(qualities)


def vectors(pool):
    """Return an embedding for each text: the mean of its words' fixed vectors, with a direction that all share."""
    table = np.random.default_rng(7).normal(size=(KINDS, 24))
    return np.array([table[[int(word[1:]) for word in text.split()]].mean(axis=0) + 0.2 for text in pool])


class Overlap:
    """An NLI model in miniature: entailment grows with the common words, contradiction with the texts' tastes."""

    def probabilities(self, pairs):
        """Return contradiction, neutral and entailment for each (premise, hypothesis)."""
        found = []
        for premise, hypothesis in pairs:
            one, two = set(premise.split()), set(hypothesis.split())
            common = len(one & two) / max(1, len(two))
            pair = f"{min(premise, hypothesis)}|{max(premise, hypothesis)}"
            taste = (crc32(premise.encode()) + crc32(hypothesis.encode()) + crc32(pair.encode())) / (3 * 2**32)
            found.append([3 * taste * (1 - common), 1.2, 4 * common])
        weights = np.exp(np.array(found).reshape(-1, 3))
        return (weights / weights.sum(axis=1, keepdims=True)).reshape(-1, 3)


def per_input(metric, texts, qualities):
    """Return the value of each prompt, NaN where it is undefined."""
    if not isinstance(metric, QualityMetric):
        metric.prepare(texts, texts.groups)
    found = np.full(len(texts.groups), np.nan)
    for place, (members, quality) in enumerate(zip(texts.groups, qualities, strict=True)):
        try:
            judged = isinstance(metric, QualityMetric)
            found[place] = metric.judged(texts, members, quality) if judged else metric.value(texts, members)
        except Undefined:
            continue
    return found


def covered(estimates, truth):
    intervals = [estimate.interval() for estimate in estimates]
    return np.mean([interval.low - 1e-12 <= truth <= interval.high + 1e-12 for interval in intervals])


def across_input(metric, texts, runs):
    """Return the estimate of each run: of the mean over draws of the metric of one sample of each prompt."""
    draws = [[np.array([texts.groups[prompt][draw] for prompt in run]) for draw in range(DRAWS)] for run in runs]
    metric.prepare(texts, [members for run in draws for members in run])
    return [
        Estimate.of_left_out(
            np.mean([metric.value(texts, members) for members in run]),
            np.mean([metric.leave_out(texts, members) for members in run], axis=0),
        )
        for run in draws
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, nargs="+", default=[32, 100])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--metrics", action="append", default=[], help="specs; every bundled metric by default")
    given = parser.parse_args()
    metrics = choose_metrics(given.metrics or list(METRICS), sbert_model="simulated", nli_model="simulated")
    generator = np.random.default_rng(1)
    groups, qualities = population(generator)
    texts = Texts.of(groups)
    texts.view(("embedding", "simulated"), vectors)
    for dtype in ("float32", "bfloat16"):
        texts.view(("entailment", "simulated", dtype), lambda _: Overlap())
    print("| metric | level | " + " | ".join(f"N = {count}" for count in given.inputs) + " |")
    print("|---" * (2 + len(given.inputs)) + "|")
    for metric in metrics:
        for level in metric.levels:
            shares = []
            values = per_input(metric, texts, qualities) if level == "per_input" else None
            for count in given.inputs:
                times = given.runs * (10 if level == "per_input" else 1)
                runs = [generator.choice(POPULATION, size=count, replace=False) for _ in range(times)]
                if values is not None:
                    drawn = [values[run][~np.isnan(values[run])] for run in runs]
                    shares.append(covered(map(Estimate.of_mean, drawn), np.nanmean(values)))
                else:
                    estimates = across_input(metric, texts, runs)
                    shares.append(covered(estimates, np.mean([estimate.value for estimate in estimates])))
            print(f"| `{metric.name}` | {level} | " + " | ".join(f"{share:.3f}" for share in shares) + " |", flush=True)


if __name__ == "__main__":
    main()
