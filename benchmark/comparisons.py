"""Comparisons: one run against each of several others, metric by metric and split by split, corrected for all of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from ..errors import BadInput, GendivError
from ..metrics import Metric
from .choosing import MODEL_FREE_METRICS, choose_metrics
from .comparing import Difference, Side, differences, read_sides
from .contenders import Contender
from .generalisation.gap_differences import GapDifference, common_pairs, gap_differences, metric_again
from .generalisation.gaps import Key, metric_class, not_scored, scores_of
from .intervals import holm
from .measuring import Measurement
from .record import Result
from .signatures import Signature

D = TypeVar("D", Difference, GapDifference)
Sides = Mapping[str | None, Side]
Scored = Mapping[Key, Sequence[Result]]
Measured = dict[str, dict[Key, tuple[Measurement, Measurement]]]


@dataclass(frozen=True)
class Versus:
    """The first contender against one of the others.

    Attributes:
        other: that other.
        differences: the first minus the other, by split, metric and level.
        gaps: the first's generalisation gaps minus the other's; none where they have no scores or no task in common
            with splits in and out of distribution.
    """

    other: Contender
    differences: tuple[Difference, ...]
    gaps: tuple[GapDifference, ...]


def compare_contenders(
    contenders: Sequence[Contender],
    metrics: Sequence[Metric] = (),
    tell: Callable[[str], None] = lambda line: None,
) -> list[Versus]:
    """Compare the first with each of the others; p-values are adjusted for all differences, and for all gaps.

    Args:
        contenders: two or more.
        metrics: what to compare. Unless told, of two scored runs all that one of them has scores of, with the settings
            of these scores; otherwise those that need no model.
        tell: told what is being compared.

    Raises:
        BadInput: two have no split or no input in common, or a row is malformed.
        NotInstalled: a metric that was asked for lacks a package.
        StoreFailed: something cannot be read.
    """
    for metric in metrics:
        metric.require()
    first, *others = contenders
    ours = read_sides(first.samples)
    found = []
    for other in others:
        measured: Measured = {}
        compared = tuple(_differences(first, other, ours, metrics, measured, tell))
        found.append(Versus(other, compared, tuple(_gaps(first, other, metrics, measured))))
    return _adjusted(found)


def choose_compared(
    specs: Sequence[str | Metric],
    contenders: Sequence[Contender],
    *,
    sbert_model: str | None = None,
    nli_model: str | None = None,
) -> tuple[Metric, ...]:
    """Return the metrics that specs name; a bare name stands for the settings in which somebody has scores of it.

    Raises:
        BadInput: a metric or setting is unknown, or models are named and no metrics.
    """
    if not specs:
        if sbert_model is not None or nli_model is not None:
            raise BadInput("--sbert-model and --nli-model replace the models of what --metrics names: name metrics too")
        return ()
    scored = dict.fromkeys(
        Signature.of(result.signature).metric
        for contender in contenders
        if contender.run
        for result in contender.run.scores.results
    )
    wanted: list[str | Metric] = []
    for spec in [specs] if isinstance(specs, (str, Metric)) else specs:
        names: list[str | Metric] = []
        if isinstance(spec, str):
            names += filter(None, map(str.strip, spec.split(",")))
        for name in names or [spec]:
            known = [text for text in scored if text.partition(":")[0] == name]
            wanted += [metric_again(text) for text in known] or [name]
    return choose_metrics(wanted, sbert_model=sbert_model, nli_model=nli_model)


def _differences(
    first: Contender,
    other: Contender,
    ours: Sides,
    metrics: Sequence[Metric],
    measured: Measured,
    tell: Callable[[str], None],
) -> Iterable[Difference]:
    """Yield the differences of two contenders, of every split that one of them has."""
    theirs = read_sides(other.samples)
    common = [split for split in ours if split in theirs]
    if not common:
        ones, twos = (", ".join(split or "samples of no split" for split in sides) for sides in (ours, theirs))
        raise BadInput(f"nothing to compare: {ones} in {first.name}, {twos} in {other.name}")
    if not any(_share_inputs(ours[split], theirs[split]) for split in common):
        raise BadInput(f"{first.name} and {other.name}: no input is in both, so nothing can be paired; ids name inputs")
    wanted = tuple(metrics)
    if not wanted and not (first.run and other.run):
        wanted = choose_metrics(MODEL_FREE_METRICS["corrected"])
    for split in dict.fromkeys([*ours, *theirs]):
        tell(f"comparing {split or first.name} with {other.name}")
        yield from _of_split(first, other, split, (ours.get(split), theirs.get(split)), wanted, measured)


def _of_split(
    first: Contender,
    other: Contender,
    split: str | None,
    sides: tuple[Side | None, Side | None],
    wanted: Sequence[Metric],
    measured: Measured,
) -> Iterable[Difference]:
    """Yield a difference for each metric and level, or why there is none; keep what was measured."""
    scores = _scores(first, split), _scores(other, split)
    if not wanted and not any(scores):
        wanted = choose_metrics(MODEL_FREE_METRICS["corrected"])
    keys: list[Key] = [(metric.signature, level) for metric in wanted for level in metric.levels]
    keys = keys or list(dict.fromkeys([*scores[0], *scores[1]]))
    ours, theirs = sides
    unlike = _unlike(first, other, split, sides)
    if unlike or ours is None or theirs is None:
        yield from (_not_compared(key, split, scores, unlike or "") for key in keys)
        return
    reasons: dict[Key, str] = {}
    if not wanted:
        reasons = _not_in_both(first, other, split, scores)
        wanted, missing = _usable(key[0] for key in keys if key not in reasons)
        reasons |= {key: missing[key[0]] for key in keys if key[0] in missing}
    kept = measured.setdefault(split or "", {})

    def keep(one: Measurement, two: Measurement) -> None:
        kept[one.metric.signature, one.level] = (one, two)

    compared = differences(ours, theirs, wanted, split, keep) if wanted else []
    found = {(Signature.of(one.signature).metric, one.level): one for one in compared}
    for key in keys:
        if key in found and key not in reasons:
            yield found[key]
        else:
            reason = reasons.get(key, f"{key[0]} has no level {key[1]} here")
            yield _not_compared(key, split, scores, reason)


def _usable(texts: Iterable[str]) -> tuple[list[Metric], dict[str, str]]:
    """Return the metrics that signatures name, and why some of them cannot be computed here."""
    usable, missing = [], {}
    for text in dict.fromkeys(texts):
        try:
            usable.append(metric_again(text))
        except GendivError as error:
            missing[text] = f"the metric cannot be computed again, so nothing can be paired: {error}"
    return usable, missing


def _scores(contender: Contender, split: str | None) -> Scored:
    return scores_of(contender.run).get(split or "", {}) if contender.run else {}


def _not_in_both(
    first: Contender, other: Contender, split: str | None, scores: tuple[Scored, Scored]
) -> dict[Key, str]:
    """Say of each metric and level that only one has scores of what computes it in the other."""
    found: dict[Key, str] = {}
    for run, there, here in ((first.run, *scores[::-1]), (other.run, *scores)):
        found |= {
            key: not_scored(str(split), run, results[-1]) for key, results in there.items() if run and key not in here
        }
    return found


def _unlike(
    first: Contender, other: Contender, split: str | None, sides: tuple[Side | None, Side | None]
) -> str | None:
    """Say why nothing of a split can be compared, or None."""
    ours, theirs = sides
    for contender, side in ((first, ours), (other, theirs)):
        if side is None:
            return f"{contender.letter} has no split {split}"
        if not side.rows:
            return f"{contender.letter} has no finished prompt of {split}"
    one, two = first.split(split), other.split(split)
    if one and two and (unlike := one.other_version(two, first.letter, other.letter)):
        return f"not comparable: {unlike}"
    return None if ours and theirs and _share_inputs(ours, theirs) else "no input is in both, so nothing can be paired"


def _share_inputs(ours: Side, theirs: Side) -> bool:
    return not {row.id for row in ours.rows}.isdisjoint(row.id for row in theirs.rows)


def _not_compared(key: Key, split: str | None, scores: tuple[Scored, Scored], reason: str) -> Difference:
    """Return a difference that cannot be stated, with the scores that there are."""
    one, two = (results[key][-1] if key in results else None for results in scores)
    either, (text, level) = one or two, key
    name = either.metric if either else text.partition(":")[0]
    kind = metric_class(name)
    return Difference(
        split=split,
        metric=name,
        level=level,
        signature=either.signature if either else text,
        first=one.value if one else None,
        second=two.value if two else None,
        difference=None,
        p_value=None,
        adjusted=None,
        inputs=0,
        reason=reason,
        direction=kind.direction if kind else "neutral",
    )


def _gaps(first: Contender, other: Contender, metrics: Sequence[Metric], measured: Measured) -> Sequence[GapDifference]:
    """Return the differences of gaps, where both are scored and have a task with both sides."""
    if first.run is None or other.run is None or not common_pairs(first.run, other.run):
        return []
    scored = [
        {Signature.of(result.signature).metric for result in run.scores.results} for run in (first.run, other.run)
    ]
    only = [
        metric.signature
        for metric in metrics
        if metric.signature in scored[0] & scored[1] and metric_class(metric.name) is not None
    ]
    if metrics and not only:
        return []
    return gap_differences(first.run, other.run, only, names=(first.letter, other.letter), known=measured)


def _adjusted(found: Sequence[Versus]) -> list[Versus]:
    """Return all comparisons with p-values adjusted for the number of all differences, and of all gaps."""
    compared = iter(_holm([one for versus in found for one in versus.differences]))
    gaps = iter(_holm([one for versus in found for one in versus.gaps]))
    return [
        replace(
            versus,
            differences=tuple(next(compared) for _ in versus.differences),
            gaps=tuple(next(gaps) for _ in versus.gaps),
        )
        for versus in found
    ]


def _holm(found: Sequence[D]) -> list[D]:
    adjusted = iter(holm(np.array([one.p_value for one in found if one.p_value is not None])).tolist())
    return [replace(one, adjusted=next(adjusted)) if one.p_value is not None else one for one in found]
