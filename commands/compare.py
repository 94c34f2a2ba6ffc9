"""`gendiv compare`: how two models differ on the same inputs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ..benchmark.choosing import MODEL_FREE_METRICS, choose_metrics
from ..benchmark.comparing import compare_samples
from ..leaderboard.differences import print_differences
from .options import json_option, metric_options, metric_specs, print_json


@click.command("compare")
@click.argument("first", type=click.Path(path_type=Path), metavar="A")
@click.argument("second", type=click.Path(path_type=Path), metavar="B")
@metric_options(f"[default: {','.join(MODEL_FREE_METRICS['corrected'])}]")
@json_option
def command(first: Path, second: Path, as_json: bool, **given: Any) -> None:  # noqa: ANN401
    """Compare A with B, each a run folder or a file of samples: paired differences, A minus B.

    Inputs are paired by id. Each difference has its 95% interval, and a p-value after Holm's correction for the number
    of differences shown.
    """
    metrics = choose_metrics(
        metric_specs(given),
        sbert_model=given["sbert_model"],
        nli_model=given["nli_model"],
    )
    found = compare_samples([first], [second], metrics)
    if as_json:
        print_json({"schema": 1, "first": str(first), "second": str(second), "differences": list(map(asdict, found))})
    else:
        print_differences(found, str(first), str(second))
