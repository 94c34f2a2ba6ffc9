"""`gendiv train reward`: a reward model from ranked answers."""

from pathlib import Path
from typing import Any

import click

from ...benchmark.progress import Telling
from ...benchmark.train.reward import RewardSettings, train_reward
from ...benchmark.train.rows import find_rankings, held_out_rankings
from ..options import json_option
from . import checkpoint_options, print_outcome, settings_of, settings_options

HELD_OUT = "JSONL that is measured, not trained on, and its name, validation unless given; repeatable."
MODEL = "A causal language model, say from gendiv train sft, or a classifier of one label: a folder or a hub id."


@click.command("reward")
@checkpoint_options(MODEL, "prompt, chosen and rejected")
@click.option("--held-out", multiple=True, metavar="[NAME=]FILE", help=HELD_OUT)
@settings_options(RewardSettings)
@json_option
def command(
    model: str,
    data: tuple[str, ...],
    out: Path,
    held_out: tuple[str, ...],
    as_json: bool,
    **given: Any,  # noqa: ANN401  click's hand-over
) -> None:
    """Train a reward model from MODEL on the ranked answers in DATA; the checkpoint is written to OUT.

    Its accuracy is measured on each part that is held out, in and out of distribution. Scores are normalised on the
    first of them. The same command on the same OUT goes on after an interruption, with the same weights in the end.
    """
    settings = settings_of(RewardSettings, given)
    rows, parts = find_rankings(data), held_out_rankings(data, held_out)
    with Telling() as progress:
        outcome = train_reward(model, rows, out=out, held_out=parts, settings=settings, progress=progress)
    print_outcome(outcome, as_json=as_json)
