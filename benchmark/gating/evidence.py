"""Evidence: what two runs hold, measured anew from their samples as checks ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import BadInput, StoreFailed
from ...metrics import Level, Metric
from ..comparing import common_means, paired
from ..faults import find_faults
from ..generalisation.gaps import pairs
from ..intervals import Estimate
from ..measuring import Measurement, measure
from ..record import RunRecord, SplitRecord, read_run, read_scores
from ..registry import find_metric
from ..samples import SplitSamples, read_split
from ..scoring import signature
from ..signatures import Signature


class Absent(ValueError):
    """There is no number to hold against a limit; the message says why, and the check fails."""


@dataclass(frozen=True)
class Both:
    """One metric at one level on the prompts of one split that both runs have.

    Attributes:
        loss: the baseline's score minus the candidate's, paired.
        candidate: the candidate's own score there.
        baseline: the baseline's.
        inputs: prompts that the loss rests on.
        signature: all that decides both scores.
    """

    loss: Estimate
    candidate: float
    baseline: float
    inputs: int
    signature: Signature


class RunSamples:
    """A run folder and its samples, each split read once."""

    def __init__(self, folder: Path, called: str) -> None:
        self.folder = folder
        self.called = called
        self.record: RunRecord = read_run(folder)
        self._splits: dict[str, SplitSamples] = {}

    def split(self, name: str) -> SplitRecord:
        """Return the record of a split.

        Raises:
            Absent: the run has none of that name.
        """
        found = self.record.split(name)
        if found is None:
            raise Absent(f"{name} is not in the {self.called} ({self.folder})")
        return found

    def samples(self, name: str) -> SplitSamples:
        """Return the samples of a split.

        Raises:
            Absent: there are none, or the run has not finished.
        """
        self.split(name)
        if self.record.state != "complete":
            raise Absent(
                f"the {self.called} is {self.record.state}: finish it with the same `gendiv run --out {self.folder}`"
            )
        if name not in self._splits:
            self._splits[name] = read_split(self.folder, name, self.record.samples_per_prompt)
        if not self._splits[name].rows:
            raise Absent(f"the {self.called} holds no samples of {name}")
        return self._splits[name]

    def faults(self, split: str | None) -> list[str]:
        """Return what is odd about the samples of a split, or of all, as it is found in them."""
        found = []
        for one in self.record.splits:
            if split in (None, one.name):
                there = self.samples(one.name)
                texts = [row.samples for row in there.rows]
                found += find_faults(one.name, one.decoding, texts, there.finish_reasons)
        return [f"{fault.split}: {fault.message}" for fault in found]

    @cached_property
    def scored_with(self) -> dict[str, dict[str, None]]:
        """Return the settings with which metrics were scored, as signatures have them, by the metric's name."""
        found: dict[str, dict[str, None]] = {}
        try:
            results = read_scores(self.folder).results
        except StoreFailed:  # nothing here rests on earlier scores
            return found
        for result in results:
            found.setdefault(result.metric, {})[Signature.of(result.signature).metric] = None
        return found


