"""Contenders: runs and samples that are to be compared, read and given a letter each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..errors import BadInput
from .formats.row import Row, source_of
from .record import RunRecord, SplitRecord, read_run, read_scores
from .run import Run

Given: TypeAlias = str | Path | Run | Sequence[Path] | Sequence[Sequence[str]]
"""A run folder, a run, a file of samples, several of them, or for each input its samples."""


@dataclass(frozen=True)
class Contender:
    """One of those that are compared.

    Attributes:
        letter: what tables call it: A, B, ...
        name: its path, or what stands in for one.
        samples: rows, or where they are read.
        record: of a run.
        run: the same with its scores, where it has been scored.
    """

    letter: str
    name: str
    samples: Sequence[Row] | Sequence[Path]
    record: RunRecord | None = None
    run: Run | None = None

    @classmethod
    def of(cls, given: Given, place: int) -> "Contender":
        """Read the record and the scores of what stands in this place; samples are read when they are compared.

        Raises:
            BadInput: it is neither a path nor samples.
            StoreFailed: a record or scores cannot be read.
        """
        samples = source_of(given.folder if isinstance(given, Run) else given)
        letter = letters(place)
        paths = [path for path in samples if isinstance(path, Path)]
        if not paths:
            return cls(letter, f"samples {place + 1}", samples)
        folder = paths[0]
        if len(paths) > 1 or not (folder / "run.json").exists():
            return cls(letter, ", ".join(map(str, paths)), samples)
        record = read_run(folder)
        scored = (folder / "scores.json").exists()
        return cls(letter, str(folder), samples, record, Run(folder, record, read_scores(folder)) if scored else None)

    def split(self, name: str | None) -> SplitRecord | None:
        """Return the record of a split, if there is one."""
        return self.record.split(name) if self.record else None


def read_contenders(given: Sequence[Given]) -> list[Contender]:
    """Return what is to be compared, the first with each of the others.

    Raises:
        BadInput: there are fewer than two, or one is given twice.
        StoreFailed: a record or scores cannot be read.
    """
    if len(given) < 2:
        raise BadInput(f"wanted two or more runs or files of samples to compare, found {len(given)}")
    found = [Contender.of(one, place) for place, one in enumerate(given)]
    seen: set[tuple[Path, ...]] = set()
    for contender in found:
        paths = tuple(sorted(path.resolve() for path in contender.samples if isinstance(path, Path)))
        if paths and paths in seen:
            raise BadInput(f"{contender.name} is given twice: nothing differs from itself; name each run once")
        seen.add(paths)
    return found


def letters(place: int) -> str:
    """Return what the contender in this place is called, as spreadsheets call columns.

    >>> [letters(place) for place in (0, 1, 25, 26, 52)]
    ['A', 'B', 'Z', 'AA', 'BA']
    """
    head, last = divmod(place, 26)
    return (letters(head - 1) if head else "") + chr(ord("A") + last)
