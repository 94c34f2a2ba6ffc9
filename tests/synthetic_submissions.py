"""Made-up submissions: as many models and splits as wanted, with plausible scores, samples and sums of embeddings.

From a shell: PYTHONPATH=.dev:tests python tests/synthetic_submissions.py ROOT --models 30 --splits 10
"""

import argparse
import hashlib
import random
from dataclasses import astuple
from pathlib import Path

import numpy as np

from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.intervals import Estimate
from gendiv.benchmark.prompts import Asked
from gendiv.benchmark.record import Environment, Fault, Result, Round, RunRecord, Scores, SplitRecord, dumps
from gendiv.benchmark.sources.source import Abilities, Model
from gendiv.benchmark.store import Sample
from gendiv.leaderboard.submissions.submission import CARD, Card, Submission
from gendiv.leaderboard.submissions.sums import ENCODER
from gendiv.leaderboard.submissions.tables import PROMPTS, SAMPLES, SUMS, write_table
from gendiv.metrics import METRICS
from gendiv.tasks import TASKS

METRICS_SHOWN = ("ead", "sbert:model=minilm", "distinct", "rouge", "length")
FAMILIES = ("llama-3", "qwen-2.5", "smollm2", "pythia")
TUNINGS = ("sft", "ppo", "dpo", "best-of-n")
DIMENSION = 384
WORDS = "the a cat dog sat ran red blue small old house river stone bread light and then slowly away again".split()

# Few splits first: those of the tasks with a side in distribution and one out of it.
SPLITS = [
    (task, split)
    for name in ("summarisation", "instruction-following", *(name for name in TASKS if name.startswith("tldr-")))
    for task in (TASKS[name],)
    for split in task.splits
]


