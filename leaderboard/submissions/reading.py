"""Reading: submissions of a results repository, whoever wrote them; what is not as wanted is refused, never run."""

import math
import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from ...benchmark.formats.row import Row
from ...benchmark.grades import grades_of_rows
from ...benchmark.prompts import Asked
from ...benchmark.record import RunRecord, Scores
from ...benchmark.samples import SplitSamples, group_samples
from ...benchmark.store import Sample, hash_file
from ...errors import StoreFailed
from . import limits
from .standing import Refused
from .strict_json import read_strict
from .submission import CARD, KINDS, PART, SPLIT, Card, Submission, unseen
from .sums import Sums
from .tables import GRADES, PROMPTS, SAMPLES, SUMS, Columns, read_table

UNSAFE: Final = "a symbolic link"
"""What a submission may not hold, since it can lead anywhere."""

T = TypeVar("T", bound=BaseModel)


def read_submission(folder: Path) -> Submission:
    """Return the submission in a folder; reads its JSON files, and sees that all others are plain files.

    Raises:
        StoreFailed: it is none, with every reason.
    """
    submission, reasons = examine(folder)
    if submission is None or reasons:
        raise StoreFailed(f"{folder}: {'; '.join(reasons)}")
    return submission


def read_repository(root: Path) -> tuple[list[Submission], list[Refused]]:
    """Return the submissions of a results repository, sorted by name, and those that cannot be read, with the reasons.

    Raises:
        StoreFailed: there is no such folder, or nothing in it.
    """
    if not root.is_dir():
        raise StoreFailed(f"{root} is no folder: wanted a results repository, which `gendiv board add` begins")
    found, refused = [], []
    for name, problem in _places(root):
        submission, reasons = (None, [problem]) if problem else examine(root / name)
        if submission is None or reasons:
            refused.append(Refused(submission=printable(name), reasons=tuple(reasons)))
        else:
            found.append(submission)
    if not found and not refused:
        raise StoreFailed(f"{root} holds no submission; gendiv board add RUN --to {root} packs one")
    return found, refused


def read_samples(submission: Submission, split: str) -> list[Sample]:
    """Return the samples of one split in the order drawn; their texts may hold lone surrogates.

    Raises:
        StoreFailed: the file cannot be read.
    """
    columns = _read(submission, "samples", split, SAMPLES, submission.record.samples_per_prompt)
    return [] if columns is None else [Sample(*row) for row in zip(*columns[0].values(), strict=True)]


def read_prompts(submission: Submission, split: str) -> dict[str, Asked]:
    """Return the prompts of one split by id; none where the submission does not keep them.

    Raises:
        StoreFailed: the file cannot be read.
    """
    columns = _read(submission, "prompts", split, PROMPTS)
    asked = [] if columns is None else [Asked(*row) for row in zip(*columns[0].values(), strict=True)]
    found = {one.id: one for one in asked}
    if len(found) < len(asked):
        raise StoreFailed(f"prompts/{split}.parquet: an id stands there twice")
    return found


def read_grouped(submission: Submission, split: str) -> SplitSamples:
    """Return the samples of one split by prompt, as `gendiv.benchmark.samples.read_split` does of a run folder.

    Raises:
        StoreFailed: a file cannot be read.
    """
    columns = _read(submission, "grades", split, GRADES, 1000)
    rows = [] if columns is None else list(zip(*columns[0].values(), strict=True))
    if not all(_are_grades(values) for *_, values in rows):
        raise StoreFailed(f"grades/{split}.parquet: holds what is no list of grades")
    return group_samples(
        read_samples(submission, split),
        read_prompts(submission, split),
        lambda texts: grades_of_rows(rows, texts),
        submission.record.samples_per_prompt,
    )


def read_rows(submission: Submission, split: str) -> tuple[Row, ...]:
    """Return the samples of one split by prompt, in the order of the ids, with prompts and grades where they are kept.

    Raises:
        StoreFailed: a file cannot be read.
    """
    return read_grouped(submission, split).rows