class Evidence:
    """A candidate and, where there is one, its baseline.

    Attributes:
        undefined: share of prompts for which a metric may be undefined in the candidate and not in the baseline.
    """

    def __init__(self, candidate: Path, baseline: Path | None, undefined: float = 0.0) -> None:
        self.candidate = RunSamples(candidate, "candidate")
        self._baseline = None if baseline is None else RunSamples(baseline, "baseline")
        self.undefined = undefined
        self._paired: dict[tuple[str, str], list[tuple[Measurement, Measurement]]] = {}
        self._alone: dict[tuple[str, str], list[Measurement]] = {}

    @property
    def baseline(self) -> RunSamples:
        """The baseline.

        Raises:
            BadInput: there is none.
        """
        if self._baseline is None:
            raise BadInput("a drop, rise, change or growth is measured against a baseline: name one")
        return self._baseline

    def metric(self, spec: str) -> Metric:
        """Return a metric: with the settings given, or those that the runs were scored with, or its own.

        Raises:
            BadInput: there is none, or the runs were scored with several settings of it.
        """
        name, colon, settings = spec.partition(":")
        kind = find_metric(name)
        if not colon:
            runs = [run for run in (self._baseline, self.candidate) if run is not None]
            known = next((run.scored_with[name] for run in runs if name in run.scored_with), {})
            if len(known) > 1:
                raise BadInput(f"{name} was scored with several settings; name one: {', '.join(known)}")
            settings = next(iter(known), "").partition(":")[2]
        found = kind.from_settings(settings)
        found.require()
        return found

    def alone(self, metric: Metric, level: Level, split: str) -> Measurement:
        """Return the candidate's own measurement.

        Raises:
            Absent: there is no value, or too many prompts have none.
        """
        key = (split, metric.signature)
        if key not in self._alone:
            self._alone[key] = measure(self.candidate.samples(split).rows, [metric])
        found = _at(self._alone[key], level)
        if found.estimate() is None:
            raise Absent(f"undefined in {split} of the candidate: {_reason(found)}")
        self._check_defined(np.isnan(found.values), found, split)
        return found

    def both(self, metric: Metric, level: Level, split: str) -> Both:
        """Return the two runs' scores on the prompts that both have, and their paired difference.

        Raises:
            Absent: a score is missing, undefined, or not comparable with the other.
        """
        one, two = self._measured(metric, level, split)
        ours, theirs = _signature(one, self.baseline, split), _signature(two, self.candidate, split)
        if unlike := ours.unlike(theirs, "the baseline", "the candidate") or self._asked_unlike(split):
            raise Absent(f"not comparable: {unlike}")
        for side, run in ((one, self.baseline), (two, self.candidate)):
            if side.estimate() is None:
                raise Absent(f"undefined in {split} of the {run.called}: {_reason(side)}")
        if level == "per_input":
            self._check_defined(np.isnan(two.values) & ~np.isnan(one.values), two, split)
            scores = common_means(one, two)
        else:
            scores = [float(np.mean(side.values)) for side in (one, two)]
        loss, inputs = paired(one, two)
        if loss is None or scores[0] is None or scores[1] is None:
            raise Absent(f"undefined in one or the other for every prompt of {split}")
        return Both(loss, candidate=scores[1], baseline=scores[0], inputs=inputs, signature=theirs)

    def signature(self, measured: Measurement, split: str) -> Signature:
        """Return all that decides one of the candidate's own scores."""
        return _signature(measured, self.candidate, split)

    def id_split(self, run: RunSamples, ood_split: str) -> str:
        """Return the split in distribution that a split out of it is compared with.

        Raises:
            Absent: there is none, or the two are not comparable.
        """
        run.split(ood_split)
        found = [pair for pair in pairs(run.record) if pair.ood_split.name == ood_split]
        if not found:
            raise Absent(f"{ood_split} has no split of its task in distribution beside it in the {run.called}")
        if unlike := found[0].unlike():
            raise Absent(f"not comparable: {unlike}")
        return found[0].id_split.name

    def _measured(self, metric: Metric, level: Level, split: str) -> tuple[Measurement, Measurement]:
        key = (split, metric.signature)
        if key not in self._paired:
            ones, twos = ({row.id: row for row in run.samples(split).rows} for run in (self.baseline, self.candidate))
            common = [prompt for prompt in ones if prompt in twos]
            if not common:
                raise Absent(f"the runs share no prompt of {split}, so nothing can be paired")
            both = (measure([rows[prompt] for prompt in common], [metric]) for rows in (ones, twos))
            self._paired[key] = list(zip(*both, strict=True))
        return next(pair for pair in self._paired[key] if pair[0].level == level)

    def _asked_unlike(self, split: str) -> str | None:
        """Say how the two runs asked otherwise, or return None."""
        ours, theirs = self.baseline.split(split), self.candidate.split(split)
        names = ("the baseline", "the candidate")
        return ours.other_format(theirs, *names) or ours.other_version(theirs, *names)

    def _check_defined(self, missing: "np.typing.NDArray[np.bool_]", side: Measurement, split: str) -> None:
        """Refuse a score for which too many prompts do not count: what vanished is no pass."""
        if side.level == "per_input" and missing.mean() > self.undefined:
            raise Absent(
                f"undefined in {split} of the candidate for {missing.sum()} of {side.inputs} prompts: {_reason(side)}; "
                "the setting `undefined` is the share that may be"
            )


def _signature(measured: Measurement, run: RunSamples, split: str) -> Signature:
    return Signature.of(signature(measured, run.split(split).sampler))


def _at(measurements: Iterable[Measurement], level: Level) -> Measurement:
    return next(one for one in measurements if one.level == level)


def _reason(measurement: Measurement) -> str:
    reasons = measurement.reasons
    return max(reasons, key=reasons.__getitem__) if reasons else "no value"
