"""`gendiv doctor`: what works here, and what would bring the rest."""

import sys
from dataclasses import asdict

import click

from ..benchmark.doctor import examine
from ..benchmark.environment import environment
from .options import json_option, note, print_json

MARKS = {"works": "[green]works[/]", "missing": "[yellow]missing[/]", "broken": "[red]broken[/]"}


@click.command("doctor")
@json_option
def command(as_json: bool) -> None:
    """Say what is installed, what is missing, and the command that brings it; exit 1 if something is broken."""
    note("importing each package in a process of its own; heavy ones take up to a minute")
    findings, machine = examine(), environment()
    if as_json:
        print_json({"machine": machine.model_dump(mode="json"), "findings": [asdict(finding) for finding in findings]})
    else:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table("for", "package", "state", box=None, header_style="bold")
        for finding in findings:
            table.add_row(finding.purpose, finding.package, MARKS[finding.state])
        console = Console()
        gpus = ", ".join(machine.gpus) or "no GPU"
        console.print(
            f"Python {machine.python}, {machine.cores} cores, {machine.memory_gib} GiB, {gpus}\n", highlight=False
        )
        console.print(table)
        for finding in findings:
            if finding.remedy:
                line = f"\n{finding.purpose}: {finding.package}: {finding.detail}\n  {finding.remedy}"
                console.print(escape(line), highlight=False, soft_wrap=True)
    if any(finding.state == "broken" for finding in findings):
        sys.exit(1)
