"""`gendiv export lm-eval`: our splits as tasks of lm-eval."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...benchmark.lm_eval.export import Exported, export_tasks, needs_samples_alone
from ...benchmark.plan import make_plan
from ..options import (
    decoding_of,
    decoding_options,
    include_path_option,
    json_option,
    metric_options,
    metric_specs,
    note,
    print_json,
)


@click.command("lm-eval")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--suite", metavar="NAME", help="All splits of a suite (see `gendiv tasks`).")
@click.option("--task", "tasks", multiple=True, metavar="TASK/SPLIT", help="One split; may be given several times.")
@include_path_option
@click.option(
    "-n", "prompts", type=int, metavar="PROMPTS", help="Take the first so many of each split; all unless given."
)
@click.option(
    "-k", "samples", type=int, default=16, show_default=True, metavar="SAMPLES", help="Samples for each prompt."
)
@decoding_options
@click.option(
    "--format", type=click.Choice(["chat", "raw"]), help="Chat template or plain text; the task's own unless given."
)
@metric_options("[default: the suite's own]")
@json_option
def command(folder: Path, as_json: bool, **given: Any) -> None:  # noqa: ANN401  click's hand-over
    """Write splits as tasks that `lm_eval --include_path DIR --tasks gendiv_...` runs.

    DIR receives a YAML file and the prompts of each split, groups of them, and a module with the metrics. It can be
    moved; where it is run, gendiv must be installed. What lm-eval prints is what `gendiv score` finds in its logs.
    """
    names = ("suite", "tasks", "include_path", "prompts", "samples", "format", "sbert_model", "nli_model")
    plan = make_plan(decoding=decoding_of(given), metrics=metric_specs(given), **{name: given[name] for name in names})
    if not (given["metrics"] or given["own_metrics"]):
        fit = tuple(filter(needs_samples_alone, plan.metrics))
        for metric in set(plan.metrics) - set(fit):
            note(f"left out: {metric.name}, which needs more than samples")
        plan = replace(plan, metrics=fit)
    exported = export_tasks(plan, folder)
    if as_json:
        print_json(_to_json(exported))
        return
    prompts = sum(task.prompts for task in exported.tasks)
    note(
        f"wrote {len(exported.tasks)} tasks with {prompts} prompts to {folder}, {exported.samples} samples each; next:"
    )
    click.echo("\n".join(exported.commands()))


def _to_json(exported: Exported) -> dict[str, object]:
    return {
        "schema": 1,
        "folder": str(exported.folder),
        "samples_per_prompt": exported.samples,
        "tasks": [vars(task) for task in exported.tasks],
        "groups": dict(exported.groups),
        "metrics": dict(exported.results),
        "commands": exported.commands(),
    }
