"""Importing: anybody's samples in, a scored run folder out, like one that gendiv drew, that says what is not known."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import BadInput
from ..metrics import Metric
from ..tasks import Format, Kind, Shift, Split, Task
from ..tasks.reading import read
from ..version import __version__
from .choosing import choose_metrics
from .decoding import Decoding
from .faults import IMPORTED, find_faults
from .formats.detection import find_file
from .formats.files import read_files
from .formats.row import Bad
from .plan import ANOTHER, decoding_for
from .progress import Progress, Silent
from .prompts import content_of, write_prompts
from .recognising import Answered, Numbered, described, recognised
from .record import RunRecord, SplitRecord, write_record
from .registry import find_splits, names
from .run import Run
from .scores import score_run
from .selecting import FIRST, Selection
from .sources.identity import hash_text
from .sources.source import Model
from .store import Sample, Store, hash_file


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What is said of samples by whoever imports them.

    Attributes:
        model: what drew them.
        revision: which state of it.
        label: what tables call it; the model's name unless given.
        shift: of each split that gendiv does not know, in their order.
        kind: what the prompts of such splits are about, where that is known.
        format: how prompts were put; of splits that gendiv knows, the one in which rows have them unless given.
        decoding: parameters that differ from the defaults and the task's own; None where nobody knows any.
        selection: how the prompts of a known split were selected.
    """

    model: str
    revision: str | None = None
    label: str | None = None
    shift: tuple[Shift, ...] = ()
    kind: Kind | None = None
    format: Format | None = None
    decoding: Mapping[str, object] | None = None
    selection: Selection = FIRST


@dataclass(frozen=True)
class _Imported:
    """One split: its record, but for the number and the hash of its prompts, and what was answered."""

    record: SplitRecord
    answered: tuple[Answered, ...]


def import_samples(
    files: Sequence[Path],
    out: Path,
    stated: Stated,
    splits: Sequence[str],
    *,
    prompts: int | None = None,
    samples: int | None = None,
    metrics: Sequence[Metric] = (),
    file_format: str | None = None,
    bad: Bad | None = None,
    progress: Progress | None = None,
) -> Run:
    """Write the samples of files as a run folder, score it, and return it.

    Args:
        files: of one split; or, where several are named, one of each.
        out: a folder that is not there yet, or empty.
        stated: what is said of them.
        splits: TASK/SPLIT names.
        prompts: of known splits, take the first so many.
        samples: K, the first so many of each row; all unless given, which must then be as many in every row.
        metrics: what is computed; those that need no model by default.
        file_format: of the files; each tells unless given.
        bad: what happens to bad rows; the first one stops unless told otherwise.
        progress: told how it goes.

    Raises:
        BadInput: files, rows or what is said of them are not usable, or the folder is not empty.
        StoreFailed: a file cannot be read, or the folder not be written.
        NotInstalled: a metric or a format needs a package.
    """
    telling, bad = progress or Silent(), bad or Bad()
    chosen = tuple(metrics) or choose_metrics(("distinct", "ead", "length", "duplicates"))
    for metric in chosen:
        metric.require()
    _check(files, out, stated, splits, prompts, samples)
    paths = [find_file(path, file_format) if path.is_dir() else path for path in files]
    for path in paths:
        if path.exists() and not path.is_file():  # a pipe is empty when it is read again for its hash
            raise BadInput(f"{path} is no plain file, and an import is known by its files' hash; save it to one first")
    groups = [paths] if len(splits) == 1 else [[path] for path in paths]
    read_rows = [_rows(group, file_format, bad) for group in groups]
    if any(one.row.quality is not None for rows in read_rows for one in rows):
        telling.note("the rows' quality is left out: run folders keep none; gendiv score FILE reads it")
    whole, evened = _evened(read_rows, samples, bad)
    kinds = [(name, _known(name)) for name in splits]
    shifts = _shifts(kinds, stated)
    found = [
        _described_split(name, rows, shifts[name], stated, bad)
        if isinstance(known, str)
        else _known_split(*known, rows, stated, prompts, bad)
        for (name, known), rows in zip(kinds, evened, strict=True)
    ]
    record = _record(found, stated, whole, _hash_files(paths))
    _write(out, record, found)
    return Run(out, record, score_run(out, chosen, progress=telling))


