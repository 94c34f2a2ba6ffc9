"""Replaying: the record of a run in, the plan that drew it out, to be put to any model, whole or in part."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import BadInput, GendivError
from ..metrics import Metric
from ..tasks import Kind, Prompt
from .choosing import choose_metrics
from .decoding import Decoding
from .plan import Plan, PlannedSplit
from .prompts import read_prompts
from .record import RunRecord, SplitRecord
from .registry import find_split
from .selecting import Selection


def replayed(
    record: RunRecord,
    folder: Path | None,
    metrics: Sequence[str | Metric] = (),
    only: Mapping[str, Collection[str]] | None = None,
) -> Plan:
    """Return the plan that drew a run: the same prompts, decoding, samples a prompt and seed.

    Samples that were imported with their decoding have no seed; theirs is 0 here.

    Prompts are those of the task where it is known here and still has the recorded ones, else those that the run folder
    keeps. Either way their hash is the recorded one, or the plan is refused. The seeds of a prompt's samples do not
    depend on which other prompts there are, so a part of a plan draws the very samples that the whole one draws.

    Args:
        record: of the run.
        folder: its folder; None where the prompts can come from the tasks alone.
        metrics: what the new run is scored by; none by default, which is enough to draw.
        only: by split, the ids of the prompts that are wanted; splits that it does not name are left out.

    Raises:
        BadInput: a prompt of the run is nowhere to be had, or is not one of the run's; or nobody says how its samples
            were drawn.
        StoreFailed: the folder cannot be read.
    """
    wanted = dict.fromkeys(split.name for split in record.splits) if only is None else only
    if unknown := sorted(set(wanted) - {split.name for split in record.splits}):
        held = ", ".join(split.name for split in record.splits)
        raise BadInput(f"no split {unknown[0]!r} is in the run to be drawn again: it holds {held}")
    splits = [_planned(split, folder) for split in record.splits if split.name in wanted]
    if only is not None:
        splits = [_part(split, only[split.name]) for split in splits]
    return Plan(record.suite, tuple(splits), choose_metrics(metrics), record.samples_per_prompt, record.seed or 0)


def _planned(split: SplitRecord, folder: Path | None) -> PlannedSplit:
    """Return a split as it was asked.

    Raises:
        BadInput: neither its task nor the folder has the recorded prompts, or its decoding is not known.
    """
    if split.decoding is None:
        raise BadInput(
            f"{split.name}: its samples were imported without a word on how they were drawn, so no others can be drawn "
            "likewise; import them with --temperature and the other decoding parameters"
        )
    found = _of_task(split, split.decoding)
    if isinstance(found, str) and folder is not None:
        asked = read_prompts(folder, split.name).values()
        kept = [Prompt(one.id, one.text, one.text, one.reference, one.shown) for one in asked]
        if split.kind is not None and (planned := _with(split, split.decoding, kept, split.kind)):
            return planned
        found += f", and {folder / 'prompts'} keeps {'others' if kept else 'none'}"
    if isinstance(found, str):
        raise BadInput(
            f"{split.name}: wanted the {split.prompts} prompts of the recorded hash {split.content[:12]}, found {found}"
            "; use the version of gendiv and the data that drew the run, or draw the run anew"
        )
    return found


def _of_task(split: SplitRecord, decoding: Decoding) -> PlannedSplit | str:
    """Return a split with the prompts of its task, or say what was found in their place."""
    try:
        _, known = find_split(split.name)
        prompts = Selection(split.select, split.select_seed).order(split.name, known.load())
    except GendivError as missing:
        return f"no such task here ({missing})"
    return _with(split, decoding, prompts, split.kind or known.kind) or "other prompts in the task as it is here"


def _with(split: SplitRecord, decoding: Decoding, prompts: Sequence[Prompt], kind: Kind) -> PlannedSplit | None:
    """Return a split that asks the first of some prompts, or None where they are not the recorded ones."""
    planned = PlannedSplit(
        name=split.name,
        shift=split.shift,
        kind=kind,
        task_version=split.task_version,
        format=split.format,
        decoding=decoding,
        prompts=tuple(prompts[: split.prompts]),
        selection=Selection(split.select, split.select_seed),
        available=split.available,
        origin=split.data,
    )
    same = len(planned.prompts) == split.prompts and planned.content(split.prompts) == split.content
    return planned if same else None


def _part(split: PlannedSplit, ids: Collection[str]) -> PlannedSplit:
    """Return a split that asks some of its prompts."""
    if unknown := sorted(set(ids) - {prompt.id for prompt in split.prompts}):
        raise BadInput(f"{split.name}: no prompt of the run has the id {unknown[0]!r}")
    return replace(split, prompts=tuple(prompt for prompt in split.prompts if prompt.id in set(ids)))
