"""`gendiv tasks`: what can be asked."""

import click
from rich.console import Console
from rich.table import Table

from ..benchmark.registry import find_suite, find_task, names
from .options import json_option, print_json


@click.command("tasks")
@json_option
def command(as_json: bool) -> None:
    """List the tasks with their splits, and the suites."""
    tasks = [find_task(name) for name in names("task")]
    suites = [find_suite(name) for name in names("suite")]
    rows = [
        {
            "split": task.full_name(split),
            "shift": split.shift,
            "prompts": len(split.load()),
            "format": task.format,
            "max_tokens": task.max_tokens,
            "licence": task.licence,
            "version": task.version,
            "description": split.description,
        }
        for task in tasks
        for split in task.splits
    ]
    if as_json:
        described = [
            {"suite": s.name, "description": s.description, "splits": s.splits, "metrics": s.metrics} for s in suites
        ]
        print_json({"splits": rows, "suites": described})
        return
    table = Table("split", "shift", "prompts", "format", "licence", "description", box=None, header_style="bold")
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("split", "shift", "prompts", "format", "licence", "description")))
    console = Console()
    console.print(table)
    for suite in suites:
        console.print(f"\nsuite {suite.name}: {suite.description}", highlight=False)
        console.print(f"  splits:  {', '.join(suite.splits)}", highlight=False)
        console.print(f"  metrics: {', '.join(suite.metrics)}", highlight=False)
