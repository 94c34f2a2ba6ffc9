"""Rank correlation of every metric with human judgements of diversity, and with the temperature the texts came from.

Data: the McDiv sets of Tevet & Berant (2021) in $GENDIV_DATA/mcdiv. In `con_test` writers were asked for five answers
of high or low content diversity, in `dec_test` a model gave ten at temperatures from 0.2 to 1.2; people judged how
diverse each set is. Run: python tests/benchmarks/human.py [--nli-model FOLDER] [--sbert-model MODEL]
"""

import argparse
import csv
import os
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from gendiv.benchmark.choosing import choose_metrics
from gendiv.metrics import METRICS, QualityMetric, Texts, Undefined

TASKS = ("prompt", "resp", "story")


def read(test, task):
    """Return the sets of texts with their labels: temperature or content diversity, and the mean human score."""
    path = Path(os.environ["GENDIV_DATA"]) / "mcdiv" / f"{test}_test_200_with_hds_{task}_gen.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    groups = [[row[key] for key in row if key.startswith("resp_") and row[key]] for row in rows]
    human = np.array([float(row["metric_abs_hds_mean"]) for row in rows])
    return groups, np.array([float(row["label_value"]) for row in rows]), human


def values(metric, texts):
    """Return the metric of each set, turned so that higher is more diverse, NaN where it is undefined."""
    metric.prepare(texts, texts.groups)
    found = []
    for members in texts.groups:
        try:
            found.append(metric.value(texts, members))
        except Undefined:
            found.append(np.nan)
    return np.array(found) * (-1 if metric.direction == "lower_is_more_diverse" else 1)


def correlation(ours, theirs):
    """Return Spearman's rho over the sets for which the metric is defined."""
    both = np.isfinite(ours)
    return spearmanr(ours[both], theirs[both]).statistic if both.sum() > 2 and np.ptp(ours[both]) > 0 else np.nan


def shown(rho):
    """Return a correlation, or none where the metric says the same of all sets."""
    return "none" if np.isnan(rho) else f"{rho:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sbert-model", default="minilm")
    parser.add_argument("--nli-model", help="without one, the metrics that need it are left out")
    parser.add_argument("--metrics", action="append", default=[], help="specs; every bundled metric by default")
    given = parser.parse_args()
    able = [
        name
        for name, kind in METRICS.items()
        if (given.nli_model or kind.cost != "cross_encoder") and not issubclass(kind, QualityMetric)
    ]
    metrics = choose_metrics(given.metrics or able, sbert_model=given.sbert_model, nli_model=given.nli_model)
    sets = {(test, task): read(test, task) for test in ("con", "dec") for task in TASKS}
    pools = {key: Texts.of(groups) for key, (groups, _, _) in sets.items()}
    heads = [f"human, {test}Test {task}" for test in ("con", "dec") for task in TASKS]
    heads += [f"temperature, decTest {task}" for task in TASKS]
    print("| metric | " + " | ".join(heads) + " |")
    print("|---" * (len(heads) + 1) + "|")
    for metric in metrics:
        ours = {key: values(metric, texts) for key, texts in pools.items()}
        row = [correlation(ours[key], sets[key][2]) for key in sets]
        row += [correlation(ours["dec", task], sets["dec", task][1]) for task in TASKS]
        print(
            f"| `{metric.name}` | " + " | ".join(map(shown, row)) + " |",
            flush=True,
        )
    people = [correlation(sets["dec", task][2], sets["dec", task][1]) for task in TASKS]
    print("| people | " + " | ".join(["1"] * 6 + [f"{rho:.2f}" for rho in people]) + " |")


if __name__ == "__main__":
    main()
