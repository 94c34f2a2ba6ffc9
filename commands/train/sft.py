"""`gendiv train sft`: a language model that imitates demonstrations."""

from pathlib import Path
from typing import Any

import click

from ...benchmark.progress import Telling
from ...benchmark.train.rows import find_demonstrations, held_out_demonstrations
from ...benchmark.train.sft import SFTSettings, train_sft
from ..options import json_option
from . import checkpoint_options, print_outcome, settings_of, settings_options


@click.command("sft")
@checkpoint_options("A causal language model: a folder, or a hub id with @revision.", "prompt and completion")
@click.option("--held-out", multiple=True, metavar="FILE", help="JSONL that is measured, not trained on; repeatable.")
@settings_options(SFTSettings)
@json_option
def command(
    model: str,
    data: tuple[str, ...],
    out: Path,
    held_out: tuple[str, ...],
    as_json: bool,
    **given: Any,  # noqa: ANN401  click's hand-over
) -> None:
    """Fine-tune MODEL on the demonstrations in DATA; the checkpoint is written to OUT.

    The loss is on completions alone. The same command on the same OUT goes on after an interruption, with the same
    weights in the end. `accelerate launch -m gendiv train sft ...` trains with several processes.
    """
    settings = settings_of(SFTSettings, given)
    rows, tests = find_demonstrations(data), held_out_demonstrations(data, held_out)
    with Telling() as progress:
        outcome = train_sft(model, rows, out=out, held_out=tests, settings=settings, progress=progress)
    print_outcome(outcome, as_json=as_json)
