"""`gendiv gap`: what a model loses out of distribution, and whether another one loses more."""

from pathlib import Path

import click

from ..benchmark.generalisation.gap_differences import gap_differences
from ..benchmark.generalisation.gaps import gaps
from ..benchmark.progress import Telling
from ..benchmark.run import Run
from ..leaderboard.gaps import gap_differences_to_markdown, gaps_to_markdown, print_gap_differences, print_gaps
from .options import json_option, print_json


@click.command("gap")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("other", required=False, type=click.Path(path_type=Path), metavar="[OTHER]")
@click.option(
    "--metrics",
    multiple=True,
    metavar="NAME,...",
    help="Of those that the runs have scores of, by name or with the settings that signatures show. [default: all]",
)
@click.option(
    "--independent", is_flag=True, help="With OTHER: take the scores as they stand, and compute nothing anew."
)
@click.option("--markdown", is_flag=True, help="Print Markdown in place of the terminal table.")
@json_option
def command(
    run: Path, other: Path | None, metrics: tuple[str, ...], independent: bool, markdown: bool, as_json: bool
) -> None:
    """Print the generalisation gap of RUN: each score in distribution minus the same score out of it.

    Every task of the run with a split in distribution (id) and one out of it (near, far) has gaps, absolute and as a
    share of the score in distribution, with 95% intervals and p-values after Holm's correction. They are computed from
    scores.json alone.

    With OTHER, a second run: RUN's gaps minus OTHER's, paired on the prompts that both have.
    """
    only = [name.strip() for names in metrics for name in names.split(",") if name.strip()]
    first = Run.load(run)
    if other is None:
        found = gaps(first, only)
        if as_json:
            print_json({"schema": 1, "run": str(run), "gaps": [gap.to_json() for gap in found]})
        elif markdown:
            click.echo(gaps_to_markdown(found, first), nl=False)
        else:
            print_gaps(found, first)
        return
    second = Run.load(other)
    with Telling() as progress:
        differences = gap_differences(first, second, only, pairing=not independent, tell=progress.note)
    if as_json:
        rows = [one.to_json() for one in differences]
        print_json({"schema": 1, "first": str(run), "second": str(other), "differences": rows})
    elif markdown:
        click.echo(gap_differences_to_markdown(differences, first, second), nl=False)
    else:
        print_gap_differences(differences, first, second)
