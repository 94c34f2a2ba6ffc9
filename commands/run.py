"""`gendiv run`: sample a model and score what it says."""

from pathlib import Path
from typing import Any

import click

from ..benchmark.open import open_source
from ..benchmark.plan import Plan, make_plan
from ..benchmark.progress import Telling
from ..benchmark.run import Job, default_folder, run_jobs
from ..benchmark.sources.source import SourceOptions
from ..leaderboard.report import Report
from .options import (
    decoding_of,
    decoding_options,
    include_path_option,
    json_option,
    metric_options,
    metric_specs,
    print_json,
)


@click.command("run")
@click.option(
    "--model", required=True, metavar="SPEC", help="vllm:PATH_OR_HUB_ID, openai:URL#MODEL or hf:PATH_OR_HUB_ID."
)
@click.option("--suite", metavar="NAME", help="Run all splits of a suite (see `gendiv tasks`).")
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="TASK/SPLIT",
    help="Run one split; may be given several times. lm-eval:NAME[=SHIFT] is a task of lm-eval.",
)
@include_path_option
@click.option(
    "-n", "prompts", type=int, metavar="PROMPTS", help="Take the first so many of each split; all unless given."
)
@click.option(
    "-k", "samples", type=int, default=16, show_default=True, metavar="SAMPLES", help="Samples for each prompt."
)
@decoding_options
@click.option("--seed", type=int, default=0, show_default=True, help="Of the run; every sample's seed derives from it.")
@click.option(
    "--format", type=click.Choice(["chat", "raw"]), help="Chat template or plain text; the task's own unless given."
)
@click.option("--chat-template", metavar="FILE", help="A Jinja template in place of the checkpoint's own.")
@click.option("--adapter", metavar="DIR", help="A LoRA adapter on top of the model.")
@click.option(
    "--dtype", type=click.Choice(["auto", "float32", "float16", "bfloat16"]), default="auto", show_default=True
)
@metric_options("[default: the suite's own]")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="The run folder; under runs/ unless given.")
@click.option("--label", metavar="NAME", help="What tables call the model; its own name unless given.")
@click.option("--concurrency", type=click.IntRange(1), metavar="N", help="Ceiling of requests under way at once.")
@click.option(
    "--timeout", type=click.FloatRange(1), default=600.0, show_default=True, help="Seconds a request may take."
)
@click.option(
    "--api-key-variable", default="GENDIV_API_KEY", show_default=True, help="Environment variable with the key."
)
@json_option
@click.argument("server_args", nargs=-1, type=click.UNPROCESSED, metavar="[-- SERVER_FLAGS]")
def command(model: str, concurrency: int | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401  click's hand-over
    """Sample a model K times for each prompt, keep every sample, report diversity with intervals.

    The run folder holds run.json, samples/ and scores.json, and the same command again goes on in it. What follows a
    lone -- goes to the vLLM server:

        gendiv run --model vllm:ORG/NAME --suite mini -- --tensor-parallel-size 2
    """
    plan = _plan(given)
    with Telling() as progress:
        source = open_source(model, _options(given, progress.note))
        folder = given["out"] or default_folder(model, plan)
        run = run_jobs([Job(plan, folder, given["label"])], source, most_under_way=concurrency, progress=progress)[0]
    report = Report.of([run])
    if as_json:
        print_json(report.to_json())
    else:
        report.print()
        click.echo(f"\n{folder} holds the samples and scores; show it again with: gendiv report {folder}")


def _plan(given: dict[str, Any]) -> Plan:
    names = ("suite", "tasks", "include_path", "prompts", "samples", "format", "sbert_model", "nli_model", "seed")
    return make_plan(decoding=decoding_of(given), metrics=metric_specs(given), **{name: given[name] for name in names})


def _options(given: dict[str, Any], log: Any) -> SourceOptions:  # noqa: ANN401  click's hand-over
    names = ("adapter", "chat_template", "dtype", "server_args", "timeout", "api_key_variable")
    return SourceOptions(log=log, **{name: given[name] for name in names})
