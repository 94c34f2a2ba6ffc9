"""Running: plans put to a model, samples in folders, scores beside them."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path

from .drawing import RunFolder
from .plan import Plan
from .progress import Progress, Silent
from .record import RunRecord, Scores, read_run, read_scores
from .scores import score_run
from .sources.source import Source
from .to_the_end import to_the_end


@dataclass(frozen=True)
class Run:
    """A run folder that has been read: its record and its scores."""

    folder: Path
    record: RunRecord
    scores: Scores

    @classmethod
    def load(cls, folder: str | Path) -> "Run":
        """Read a run folder.

        Raises:
            StoreFailed: it holds no run, an unscored one, or one of another schema.
        """
        path = Path(folder)
        return cls(path, read_run(path), read_scores(path))


@dataclass(frozen=True)
class Job:
    """A plan, and the folder its run goes to."""

    plan: Plan
    folder: Path
    label: str | None = None


def run_jobs(
    jobs: Sequence[Job], source: Source, *, most_under_way: int | None = None, progress: Progress | None = None
) -> list[Run]:
    """Put plans to one model and score them; the model is started once, and only if a sample is missing.

    Everything that can be refused is refused before the model is started: folders, metrics, earlier samples.

    Args:
        jobs: what to ask, and where to keep it.
        source: not yet entered.
        most_under_way: ceiling of the requests under way at once.
        progress: told how it goes.

    Raises:
        GendivError: what went wrong, in one line; every finished sample is kept and the same call goes on.
    """
    telling = progress or Silent()
    for metric in {metric for job in jobs for metric in job.plan.metrics}:
        metric.require()
    for note in dict.fromkeys(note for job in jobs for note in job.plan.notes):
        telling.note(note)
    for format, decoding in {(split.format, split.decoding) for job in jobs for split in job.plan.splits}:
        source.require(format, decoding)
    with ExitStack() as held:
        folders = [held.enter_context(RunFolder(job.plan, job.folder, job.label)) for job in jobs]
        records = to_the_end(lambda: _draw(folders, source, most_under_way, telling))
    return [
        Run(job.folder, record, score_run(job.folder, job.plan.metrics, progress=telling))
        for job, record in zip(jobs, records, strict=True)
    ]


async def _draw(
    folders: Sequence[RunFolder], source: Source, most_under_way: int | None, progress: Progress
) -> list[RunRecord]:
    records = []
    known = source.peek()
    async with AsyncExitStack() as started:
        if known is None:
            await started.enter_async_context(source)
        missing = [folder.missing(known or source.model) for folder in folders]
        if known is not None and any(missing):
            await started.enter_async_context(source)
        for folder, wants in zip(folders, missing, strict=True):
            if wants or folder.before is None or folder.before.state != "complete":
                records.append(await folder.draw(source, wants, progress, most_under_way))
            else:
                progress.note(f"{folder.folder} holds every sample already")
                records.append(folder.before)
    return records


def default_folder(model_spec: str, plan: Plan) -> Path:
    """Return where a run goes unless told: the same command gives the same folder, and so goes on in it."""
    asked = plan.suite or "+".join(split.name for split in plan.splits)
    decoding = hashlib.sha256("".join(split.decoding.signature for split in plan.splits).encode()).hexdigest()[:8]
    first = plan.splits[0]
    chosen = "" if first.selection.seed is None else f"-{first.selection.name}"
    model, rest = (
        re.sub(r"[^\w.+=-]+", "-", part).strip("-")
        for part in (
            model_spec.replace(" --", " "),
            f"{asked}{chosen}-t{first.decoding.temperature:g}-s{plan.seed}-{decoding}",
        )
    )
    return Path("runs") / f"{model[: max(0, 150 - len(rest))]}-{rest}"  # what tells runs of a model apart stands last
