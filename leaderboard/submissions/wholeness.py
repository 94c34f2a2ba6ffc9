"""Wholeness: whether the files of a submission are those that its run drew: hashes, samples, keys, prompts, faults."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...benchmark.faults import find_faults
from ...benchmark.keys import Keyring, prompt_seed
from ...benchmark.prompts import Asked, content_of
from ...benchmark.record import RunRecord, SplitRecord
from ...benchmark.samples import SplitSamples
from ...benchmark.store import Sample, hash_file, hash_of_splits, sample_rows
from ...errors import StoreFailed
from ...version import __version__
from .reading import files_of, printable, read_grouped, read_prompts, read_samples
from .submission import CARD, KINDS, Submission

SHARE_TOLERANCE = 1e-9


@dataclass
class Findings:
    """What was found of one submission.

    Attributes:
        reasons: why it is refused.
        remarks: what a reader of its numbers should know.
        splits: the samples by prompt, of the splits that can be read.
    """

    reasons: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    splits: dict[str, SplitSamples] = field(default_factory=dict)


def check_whole(submission: Submission) -> Findings:
    """Check everything of one submission but its scores."""
    found = Findings()
    found.reasons += unlike_card(submission)
    record = submission.record
    if record.state != "complete":
        found.reasons.append(f"run.json: the run is {record.state}, not complete")
    if record.refusals:
        found.reasons.append(f"run.json: {len(record.refusals)} prompts were not answered")
    if newer(record.gendiv, __version__):
        found.remarks.append(
            f"drawn by gendiv {printable(record.gendiv)}, and this is {__version__}: nothing is recomputed"
        )
    hashes: dict[str, str] = {}
    for split in record.splits:
        try:
            hashes[split.name] = _split(submission, split, found)
        except StoreFailed as error:
            found.reasons.append(str(error))
    if len(hashes) == len(record.splits) and submission.scores.samples != hash_of_splits(hashes):
        found.reasons.append("scores.json: the scores are of other samples than these")
    return found


def newer(version: str, than: str) -> bool:
    """Say whether a version is a later one.

    >>> newer("0.2.0", "0.1.9"), newer("0.1.0", "0.1.0"), newer("strange", "0.1.0")
    (True, False, True)
    """
    parts = [text.partition("+")[0].split(".") for text in (version, than)]
    if not all(part.isdecimal() and len(part) < 10 for part in parts[0]):
        return version != than
    there, here = ([int(part) if part.isdecimal() else 0 for part in text] for text in parts)
    return there > here


def unlike_card(submission: Submission) -> list[str]:
    """Return what of the files is not as the card says."""
    names, _ = files_of(submission.folder)
    listed = submission.card.files
    reasons = [f"{printable(name)}: is missing" for name in listed if name not in names]
    for name in names:
        if name == CARD:
            continue
        if name not in listed:
            reasons.append(f"{printable(name)}: the card does not list it")
        elif hash_file(submission.folder / name) != listed[name]:
            reasons.append(f"{printable(name)}: its hash is not the card's")
    known = {f"{kind}/{split.name}.parquet" for kind in KINDS for split in submission.record.splits}
    strange = [name for name in names if name.endswith(".parquet") and name not in known]
    return reasons + [f"{printable(name)}: the run has no such split" for name in strange]


def _split(submission: Submission, split: SplitRecord, found: Findings) -> str:
    """Check the samples of one split and return the hash of the file that they were packed from."""
    if not submission.file("samples", split.name).exists():
        raise StoreFailed(f"samples/{split.name}.parquet: is missing")
    samples, record = read_samples(submission, split.name), submission.record
    prompts: Mapping[str, Asked] = {}
    try:
        prompts = read_prompts(submission, split.name)
    except StoreFailed as error:
        found.reasons.append(str(error))
    where = f"samples/{split.name}"
    found.reasons += [f"{where}: {reason}" for reason in _complete(samples, split, record, prompts)]
    imported = record.imported is not None
    if imported:
        found.remarks.append(f"{split.name}: imported samples, which have no keys: nothing ties them to the model")
    else:
        found.reasons += [f"{where}: {reason}" for reason in _keys(samples, split, record, prompts)]
    if not prompts:
        found.remarks.append(f"{split.name}: without prompts, so the keys of its samples cannot be checked")
    elif content_of(prompts.values()) != split.content or len(prompts) != split.prompts:
        found.reasons.append(f"prompts/{split.name}: are not those of run.json, by their hash")
    grouped = read_grouped(submission, split.name)
    found.splits[split.name] = grouped
    if not imported:
        found.reasons += _faults(split, record, grouped)
    return hashlib.sha256(sample_rows(samples)).hexdigest()


def _complete(
    samples: Sequence[Sample], split: SplitRecord, record: RunRecord, prompts: Mapping[str, Asked]
) -> list[str]:
    """Return what is missing, double or too much."""
    last = record.samples_per_prompt - 1
    by_prompt: dict[str, list[int]] = {}
    for sample in samples:
        by_prompt.setdefault(sample.prompt, []).append(sample.index)
    doubled = [name for name, indices in by_prompt.items() if len(set(indices)) < len(indices)]
    uneven = [
        name
        for name, indices in by_prompt.items()
        if (len(set(indices)), min(indices), max(indices)) != (last + 1, 0, last)
    ]
    strangers = [name for name in by_prompt if name not in prompts] if prompts else []
    reasons = [
        (doubled, "has a sample twice"),
        (uneven, f"has not the samples 0 to {last}"),
        (strangers, "is no prompt of the run"),
    ]
    said = [f"{printable(names[0])!r} {text}{_and_others(names)}" for names, text in reasons if names]
    if len(by_prompt) != split.prompts:
        said.append(f"{len(by_prompt)} prompts have samples, and run.json says {split.prompts}")
    return said


def _keys(samples: Sequence[Sample], split: SplitRecord, record: RunRecord, prompts: Mapping[str, Asked]) -> list[str]:
    """Return whose seed or key is not what the run's record makes it."""
    assert split.decoding is not None and record.seed is not None  # noqa: S101  only imports leave them open
    keyring = Keyring(record.model, split.format, split.decoding)
    keys = {name: keyring.of_prompt(asked.text) for name, asked in prompts.items()}
    seeds = {name: prompt_seed(record.seed, split.name, name) for name in {sample.prompt for sample in samples}}
    seeded = [one.prompt for one in samples if one.seed != seeds[one.prompt] + one.index]
    keyed = [
        one.prompt
        for one in samples
        if one.prompt in keys and one.key != keys[one.prompt].of_sample(one.index, one.seed)
    ]
    reasons = []
    if seeded:
        reasons.append(f"a sample of {printable(seeded[0])!r} has another seed than the run's{_and_others(seeded)}")
    if keyed:
        reasons.append(
            f"the key of a sample of {printable(keyed[0])!r} is not that of the run's model, prompt, decoding and seed"
            f"{_and_others(keyed)}"
        )
    return reasons


def _and_others(names: Sequence[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _faults(split: SplitRecord, record: RunRecord, grouped: SplitSamples) -> list[str]:
    """Return which faults, and which counts of endings, the record does not tell as the samples do."""
    reasons = []
    if record.finish_reasons.get(split.name, {}) != dict(grouped.finish_reasons):
        reasons.append(f"{split.name}: finish_reasons in run.json are not those of the samples")
    groups = [row.samples for row in grouped.rows]
    there = {fault.fault: fault.share for fault in record.faults if fault.split == split.name}
    here = {one.fault: one.share for one in find_faults(split.name, split.decoding, groups, grouped.finish_reasons)}
    for kind in sorted({*there, *here}):
        if kind not in there:
            reasons.append(f"{split.name}: the fault {kind} is hidden: {here[kind]:.0%} of its samples or prompts")
        elif abs(there[kind] - here.get(kind, 0.0)) > SHARE_TOLERANCE:
            reasons.append(
                f"{split.name}: the fault {kind} has the share {there[kind]:.3g}, {here.get(kind, 0):.3g} found"
            )
    told = Counter(fault.fault for fault in record.faults if fault.split == split.name)
    return reasons + [f"{split.name}: the fault {kind} stands there twice" for kind, count in told.items() if count > 1]
