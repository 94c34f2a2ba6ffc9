"""Scores of run folders and of anybody's samples."""

from collections.abc import Sequence
from pathlib import Path

from ..errors import BadInput, StoreFailed
from ..metrics import Metric, Profile
from .choosing import MODEL_FREE_METRICS, choose_metrics
from .formats.files import read_files
from .formats.row import Bad, Row
from .progress import Progress, Silent
from .record import Scores, read_run, read_scores, write_record
from .samples import read_split
from .scoring import score
from .store import hash_samples


def score_run(
    folder: Path,
    metrics: Sequence[Metric],
    profile: Profile = "corrected",
    progress: Progress | None = None,
    splits: Sequence[str] | None = None,
) -> Scores:
    """Score the samples of a run folder and write its `scores.json`; earlier results of other metrics stay.

    The as-released profile is there to be looked at: its results are returned and not kept. A `scores.json` that cannot
    be read is put aside before anything is computed, never written over.

    Prompts that lack samples are left out; `inputs` of each result says how many were there. `splits` are those to
    score, all unless given.

    Raises:
        StoreFailed: the folder holds no run or damaged samples.
        BadInput: it holds no finished prompt.
    """
    telling = progress or Silent()
    record = read_run(folder)
    earlier = _earlier(folder, telling) if profile == "corrected" else None
    results = []
    for split in record.splits:
        if splits is not None and split.name not in splits:
            continue
        found = read_split(folder, split.name, record.samples_per_prompt)
        if found.short:
            lacking = (
                "1 prompt lacks samples and is" if found.short == 1 else f"{found.short} prompts lack samples and are"
            )
            telling.note(f"{split.name}: {lacking} left out")
        if found.rows:
            telling.note(f"scoring {split.name}")
            results += score(found.rows, metrics, split=split.name, sampler=split.sampler)
    if not results:
        raise BadInput(f"{folder} holds no finished prompt to score; `gendiv run` with the same --out goes on drawing")
    if profile != "corrected":
        return Scores(profile=profile, results=tuple(results))
    samples = hash_samples(folder, [split.name for split in record.splits])
    computed = {(result.split, result.signature) for result in results}
    true = earlier.results if earlier and earlier.samples == samples else ()  # unless the samples changed since
    kept = [result for result in true if (result.split, result.signature) not in computed]
    scores = Scores(profile=profile, samples=samples, results=(*kept, *results))
    write_record(folder, scores)
    return scores


def score_samples(
    samples: Sequence[Row] | Sequence[Path],
    metrics: Sequence[Metric] = (),
    *,
    profile: Profile = "corrected",
    format: str | None = None,
    bad: Bad | None = None,
    progress: Progress | None = None,
) -> Scores:
    """Score rows of samples, files of them, or a run folder; without metrics, by those of the profile's that need none.

    Args:
        samples: rows; or files, whose samples of the same input are put together; or one run folder.
        metrics: what to compute.
        profile: of the metrics, kept in the scores.
        format: of the files, by name; each tells unless given.
        bad: what happens to malformed rows; the first one stops unless told otherwise.
        progress: told how it goes.

    Raises:
        BadInput: there are no samples, or a row is malformed and not to be skipped.
        StoreFailed: something cannot be read or written.
    """
    telling = progress or Silent()
    wanted = tuple(metrics) or choose_metrics(MODEL_FREE_METRICS[profile], profile=profile)
    for metric in wanted:
        metric.require()
    paths = [path for path in samples if isinstance(path, Path)]
    rows = [row for row in samples if isinstance(row, Row)]
    if len(paths) == 1 and (paths[0] / "run.json").exists():
        return score_run(paths[0], wanted, profile, telling)
    bad = bad or Bad()
    results = score(read_files(paths, format, bad) if paths else rows, wanted, tell=telling.note)
    return Scores(profile=profile, skipped=bad.count, results=tuple(results))


def _earlier(folder: Path, telling: Progress) -> Scores | None:
    """Return the scores that a run folder holds; a file that cannot be read is put aside."""
    path = folder / "scores.json"
    if not path.exists():
        return None
    try:
        return read_scores(folder)
    except StoreFailed as unreadable:
        aside = path.with_name("scores.json.unreadable")
        path.replace(aside)
        telling.note(f"{unreadable}; put aside as {aside}, and scores are computed anew")
        return None
