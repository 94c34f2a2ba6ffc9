"""Prompts as they are shown to a judge, by split: of a task, or as a run folder keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import BadInput
from ...tasks import Task
from ..prompts import read_prompts
from ..record import read_run
from ..registry import find_split, find_suite, find_task
from .gaps import pairs


@dataclass(frozen=True)
class Shown:
    """The texts of a split's prompts, without any template, under the name that tables call the split."""

    name: str
    texts: tuple[str, ...]


Given = str | Path | Sequence[str]
"""TASK/SPLIT, RUN:TASK/SPLIT, a run folder, or the texts themselves."""


def shown_pairs(
    splits: Sequence[Given] = (), tasks: Sequence[str] = (), suite: str | None = None, count: int | None = None
) -> list[tuple[Shown, Shown]]:
    """Return pairs of splits, the first of each being what the second is measured from.

    Args:
        splits: the first one is paired with each of the others; a run folder alone gives its own pairs.
        tasks: each split in distribution is paired with each one out of it.
        suite: the same for each of its tasks.
        count: the first so many prompts of each split; all unless told.

    Raises:
        BadInput: there is no pair, or no such task or split.
        StoreFailed: a run folder cannot be read.
    """
    named: list[tuple[Given, Given]] = [pair for name in tasks for pair in _sides(find_task(name))]
    if suite is not None:
        named += _of_suite(suite)
    if len(splits) == 1 and isinstance(splits[0], (str, Path)) and (Path(splits[0]) / "run.json").exists():
        named += _of_folder(Path(splits[0]))
    elif len(splits) == 1:
        raise BadInput(f"{splits[0]}: a distance is between two splits; name another, a run folder, or --task NAME")
    else:
        named += [(splits[0], other) for other in splits[1:]]
    if not named:
        raise BadInput("name two splits (TASK/SPLIT), a run folder, --task NAME or --suite NAME; see `gendiv tasks`")
    loaded: dict[int | str, Shown] = {}

    def shown(given: Given) -> Shown:
        key = str(given) if isinstance(given, (str, Path)) else id(given)
        if key not in loaded:
            number = next((place for place, split in enumerate(splits, 1) if split is given), 0)
            loaded[key] = _load(given, count, f"texts {number}")
        return loaded[key]

    return [(shown(one), shown(two)) for one, two in named]


def _load(given: Given, count: int | None, name: str) -> Shown:
    if not isinstance(given, (str, Path)):
        return Shown(name, tuple(given)[:count])
    folder, colon, split_name = str(given).rpartition(":")
    if colon:
        return _of_run(Path(folder), split_name, count)
    task, split = find_split(split_name)
    return Shown(task.full_name(split), tuple(prompt.shown for prompt in split.load())[:count])


def _of_suite(name: str) -> list[tuple[str, str]]:
    splits = find_suite(name).splits
    tasks = dict.fromkeys(split.partition("/")[0] for split in splits)
    found = [pair for task in tasks for pair in _sides(find_task(task), required=False) if set(pair) <= set(splits)]
    if not found:
        raise BadInput(f"suite {name} has no task with a split in distribution (id) and one out of it (near, far)")
    return found


def _of_folder(folder: Path) -> list[tuple[str, str]]:
    found = pairs(read_run(folder))
    if not found:
        raise BadInput(f"{folder} has no task with a split in distribution (id) and one out of it (near, far)")
    return [(f"{folder}:{pair.id_split.name}", f"{folder}:{pair.ood_split.name}") for pair in found]


def _sides(task: Task, *, required: bool = True) -> Sequence[tuple[str, str]]:
    ours = [task.full_name(split) for split in task.splits if split.shift == "id"]
    theirs = [task.full_name(split) for split in task.splits if split.shift != "id"]
    if required and not (ours and theirs):
        held = ", ".join(f"{split.name} ({split.shift})" for split in task.splits)
        raise BadInput(f"{task.name} needs a split in distribution (id) and one out of it (near, far), found {held}")
    return [(one, two) for one in ours for two in theirs]


def _of_run(folder: Path, name: str, count: int | None) -> Shown:
    splits = [split.name for split in read_run(folder).splits]
    if name not in splits:
        raise BadInput(f"{folder} has no split {name!r}: it holds {', '.join(splits)}")
    kept = list(read_prompts(folder, name).values())
    if not kept:
        raise BadInput(f"{folder} keeps no prompts of {name}, being of an older gendiv; name the split by {name} alone")
    return Shown(name, tuple(prompt.shown for prompt in kept[:count]))
