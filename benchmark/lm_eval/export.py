"""Our splits as tasks of lm-eval: YAML files, their prompts, and a module with the metrics, in one folder."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import BadInput, StoreFailed
from ...metrics import Graded, Metric, QualityMetric
from ...version import __version__
from ..choosing import choose_metrics
from ..decoding import Decoding
from ..plan import Plan, PlannedSplit
from ..result_name import result_name
from ..store import make_folder, write_whole

MODULE: Final = "gendiv_metrics"
"""The Python module beside the tasks, by which they find prompts and metrics wherever the folder is."""

FILTER: Final = "all"
"""What lm-eval calls a result of all K samples: without a filter it keeps the first one."""


@dataclass(frozen=True)
class ExportedTask:
    """One split as a task of lm-eval."""

    task: str
    split: str
    format: str
    prompts: int


@dataclass(frozen=True)
class Exported:
    """A folder of tasks.

    Attributes:
        folder: what `lm_eval --include_path` takes.
        tasks: one a split.
        groups: names that `--tasks` takes for several tasks: one for each of our tasks, one for the suite; a suite
            whose prompts go out in both formats has two, because lm-eval applies a chat template to all tasks or none.
        samples: K, samples for each prompt.
        results: by the names that lm-eval prints, the metric's signature.
    """

    folder: Path
    tasks: tuple[ExportedTask, ...]
    groups: Mapping[str, tuple[str, ...]]
    samples: int
    results: Mapping[str, str]

    def commands(self, model: str = "--model hf --model_args pretrained=MODEL") -> list[str]:
        """Return the lm-eval commands that run every task, one for each format."""
        found = []
        for format, flag in (("raw", ""), ("chat", " --apply_chat_template")):
            if names := [task.task for task in self.tasks if task.format == format]:
                whole = next((group for group, members in self.groups.items() if set(members) == set(names)), None)
                found.append(
                    f"lm_eval run {model} --include_path {shlex.quote(str(self.folder))}"
                    f" --tasks {whole or ','.join(names)}{flag} --log_samples --output_path OUT"
                )
        return found


def export_tasks(plan: Plan, folder: Path) -> Exported:
    """Write the splits of a plan as tasks of lm-eval.

    The tasks find their prompts and metrics by a module beside them (lm-eval's `custom_dataset`), so the folder can be
    moved; where they run, gendiv must be installed.

    Raises:
        BadInput: a metric needs more than samples, or two splits would have one name.
        StoreFailed: the folder cannot be written, or holds tasks of another export.
    """
    results = _results(plan.metrics)
    names = {split.name: task_name(split.name) for split in plan.splits}
    if len(set(names.values())) < len(names):
        raise BadInput(f"two of the splits would have one name in lm-eval: {', '.join(names)}; export them apart")
    groups = _groups(plan, names)
    files = {f"{MODULE}.py": _module(plan)}
    for split in plan.splits:
        name = names[split.name]
        files[f"{name}.yaml"] = _yaml(_task(name, split, plan), _how(split))
        files[f"{name}.jsonl"] = "".join(json.dumps(line) + "\n" for line in _prompts(split))
    for name, members in groups.items():
        files[f"{name}.yaml"] = _yaml({"group": name, "task": list(members)})
    _write(folder, files)
    tasks = tuple(
        ExportedTask(names[split.name], split.name, split.format, len(split.prompts)) for split in plan.splits
    )
    return Exported(folder, tasks, groups, plan.samples_per_prompt, results)


def needs_samples_alone(metric: Metric) -> bool:
    """Tell whether a metric can be computed inside lm-eval, which knows nothing of grades and qualities."""
    return not isinstance(metric, Graded | QualityMetric)


def task_name(split: str) -> str:
    """Return what lm-eval calls a split.

    >>> task_name("mini-summarisation/news")
    'gendiv_mini-summarisation_news'
    """
    return "gendiv_" + re.sub(r"[^\w.+-]+", "_", split)


def generation_settings(decoding: Decoding) -> dict[str, object]:
    """Return a decoding as lm-eval's `generation_kwargs`, whole, in names that hf, vllm and servers all know.

    `top_k` 0 is off for each of them; the penalties that transformers does not know are left out while they are off;
    and `seed: null` keeps lm-eval's API backends from sending one seed with every request, which makes K samples equal.
    """
    settings: dict[str, object] = {
        "do_sample": decoding.temperature > 0,
        "temperature": decoding.temperature,
        "top_p": decoding.top_p,
        "top_k": decoding.top_k or 0,
        "min_p": decoding.min_p,
        "repetition_penalty": decoding.repetition_penalty,
        "max_gen_toks": decoding.max_tokens,
        "until": list(decoding.stop),
        "seed": None,
    }
    penalties = {name: getattr(decoding, name) for name in ("presence_penalty", "frequency_penalty")}
    return settings | {name: value for name, value in penalties.items() if value}


def _results(metrics: Sequence[Metric]) -> dict[str, str]:
    for metric in metrics:
        if not needs_samples_alone(metric):
            raise BadInput(
                f"metric {metric.name!r} needs more than samples, which is all that lm-eval gives it; leave it "
                "out of --metrics"
            )
        try:
            rebuilt = choose_metrics([metric.signature], profile=metric.profile)
        except BadInput:
            rebuilt = ()
        if rebuilt != (metric,):
            raise BadInput(f"metric {metric.name!r} is not installed as a plugin, so lm-eval would not find it")
    return {result_name(metric, level, metrics): metric.signature for metric in metrics for level in metric.levels}


def _groups(plan: Plan, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    formats = list(dict.fromkeys(split.format for split in plan.splits))
    groups: dict[str, list[str]] = {}
    for split in plan.splits:
        if plan.suite:
            group = task_name(plan.suite if len(formats) == 1 else f"{plan.suite}/{split.format}")
            groups.setdefault(group, []).append(names[split.name])
    for split in plan.splits:
        group = task_name(split.name.rpartition("/")[0])
        if group not in names.values() and names[split.name] not in groups.get(group, ()):
            groups.setdefault(group, []).append(names[split.name])
    return {group: tuple(members) for group, members in groups.items()}


def _prompts(split: PlannedSplit) -> list[dict[str, str | None]]:
    return [{"id": asked.id, "prompt": asked.text, "reference": asked.reference} for asked in split.asked()]


def _how(split: PlannedSplit) -> str:
    flag = "with --apply_chat_template" if split.format == "chat" else "without a chat template"
    return f"# {split.name}, written by gendiv {__version__}. Run {flag}."


def _task(name: str, split: PlannedSplit, plan: Plan) -> dict[str, object]:
    metrics = [
        {
            "metric": result_name(metric, level, plan.metrics),
            "aggregation": "mean" if level == "per_input" else Function(f"{MODULE}.{_function(metric, plan.metrics)}"),
            "higher_is_better": HIGHER_IS_BETTER[metric.direction],
        }
        for metric in plan.metrics
        for level in metric.levels
    ]
    return {
        "task": name,
        "custom_dataset": Function(f"{MODULE}.prompts"),
        "dataset_kwargs": {"file": f"{name}.jsonl"},
        "test_split": "test",
        "output_type": "generate_until",
        "num_fewshot": 0,
        "doc_to_text": "prompt",
        "doc_to_target": "reference",
        "repeats": plan.samples_per_prompt,
        "filter_list": [{"name": FILTER, "filter": [{"function": "take_first_k", "k": plan.samples_per_prompt}]}],
        "generation_kwargs": generation_settings(split.decoding),
        "process_results": Function(f"{MODULE}.process_results"),
        "metric_list": metrics,
        "metadata": {
            "version": split.task_version,
            "gendiv": __version__,
            "split": split.name,
            "shift": split.shift,
            "metrics": [metric.signature for metric in plan.metrics],
        },
    }


HIGHER_IS_BETTER: Final = {
    "higher_is_more_diverse": True,
    "higher_is_better": True,
    "lower_is_more_diverse": False,
    "neutral": None,
}


def _module(plan: Plan) -> str:
    """Return the source of the module: literal settings, and a function for each name that the YAML files use."""
    metrics = "\n".join(f"        {metric.signature!r}," for metric in plan.metrics)
    head = f'''"""Prompts and metrics of the lm-eval tasks beside this file. Written by gendiv {__version__}."""

from pathlib import Path

from gendiv.benchmark.lm_eval.harness import Harness, load_prompts

HARNESS = Harness(
    metrics=[
{metrics}
    ],
    temperature={plan.splits[0].decoding.temperature},
)


def prompts(file, **_):
    return load_prompts(Path(__file__).parent / file)


def process_results(document, results):
    return HARNESS.process_results(document, results)
'''
    across = "".join(
        f"\n\ndef {_function(metric, plan.metrics)}(rows):\n"
        f"    return HARNESS.across({json.dumps(result_name(metric, 'across_input', plan.metrics))}, rows)\n"
        for metric in plan.metrics
        if "across_input" in metric.levels
    )
    return head + across


def _function(metric: Metric, metrics: Sequence[Metric]) -> str:
    """Return the name of the function that computes a metric across documents: letters, digits, underscores."""
    return re.sub(r"\W", "_", result_name(metric, "across_input", metrics))


class Function(str):
    """The name of a function, which lm-eval's YAML marks by a tag of its own."""

    __slots__ = ()


def _yaml(value: object, comment: str = "") -> str:
    import yaml  # type: ignore[import-untyped]  # ships no types

    class Dumper(yaml.SafeDumper):  # type: ignore[misc]  # untyped
        pass

    Dumper.add_representer(Function, lambda dumper, name: dumper.represent_scalar("!function", str(name)))
    text: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
    return f"{comment}\n{text}" if comment else text


def _write(folder: Path, files: Mapping[str, str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise StoreFailed(f"{folder} is a file; name a folder for the tasks")
    there = [*folder.glob("*.yaml"), *folder.glob("run.json")]
    strange = sorted(path.name for path in there if path.name not in files)
    if strange:
        raise StoreFailed(
            f"{folder} holds other things ({', '.join(strange[:3])}); name a folder of their own for these"
        )
    make_folder(folder)
    for name, text in files.items():
        write_whole(folder / name, text)
