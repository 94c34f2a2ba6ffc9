"""`gendiv distance`: how far out of distribution a split is."""

import click

from ..benchmark.generalisation.distances import MEASURES, PROMPTS, choose_measures, distances
from ..benchmark.generalisation.shown import shown_pairs
from ..benchmark.progress import Telling
from ..leaderboard.distances import distances_to_markdown, print_distances
from ..metrics.mmd import MMD
from .options import json_option, print_json


@click.command("distance")
@click.argument("splits", nargs=-1, metavar="[SPLIT]...")
@click.option("--task", "tasks", multiple=True, metavar="NAME", help="Its split in distribution to each one out of it.")
@click.option("--suite", metavar="NAME", help="The same for every task of a suite.")
@click.option(
    "-n",
    "prompts",
    type=click.IntRange(1),
    default=PROMPTS,
    show_default=True,
    metavar="PROMPTS",
    help="The first so many of each split.",
)
@click.option(
    "--measure", "measures", type=click.Choice(list(MEASURES)), multiple=True, help="One of the two. [default: both]"
)
@click.option(
    "--sbert-model",
    default=MMD.model,
    show_default=True,
    metavar="MODEL",
    help="Sentence encoder of mmd: a hub id, a path, or minilm.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the relabellings behind the p-value of mmd.")
@click.option("--markdown", is_flag=True, help="Print Markdown in place of the terminal table.")
@json_option
def command(
    splits: tuple[str, ...],
    tasks: tuple[str, ...],
    suite: str | None,
    prompts: int,
    measures: tuple[str, ...],
    sbert_model: str,
    seed: int,
    markdown: bool,
    as_json: bool,
) -> None:
    """Measure how far splits are from each other: what their prompts are about (mmd), and their wording (novelty).

    SPLIT is TASK/SPLIT, or RUN:TASK/SPLIT in a run folder; the first one is measured to each of the others. A run
    folder alone, a task or a suite measures from each split in distribution to those of its task that are out of it.
    """
    between = shown_pairs(splits, tasks, suite, prompts)
    with Telling() as progress:
        wanted = choose_measures(between, measures, sbert_model=sbert_model, seed=seed)
        found = distances(between, wanted, progress.note)
    if as_json:
        print_json({"schema": 1, "distances": [one.to_json() for one in found]})
    elif markdown:
        click.echo(distances_to_markdown(found), nl=False)
    else:
        print_distances(found)
