"""Finding tasks, metrics and sources by name: the bundled tables and other packages' entry points, as one."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TypeVar

from ..errors import BadInput
from ..metrics import METRICS, Metric, Profile
from ..metrics.released import RELEASED
from ..naming import nearest
from ..tasks import SUITES, TASKS, Split, Suite, Task
from ..tasks.taskfile import is_task_file, splits_of_file
from .judging.questions import Questions
from .judging.table import QUESTIONS
from .lm_eval.task import find_lm_eval_split, names_lm_eval_task
from .sources.source import Opener
from .sources.table import SOURCES

T = TypeVar("T")


@cache  # a search of all that is installed takes milliseconds, and a board asks for the names of strangers
def _plugins(group: str) -> Mapping[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=group):
        if point.name in found:
            raise BadInput(f"{group}: both {found[point.name].value} and {point.value} are named {point.name!r}")
        found[point.name] = point
    return found


def _find(kind: str, name: str, bundled: Mapping[str, T], wanted: type, called: str = "") -> T:
    """Return the `kind` called `name`; a plugin may add names, never replace a bundled one.

    Errors speak of a `kind`, or of what it is `called` where that is another word.
    """
    said = called or kind
    group = f"gendiv.{kind}s"
    plugins = _plugins(group)
    if clash := sorted(set(bundled) & set(plugins)):
        raise BadInput(f"{group}: {plugins[clash[0]].value} takes the name of the bundled {said} {clash[0]!r}")
    if name in bundled:
        return bundled[name]
    if name not in plugins:
        raise BadInput(f"no {said} is called {name!r}: {nearest(name, [*bundled, *plugins])}")
    item = plugins[name].load()
    fits = issubclass(item, wanted) if isinstance(item, type) else isinstance(item, wanted) or wanted is object
    if not fits:
        raise BadInput(f"{group}: {plugins[name].value} is no {said}: wanted {wanted.__name__}, found {item!r:.80}")
    return item  # type: ignore[no-any-return]  # checked on the line above


def find_metric(name: str, profile: Profile = "corrected") -> type[Metric]:
    """Return the metric class called `name`; the profile "as-released" has the published code's metrics alone."""
    if profile == "corrected":
        return _find("metric", name, METRICS, Metric)
    if name not in RELEASED:
        raise BadInput(f"the published code has no metric {name!r} (--profile as-released): {nearest(name, RELEASED)}")
    return RELEASED[name]


def find_task(name: str) -> Task:
    """Return the task called `name`."""
    return _find("task", name, TASKS, Task)


def find_suite(name: str) -> Suite:
    """Return the suite called `name`."""
    return _find("suite", name, SUITES, Suite)


def find_split(name: str, include_path: Path | None = None) -> tuple[Task, Split]:
    """Return the task and split that `TASK/SPLIT` names, or `lm-eval:NAME[=SHIFT]`."""
    if names_lm_eval_task(name):
        return find_lm_eval_split(name, include_path)
    task_name, slash, split_name = name.partition("/")
    if not slash:
        task = find_task(task_name)
        splits = ", ".join(map(task.full_name, task.splits))
        raise BadInput(f"--task takes TASK/SPLIT, found {name!r}: choose from {splits}")
    task = find_task(task_name)
    for split in task.splits:
        if split.name == split_name:
            return task, split
    raise BadInput(f"{task.name} has no split {split_name!r}: {nearest(split_name, [s.name for s in task.splits])}")


def find_splits(name: str, include_path: Path | None = None) -> list[tuple[Task, Split]]:
    """Return the splits that a name asks for: one as `TASK/SPLIT`, or those of a task file (see `is_task_file`)."""
    if not is_task_file(name):
        return [find_split(name, include_path)]
    return splits_of_file(name, taken=names("task"))


def find_opener(scheme: str) -> Opener:
    """Return what opens model specs that start with `scheme:`."""
    return _find("source", scheme, SOURCES, object)


def find_questions(name: str) -> Questions:
    """Return the set of questions called `name`, which says how a judge is asked."""
    return _find("judge", name, QUESTIONS, Questions, called="set of questions for judges")


def names(kind: str) -> list[str]:
    """Return every name of `kind` (metric, task, suite or judge), bundled first."""
    bundled: dict[str, Iterable[str]] = {"metric": METRICS, "task": TASKS, "suite": SUITES, "judge": QUESTIONS}
    return [*bundled[kind], *sorted(_plugins(f"gendiv.{kind}s"))]
