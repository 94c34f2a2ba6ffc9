"""`gendiv report`: runs side by side."""

from pathlib import Path

import click

from ..benchmark.run import Run
from ..leaderboard.report import Report
from .options import json_option, note, print_json


@click.command("report")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write report.md and the figures there.")
@click.option("--markdown", is_flag=True, help="Print Markdown in place of the terminal table.")
@json_option
def command(runs: tuple[Path, ...], out: Path | None, markdown: bool, as_json: bool) -> None:
    """Show runs side by side: one column a run, one row a metric and split, gaps, and figures with --out."""
    report = Report.of([Run.load(folder) for folder in runs])
    if out is not None:
        for path in report.write(out):
            note(f"wrote {path}")
    if as_json:
        print_json(report.to_json())
    elif markdown:
        click.echo(report.to_markdown())
    else:
        report.print()
