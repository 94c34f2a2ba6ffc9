"""Origin: whether the prompts of a split are those of the data set that it names, as far as that can be read here."""

from functools import cache

from ...benchmark.plan import PlannedSplit
from ...benchmark.record import SplitRecord
from ...benchmark.registry import find_task, names
from ...benchmark.selecting import Selection
from ...errors import GendivError
from .reading import printable


class Origins:
    """The data sets as they are here, each read once for all submissions."""

    def __init__(self) -> None:
        self._content = cache(_content)

    def check(self, split: SplitRecord) -> tuple[bool | None, str]:
        """Say whether a split has the prompts of its data set (None where that cannot be told), and why not."""
        found, reason = self._content(
            split.name, split.task_version, split.select, split.select_seed, split.format, split.prompts
        )
        if found is None:
            return None, f"{split.name}: its prompts could not be held against the data set: {reason}"
        if found != split.content:
            return False, f"{split.name}: its prompts are not those of the data set, by their hash"
        return True, ""


def _content(name: str, version: int, select: str, seed: int | None, format: str, count: int) -> tuple[str | None, str]:
    """Return the hash of a split's prompts, or None and why it cannot be told."""
    task_name, _, split_name = name.partition("/")
    if task_name not in names("task"):  # no task of lm-eval, whose data sets may run code, and no file
        return None, "the task is not installed"
    try:
        task = find_task(task_name)
        known = next((split for split in task.splits if split.name == split_name), None)
        if known is None:
            return None, "the task has no such split here"
        if task.version != version:
            return None, f"version {version} of the task, and {task.version} is installed"
        prompts = Selection("random" if select == "random" else "first", seed).order(name, known.load())
        if count > len(prompts):
            return None, f"{count} prompts, and the data set has {len(prompts)}"
        planned = PlannedSplit(
            name=name,
            shift=known.shift,
            kind=known.kind,
            task_version=version,
            format="chat" if format == "chat" else "raw",
            decoding=None,  # type: ignore[arg-type]  # no part of the hash
            prompts=tuple(prompts[:count]),
        )
        return planned.content(count), ""
    except GendivError as missing:
        return None, printable(str(missing))
