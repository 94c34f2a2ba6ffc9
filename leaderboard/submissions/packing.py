"""Packing: run folders in, submissions of a results repository out."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from ...benchmark.grades import grade_rows
from ...benchmark.prompts import read_prompts
from ...benchmark.run import Run
from ...benchmark.samples import read_split
from ...benchmark.sources.source import Model
from ...benchmark.store import hash_file, read_samples, split_file
from ...errors import BadInput, NotInstalled, StoreFailed
from ...version import __version__
from ..exports.run import load_scored
from .submission import CARD, SPLIT, Card, slug
from .sums import ENCODER, require_encoder, sums_of
from .tables import GRADES, PROMPTS, SAMPLES, SUMS, Columns, require_pyarrow, write_table


@dataclass(frozen=True)
class Added:
    """What packing did.

    Attributes:
        folder: the submission.
        new: whether it was written; False where it stood there already.
        remarks: what a submitter should know of it.
    """

    folder: Path
    new: bool
    remarks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class About:
    """What a submitter says of a model; what is None is taken from the run, or left out."""

    model: str | None = None
    revision: str | None = None
    suite: str | None = None
    family: str | None = None
    tuning: str | None = None
    base: str | None = None
    licence: str | None = None
    link: str | None = None


def add_run(
    run: str | Path,
    to: str | Path,
    about: About | None = None,
    *,
    prompts: bool = True,
    sums: bool = True,
    replace: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Added:
    """Pack a run folder as a submission: `gendiv board add` from Python.

    Args:
        run: complete and scored.
        to: the results repository.
        about: who the model is.
        prompts: keep the prompts; without them scores against references cannot be computed again.
        sums: keep sums of embeddings, by which a site shows which models answer alike.
        replace: put it in the place of another submission.
        tell: told what is being done.

    Raises:
        BadInput: the run is not complete, a name is not usable, or another submission stands there.
        StoreFailed: the run cannot be read, or the repository not be written.
        NotInstalled: pyarrow is missing.
    """
    require_pyarrow()
    found = load_scored(run)
    card = _card(found, about or About())
    root, remarks = Path(to), []
    if sums:
        try:
            require_encoder()
        except NotInstalled as missing:
            sums = False
            remarks.append(f"without sums of embeddings, so without a place on the map of models: {missing}")
    aside = root / f".adding-{os.getpid()}-{slug(card.model)[:40]}"
    try:
        aside.mkdir(parents=True)
        tell(f"packing {found.folder} as {card.place}")
        remarks += _write_files(found, aside, prompts=prompts, sums=sums)
        card = card.model_copy(update={"files": _hashes(aside)})
        (aside / CARD).write_text(card.model_dump_json(indent=2, by_alias=True) + "\n", encoding="utf-8")
        new = settle(aside, root / card.place, replace=replace)
    except OSError as error:
        if isinstance(error, StoreFailed):
            raise
        raise StoreFailed(f"cannot write to {root}: {error.strerror or error}; choose another --to") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Added(root / card.place, new, tuple(remarks))


def _card(run: Run, about: About) -> Card:
    """Return the card, still without the hashes of the files."""
    record = run.record
    if record.state != "complete":
        raise BadInput(f"{run.folder} is {record.state}: the same `gendiv run` again draws what it lacks")
    for split in record.splits:
        if not SPLIT.fullmatch(split.name):
            raise BadInput(f"{run.folder}: the name of {split.name!r} cannot be a path in a results repository")
    suite = about.suite or record.suite or "+".join(dict.fromkeys(s.name.partition("/")[0] for s in record.splits))
    try:
        card = Card(
            gendiv=__version__,
            model=about.model or record.label or record.model.name,
            revision=about.revision or short_revision(record.model),
            suite=suite[:100],
            family=about.family,
            tuning=about.tuning,
            base=about.base,
            licence=about.licence,
            link=about.link,
            files={},
        )
    except ValueError as error:
        first = error.errors()[0]  # type: ignore[attr-defined]  # pydantic's ValidationError is a ValueError
        raise BadInput(f"--{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    for option, part in zip(("--model", "--revision", "--suite"), card.place.split("/"), strict=True):
        if not part:
            raise BadInput(f"{option}: wanted a name with letters or digits of ASCII, which is its folder's")
    return card


def short_revision(model: Model) -> str:
    """Return what tells one state of a model from another: as it was stated, or in 12 characters.

    >>> short_revision(Model("s", "m", "revision", "sha256:0", weights="hub:org/m@" + 40 * "a"))
    'aaaaaaaaaaaa'
    """
    stated = model.spec.removeprefix(f"imported:{model.name}@")
    if model.identity == "stated" and stated != model.spec:
        return stated[:100]
    if model.identity == "revision" and model.weights and not model.adapter:
        return model.weights.rpartition("@")[2][:12]
    return model.fingerprint.rpartition(":")[2][:12]


def _write_files(run: Run, folder: Path, *, prompts: bool, sums: bool) -> list[str]:
    """Write everything but the card, and return remarks."""
    for name in ("run.json", "scores.json"):
        shutil.copyfile(run.folder / name, folder / name)
    remarks = []
    for split in (split.name for split in run.record.splits):
        samples = list(read_samples(split_file(run.folder, split)))
        _write(folder, "samples", split, SAMPLES, [astuple(sample) for sample in samples])
        asked = read_prompts(run.folder, split)
        if prompts and asked:
            _write(folder, "prompts", split, PROMPTS, [astuple(one) for one in asked.values()])
        elif prompts:
            remarks.append(f"{split}: the run keeps no prompts, so its samples' keys cannot be checked")
        if grades := grade_rows(run.folder, split):
            _write(folder, "grades", split, GRADES, grades)
        if sums:
            found = sums_of(read_split(run.folder, split, run.record.samples_per_prompt).rows)
            rows = list(zip(found.prompts, found.counts.tolist(), found.sums.tolist(), strict=True))
            _write(folder, "sums", split, SUMS, rows, {"encoder": ENCODER})
    if not prompts:
        remarks.append("without prompts: samples' keys and scores against references cannot be checked")
    return remarks


def _write(
    folder: Path,
    kind: str,
    split: str,
    columns: Columns,
    rows: Sequence[Sequence[Any]],
    marks: dict[str, str] | None = None,
) -> None:
    values = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
    write_table(folder / kind / f"{split}.parquet", columns, values, marks)


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in files}


def settle(aside: Path, folder: Path, *, replace: bool) -> bool:
    """Rename a finished submission into its place; return False where the same one stands there."""
    there = folder / CARD
    if there.exists() and there.read_bytes() == (aside / CARD).read_bytes():
        return False
    if folder.exists() and not replace:
        raise BadInput(
            f"{folder} holds another submission: --replace puts this one in its place, --revision gives it its own"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        old = aside.with_name(aside.name + "-old")
        folder.rename(old)
        aside.rename(folder)
        shutil.rmtree(old)
    else:
        aside.rename(folder)
    return True
