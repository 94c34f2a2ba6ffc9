"""Matching: a run's samples, each beside what it is compared with."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import BadInput
from ...naming import nearest
from ...tasks import Kind
from ..formats.row import Row
from ..prompts import read_prompts
from ..record import RunRecord, SplitRecord, read_run
from ..samples import read_split
from .comparison import Comparison

REFERENCE = "reference"
"""The opponent where a run is judged against the references of its prompts."""


@dataclass(frozen=True)
class Match:
    """What is to be judged of a run.

    Attributes:
        folder: the run's.
        record: the run's.
        opponent: "reference", or the other run by name and fingerprint.
        judged: samples of each prompt.
        splits: the splits that have comparisons.
        comparisons: split by split, prompt by prompt in published order, sample by sample.
        remarks: what was left out, and why.
    """

    folder: Path
    record: RunRecord
    opponent: str
    judged: int
    splits: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """Which part of a run is judged: the first samples of the first prompts of some splits, or of all."""

    judged: int = 1
    prompts: int | None = None
    splits: Sequence[str] = ()


def match_reference(folder: Path, wanted: Wanted) -> Match:
    """Put the samples of a run beside the references of its prompts.

    Raises:
        BadInput: there is nothing to compare, or not as much as wanted.
        StoreFailed: the folder holds no run, or a damaged one.
    """
    record = read_run(folder)
    comparisons: list[Comparison] = []
    remarks: list[str] = []
    for split in _splits(folder, record, wanted):
        rows, missing = _rows(folder, record, split, wanted)
        having = [(row, row.reference) for row in rows if row.reference and row.reference.strip()]
        remarks += missing + _left_out(split.name, len(rows) - len(having), "without a reference")
        for row, reference in having:
            comparisons += _pairs(split.name, _kind(folder, split), row, [reference] * wanted.judged)
    if not comparisons:
        raise BadInput(f"{folder}: no prompt has samples and a reference, so there is nothing to judge" + _why(remarks))
    return _match(folder, record, REFERENCE, wanted.judged, comparisons, remarks)


def match_runs(first: Path, second: Path, wanted: Wanted) -> Match:
    """Put the samples of a run beside those of another one, sample by sample of the prompts that both were asked.

    Raises:
        BadInput: there is nothing to compare, or not as much as wanted.
        StoreFailed: a folder holds no run, or a damaged one.
    """
    if first.resolve() == second.resolve():
        raise BadInput(f"wanted two runs, found {first} twice")
    record, other = read_run(first), read_run(second)
    others = {split.name: split for split in other.splits}
    _check_samples(second, other, wanted)
    asked = _splits(first, record, wanted)
    comparisons: list[Comparison] = []
    remarks = [f"{split.name} is in {first} alone, left out" for split in asked if split.name not in others]
    for split in asked:
        if split.name not in others:
            continue
        rows, missing = _rows(first, record, split, wanted)
        rivals = {row.id: row for row in read_split(second, split.name, other.samples_per_prompt).rows}
        both = [(row, rivals[row.id]) for row in rows if row.id in rivals]
        same = [(row, rival) for row, rival in both if row.shown == rival.shown]
        remarks += missing + _left_out(split.name, len(rows) - len(both), f"without samples in {second}")
        remarks += _left_out(split.name, len(both) - len(same), f"with another text in {second}")
        for row, rival in same:
            comparisons += _pairs(split.name, _kind(first, split), row, rival.samples[: wanted.judged])
    if not comparisons:
        raise BadInput(f"{first} and {second} have no prompt with samples in common" + _why(remarks))
    shared = [others[name] for name in dict.fromkeys(comparison.split for comparison in comparisons)]
    return _match(first, record, _named(other, shared), wanted.judged, comparisons, remarks)


def _match(
    folder: Path,
    record: RunRecord,
    opponent: str,
    judged: int,
    comparisons: Sequence[Comparison],
    remarks: Sequence[str],
) -> Match:
    splits = tuple(dict.fromkeys(comparison.split for comparison in comparisons))
    if record.state != "complete":
        remarks = [f"the run is {record.state}; only finished prompts are judged", *remarks]
    return Match(folder, record, opponent, judged, splits, tuple(comparisons), tuple(remarks))


def _named(other: RunRecord, splits: Sequence[SplitRecord]) -> str:
    """Name an opponent by its model and by how it was sampled: at another temperature it is another opponent."""
    decodings = sorted({split.sampler for split in splits})
    whole = hashlib.sha256(json.dumps([other.model.fingerprint, decodings]).encode()).hexdigest()
    return f"{other.model.name}@{whole[:8]}"


def _splits(folder: Path, record: RunRecord, wanted: Wanted) -> list[SplitRecord]:
    """Return the splits that are wanted, after making sure that what is wanted of them is there."""
    _check_samples(folder, record, wanted)
    if wanted.prompts is not None and wanted.prompts < 1:
        raise BadInput(f"-n: wanted at least 1 prompt a split, found {wanted.prompts}")
    known = [split.name for split in record.splits]
    for name in wanted.splits:
        if name not in known:
            raise BadInput(f"{folder} has no split {name!r}: {nearest(name, known)}")
    return [split for split in record.splits if not wanted.splits or split.name in wanted.splits]


def _check_samples(folder: Path, record: RunRecord, wanted: Wanted) -> None:
    there = record.samples_per_prompt
    if wanted.judged < 1:
        raise BadInput(f"--judged: wanted at least 1 sample a prompt, found {wanted.judged}")
    if wanted.judged > there:
        raise BadInput(
            f"--judged {wanted.judged}: {folder} holds {there} {'sample' if there == 1 else 'samples'} a prompt; judge "
            "fewer, or draw more with `gendiv run -k`"
        )


def _rows(folder: Path, record: RunRecord, split: SplitRecord, wanted: Wanted) -> tuple[list[Row], list[str]]:
    """Return the finished prompts of one split in published order, and what is to be said of the others."""
    asked = list(read_prompts(folder, split.name))
    if not asked:
        raise _too_old(folder, split)
    rows = {row.id: row for row in read_split(folder, split.name, record.samples_per_prompt).rows}
    found = [rows[prompt] for prompt in asked[: wanted.prompts] if prompt in rows]
    missing = len(asked[: wanted.prompts]) - len(found)
    return found, _left_out(split.name, missing, "without all samples")


def _kind(folder: Path, split: SplitRecord) -> Kind:
    if split.kind is None:
        raise _too_old(folder, split)
    return split.kind


def _too_old(folder: Path, split: SplitRecord) -> BadInput:
    return BadInput(f"{folder} does not say what was asked in {split.name}: an older gendiv drew it; draw it again")


def _pairs(split: str, kind: Kind, row: Row, theirs: Sequence[str]) -> list[Comparison]:
    """Return the comparisons of one prompt: our first samples, each beside one of theirs."""
    return [
        Comparison(split, row.id, index, kind, row.shown or "", ours, other)
        for index, (ours, other) in enumerate(zip(row.samples, theirs, strict=False))
    ]


def _left_out(split: str, count: int, why: str) -> list[str]:
    return [f"{split}: {count} {'prompt' if count == 1 else 'prompts'} {why}, left out"] if count else []


def _why(remarks: Sequence[str]) -> str:
    return f" ({'; '.join(remarks)})" if remarks else ""
