"""The hub's evaluation results: `.eval_results/*.yaml`, which a model's page and a benchmark's leaderboard show."""

import re
from dataclasses import dataclass
from pathlib import Path

from ...benchmark.hub import OWNED_ID
from ...benchmark.result_name import result_name
from ...benchmark.run import Run
from ...benchmark.store import make_folder, write_whole
from ...errors import BadInput
from .run import Number, drawn_at, load_scored, numbers_of


@dataclass(frozen=True)
class Source:
    """Where a reader can check a result.

    Attributes:
        url: of the samples, say, or of a report.
        name: what its link is called.
    """

    url: str
    name: str | None = None


def eval_results(run: Run, benchmark: str, source: Source | None = None) -> list[dict[str, object]]:
    """Return one entry for each result of a run that has a value.

    The task's id names split, metric and level, such as `mini-summarisation_news_distinct_per_input`; the benchmark's
    own `eval.yaml` must list it for the hub to show the entry.

    Args:
        run: with its scores.
        benchmark: the hub id of the data set that is registered as a benchmark.
        source: where a reader can check the results.

    Raises:
        BadInput: the id is none, or a metric is not installed here.
    """
    if not OWNED_ID.fullmatch(benchmark):
        raise BadInput(f"--benchmark: wanted the data set's ORGANISATION/NAME, found {benchmark!r}")
    numbers = list(numbers_of(run))
    if not numbers:
        raise BadInput(f"{run.folder}: no result has a value, so there is nothing to export")
    metrics = list(dict.fromkeys(number.metric for number in numbers))
    found = []
    for number in numbers:
        name = result_name(number.metric, number.result.level, metrics)
        entry: dict[str, object] = {
            "dataset": {"id": benchmark, "task_id": re.sub(r"[^\w.=-]+", "_", f"{number.split.name}_{name}")},
            "value": number.result.value,
            "date": drawn_at(run).isoformat().replace("+00:00", "Z"),
        }
        if source is not None:
            entry["source"] = {"url": source.url} | ({"name": source.name} if source.name else {})
        entry["notes"] = _notes(run, number)
        found.append(entry)
    return found


def eval_results_text(run: Run, benchmark: str, source: Source | None = None) -> str:
    """Return the text of the YAML file; see `eval_results`."""
    import yaml  # type: ignore[import-untyped]  # ships no types

    text: str = yaml.safe_dump(eval_results(run, benchmark, source), sort_keys=False, allow_unicode=True, width=10**6)
    return text


def eval_results_file(run: Run) -> str:
    """Return the file's path in a model's repository: runs that differ in decoding or K do not take each other's."""
    decoding = run.record.splits[0].decoding
    temperature = "unknown" if decoding is None else f"{decoding.temperature:g}"
    asked = run.record.suite or "+".join(split.name for split in run.record.splits)
    name = re.sub(r"[^\w.+-]+", "_", asked)[:100]
    return f".eval_results/gendiv_{name}_t{temperature}_k{run.record.samples_per_prompt}.yaml"


def export_eval_results(
    run: str | Path, folder: Path, *, benchmark: str, source: Source | None = None
) -> tuple[Path, int]:
    """Write the results of a run below `folder` as a model's repository holds them; return the file and how many.

    Raises:
        BadInput: as `eval_results`.
        StoreFailed: the run cannot be read, its scores are of other samples, or the folder cannot be written.
    """
    found = load_scored(run)
    text = eval_results_text(found, benchmark, source)
    path = folder / eval_results_file(found)
    make_folder(path.parent)
    write_whole(path, text)
    return path, sum(result.value is not None for result in found.scores.results)


def _notes(run: Run, number: Number) -> str:
    """Say what the number is of, in one line: its signature, its interval, and what made it."""
    result = number.result
    interval = "" if result.low is None else f"; 95% interval {result.low:.4g} to {result.high:.4g}"
    return f"{result.signature}{interval}; {number.split.shift}; gendiv {run.record.gendiv}"
