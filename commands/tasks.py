"""`gendiv tasks`: what can be asked, and what the prompts look like."""

from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ..benchmark.registry import find_splits, find_suite, find_task, names
from ..errors import BadInput, GendivError
from ..tasks import Format, Split, Task
from ..tasks.reading import read
from .options import json_option, print_json


@click.group("tasks", invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List the tasks with their splits, and the suites; `gendiv tasks show TASK/SPLIT` prints prompts.

    Nothing is fetched for the list: the number of prompts is the published one, and empty where that is not known.
    """
    if context.invoked_subcommand is not None:
        return
    tasks = [find_task(name) for name in names("task")]
    suites = [find_suite(name) for name in names("suite")]
    rows = [_listed(task, split) for task in tasks for split in task.splits]
    if as_json:
        described = [
            {
                "suite": suite.name,
                "description": suite.description,
                "splits": suite.splits,
                "metrics": suite.metrics,
                "prompts": suite.prompts,
            }
            for suite in suites
        ]
        print_json({"splits": rows, "suites": described})
        return
    console = Console()
    console.print(_table(tasks))
    for suite in suites:
        asked = "" if suite.prompts is None else f" The first {suite.prompts} prompts of each unless -n is given."
        console.print(f"\nsuite {suite.name}: {suite.description}{asked}", highlight=False)
        console.print(f"  splits:  {', '.join(suite.splits)}", highlight=False)
        console.print(f"  metrics: {', '.join(suite.metrics)}", highlight=False)


def _table(tasks: list[Task]) -> Table:
    table = Table("TASK/SPLIT", "shift", "prompts", "", box=None, header_style="bold")
    table.columns[0].no_wrap = True
    for task in tasks:
        table.add_row(f"[bold]{task.name}", "", "", f"{task.format}, {task.max_tokens} tokens, {task.licence}")
        for split in task.splits:
            size = _size(split)
            table.add_row(f"  /{split.name}", split.shift, "" if size is None else str(size), split.description)
    return table


def _listed(task: Task, split: Split) -> dict[str, Any]:
    return {
        "split": task.full_name(split),
        "shift": split.shift,
        "prompts": _size(split),
        "format": task.format,
        "max_tokens": task.max_tokens,
        "licence": split.data.licence if split.data else task.licence,
        "version": task.version,
        "description": split.description,
        "data": None if split.data is None else split.data.name,
        "revision": None if split.data is None else split.data.revision,
    }


def _size(split: Split) -> int | None:
    """Return how many prompts a split has, as far as that can be said without fetching data."""
    if split.data is not None or split.size is not None:
        return split.size
    try:
        return len(split.load())
    except GendivError:  # another package's split; `gendiv tasks show` says what is wrong
        return None


@command.command("show")
@click.argument("name", metavar="TASK/SPLIT")
@click.option(
    "-n", "count", type=click.IntRange(1), default=3, show_default=True, metavar="PROMPTS", help="The first so many."
)
@click.option(
    "--format", type=click.Choice(["chat", "raw"]), help="As a chat message or as plain text to be continued."
)
@json_option
def show(name: str, count: int, format: Format | None, as_json: bool) -> None:
    """Print prompts of a split as they are sent, with their references, and where they come from.

    TASK/SPLIT may also be FILE.yaml/SPLIT, a split of a task of your own.
    """
    found = find_splits(name)
    if len(found) > 1:
        splits = ", ".join(f"{name}/{split.name}" for _, split in found)
        raise BadInput(f"gendiv tasks show shows one split, found {name!r}: choose from {splits}")
    task, split = found[0]
    form = format or task.format
    prompts = list(split.load())
    origin = read(split.data).origin if split.data else None
    if as_json:
        print_json(
            {
                **_listed(task, split),
                "prompts": len(prompts),
                "format": form,
                "kind": split.kind,
                "stop": task.stop,
                "origin": None if origin is None else asdict(origin),
                "first": [
                    {"id": one.id, "prompt": one.text(form), "reference": one.reference, "shown": one.shown}
                    for one in prompts[:count]
                ],
            }
        )
        return
    about = split.description or task.description
    click.echo(f"{task.full_name(split)} ({split.shift}){f': {about}' if about else ''}")
    click.echo(f"{len(prompts)} prompts, format {form}, {task.max_tokens} tokens a sample, stop {_stop(task)}")
    click.echo(f"{split.data.licence if split.data else task.licence}; {origin or 'comes with gendiv'}")
    for prompt in prompts[:count]:
        click.echo(f"\n{click.style(f'--- {prompt.id}', bold=True)}\n{prompt.text(form)}")
        click.echo(f"{click.style('--- reference', bold=True)}\n{prompt.reference or '(none)'}")


def _stop(task: Task) -> str:
    return " ".join([*map(repr, task.stop), "end of sequence"])
