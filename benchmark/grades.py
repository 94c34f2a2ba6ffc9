"""Grades: numbers that a judge or a reward model gave to the samples of a run, kept beside them.

A file a split, `grades/TASK/SPLIT.jsonl`, one row for each prompt and grader; the grader is named by the signature of
the metric that reads its grades, and a grade that could not be given is null.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from ..errors import StoreFailed
from .store import make_folder, write_whole

Grades: TypeAlias = tuple[float, ...]
"""One number for each graded sample of a prompt, the first ones in draw order; NaN where none could be given."""


def grades_file(folder: Path, split: str) -> Path:
    """Return the file that holds the grades of `TASK/SPLIT` in a run folder."""
    return folder / "grades" / f"{split}.jsonl"


def read_grades(folder: Path, split: str) -> dict[str, dict[str, Grades]]:
    """Return the grades of one split: by prompt, then by the signature of the metric they are for.

    Raises:
        StoreFailed: the file cannot be read, or a line of it holds no grades.
    """
    path = grades_file(folder, split)
    found: dict[str, dict[str, Grades]] = {}
    try:
        lines = path.read_bytes().splitlines() if path.exists() else []
    except OSError as error:
        raise StoreFailed(f"cannot read {path}: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            grades = tuple(float("nan") if grade is None else float(grade) for grade in row["grades"])
            found.setdefault(str(row["prompt"]), {})[str(row["metric"])] = grades
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise StoreFailed(
                f"{path}:{number}: wanted a row of grades, found {line[:60]!r} ({error}); remove the file, grade again"
            ) from error
    return found


def write_grades(folder: Path, split: str, metric: str, grades: Mapping[str, Sequence[float]]) -> None:
    """Write the grades of one split for one metric, in the place of those that it had; others stay.

    Args:
        folder: the run folder.
        split: TASK/SPLIT.
        metric: signature of the metric that reads them.
        grades: by prompt; NaN where none could be given.

    Raises:
        StoreFailed: the folder cannot be written.
    """
    path = grades_file(folder, split)
    kept = {
        prompt: {name: values for name, values in graders.items() if name != metric}
        for prompt, graders in read_grades(folder, split).items()
    }
    for prompt, values in grades.items():
        kept.setdefault(prompt, {})[metric] = tuple(values)
    make_folder(path.parent)
    write_whole(
        path, "".join(_line(prompt, name, values) for prompt, found in kept.items() for name, values in found.items())
    )


def graders(folder: Path, splits: Iterable[str]) -> list[str]:
    """Return the signatures of the metrics that have grades in a run folder, each once."""
    rows = (found for split in splits for found in read_grades(folder, split).values())
    return list(dict.fromkeys(name for found in rows for name in found))


def _line(prompt: str, metric: str, grades: Grades) -> str:
    numbers = [None if grade != grade else grade for grade in grades]  # NaN alone differs from itself
    return json.dumps({"prompt": prompt, "metric": metric, "grades": numbers}) + "\n"
