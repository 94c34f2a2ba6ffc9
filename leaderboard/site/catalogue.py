"""The pages of metrics and tasks: what the tables of a board are about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...benchmark.generalisation.gaps import metric_class
from ...benchmark.registry import find_task
from ...errors import GendivError
from ...tasks import TASKS, Task
from .card_parts import card_parts
from .entry import Entry, shift_of
from .folder import SiteFolder
from .planes import Plane
from .slugs import slug
from .views import View

Render = Callable[..., str]
"""Fills in a template."""


@dataclass(frozen=True)
class SplitOfTask:
    """A row of the table of a task's splits."""

    name: str
    shift: str
    models: int
    description: str


def write_metrics(site: SiteFolder, render: Render, views: Sequence[View]) -> None:
    """Write a page for each metric of the board, and their list."""
    by_metric: dict[str, list[View]] = {}
    for view in views:
        by_metric.setdefault(view.metric, []).append(view)
    for name, some in by_metric.items():
        known = metric_class(name)
        page = render("metric.html", root="../", here="", name=name, card=known and card_parts(known), views=some)
        site.write(f"metrics/{slug(name)}.html", page)
    names = [(name, len(some)) for name, some in by_metric.items()]
    site.write("metrics/index.html", render("metrics.html", root="../", here="metrics/index.html", names=names))


def write_tasks(
    site: SiteFolder, render: Render, entries: Sequence[Entry], views: Sequence[View], planes: Sequence[Plane]
) -> None:
    """Write a page for each task of the board, and their list."""
    having: dict[str, dict[str, list[Entry]]] = {}
    for entry in entries:
        for split in entry.splits:
            having.setdefault(split.rpartition("/")[0], {}).setdefault(split, []).append(entry)
    listed = []
    for name, splits in having.items():
        task = _known(name)
        descriptions = {task.full_name(split): split.description for split in task.splits} if task else {}
        rows = [
            SplitOfTask(split, shift_of(split, models), len(models), descriptions.get(split, ""))
            for split, models in splits.items()
        ]
        page = render(
            "task.html",
            root="../",
            here="",
            name=name,
            task=task,
            splits=rows,
            views=[view for view in views if view.split in splits],
            quality=any(plane.task == name for plane in planes) or all(row.shift == "id" for row in rows),
        )
        site.write(f"tasks/{slug(name)}.html", page)
        listed.append((name, task.description if task else ""))
    site.write("tasks/index.html", render("tasks.html", root="../", here="tasks/index.html", tasks=listed))


def _known(name: str) -> Task | None:
    if name in TASKS:
        return TASKS[name]
    try:
        return find_task(name)
    except GendivError:
        return None