def submission(
    root, number, splits=2, metrics=METRICS_SHOWN, prompts=500, samples=16, decoding=None, model=None, **card
):
    """Return a made-up submission that is not on disk; the same number gives the same one.

    Args:
        root: of the repository that it would lie in.
        number: of the model.
        splits: how many, or their names TASK/SPLIT.
        metrics: as `--metrics` takes them.
        prompts: that the scores rest on.
        samples: K.
        decoding: how it was drawn.
        model: its name.
        **card: other fields of its card.
    """
    chosen = SPLITS[:splits] if isinstance(splits, int) else [_named(name) for name in splits]
    random_, decoding = np.random.default_rng(number), decoding or Decoding()
    tuning = TUNINGS[number % len(TUNINGS)]
    fields = {
        "gendiv": "0.1.0",
        "model": model or f"model-{number:04}",
        "revision": "main",
        "suite": "kirk2023",
        "family": FAMILIES[number // 4 % len(FAMILIES)],
        "tuning": tuning,
        "licence": "Apache-2.0",
        "files": {},
        **card,
    }
    made = Card(**fields)
    folder = Path(root) / made.place
    ability, variety = random_.normal(0, 0.05), random_.normal(0, 0.05) - 0.08 * TUNINGS.index(tuning)
    results = [
        _result(random_, f"{task.name}/{split.name}", split.shift, spec, level, prompts, samples, decoding, variety)
        if METRICS[spec.partition(":")[0]].direction != "higher_is_better"
        else _result(
            random_, f"{task.name}/{split.name}", split.shift, spec, level, prompts, samples, decoding, ability
        )
        for task, split in chosen
        for spec in metrics
        for level in METRICS[spec.partition(":")[0]].levels
    ]
    return Submission(
        folder=folder,
        card=made,
        record=_record(made, chosen, prompts, samples, decoding, number),
        scores=Scores(profile="corrected", samples="0" * 64, results=tuple(results)),
    )


def submissions(root, models, splits=2, **rest):
    """Return as many made-up submissions."""
    return [submission(root, number, splits, **rest) for number in range(models)]


def write(submission, prompts=0, samples=4, sums=True, asked=True, dimension=DIMENSION):
    """Write a submission as a repository keeps it, with samples of so many prompts of each split; return it anew."""
    folder = submission.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(dumps(submission.record), encoding="utf-8")
    (folder / "scores.json").write_text(dumps(submission.scores), encoding="utf-8")
    seed = int(hashlib.sha256(submission.name.encode()).hexdigest()[:8], 16)
    for place, split in enumerate(submission.record.splits if prompts else ()):
        drawn = texts(prompts, samples, seed + place)
        write_samples(submission, split.name, drawn)
        if asked:
            rows = [Asked(id=name, text=f"Say {name}.", reference=f"{name}.", shown=f"Say {name}.") for name in drawn]
            columns = dict(zip(PROMPTS, zip(*map(astuple, rows), strict=True), strict=True))
            write_table(submission.file("prompts", split.name), PROMPTS, columns)
        if sums:
            write_sums(submission, split.name, _vectors(list(drawn), samples, seed + place, place, dimension))
    return seal(submission)


def texts(prompts, samples, seed):
    """Return sentences by prompt; now and then two samples of a prompt are the same, or one is empty."""
    chosen = random.Random(seed)
    found = {}
    for number in range(prompts):
        some = [" ".join(chosen.choices(WORDS, k=chosen.randint(4, 30))) for _ in range(samples)]
        if samples > 2 and number % 3 == 0:
            some[1] = some[0]
        if samples > 3 and number % 7 == 6:
            some[-1] = ""
        found[f"prompt-{number:03}"] = some
    return found


def write_samples(submission, split, by_prompt):
    """Write the samples of one split."""
    rows = [
        astuple(
            Sample(key=f"{prompt}-{index}", prompt=prompt, index=index, seed=index, text=text, finish_reason="stop")
        )
        for prompt, some in by_prompt.items()
        for index, text in enumerate(some)
    ]
    write_table(submission.file("samples", split), SAMPLES, dict(zip(SAMPLES, zip(*rows, strict=True), strict=True)))


def write_sums(submission, split, sums, counts=None, samples=4, encoder=ENCODER):
    """Write sums of unit embeddings: a vector by prompt."""
    counts = counts if counts is not None else [samples] * len(sums)
    values = {"prompt": list(sums), "samples": counts, "sum": list(np.array(list(sums.values()), dtype=np.float32))}
    write_table(submission.file("sums", split), SUMS, values, {"encoder": encoder})


def seal(submission):
    """Write the card with the hashes of what is there, and return the submission with it."""
    files = {
        path.relative_to(submission.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(submission.folder.rglob("*"))
        if path.is_file() and path.name != CARD
    }
    card = submission.card.model_copy(update={"files": files})
    written = (card.model_dump_json(by_alias=True, indent=2) + "\n").encode()
    (submission.folder / CARD).write_bytes(written)
    whole = hashlib.sha256(written).hexdigest()
    return Submission(submission.folder, card, submission.record, submission.scores, whole)


def result(split, spec, level, value, error=0.01, prompts=500, samples=16, decoding=None, freedom=None, skew=0.0):
    """Return a result with its interval and the signature that such a result has."""
    name, _, settings = spec.partition(":")
    metric = METRICS[name].from_settings(settings)
    freedom = prompts - 1 if freedom is None else freedom
    estimate = Estimate(value, error, freedom, skew)
    interval = estimate.interval()
    low, high = metric.range
    size = f"k={samples}" + (f"|inputs={prompts}" if level == "across_input" else "")
    sampler = (decoding or Decoding()).signature
    return Result(
        split=split,
        metric=name,
        signature=f"{metric.signature}|version={metric.version}|profile={metric.profile}|{level}|{size}|{sampler}",
        level=level,
        value=value,
        low=None if interval.low is None else min(max(interval.low, low), high),
        high=None if interval.high is None else min(max(interval.high, low), high),
        error=error,
        freedom=freedom if error is not None else 0,
        skew=skew,
        inputs=prompts,
        undefined=0,
    )


def _result(random_, split, shift, spec, level, prompts, samples, decoding, offset):
    name = spec.partition(":")[0]
    middle = {"length": 40.0, "rouge": 0.3}.get(name, 0.6 if level == "per_input" else 0.8)
    lost = {"id": 0.0, "near": 0.03, "far": 0.08}[shift]
    value = max(0.01, min(0.99, middle + offset - lost + random_.normal(0, 0.01))) if name != "length" else middle
    return result(split, spec, level, round(value, 9), random_.uniform(0.004, 0.012), prompts, samples, decoding)


def _record(card, chosen, prompts, samples, decoding, number):
    names = [f"{task.name}/{split.name}" for task, split in chosen]
    mark = hashlib.sha256(f"{card.model}{number}".encode()).hexdigest()
    return RunRecord(
        schema=1,
        gendiv="0.1.0",
        state="complete",
        label=card.model,
        suite=card.suite,
        model=Model(spec=f"vllm:{card.model}", name=card.model, identity="weights", fingerprint=mark, weights=mark),
        abilities={"raw": Abilities(seeded=True)},
        source={"vllm": "0.20"},
        samples_per_prompt=samples,
        seed=0,
        splits=tuple(
            SplitRecord(
                name=name,
                shift=split.shift,
                kind=split.kind,
                task_version=task.version,
                format=task.format,
                decoding=decoding,
                prompts=prompts,
                available=split.size,
                content=hashlib.sha256(name.encode()).hexdigest(),
            )
            for name, (task, split) in zip(names, chosen, strict=True)
        ),
        rounds=(
            Round(
                started="2026-01-31T12:00:00Z",
                samples=prompts * samples * len(names),
                prompt_tokens=100_000,
                completion_tokens=200_000,
                seconds=900.0,
                retries=0,
                falls=0,
                most_under_way=64,
            ),
        ),
        refusals=(),
        faults=(
            (Fault(split=names[0], fault="truncated", share=0.12, message="12% of samples ended at max_tokens"),)
            if number % 5 == 0
            else ()
        ),
        finish_reasons={name: {"stop": prompts * samples} for name in names},
        environment=Environment(
            python="3.11", platform="Linux", cpu="a processor", cores=2, memory_gib=24.0, gpus=(), packages={}
        ),
    )


def _vectors(prompts, samples, seed, common, dimension):
    """Return sums of unit vectors around a direction of the prompt, which all models share, and one of the model."""
    shared, own = np.random.default_rng(1000 + common), np.random.default_rng(seed)
    lean = own.normal(size=dimension)
    found = {}
    for name in prompts:
        vectors = shared.normal(size=dimension) + 0.5 * lean + own.normal(size=(samples, dimension))
        found[name] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).sum(axis=0)
    return found


def _named(name):
    for task in TASKS.values():
        for split in task.splits:
            if f"{task.name}/{split.name}" == name:
                return task, split
    raise KeyError(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--models", type=int, default=30)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--prompts", type=int, default=6, help="with samples, of each split")
    given = parser.parse_args()
    for one in submissions(given.root, given.models, given.splits):
        write(one, given.prompts)


if __name__ == "__main__":
    main()