def _check(
    files: Sequence[Path],
    out: Path,
    stated: Stated,
    splits: Sequence[str],
    prompts: int | None,
    samples: int | None,
) -> None:
    """Refuse what can be refused before anything is read."""
    if not files:
        raise BadInput("no file of samples is named")
    if not splits:
        raise BadInput("--split: wanted TASK/SPLIT, of which the samples are, found none")
    if len(set(splits)) < len(splits):
        raise BadInput(f"--split: {max(splits, key=Counter(splits).__getitem__)} is named twice")
    if len(splits) > 1 and len(splits) != len(files):
        raise BadInput(f"--split: several splits take one file each, found {len(splits)} splits and {len(files)} files")
    for option, count in (("-n", prompts), ("-k", samples)):
        if count is not None and count < 1:
            raise BadInput(f"{option}: wanted at least 1, found {count}")
    _check_names(stated)
    if (out / "run.json").exists():
        raise BadInput(f"{out} holds a run already; {ANOTHER}")
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise BadInput(f"{out} is no empty folder; {ANOTHER}")


def _check_names(stated: Stated) -> None:
    for option, name in (("--model", stated.model), ("--revision", stated.revision), ("--label", stated.label)):
        if name is not None and not (name.strip() and name.isprintable()):
            raise BadInput(f"{option}: wanted a name in one line, found {name!r:.60}")


def _rows(paths: Sequence[Path], file_format: str | None, bad: Bad) -> list[Numbered]:
    where = f"{paths[0]}: " if len(paths) == 1 else ""
    return [
        Numbered(f"{where}row {number}", row) for number, row in enumerate(read_files(paths, file_format, bad), start=1)
    ]


def _evened(groups: Sequence[list[Numbered]], wanted: int | None, bad: Bad) -> tuple[int, list[list[Numbered]]]:
    """Return K, and the rows with K samples each."""
    counts = [len(one.row.samples) for rows in groups for one in rows]
    fewest = min(counts, default=0)
    if wanted is None:
        for one in (one for rows in groups for one in rows if len(one.row.samples) != counts[0]):
            raise BadInput(
                f"{one.where}: wanted {counts[0]} samples, as many as the first row has, found {len(one.row.samples)}; "
                f"-k {fewest} takes the first {fewest} of each"
            )
    k, kept = wanted or fewest, []
    for rows in groups:
        whole = []
        for one in rows:
            if len(one.row.samples) < k:
                bad.report(one.where, f"wanted {k} samples, found {len(one.row.samples)}")
            else:
                whole.append(replace(one, row=replace(one.row, samples=one.row.samples[:k])))
        kept.append(whole)
    return k, kept


def _known(name: str) -> tuple[Task, Split] | str:
    """Return the split that a name says, or why gendiv knows none of that name."""
    try:
        found = find_splits(name)
    except BadInput as unknown:
        return str(unknown)
    if len(found) > 1:
        several = ", ".join(task.full_name(split) for task, split in found)
        raise BadInput(f"--split {name}: wanted one split, found {several}")
    return found[0]


def _shifts(kinds: Sequence[tuple[str, tuple[Task, Split] | str]], stated: Stated) -> dict[str, Shift]:
    """Return the shift of each split that gendiv does not know.

    Raises:
        BadInput: there are more or fewer of them, or something else that they need is not said.
    """
    reasons = {name: known for name, known in kinds if isinstance(known, str)}
    unknown = list(reasons)
    for name, reason in reasons.items():
        if name.partition("/")[0] in names("task"):
            raise BadInput(f"--split {name}: {reason}; a split of your own is of no task of gendiv's")
    if unknown and not stated.shift:
        raise BadInput(
            f"--split {unknown[0]}: {reasons[unknown[0]]}; or describe a split of your own: --shift id|near|far "
            "--format chat|raw"
        )
    if len(stated.shift) != len(unknown):
        known = [name for name, _ in kinds if name not in reasons]
        told = f"; {known[0]} is one of gendiv's, whose shift is known" if known else ""
        raise BadInput(
            f"--shift: wanted one for each split that gendiv does not know, {len(unknown)} in all, found "
            f"{len(stated.shift)}{told}"
        )
    if unknown and stated.format is None:
        raise BadInput(f"--format: {unknown[0]} is no split of gendiv's: say chat or raw, as its prompts were put")
    if unknown and stated.decoding is not None and "max_tokens" not in stated.decoding:
        raise BadInput(f"--max-tokens: {unknown[0]} is no split of gendiv's, so no task says it: state it as well")
    if stated.kind is not None and not unknown:
        raise BadInput("--kind: of a split of gendiv's it is known; leave it out")
    return dict(zip(unknown, stated.shift, strict=True))


