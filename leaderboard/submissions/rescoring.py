"""Rescoring: scores of submissions computed anew from their samples by the metrics installed here, and what moved."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...benchmark.record import Result, Scores, dumps
from ...benchmark.scoring import score
from ...benchmark.signatures import Signature
from ...benchmark.store import hash_file
from ...errors import GendivError, StoreFailed
from ...metrics import Level, Metric
from .packing import settle
from .reading import printable, read_repository, read_rows
from .recomputing import ENCODED, EXACT, built, refuse_costly
from .standing import Refused
from .submission import CARD, Submission
from .tables import require_pyarrow
from .wholeness import check_whole


@dataclass(frozen=True)
class Moved:
    """One result before and after; no old signature for a metric that the submission had not."""

    submission: str
    split: str | None
    metric: str
    level: Level
    old: float | None
    new: float | None
    old_signature: str | None
    new_signature: str

    @property
    def size(self) -> float:
        """By how much it moved, of the larger of the two; 1 where there was or is no value."""
        if self.old is None or self.new is None:
            return float(self.old is not self.new)
        return abs(self.new - self.old) / (max(abs(self.new), abs(self.old)) or 1.0)

    def to_json(self) -> dict[str, object]:
        """Return it as a JSON value."""
        return asdict(self)


@dataclass(frozen=True)
class Rescored:
    """One submission computed anew.

    Attributes:
        submission: as it was.
        scores: as they are now; results that did not move, or that could not be computed, are the old ones.
        moved: what moved.
        stood: how many results were computed and did not move.
        remarks: what could not be computed.
    """

    submission: Submission
    scores: Scores
    moved: tuple[Moved, ...]
    stood: int
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Rescoring:
    """A repository computed anew: its submissions, and those that are broken and were left as they are."""

    rescored: tuple[Rescored, ...]
    broken: tuple[Refused, ...]

    @property
    def moved(self) -> list[Moved]:
        """What moved in any of them, largest first."""
        return sorted((one for found in self.rescored for one in found.moved), key=lambda one: -one.size)

    def to_json(self) -> dict[str, object]:
        """Return it as a JSON value."""
        return {
            "schema": 1,
            "moved": [one.to_json() for one in self.moved],
            "submissions": [
                {
                    "submission": one.submission.name,
                    "moved": len(one.moved),
                    "stood": one.stood,
                    "remarks": list(one.remarks),
                }
                for one in self.rescored
            ],
            "broken": [one.model_dump(mode="json") for one in self.broken],
        }


def rescore_repository(
    root: str | Path,
    metrics: Sequence[Metric] = (),
    *,
    write: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Rescoring:
    """Compute every submission of a results repository anew: `gendiv board rescore` from Python.

    Args:
        root: the repository.
        metrics: computed too, whatever they cost; without them, what a submission has and a check would compute.
        write: replace `scores.json`, and its hash in the card, where something moved; each submission whole or not at
            all.
        tell: told what is being computed.

    Raises:
        StoreFailed: there is no repository, or it cannot be written.
        NotInstalled: pyarrow or what a metric needs is missing.
    """
    require_pyarrow()
    for metric in metrics:
        metric.require()
    submissions, unread = read_repository(Path(root))
    broken, rescored = list(unread), []
    for submission in submissions:
        tell(f"computing {submission.name}")
        try:
            if reasons := check_whole(submission).reasons:
                raise StoreFailed("; ".join(reasons))
            found = rescore(submission, metrics)
        except StoreFailed as error:
            broken.append(Refused(submission=submission.name, reasons=(str(error),)))
            continue
        if write and found.moved:
            write_scores(found)
        rescored.append(found)
    return Rescoring(tuple(rescored), tuple(broken))


def rescore(submission: Submission, metrics: Sequence[Metric] = ()) -> Rescored:
    """Compute one submission anew.

    Raises:
        StoreFailed: its samples cannot be read.
    """
    chosen, remarks = _metrics(submission, metrics)
    anew: dict[tuple[str, str, Level], Result] = {}
    for split in submission.record.splits:
        rows = read_rows(submission, split.name)
        for name, metric in chosen.items():
            if rows:
                try:
                    results = score(rows, [metric], split=split.name, sampler=split.sampler)
                except (GendivError, ValueError, ArithmeticError) as failed:
                    remarks.append(f"{metric.name} of {split.name}: {printable(str(failed))}")
                    continue
                anew |= {(split.name, name, result.level): result for result in results}
    whole: dict[tuple[str | None, str], Result] = {}  # once each: an older version's result may stand beside the new
    moved: list[Moved] = []
    stood, used = 0, set()
    for old in submission.scores.results:
        key = (old.split or "", Signature.of(old.signature).metric, old.level)
        new = anew.get(key)
        change = None if new is None else _change(submission, old, new)
        kept = old if new is None or change is None else new
        whole[kept.split, kept.signature] = kept
        moved += [] if change is None else [change]
        stood += new is not None and change is None
        used.add(key)
    given = {metric.signature for metric in metrics}
    for key, new in anew.items():
        if key not in used and key[1] in given:
            whole[new.split, new.signature] = new
            moved.append(_added(submission, new))
    scores = submission.scores.model_copy(update={"results": tuple(whole.values())})
    return Rescored(submission, scores, tuple(moved), stood, tuple(dict.fromkeys(remarks)))


def write_scores(rescored: Rescored) -> None:
    """Put new scores in the place of the old ones, with their hash in the card, whole or not at all.

    Raises:
        StoreFailed: the repository cannot be written.
    """
    submission = rescored.submission
    folder = submission.folder
    aside = folder.parents[2] / f".rescoring-{os.getpid()}-{folder.parts[-3][:40]}"
    try:
        shutil.copytree(folder, aside, copy_function=_linked)
        for name in ("scores.json", CARD):
            (aside / name).unlink()
        (aside / "scores.json").write_text(dumps(rescored.scores), encoding="utf-8")
        files = {**submission.card.files, "scores.json": hash_file(aside / "scores.json")}
        card = submission.card.model_copy(update={"files": files})
        (aside / CARD).write_text(card.model_dump_json(indent=2, by_alias=True) + "\n", encoding="utf-8")
        settle(aside, folder, replace=True)
    except OSError as error:
        raise StoreFailed(f"cannot write {folder}: {error.strerror or error}; it is as it was") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _linked(source: str, target: str) -> None:
    """Link a file, or copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _metrics(submission: Submission, given: Sequence[Metric]) -> tuple[dict[str, Metric], list[str]]:
    """Return the metrics to be computed, by how the submission's signatures name them, and what cannot be."""
    chosen: dict[str, Metric] = {}
    remarks: list[str] = []
    for name in dict.fromkeys(_named(submission)):
        kind, _, settings = name.partition(":")
        try:
            metric = built(kind, settings)
            refuse_costly(metric)
            metric.require()
        except GendivError as refused:
            remarks.append(f"{printable(name)}: left as it is: {printable(str(refused))}")
        else:
            chosen[name] = metric
    mine = {metric.signature for metric in given}
    remarks = [line for line in remarks if not any(line.startswith(f"{name}: ") for name in mine)]
    return chosen | {metric.signature: metric for metric in given}, remarks


def _named(submission: Submission) -> Iterator[str]:
    for result in submission.scores.results:
        yield Signature.of(result.signature).metric


def _change(submission: Submission, old: Result, new: Result) -> Moved | None:
    """Return how a result moved, or None where it is the same but for the last digits."""
    tolerance = EXACT if built(old.metric, Signature.of(old.signature).settings).cost == "cpu" else ENCODED
    numbers = ((old.value, new.value), (old.low, new.low), (old.high, new.high))
    same = old.signature == new.signature and all(tolerance.alike(*pair) for pair in numbers)
    if same and (old.inputs, old.undefined) == (new.inputs, new.undefined):
        return None
    return Moved(
        submission=submission.name,
        split=new.split,
        metric=new.metric,
        level=new.level,
        old=old.value,
        new=new.value,
        old_signature=old.signature,
        new_signature=new.signature,
    )


def _added(submission: Submission, new: Result) -> Moved:
    return Moved(submission.name, new.split, new.metric, new.level, None, new.value, None, new.signature)
