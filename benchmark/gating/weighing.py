"""Weighing: a check and two runs in, a finding out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from ...errors import BadInput
from ...metrics import Level, Metric
from ...naming import nearest
from ..intervals import Estimate
from ..measuring import Measurement
from ..record import RunRecord
from ..registry import find_metric
from .check import Check
from .evidence import Absent, Evidence
from .finding import Finding
from .outcome import ANYTHING, Range, decide, more


@dataclass(frozen=True)
class Terms:
    """How strict a gate is.

    Attributes:
        confidence: of each one-sided bound.
        undefined: share of prompts for which a metric may be undefined in the candidate and not in the baseline.
    """

    confidence: float = 0.95
    undefined: float = 0.0

    def __post_init__(self) -> None:
        if not 0.5 < self.confidence < 1:
            raise BadInput(f"confidence: wanted a number between 0.5 and 1, found {self.confidence:g}")
        if not 0 <= self.undefined < 1:
            raise BadInput(f"undefined: wanted a share from 0 to below 1, found {self.undefined:g}")


def spread(checks: Sequence[Check], record: RunRecord) -> list[Check]:
    """Return each check at every level and on every split that it is about, one by one.

    Args:
        checks: as written.
        record: of the baseline, or of the candidate where there is no baseline.

    Raises:
        BadInput: a metric, level or split is not there, or a metric has no side on which it could get worse.
    """
    found: dict[str, Check] = {}
    for check in checks:
        if check.subject in ("faults", "refusals"):
            _splits(check, record)
            found[str(check)] = check
            continue
        for split in _splits(check, record):
            for level in _levels(check):
                one = check.at(level, split)
                found[str(one)] = one
    return list(found.values())


def answer(check: Check, evidence: Evidence, terms: Terms) -> Finding:
    """Return what one check, at one level and on one split, finds.

    Raises:
        BadInput: the metric cannot be computed here, or there is no baseline.
        NotInstalled: the metric needs a package.
        StoreFailed: a run folder is damaged.
    """
    try:
        if check.subject == "faults":
            return _counted(check, evidence.candidate.faults(check.split))
        if check.subject == "refusals":
            refusals = evidence.candidate.record.refusals
            return _counted(check, [one.reason for one in refusals if check.split in (None, one.split)])
        metric = evidence.metric(check.metric)
        assert check.level is not None  # noqa: S101  as `spread` leaves them
        assert check.split is not None  # noqa: S101
        weigh = _gap if check.subject == "gap" else _score
        return weigh(check, metric, check.level, check.split, evidence, terms)
    except Absent as absent:
        return Finding(check, "fail", reason=str(absent))


def _score(check: Check, metric: Metric, level: Level, split: str, evidence: Evidence, terms: Terms) -> Finding:
    """Hold a score, or how it moved against the baseline, against its limit."""
    if check.change == "value":
        measured = evidence.alone(metric, level, split)
        return _found(check, metric, _estimate(measured), _allowed(check, check.limit), terms, measured.inputs)
    both = evidence.both(metric, level, split)
    moved = Estimate.weighted_sum([(_sign(metric) if check.change == "drop" else -1, both.loss)])
    limit = check.limit * abs(both.baseline) if check.relative else check.limit
    found = _found(check, metric, moved, _allowed(check, limit), terms, both.inputs)
    return replace(found, candidate=both.candidate, baseline=both.baseline)


def _gap(check: Check, metric: Metric, level: Level, split: str, evidence: Evidence, terms: Terms) -> Finding:
    """Hold how much a model loses out of distribution, or loses more than the baseline, against its limit."""
    inside = evidence.id_split(evidence.candidate, split)
    sign = _sign(metric)
    if check.change == "value":
        near, far = evidence.alone(metric, level, inside), evidence.alone(metric, level, split)
        if unlike := evidence.signature(near, inside).unlike(evidence.signature(far, split), inside, split):
            raise Absent(f"not comparable: {unlike}")
        lost = Estimate.weighted_sum([(sign, _estimate(near)), (-sign, _estimate(far))])
        return _found(check, metric, lost, _allowed(check, check.limit), terms, min(near.inputs, far.inputs))
    here, there = evidence.both(metric, level, inside), evidence.both(metric, level, split)
    if unlike := here.signature.unlike(there.signature, inside, split):
        raise Absent(f"not comparable: {unlike}")
    grown = Estimate.weighted_sum([(sign, there.loss), (-sign, here.loss)])
    found = _found(check, metric, grown, _allowed(check, check.limit), terms, min(here.inputs, there.inputs))
    gap = sign * (here.candidate - there.candidate)
    return replace(found, candidate=gap, baseline=sign * (here.baseline - there.baseline))


def _found(check: Check, metric: Metric, estimate: Estimate, allowed: Range, terms: Terms, inputs: int) -> Finding:
    decision = decide(estimate, allowed, terms.confidence, _possible(check, metric))
    return Finding(
        check=check,
        outcome=decision.outcome,
        value=estimate.value,
        low=decision.low,
        high=decision.high,
        limit=allowed.high if allowed.high < inf else allowed.low,
        inputs=inputs,
        more=more(decision.factor, inputs),
    )


def _counted(check: Check, found: Sequence[str]) -> Finding:
    """Hold a number of faults or refused prompts against its limit."""
    count, limit = len(found), check.limit
    good = {"<=": count <= limit, ">=": count >= limit, "==": count == limit}[check.sign]
    return Finding(check, "pass" if good else "fail", value=count, limit=limit, reason="; ".join(found) or None)


def _allowed(check: Check, limit: float) -> Range:
    if check.change == "change":
        return Range(-limit, limit)
    return Range(limit, inf) if check.sign == ">=" else Range(-inf, limit)


def _possible(check: Check, metric: Metric) -> Range:
    """Return between what one prompt's part in a value can lie; across inputs there is no such part."""
    if check.level == "across_input":
        return ANYTHING
    low, high = metric.range
    if check.subject == "score" and check.change == "value":
        return Range(low, high)
    differences = 2 if check.change == "growth" else 1
    return Range(-differences * (high - low), differences * (high - low))


def _estimate(measured: Measurement) -> Estimate:
    estimate = measured.estimate()
    assert estimate is not None  # noqa: S101  `alone` refuses a score without a value
    return estimate


def _sign(metric: Metric) -> float:
    """Return 1 where more of the metric is better or more diverse, -1 where less is."""
    return -1.0 if metric.direction == "lower_is_more_diverse" else 1.0


def _levels(check: Check) -> Sequence[Level]:
    """Return the levels at which a check is put."""
    kind = find_metric(check.metric.partition(":")[0])
    if check.level is not None and check.level not in kind.levels:
        raise BadInput(f"check '{check}': {kind.name} is not a metric {check.level}, but {' and '.join(kind.levels)}")
    if kind.direction == "neutral" and check.change in ("drop", "growth"):
        raise BadInput(f"check '{check}': {kind.name} has no better side; wanted rise or change")
    return kind.levels if check.level is None else (check.level,)


def _splits(check: Check, record: RunRecord) -> Sequence[str]:
    """Return the splits on which a check is put."""
    names = [split.name for split in record.splits if check.subject != "gap" or split.shift != "id"]
    if check.split is not None and check.split not in names:
        raise BadInput(f"check '{check}': no such split in the run; {nearest(check.split, names)}")
    if not names:
        raise BadInput(f"check '{check}': the run has no split out of distribution")
    return names if check.split is None else (check.split,)
