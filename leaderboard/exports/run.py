"""What exports ask of a run: scores that are of its samples, metrics by signature, and who the model is."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...benchmark.choosing import choose_metrics
from ...benchmark.hub import OWNED_ID
from ...benchmark.record import Result, SplitRecord
from ...benchmark.run import Run
from ...benchmark.store import hash_samples
from ...errors import BadInput, StoreFailed
from ...metrics import Metric


@dataclass(frozen=True)
class Number:
    """One result that has a value, with the split and the metric it is of."""

    result: Result
    split: SplitRecord
    metric: Metric


def load_scored(folder: str | Path) -> Run:
    """Read a run folder whose scores are of the samples that it holds.

    Raises:
        StoreFailed: it holds no run, no scores, or scores of other samples.
    """
    run = Run.load(folder)
    if run.scores.samples != hash_samples(run.folder, [split.name for split in run.record.splits]):
        raise StoreFailed(f"{run.folder}: the samples have changed since they were scored: gendiv score {run.folder}")
    return run


def numbers_of(run: Run) -> Iterator[Number]:
    """Yield the results that have a value, in the order of scores.json.

    Raises:
        BadInput: a metric is not installed here.
    """
    splits = {split.name: split for split in run.record.splits}
    for result in run.scores.results:
        if result.value is not None and result.split in splits:
            (metric,) = choose_metrics([result.signature.partition("|")[0]])
            yield Number(result, splits[result.split], metric)


def model_id(run: Run, given: str | None = None) -> str:
    """Return the hub id of a run's model: as given, or that of the checkpoint if it came from the hub as it is.

    Raises:
        BadInput: none is given, and the model is a folder, behind an address, or changed by an adapter.
    """
    model = run.record.model
    if given is not None:
        if not OWNED_ID.fullmatch(given):
            raise BadInput(f"--model-id: wanted ORGANISATION/NAME, found {given!r}")
        return given
    found = (model.weights or "").removeprefix("hub:").partition("@")[0]
    if model.identity != "revision" or model.adapter or not OWNED_ID.fullmatch(found):
        raise BadInput(f"{run.folder}: {model.spec} does not say the model's id on the hub; give --model-id ORG/NAME")
    return found


def drawn_at(run: Run) -> dt.datetime:
    """Return when the last samples of a run were begun to be drawn, in UTC.

    Raises:
        BadInput: nothing was drawn, or nobody says when.
    """
    if run.record.imported is not None:
        raise BadInput(f"{run.folder} holds imported samples: nobody says when they were drawn, which exports must say")
    if not run.record.rounds:
        raise BadInput(f"{run.folder} does not say when it was drawn; finish it: gendiv run --out {run.folder} ...")
    return dt.datetime.fromisoformat(run.record.rounds[-1].started).astimezone(dt.UTC)
