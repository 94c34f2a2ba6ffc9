"""`gendiv reward`: the samples of runs, scored by a reward model."""

from pathlib import Path
from typing import Any

import click

from ..benchmark.progress import Telling
from ..benchmark.rewarding.grading import grade_runs
from ..benchmark.rewarding.open import open_reward
from ..leaderboard.report import Report
from .options import json_option, note, print_json
from .reward_options import chosen_reward_options, reward_options

SPEC = (
    "hf:PATH_OR_HUB_ID, vllm:PATH_OR_HUB_ID (a server is started) or openai:URL#MODEL (a vLLM pooling server that is "
    "up): a sequence classifier of one label; or gold:TASK, the exact quality, in tasks that have one."
)


@click.command("reward")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@reward_options(SPEC, required=True)
@click.option(
    "--timeout", type=click.FloatRange(1), default=600.0, show_default=True, help="Seconds a request may take."
)
@click.option(
    "--api-key-variable", default="GENDIV_API_KEY", show_default=True, help="Environment variable with the key."
)
@json_option
def command(runs: tuple[Path, ...], reward: str, as_json: bool, **given: Any) -> None:  # noqa: ANN401  click's hand-over
    """Score every sample of each RUN by a reward model, and show the runs side by side.

    Scores are kept beside the samples, in RUN/grades/, and their mean is the metric `reward` in scores.json. What is
    scored already is not scored again, so the same command goes on after an interruption.
    """
    with Telling() as progress:
        graded = grade_runs(runs, open_reward(reward, chosen_reward_options(given, progress.note)), progress)
    report = Report.of(graded.runs)
    for line in graded.remarks():
        note(line)
    if as_json:
        counts = {name: getattr(graded, name) for name in ("scored", "shortened", "unscored")}
        print_json({**report.to_json(), "reward": {"metric": graded.metric.signature, **counts}})
    else:
        report.print()
