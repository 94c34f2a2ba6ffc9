"""Recomputing: the scores of a submission computed again from its samples, and held against those it brought."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

from ...benchmark.record import Result, SplitRecord
from ...benchmark.registry import find_metric
from ...benchmark.samples import SplitSamples
from ...benchmark.scoring import score
from ...benchmark.signatures import Signature
from ...errors import BadInput, GendivError, NotInstalled
from ...metrics import Graded, Metric
from ...metrics.counting.tokenizer import SPLITTERS, WHITESPACE
from ...metrics.models.embedding import MINILM
from .reading import printable
from .standing import Standing, standing_key
from .submission import Submission


@dataclass(frozen=True)
class Tolerance:
    """How far two computations of one number may lie apart: relative, and absolute where it is near zero."""

    relative: float
    absolute: float

    def alike(self, one: float | None, other: float | None) -> bool:
        """Say whether two numbers, or two absences of one, are the same."""
        if one is None or other is None:
            return one is other
        return math.isclose(one, other, rel_tol=self.relative, abs_tol=self.absolute)


EXACT: Final = Tolerance(1e-9, 1e-12)
"""Of metrics that count: the same numbers added in another order differ in the last of 16 digits, intervals in some
more; no difference that a table shows fits in between."""

ENCODED: Final = Tolerance(1e-4, 1e-5)
"""Of sbert: embeddings of other processors and batches differ by 1e-6 of their length."""

LARGEST: Final = 1000
"""A number in a metric's settings beyond which a check does not compute it, lest a submission keep it busy for days;
`vocabulary` may be any."""

SHOWN: Final = ("value", "low", "high", "error", "freedom", "skew")


@dataclass
class Recomputed:
    """What recomputing found: reasons to refuse, remarks, and how far each result can be trusted."""

    reasons: list[str]
    remarks: list[str]
    standings: dict[str, Standing]


def recompute(submission: Submission, splits: dict[str, SplitSamples], *, only_form: bool = False) -> Recomputed:
    """Compute again what can be computed here, and compare.

    Args:
        submission: as read.
        splits: its samples by prompt.
        only_form: compute nothing; the form alone is checked.
    """
    found = Recomputed([], [], {})
    if submission.scores.profile != "corrected":
        found.reasons.append(f"scores.json: profile {submission.scores.profile}: a board takes corrected scores alone")
    by_split: dict[str | None, list[Result]] = {}
    for result in submission.scores.results:
        by_split.setdefault(result.split, []).append(result)
        found.standings[standing_key(result)] = "self_reported"
        found.reasons += _form(result)
    counts = Counter(standing_key(result) for result in submission.scores.results)
    found.reasons += [f"scores.json: {printable(key)[:90]} stands there twice" for key, n in counts.items() if n > 1]
    known = {split.name: split for split in submission.record.splits}
    for name, results in by_split.items():
        if name not in known:
            found.reasons.append(f"scores.json: results of {printable(str(name))!r}, which is no split of the run")
        elif name in splits and splits[name].rows and not only_form:
            _recompute_split(known[name], splits[name], results, found)
    found.remarks = list(dict.fromkeys(found.remarks))
    return found


def _form(result: Result) -> list[str]:
    """Return what of a result can be no result, whatever the samples are."""
    where = f"scores.json: {printable(result.metric)} of {printable(str(result.split))}"
    reasons = [
        f"{where}: {name}: {n} is no count" for name in ("inputs", "undefined") if (n := getattr(result, name)) < 0
    ]
    if result.value is not None and not (
        _end(result.low, result.value) <= result.value <= _end(result.high, result.value)
    ):
        reasons.append(f"{where}: the value {result.value:.6g} lies outside its interval")
    return reasons


def _end(end: float | None, value: float) -> float:
    return value if end is None else end


def _recompute_split(split: SplitRecord, samples: SplitSamples, results: Sequence[Result], found: Recomputed) -> None:
    metrics: dict[str, Metric] = {}
    wanted: list[tuple[Result, Metric]] = []
    for result in results:
        try:
            metric = _metric(result)
        except GendivError as refused:
            found.remarks.append(f"{printable(result.metric)}: self-reported: {printable(str(refused))}")
            continue
        if isinstance(metric, str):
            found.reasons.append(metric)
            continue
        metrics[metric.signature] = metric
        wanted.append((result, metric))
    here = _scored(split, samples, metrics.values(), found)
    for result, metric in wanted:
        if metric.signature not in here:
            continue
        differences = _differences(result, metric, here[metric.signature])
        found.reasons += differences
        if isinstance(metric, Graded):
            found.remarks.append(f"{metric.name}: self-reported: its grades stand in the submission and can be edited")
        elif not differences:
            found.standings[standing_key(result)] = "recomputed"


def _scored(
    split: SplitRecord, samples: SplitSamples, metrics: Iterable[Metric], found: Recomputed
) -> dict[str, list[Result]]:
    """Return the recomputed results by the metric's signature, of those metrics that can be computed."""
    scored: dict[str, list[Result]] = {}
    for metric in metrics:
        try:
            metric.require()
            scored[metric.signature] = score(samples.rows, [metric], split=split.name, sampler=split.sampler)
        except (GendivError, ValueError, ArithmeticError) as failed:
            found.remarks.append(f"{metric.name}: self-reported: {printable(str(failed))}")
    return scored


