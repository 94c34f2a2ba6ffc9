"""Grading: the samples of run folders put to a reward model, its scores kept beside them as they come."""

import math
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import BadInput, StoreFailed
from ...metrics import Reward
from ..formats.row import Row
from ..grades import write_grades
from ..progress import Progress, Silent
from ..record import RunRecord, read_run
from ..run import Run
from ..samples import read_split
from ..scores import score_run
from ..to_the_end import to_the_end
from .reward_model import RewardModel

CHUNK: Final = 32
"""Samples put to the model at first; their number doubles or halves until they take some seconds."""

MOST: Final = 1024
"""Samples put to the model at most."""

WRITE_EVERY: Final = 4.0
"""Seconds of scoring, and a chunk more, that a killed process may cost; a polite end costs none but the last chunk."""


@dataclass(frozen=True)
class Graded:
    """What grading some runs came to.

    Attributes:
        runs: the runs, their scores brought up to date.
        metric: the metric whose grades they now have.
        scored: samples that were scored in this process.
        shortened: of those, how many were longer than the model reads and lost their beginning.
        unscored: of those, how many the model gave no score.
    """

    runs: tuple[Run, ...]
    metric: Reward
    scored: int
    shortened: int
    unscored: int

    def remarks(self) -> list[str]:
        """Return what a reader of the scores must know."""
        lines = []
        if self.shortened:
            lines.append(
                f"{self.shortened} of {self.scored} samples were, with their prompt, longer than the "
                f"{self.metric.longest} tokens that the reward model reads; their beginning was left out"
            )
        if self.unscored:
            lines.append(
                f"{self.unscored} of {self.scored} samples got no score (not a number): are the weights damaged, or "
                "does bfloat16 overflow? --reward-dtype float32 tells"
            )
        return lines


def grade_runs(folders: Sequence[Path], model: RewardModel, progress: Progress | None = None) -> Graded:
    """Grade the samples of run folders by a reward model and bring their scores up to date.

    What has a grade already is not scored again; the model is started only if a grade is missing.

    Args:
        folders: of runs.
        model: not yet entered.
        progress: told how it goes.

    Raises:
        GendivError: what went wrong, in one line; grades that were given are kept, and the same call goes on.
    """
    telling = progress or Silent()
    ungraded = [_Ungraded(folder) for folder in folders]
    shortened = model.shortened
    metric, scored, unscored = to_the_end(lambda: _grade(ungraded, model, telling))
    runs = []
    for folder in folders:
        scores = score_run(folder, [metric], progress=telling)
        runs.append(Run(folder, read_run(folder), scores))
    return Graded(tuple(runs), metric, scored, model.shortened - shortened, unscored)


class _Ungraded:
    """The samples of a run, with what is needed to grade them.

    Raises:
        StoreFailed: there is no run, or it is damaged.
        BadInput: it has no finished prompt, or keeps no prompts.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        record = read_run(folder)
        self.rows = dict(_rows(folder, record))
        if not any(self.rows.values()):
            raise BadInput(f"{folder} holds no finished prompt; `gendiv run` with the same --out goes on drawing")
        for split, rows in self.rows.items():
            if lacking := [row.id for row in rows if row.prompt is None]:
                raise StoreFailed(
                    f"{folder} keeps no text of {len(lacking)} prompts of {split} (first {lacking[0]!r}), which a "
                    "reward model has to read: it was drawn by an older gendiv; draw it anew"
                )

    def missing(self, signature: str) -> int:
        """Return how many samples have no grade yet."""
        return sum(len(row.samples) - _given(row, signature) for rows in self.rows.values() for row in rows)


def _rows(folder: Path, record: RunRecord) -> Iterable[tuple[str, tuple[Row, ...]]]:
    for split in record.splits:
        yield split.name, read_split(folder, split.name, record.samples_per_prompt).rows


def _given(row: Row, signature: str) -> int:
    return min(len(row.grades.get(signature, ())), len(row.samples))


async def _grade(runs: Sequence[_Ungraded], model: RewardModel, progress: Progress) -> tuple[Reward, int, int]:
    """Grade what is missing, and return the metric, how many samples were scored, and how many got no score."""
    async with AsyncExitStack() as started:
        if model.peek() is None:
            await started.enter_async_context(model)
        missing = sum(run.missing(model.metric.signature) for run in runs)
        counter = _Counter(missing, progress)
        if missing and model.peek() is not None:
            await started.enter_async_context(model)
        for run in runs:
            for split in run.rows:
                await _grade_split(run, split, model, counter)
        return model.metric, counter.scored, counter.unscored


async def _grade_split(run: _Ungraded, split: str, model: RewardModel, counter: "_Counter") -> None:
    signature = model.metric.signature
    rows = {row.id: row for row in run.rows[split]}
    grades = {row.id: list(row.grades.get(signature, ())) for row in rows.values()}
    missing = [(row.id, index) for row in rows.values() for index in range(_given(row, signature), len(row.samples))]
    if not missing:
        return
    written = time.monotonic()
    start, size = 0, CHUNK
    try:
        while some := missing[start : start + size]:
            began = time.monotonic()
            scores = await model.score([(rows[id].prompt or "", rows[id].samples[index]) for id, index in some])
            for (id, _), score in zip(some, scores, strict=True):
                grades[id].append(score if math.isfinite(score) else math.nan)
            counter.count(split, scores)
            start += size
            took = time.monotonic() - began
            size = min(MOST, 2 * size) if took < WRITE_EVERY / 2 else max(1, size // 2) if took > WRITE_EVERY else size
            if time.monotonic() - written >= WRITE_EVERY:
                write_grades(run.folder, split, signature, grades)
                written = time.monotonic()
    finally:
        write_grades(run.folder, split, signature, {id: some for id, some in grades.items() if some})


class _Counter:
    """Counts scored samples, and says now and then how far it is."""

    def __init__(self, missing: int, progress: Progress) -> None:
        self.scored = self.unscored = 0
        self._missing = missing
        self._progress = progress
        self._told = time.monotonic()
        if missing:
            progress.note(f"{missing} samples have no grade yet")

    def count(self, split: str, scores: Sequence[float]) -> None:
        """Count some scores of a split."""
        self.scored += len(scores)
        self.unscored += sum(not math.isfinite(score) for score in scores)
        if time.monotonic() - self._told >= 10 or self.scored == self._missing:
            self._told = time.monotonic()
            self._progress.note(f"scored {self.scored} of {self._missing} samples (at {split})")