def read_sums(submission: Submission, split: str) -> Sums | None:
    """Return the sums of embeddings of one split, or None where the submission does not keep them.

    Raises:
        StoreFailed: the file cannot be read.
    """
    found = _read(submission, "sums", split, SUMS)
    if found is None:
        return None
    columns, marks = found
    sums = np.array(columns["sum"], dtype=np.float32).reshape(len(columns["sum"]), -1)
    if not np.isfinite(sums).all():
        raise StoreFailed(f"sums/{split}.parquet: holds a number that is not finite")
    return Sums(
        prompts=tuple(columns["prompt"]),
        counts=np.array(columns["samples"], dtype=np.intp),
        sums=sums,
        encoder=marks.get("encoder", "unknown"),
    )


def examine(folder: Path) -> tuple[Submission | None, list[str]]:
    """Return the submission in a folder, as far as its JSON files can be read, and what is wrong with its form."""
    names, reasons = files_of(folder)
    reasons += [f"{printable(name)}: {problem}" for name in names if (problem := _unwanted(name))]
    found = {
        name: _record(folder, name, kind, names, reasons)
        for name, kind in ((CARD, Card), ("run.json", RunRecord), ("scores.json", Scores))
    }
    card, record, scores = found.values()
    if not isinstance(card, Card):
        return None, reasons
    reasons += _misplaced(folder, card)
    if not isinstance(record, RunRecord) or not isinstance(scores, Scores):
        return None, reasons
    reasons += _names(record, scores)
    return Submission(folder, card, record, scores, hash_file(folder / CARD)), reasons


def files_of(folder: Path) -> tuple[list[str], list[str]]:
    """Return the plain files of a folder, by their paths in it, and what is wrong with the others."""
    names, reasons = [], []
    for above, inside, files in os.walk(folder):
        here = Path(above)
        links = sorted(name for name in inside if (here / name).is_symlink())
        reasons += [f"{printable((here / name).relative_to(folder).as_posix())}: is {UNSAFE}" for name in links]
        inside[:] = [name for name in inside if name not in links]
        for name in sorted(files):
            path = here / name
            mode = path.lstat().st_mode
            relative = path.relative_to(folder).as_posix()
            if stat.S_ISREG(mode):
                names.append(relative)
            else:
                kind = UNSAFE if stat.S_ISLNK(mode) else "no plain file"
                reasons.append(f"{printable(relative)}: is {kind}")
        if len(names) + len(reasons) > limits.FILES:
            return [], [f"holds more than {limits.FILES} files"]
    folded = Counter(name.casefold() for name in names)
    reasons += [
        f"{printable(name)}: another path differs in case alone" for name in names if folded[name.casefold()] > 1
    ]
    return sorted(names), reasons


def printable(text: str) -> str:
    """Return a path that a stranger chose so that it can stand in a message or a page."""
    shown = "".join("?" if unseen(mark) else mark for mark in text)
    return shown if len(shown) <= 200 else shown[:197] + "..."


def _places(root: Path) -> Iterator[tuple[str, str]]:
    """Yield where submissions lie, and what is wrong with a place, or nothing."""
    places: list[tuple[str, str]] = []
    for above, inside, files in os.walk(root):
        here = Path(above)
        parts = here.relative_to(root).parts
        links = [name for name in inside if len(parts) < 3 and (here / name).is_symlink()]
        places += [("/".join((*parts, name)), f"is {UNSAFE}") for name in links if not name.startswith(".")]
        inside[:] = [name for name in inside if not name.startswith(".") and name not in links]
        if len(parts) == 3 and (CARD in files or "run.json" in files or "scores.json" in files):
            places.append(("/".join(parts), ""))
        elif CARD in files:
            places.append(("/".join(parts) or ".", f"{CARD} lies there: wanted MODEL/REVISION/SUITE"))
        if len(parts) == 3:
            inside.clear()
    folded = Counter(name.casefold() for name, _ in places)
    for name, problem in sorted(places):
        twin = "another submission's path differs in case alone" if folded[name.casefold()] > 1 else ""
        yield name, problem or twin


