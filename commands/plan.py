"""`gendiv plan`: how many prompts and samples a run needs."""

from pathlib import Path

import click

from ..benchmark.planning.sizes import POWERS, plan_sizes
from ..benchmark.run import Run
from ..leaderboard.sizes import print_plans
from .options import json_option, print_json


@click.command("plan")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--detect", type=float, required=True, metavar="D", help="The difference to be seen, in the metric's unit."
)
@click.option(
    "--metric",
    default="ead",
    show_default=True,
    metavar="NAME[:SETTING=VALUE...]",
    help="As the run has scores of it, grades of a judge or a reward model included, or as --metrics takes it.",
)
@click.option("--level", type=click.Choice(["per_input", "across_input"]), default="per_input", show_default=True)
@click.option(
    "--power",
    "powers",
    type=float,
    multiple=True,
    default=POWERS,
    show_default=True,
    metavar="P",
    help="Chance of seeing it.",
)
@click.option(
    "--paired-with",
    type=click.Path(path_type=Path),
    metavar="OTHER",
    help="A pilot of another model on the same prompts, to measure what pairing saves.",
)
@click.option("--task", "tasks", multiple=True, metavar="NAME", help="Plan this task; all of the run's unless given.")
@json_option
def command(
    run: Path,
    detect: float,
    metric: str,
    level: str,
    powers: tuple[float, ...],
    paired_with: Path | None,
    tasks: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say how many prompts (-n) and samples (-k) a run needs to see a difference D, from RUN, a pilot.

    For K = 1 to 32 samples a prompt: the prompts for one score whose interval is no wider than +- D, for the paired
    difference of two models, and for the gap of two splits; and what all that takes in samples.
    """
    other = Run.load(paired_with) if paired_with is not None else None
    plans = plan_sizes(
        Run.load(run),
        detect,
        metric=metric,
        level="per_input" if level == "per_input" else "across_input",
        powers=powers,
        other=other,
        tasks=tasks,
    )
    if as_json:
        paired = None if paired_with is None else str(paired_with)
        print_json({"schema": 1, "run": str(run), "paired_with": paired, "plans": [plan.to_json() for plan in plans]})
    else:
        print_plans(plans, str(paired_with) if paired_with else None)
