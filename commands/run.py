"""`gendiv run`: sample a model and score what it says."""

from pathlib import Path
from typing import Any

import click

from ..benchmark.judging.record import to_json
from ..benchmark.open import open_source
from ..benchmark.plan import Plan, make_plan
from ..benchmark.progress import Telling
from ..benchmark.rewarding.best_of import BestOf, check_sizes
from ..benchmark.rewarding.open import open_reward
from ..benchmark.run import Job, Run, default_folder, run_jobs
from ..benchmark.sources.source import Source, SourceOptions
from ..errors import BadInput
from ..leaderboard.judgements import print_judgements
from ..leaderboard.report import Report
from .judging import Judging, judging_options, require_answers
from .options import (
    decoding_of,
    decoding_options,
    include_path_option,
    json_option,
    metric_options,
    metric_specs,
    note,
    print_json,
    selection_options,
)
from .reward_options import chosen_reward_options, refuse_reward_options, reward_options


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
    help="Run one split; may be given several times. FILE.yaml is a task of your own, FILE.yaml/SPLIT a split of it; "
    "lm-eval:NAME[=SHIFT] is a task of lm-eval.",
)
@include_path_option
@click.option(
    "-n",
    "prompts",
    type=int,
    metavar="PROMPTS",
    help="Take so many of each split; the suite's own number unless given, or all.",
)
@selection_options
@click.option(
    "-k", "samples", type=int, default=16, show_default=True, metavar="SAMPLES", help="Samples for each prompt."
)
@decoding_options
@click.option("--seed", type=int, default=0, show_default=True, help="Of the run; every sample's seed derives from it.")
@click.option(
    "--format", type=click.Choice(["chat", "raw"]), help="Chat template or plain text; the task's own unless given."
)
@click.option("--chat-template", metavar="FILE", help="A Jinja template in place of the checkpoint's own.")
@click.option(
    "--best-of",
    type=int,
    metavar="N",
    help="Each sample is the best of N draws by --reward (the paper: 16, at --temperature 0.7).",
)
@click.option(
    "--pool",
    type=int,
    metavar="M",
    help="With --best-of: M draws a prompt, shared by its samples, in place of N for each sample.",
)
@reward_options(
    "With --best-of: hf:PATH_OR_HUB_ID, vllm:PATH_OR_HUB_ID, openai:URL#MODEL or gold:TASK; easiest is hf:."
)
@click.option("--adapter", metavar="DIR", help="A LoRA adapter on top of the model.")
@click.option(
    "--dtype", type=click.Choice(["auto", "float32", "float16", "bfloat16"]), default="auto", show_default=True
)
@metric_options("[default: the suite's own]")
@judging_options
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

    With --best-of the model is that model together with a reward model, and samples are what both come to:

        gendiv run --model vllm:ORG/NAME --suite mini --best-of 16 --reward hf:ORG/REWARD --temperature 0.7
    """
    plan = _plan(given)
    with Telling() as progress:
        source = _source(model, given, progress.note)
        judging = Judging.of(given, plan, progress)
        folder = given["out"] or default_folder(source.spec if given["best_of"] else model, plan)
        run = run_jobs([Job(plan, folder, given["label"])], source, most_under_way=concurrency, progress=progress)[0]
        judgements = judging.of_run(folder) if judging else []
    if isinstance(source, BestOf) and source.shortened:
        note(f"{source.shortened} draws were, with their prompt, too long for the reward model; it read their ends")
    report = Report.of([Run.load(folder) if judging else run])
    if as_json:
        judged = {"judgements": list(map(to_json, judgements))} if judging else {}
        print_json({**report.to_json(), **judged})
    else:
        report.print()
        print_judgements(judgements)
        click.echo(f"\n{folder} holds the samples and scores; show it again with: gendiv report {folder}")
    require_answers(judgements)


def _plan(given: dict[str, Any]) -> Plan:
    names = (
        "suite",
        "tasks",
        "include_path",
        "prompts",
        "select",
        "select_seed",
        "samples",
        "format",
        "sbert_model",
        "nli_model",
        "seed",
    )
    return make_plan(decoding=decoding_of(given), metrics=metric_specs(given), **{name: given[name] for name in names})


def _source(model: str, given: dict[str, Any], log: Any) -> Source:  # noqa: ANN401  click's hand-over
    """Return the model, or the best of N by a reward model."""
    n, pool, reward = given["best_of"], given["pool"], given["reward"]
    if n is None:
        if pool is not None:
            raise BadInput("--pool goes with --best-of N, which says how many of the draws compete")
        if reward is not None:
            raise BadInput(
                "--reward goes with --best-of N; the samples of a run that is there: gendiv reward RUN --reward SPEC"
            )
        refuse_reward_options(given, "they go with --best-of N")
        return open_source(model, _options(given, log))
    if reward is None:
        raise BadInput(f"--best-of {n} needs a reward model to choose by: --reward hf:PATH_OR_HUB_ID")
    check_sizes(n, pool)
    base = open_source(model, _options(given, log))
    return BestOf(base, open_reward(reward, chosen_reward_options(given, log)), n, pool)


def _options(given: dict[str, Any], log: Any) -> SourceOptions:  # noqa: ANN401  click's hand-over
    names = ("adapter", "chat_template", "dtype", "server_args", "timeout", "api_key_variable")
    return SourceOptions(log=log, **{name: given[name] for name in names})