def _record(folder: Path, name: str, kind: type[T], names: list[str], reasons: list[str]) -> T | None:
    """Return one of the JSON files, or add what is wrong with it to the reasons."""
    if name not in names:
        reasons.append(f"{name}: is missing")
        return None
    try:
        found, _ = read_strict(folder / name)
        schema = found.get("schema") if isinstance(found, dict) else None
        if schema != 1:
            raise StoreFailed(f"has schema {schema!r:.40}, and this gendiv reads 1")
        return kind.model_validate_json((folder / name).read_bytes(), strict=True)
    except ValidationError as error:
        for one in error.errors()[:5]:
            where = ".".join(map(str, one["loc"]))
            reasons.append(f"{name}: {printable(where)}: {one['msg']}, found {one['input']!r:.60}")
    except (OSError, RecursionError) as error:
        reasons.append(f"{name}: {error}")
    return None


def _unwanted(name: str) -> str | None:
    """Say what is wrong with the path of a file, if anything is."""
    if name in (CARD, "run.json", "scores.json"):
        return None
    if found := unseen(name):
        return f"the path holds the control character {found}"
    if any(part.startswith(".") for part in name.split("/")):
        return "is hidden"
    kind, _, rest = name.partition("/")
    if kind in KINDS and rest.endswith(".parquet") and SPLIT.fullmatch(rest.removesuffix(".parquet")):
        return None
    return f"is no file of a submission; those are three of JSON and KIND/TASK/SPLIT.parquet of {', '.join(KINDS)}"


def _misplaced(folder: Path, card: Card) -> list[str]:
    """Return what is wrong with the paths in a card, and with its own place."""
    reasons = []
    for name in card.files:
        parts = name.split("/")
        if name.startswith(("/", "\\")) or ":" in parts[0]:
            reasons.append(f"{CARD}: files: {printable(name)!r} is an absolute path")
        elif ".." in parts:
            reasons.append(f"{CARD}: files: {printable(name)!r} leads out of the folder")
        elif problem := _unwanted(name):
            reasons.append(f"{CARD}: files: {printable(name)!r} {problem}")
    here = "/".join(folder.absolute().parts[-3:])
    if not all(map(PART.fullmatch, here.split("/"))):
        reasons.append("the path holds what no MODEL/REVISION/SUITE may: letters, digits and ._+=- it may")
    elif here != card.place:
        reasons.append(f"lies in {here}, and its card says {card.place}")
    return reasons


def _names(record: RunRecord, scores: Scores) -> list[str]:
    """Return what is wrong with the names in a record and its scores."""
    split_names = [split.name for split in record.splits]
    reasons = [f"run.json: {printable(name)!r} is no TASK/SPLIT" for name in split_names if not SPLIT.fullmatch(name)]
    if len(set(map(str.casefold, split_names))) < len(split_names):
        reasons.append("run.json: a split stands there twice")
    reasons += [
        f"run.json: {printable(split.name)}: more than {limits.ROWS} samples"
        for split in record.splits
        if split.prompts * record.samples_per_prompt > limits.ROWS
    ]
    if not split_names:
        reasons.append("run.json: holds no split")
    texts = [("label", record.label), ("suite", record.suite or ""), ("model.name", record.model.name)]
    texts += [("model.spec", record.model.spec), ("model.fingerprint", record.model.fingerprint)]
    reasons += [
        f"run.json: {where}: holds the control character {found}" for where, text in texts if (found := unseen(text))
    ]
    for result in scores.results:
        for text in (result.metric, result.signature, result.split or ""):
            if found := unseen(text):
                reasons.append(f"scores.json: {printable(result.metric)}: holds the control character {found}")
    return reasons


def _are_grades(values: list[float | None] | None) -> bool:
    return values is not None and all(value is None or math.isfinite(value) for value in values)


def _read(
    submission: Submission, kind: str, split: str, columns: Columns, rows_per_prompt: int = 1
) -> tuple[dict[str, list], dict[str, str]] | None:  # type: ignore[type-arg]  # columns of many kinds
    """Return a table of a submission, or None where it keeps none."""
    path = submission.file(kind, split)
    name = f"{kind}/{split}.parquet"
    known = {one.name: one.prompts for one in submission.record.splits}
    if not SPLIT.fullmatch(split) or split not in known:
        raise StoreFailed(f"{name}: the run has no split {split!r:.80}")
    try:
        if path.is_symlink():
            raise StoreFailed(f"is {UNSAFE}")
        return read_table(path, columns, known[split] * rows_per_prompt) if path.exists() else None
    except StoreFailed as error:
        raise StoreFailed(f"{name}: {error}") from error
