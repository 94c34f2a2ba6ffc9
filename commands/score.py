"""`gendiv score`: numbers from samples that are already there."""

from pathlib import Path
from typing import Any

import click

from ..benchmark.choosing import MODEL_FREE_METRICS, choose_metrics
from ..benchmark.formats import FORMATS
from ..benchmark.formats.row import Bad
from ..benchmark.progress import Telling
from ..benchmark.run import Run
from ..benchmark.scores import score_samples
from ..leaderboard.report import Report, print_results
from .options import json_option, metric_options, metric_specs, note, print_json


@click.command("score")
@click.argument("samples", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SAMPLES...")
@metric_options(f"[default: {','.join(MODEL_FREE_METRICS['corrected'])}]")
@click.option(
    "--profile",
    type=click.Choice(list(MODEL_FREE_METRICS)),
    default="corrected",
    show_default=True,
    help="as-released repeats the arithmetic of the published code, defects and all.",
)
@click.option("--format", type=click.Choice(list(FORMATS)), help="Of the files; each tells unless given.")
@click.option("--skip-bad", is_flag=True, help="Leave malformed rows out and count them; else the first one stops.")
@json_option
def command(samples: tuple[Path, ...], as_json: bool, skip_bad: bool, **given: Any) -> None:  # noqa: ANN401
    """Score SAMPLES: a run folder, whose scores.json is brought up to date, or files of anybody's samples.

    The rows of a plain file are {"id": ..., "prompt": ..., "samples": [...]}, one for each input; sample logs of
    lm-eval, alpaca_eval, inspect_ai and lighteval are read too. Of several files, the samples of the same input are
    put together.
    """
    profile, bad = given["profile"], Bad(skip=skip_bad)
    metrics = choose_metrics(
        metric_specs(given),
        profile=profile,
        sbert_model=given["sbert_model"],
        nli_model=given["nli_model"],
    )
    with Telling() as progress:
        scores = score_samples(samples, metrics, profile=profile, format=given["format"], bad=bad, progress=progress)
    if bad.count:
        note(str(bad))
    if as_json:
        print_json(scores.model_dump(mode="json", by_alias=True))
    elif scores.samples is not None:
        Report.of([Run.load(samples[0])]).print()
    else:
        print_results(scores.results)
