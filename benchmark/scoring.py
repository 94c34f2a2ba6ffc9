"""Scores: groups of samples in, one number with an interval for each metric and level out."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ..metrics import IntArray, Level, Metric, SentenceBERT, Texts, Undefined
from .intervals import Interval, bootstrap_mean, jackknife
from .record import Result
from .registry import find_metric

PROFILE: Final = "corrected"
BOOTSTRAP_SEED = 0

MODEL_FREE_METRICS = ("distinct", "ead", "length", "duplicates")
"""What can be computed with nothing but gendiv itself."""


def parse_metrics(specs: Iterable[str], sbert_model: str | None = None) -> tuple[Metric, ...]:
    """Return the metrics that `--metrics NAME[:SETTING=VALUE...],...` names, each once.

    Args:
        specs: metric specs; each may hold several, separated by commas.
        sbert_model: replaces the model of every Sentence-BERT metric.

    Raises:
        BadInput: an unknown name or setting.
    """
    found: dict[str, Metric] = {}
    for spec in (part for item in specs for part in item.split(",") if part.strip()):
        name, _, settings = spec.strip().partition(":")
        metric = find_metric(name).from_settings(settings)
        if sbert_model is not None and isinstance(metric, SentenceBERT):
            metric = replace(metric, model=sbert_model)
        found[metric.signature] = metric
    return tuple(found.values())


def score(
    groups: Sequence[Sequence[str]],
    metrics: Sequence[Metric],
    *,
    split: str | None = None,
    sampler: str = "unknown",
    tell: Callable[[str], None] = lambda line: None,
) -> list[Result]:
    """Score samples by every metric at every level it has.

    Per-input values are averaged over inputs with a bootstrap over inputs. Across-input values take one sample of each
    input and are averaged over all draws (sample 0 of every input, sample 1 of every input, ...), with a jackknife over
    inputs, because a bootstrap repeats inputs and repeated inputs look like lost diversity.

    Args:
        groups: for each input its samples, in draw order. Groups may differ in size.
        metrics: what to compute.
        split: written into the results.
        sampler: the sampler's part of the signature: the decoding parameters where they are known.
        tell: told which metric is being computed.
    """
    texts = Texts.of(groups)
    results = []
    for metric in metrics:
        tell(metric.name)
        for level in metric.levels:
            measured = _per_input(texts, metric) if level == "per_input" else _across_input(texts, metric)
            interval, inputs, reasons = measured
            results.append(
                Result(
                    split=split,
                    metric=metric.name,
                    signature=_signature(metric, level, texts.groups, sampler),
                    level=level,
                    value=interval.value if interval else None,
                    low=interval.low if interval else None,
                    high=interval.high if interval else None,
                    inputs=inputs,
                    undefined=sum(reasons.values()),
                    reason=_most_common(reasons),
                )
            )
    return results


Measured = tuple[Interval | None, int, Mapping[str, int]]
"""The interval, the inputs it rests on, and how often the metric was undefined for which reason."""


def _per_input(texts: Texts, metric: Metric) -> Measured:
    values, reasons = [], Counter[str]()
    for members in texts.groups:
        try:
            values.append(metric.value(texts, members))
        except Undefined as undefined:
            reasons[str(undefined)] += 1
    if not values:
        return None, 0, reasons
    return bootstrap_mean(np.array(values), seed=BOOTSTRAP_SEED), len(values), reasons


def _across_input(texts: Texts, metric: Metric) -> Measured:
    """Average the metric over draws; an input with fewer samples than another limits the number of draws."""
    draws = [np.array(draw, dtype=np.intp) for draw in zip(*texts.groups, strict=False)]
    values, left_out, reasons = [], [], Counter[str]()
    if len(texts.groups) < 3:
        return None, 0, Counter({f"an across-input value needs 3 inputs, found {len(texts.groups)}": len(draws) or 1})
    for members in draws:
        try:
            value, without = metric.value(texts, members), metric.leave_out(texts, members)
        except Undefined as undefined:
            reasons[str(undefined)] += 1
        else:
            values.append(value)
            left_out.append(without)
    if not values:
        return None, 0, reasons or Counter({"an input has no samples": 1})
    return jackknife(float(np.mean(values)), np.mean(left_out, axis=0)), len(texts.groups), reasons


def _signature(metric: Metric, level: Level, groups: Sequence[IntArray], sampler: str) -> str:
    """Return all that decides the number, the metric's part in the syntax of `--metrics`.

    The number of samples is part of it because set metrics depend on the size of the set; across inputs so is the
    number of inputs.
    """
    sizes = {len(group) for group in groups} or {0}
    k = str(max(sizes)) if len(sizes) == 1 else f"{min(sizes)}-{max(sizes)}"
    size = f"k={k}" if level == "per_input" else f"k={k}|inputs={len(groups)}"
    return f"{metric.signature}|version={metric.version}|profile={PROFILE}|{level}|{size}|{sampler}"


def _most_common(reasons: Mapping[str, int]) -> str | None:
    return max(reasons, key=lambda reason: reasons[reason]) if reasons else None