def _known_split(
    task: Task, split: Split, rows: Sequence[Numbered], stated: Stated, prompts: int | None, bad: Bad
) -> _Imported:
    """Return a split of gendiv's as a run of the same prompts records it."""
    name, selection = task.full_name(split), stated.selection
    format, answered = recognised(task, split, rows, format=stated.format, selection=selection, count=prompts, bad=bad)
    decoding = None if stated.decoding is None else decoding_for(task, format, stated.decoding)
    return _split(
        SplitRecord(
            name=name,
            shift=split.shift,
            kind=split.kind,
            task_version=task.version,
            format=format,
            decoding=decoding,
            prompts=max(1, len(answered)),
            select=selection.select,
            select_seed=selection.seed,
            available=len(split.load()),
            data=read(split.data).origin if split.data else None,
            content="",
        ),
        answered,
        bad,
    )


def _described_split(name: str, rows: Sequence[Numbered], shift: Shift, stated: Stated, bad: Bad) -> _Imported:
    """Return a split that gendiv does not know."""
    answered = described(name, rows, bad)
    decoding = None if stated.decoding is None else Decoding(**stated.decoding)  # type: ignore[arg-type]  # checked there
    assert stated.format is not None  # noqa: S101  asked for above
    return _split(
        SplitRecord(
            name=name,
            shift=shift,
            kind=stated.kind,
            task_version=0,
            format=stated.format,
            decoding=decoding,
            prompts=max(1, len(answered)),
            content="",
        ),
        answered,
        bad,
    )


def _split(record: SplitRecord, answered: Sequence[Answered], bad: Bad) -> _Imported:
    if not answered:
        raise BadInput(f"{record.name}: no row is left to import: {bad}")
    content = content_of(one.prompt for one in answered)
    return _Imported(record.model_copy(update={"content": content}), tuple(answered))


def _record(found: Sequence[_Imported], stated: Stated, k: int, imported: str) -> RunRecord:
    state = f"@{stated.revision}" if stated.revision else ""
    endings = {split.record.name: {IMPORTED: len(split.answered) * k} for split in found}
    faults = [
        fault
        for split in found
        for fault in find_faults(
            split.record.name,
            split.record.decoding,
            [one.samples for one in split.answered],
            Counter(endings[split.record.name]),
        )
    ]
    return RunRecord(
        schema=1,
        gendiv=__version__,
        state="complete",
        label=stated.label or stated.model,
        suite=None,
        model=Model(
            spec=f"imported:{stated.model}{state}",
            name=stated.model,
            identity="stated",
            fingerprint=hash_text(json.dumps(["imported", stated.model, stated.revision])),
        ),
        abilities={},
        source={},
        samples_per_prompt=k,
        seed=None,
        splits=tuple(split.record for split in found),
        rounds=(),
        refusals=(),
        faults=tuple(faults),
        finish_reasons=endings,
        environment=None,
        imported=imported,
    )


def _write(out: Path, record: RunRecord, found: Sequence[_Imported]) -> None:
    """Write the folder; its record comes last, so that half a folder is none."""
    store = Store(out)
    try:
        for split in found:
            name = split.record.name
            write_prompts(out, name, (one.prompt for one in split.answered))
            rows = [
                Sample(_mark(text), one.prompt.id, index, index, text, IMPORTED)
                for one in split.answered
                for index, text in enumerate(one.samples)
            ]
            store.append(name, rows)
    finally:
        store.close()
    write_record(out, record)


def _mark(text: str) -> str:
    """Return what stands in the place of a sample's key: nothing is known that could decide what the sample is."""
    return f"{IMPORTED}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _hash_files(paths: Sequence[Path]) -> str:
    """Return the SHA-256 of a file, or of those of several, a line each."""
    hashes = [hash_file(path) for path in paths]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(f"{one}\n" for one in hashes).encode()).hexdigest()
