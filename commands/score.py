"""`gendiv score`: numbers from samples that are already there."""

from pathlib import Path

import click

from ..benchmark.progress import Telling
from ..benchmark.run import Run, score_samples
from ..benchmark.scoring import MODEL_FREE_METRICS, parse_metrics
from ..leaderboard.report import Report, print_results
from .options import json_option, print_json


@click.command("score")
@click.argument("samples", type=click.Path(path_type=Path), metavar="SAMPLES")
@click.option("--metrics", multiple=True, metavar="NAME,...", help=f"[default: {','.join(MODEL_FREE_METRICS)}]")
@click.option("--sbert-model", metavar="MODEL", help="Sentence encoder: a hub id, a path, or minilm (packaged).")
@json_option
def command(samples: Path, metrics: tuple[str, ...], sbert_model: str | None, as_json: bool) -> None:
    """Score SAMPLES: a run folder, whose scores.json is brought up to date, or a JSONL file.

    The rows of a file are {"id": ..., "prompt": ..., "samples": [...]}, one for each input.
    """
    with Telling() as progress:
        scores = score_samples(samples, parse_metrics(metrics, sbert_model), progress)
    if as_json:
        print_json(scores.model_dump(mode="json", by_alias=True))
    elif samples.is_dir():
        Report.of([Run.load(samples)]).print()
    else:
        print_results(scores.results)