def _metric(result: Result) -> Metric | str:
    """Return the metric of a result, or why its result cannot be one.

    Raises:
        GendivError: it is not installed, has another version, or needs what a check does not fetch.
    """
    where = f"scores.json: {printable(result.metric)} of {printable(str(result.split))}"
    signature = Signature.of(result.signature)
    if signature.name != result.metric:
        return f"{where}: its signature is one of {printable(signature.name)}"
    if signature.profile != "profile=corrected":
        return f"{where}: {printable(signature.profile)}: a board takes corrected scores alone"
    metric = built(signature.name, signature.settings)
    if str(metric.version) != signature.version:
        raise BadInput(f"version {signature.version} of the metric, and {metric.version} is installed")
    if metric.signature != signature.metric:
        return f"{where}: the signature {printable(signature.metric)} does not name every setting as gendiv does"
    refuse_costly(metric)
    return metric


@lru_cache(maxsize=1000)
def built(name: str, settings: str) -> Metric:
    """Return a metric; finding one among the installed packages takes longer than computing it."""
    return find_metric(name).from_settings(settings)


def refuse_costly(metric: Metric) -> None:
    """Raise for a metric that reads a model which the submitter names, or that could compute for days.

    Raises:
        NotInstalled: in words for a remark.
    """
    settings = {one.name: getattr(metric, one.name) for one in fields(metric)}
    if metric.cost != "cpu" and not (
        metric.name == "sbert" and settings["model"] == MINILM and settings["dtype"] == "float32"
    ):
        raise NotInstalled("a check loads no model but the packaged MiniLM, for sbert in float32")
    if settings.get("tokenizer", WHITESPACE) not in SPLITTERS:
        raise NotInstalled("a check loads no tokeniser that a submission names")
    numbers = [n for name, value in settings.items() if name != "vocabulary" for n in _numbers(value)]
    if isinstance(metric, Graded):
        return
    if any(abs(n) > LARGEST for n in numbers) or any(isinstance(v, tuple) and len(v) > 20 for v in settings.values()):
        raise NotInstalled(f"a check computes no metric with settings beyond {LARGEST}")


def _numbers(value: object) -> list[float]:
    if isinstance(value, tuple):
        return [n for part in value for n in _numbers(part)]
    return [value] if isinstance(value, (int, float)) else []


def _differences(result: Result, metric: Metric, here: Sequence[Result]) -> list[str]:
    """Return in what a result differs from the one computed here, in words."""
    where = f"{metric.name} {result.level} on {result.split}"
    same = next((one for one in here if one.level == result.level), None)
    if same is None:
        return [f"{where}: the metric has no such level"]
    if same.signature != result.signature:
        return [f"{where}: signature {_tail(result)} in scores.json, {_tail(same)} recomputed"]
    tolerance = EXACT if metric.cost == "cpu" else ENCODED
    differing = [
        (name, there, found)
        for name in SHOWN
        if not (tolerance if name in ("value", "low", "high", "error") or tolerance is EXACT else LOOSE).alike(
            there := getattr(result, name), found := getattr(same, name)
        )
    ]
    differing += [
        (name, there, found)
        for name in ("inputs", "undefined", "reason")
        if (there := getattr(result, name)) != (found := getattr(same, name))
    ]
    return [
        f"{where}: {'' if name == 'value' else name + ' '}{_shown(there)} in scores.json, {_shown(found)} recomputed"
        for name, there, found in differing
    ]


LOOSE: Final = Tolerance(1e-2, 1e-2)
"""Of what corrects the interval of sbert, which rests on third moments."""


def _tail(result: Result) -> str:
    return printable(result.signature.partition("|version=")[2])


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return f"{value:.6g}" if isinstance(value, float) else printable(str(value))[:60]
