"""Grades: numbers that a judge or a reward model gave to the samples of a run, kept beside them.

A file a split, `grades/TASK/SPLIT.jsonl`, one row for each prompt and grader; the grader is named by the signature of
the metric that reads its grades, and a grade that could not be given is null. Each row holds a hash of the texts that
were graded: grades of other texts than those that stand in the folder count as none.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..errors import StoreFailed
from ..metrics.texts import text_hash
from .store import make_folder, read_lines, read_samples, split_file, write_whole

Grades: TypeAlias = tuple[float, ...]
"""One number for each graded sample of a prompt, the first ones in draw order; NaN where none could be given."""


@dataclass(frozen=True)
class _Graded:
    """One row: the grades, and the hash of the texts that got them."""

    grades: Grades
    texts: str


def grades_file(folder: Path, split: str) -> Path:
    """Return the file that holds the grades of `TASK/SPLIT` in a run folder."""
    return folder / "grades" / f"{split}.jsonl"


def read_grades(folder: Path, split: str, texts: Mapping[str, Mapping[int, str]]) -> dict[str, dict[str, Grades]]:
    """Return the grades of one split: by prompt, then by the signature of the metric they are for.

    Args:
        folder: the run folder.
        split: TASK/SPLIT.
        texts: the samples that stand there, by prompt and index; grades of others are passed over.

    Raises:
        StoreFailed: the file cannot be read, or a line of it holds no grades.
    """
    return {
        prompt: {
            metric: row.grades for metric, row in rows.items() if row.texts == _hash(texts.get(prompt, {}), row.grades)
        }
        for prompt, rows in _read(folder, split).items()
    }


def write_grades(folder: Path, split: str, metric: str, grades: Mapping[str, Sequence[float]]) -> None:
    """Write the grades of one split for one metric, in the place of those that it had; others stay.

    Args:
        folder: the run folder.
        split: TASK/SPLIT.
        metric: signature of the metric that reads them.
        grades: by prompt, of its first samples; NaN where none could be given.

    Raises:
        StoreFailed: the folder cannot be read or written.
    """
    rows = {
        prompt: {name: row for name, row in found.items() if name != metric}
        for prompt, found in _read(folder, split).items()
    }
    texts: dict[str, dict[int, str]] = {}
    for sample in read_samples(split_file(folder, split)):
        texts.setdefault(sample.prompt, {})[sample.index] = sample.text
    for prompt, values in grades.items():
        rows.setdefault(prompt, {})[metric] = _Graded(tuple(values), _hash(texts.get(prompt, {}), values))
    path = grades_file(folder, split)
    make_folder(path.parent)
    write_whole(
        path, "".join(_line(prompt, name, row) for prompt, found in rows.items() for name, row in found.items())
    )


def graders(folder: Path, splits: Iterable[str]) -> list[str]:
    """Return the signatures of the metrics that have grades in a run folder, each once."""
    return list(dict.fromkeys(name for split in splits for found in _read(folder, split).values() for name in found))


def grade_rows(folder: Path, split: str) -> list[tuple[str, str, str, list[float | None]]]:
    """Return the rows of one split as they stand: prompt, metric, hash of the texts, grades.

    Raises:
        StoreFailed: the file cannot be read, or a line of it holds no grades.
    """
    return [
        (prompt, metric, row.texts, [None if grade != grade else grade for grade in row.grades])
        for prompt, found in _read(folder, split).items()
        for metric, row in found.items()
    ]


def grades_of_rows(
    rows: Iterable[tuple[str, str, str, Sequence[float | None]]], texts: Mapping[str, Mapping[int, str]]
) -> dict[str, dict[str, Grades]]:
    """Return the grades in such rows that are of the texts that stand there, as `read_grades` does."""
    found: dict[str, dict[str, Grades]] = {}
    for prompt, metric, graded, values in rows:
        grades = tuple(float("nan") if value is None else value for value in values)
        if graded == _hash(texts.get(prompt, {}), grades):
            found.setdefault(prompt, {})[metric] = grades
    return found


def _read(folder: Path, split: str) -> dict[str, dict[str, _Graded]]:
    path = grades_file(folder, split)
    found: dict[str, dict[str, _Graded]] = {}
    for number, line in read_lines(path):
        try:
            row = json.loads(line)
            grades = tuple(float("nan") if grade is None else float(grade) for grade in row["grades"])
            found.setdefault(str(row["prompt"]), {})[str(row["metric"])] = _Graded(grades, str(row["texts"]))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise StoreFailed(
                f"{path}:{number}: wanted a row of grades, found {line[:60]!r} ({error}); remove the file, grade again"
            ) from error
    return found


def _hash(texts: Mapping[int, str], grades: Sequence[float]) -> str:
    """Hash the samples that were graded: the first of a prompt, as many as there are grades."""
    return text_hash((texts[index] for index in sorted(texts)[: len(grades)]), size=8).hex()


def _line(prompt: str, metric: str, row: _Graded) -> str:
    numbers = [None if grade != grade else grade for grade in row.grades]  # NaN alone differs from itself
    return json.dumps({"prompt": prompt, "metric": metric, "texts": row.texts, "grades": numbers}) + "\n"
